/**
 * What the watchdog makes of what it hears: when it speaks, and what it says. Pure; times are mono() milliseconds.
 *
 *   no answer for 15 s           -> "silent", again every 10 min, and "answers again" at its end
 *   a problem that stands 10 s   -> one line, again every 10 min, and "well again" once it was gone for 10 s
 *   starting for over 5 min      -> a problem like the others
 */
import type { Beacon } from "../core/beacon.ts";

export type Heard =
  | { readonly kind: "answered"; readonly beacon: Beacon /** Our wall time when it came. */; readonly wallAt: number }
  | { readonly kind: "silent"; readonly because: string };

type Trouble = { readonly since: number; readonly seen: number; readonly toldAt: number | null };

export type Watch = {
  readonly silence: Trouble | null;
  readonly problems: Readonly<Record<string, Trouble>>;
  readonly startingSince: number | null;
  /** The last thing that it said was that it stops. */
  readonly isStopped: boolean;
};

export const newWatch: Watch = { silence: null, problems: {}, startingSince: null, isStopped: false };

/** Real ms. Only tests change them. */
export type Patience = {
  readonly silentMs: number;
  readonly sickMs: number;
  readonly startingMs: number;
  readonly remindMs: number;
  readonly clocksMs: number;
};

export const patience: Patience = {
  silentMs: 15_000,
  sickMs: 10_000,
  startingMs: 300_000,
  remindMs: 600_000,
  clocksMs: 10_000,
};

export type Judged = { readonly watch: Watch; readonly lines: readonly string[] };

export function judge(watch: Watch, heard: Heard, mono: number, limits: Patience = patience): Judged {
  return heard.kind === "silent"
    ? judgeSilence(watch, heard.because, mono, limits)
    : judgeAnswer(watch, heard, mono, limits);
}

function judgeSilence(watch: Watch, because: string, mono: number, limits: Patience): Judged {
  const silence = { ...(watch.silence ?? { since: mono, toldAt: null }), seen: mono };
  const isDue = isToBeTold(silence, mono, limits.silentMs, limits.remindMs);
  const after = watch.isStopped ? ", after it said that it stops" : "";
  const again = silence.toldAt === null ? "" : "still ";
  const line = `🔴 The house is ${again}silent for ${lengthText(mono - silence.since)}${after}: ${because}`;
  return {
    watch: { ...watch, silence: isDue ? { ...silence, toldAt: mono } : silence },
    lines: isDue ? [line] : [],
  };
}

function judgeAnswer(watch: Watch, heard: Heard & { kind: "answered" }, mono: number, limits: Patience): Judged {
  const { beacon } = heard;
  const { silence } = watch;
  const back = silence === null || silence.toldAt === null ? [] : [backLine(mono - silence.since, beacon)];
  const startingSince = beacon.state === "starting" ? (watch.startingSince ?? mono) : null;
  const present = [
    ...beacon.problems,
    ...(startingSince !== null && mono - startingSince > limits.startingMs
      ? ["it has been starting for over 5 minutes"]
      : []),
    ...(Math.abs(heard.wallAt - beacon.at) > limits.clocksMs ? ["its clock and the watchdog's are apart"] : []),
  ];
  const { problems, lines } = judgeProblems(watch.problems, present, mono, limits);
  return {
    watch: { silence: null, problems, startingSince, isStopped: beacon.state === "stopping" },
    lines: [...back, ...lines],
  };
}

function judgeProblems(known: Watch["problems"], present: readonly string[], mono: number, limits: Patience) {
  const problems: Record<string, Trouble> = {};
  const lines: string[] = [];
  for (const [problem, trouble] of Object.entries(known)) {
    if (present.includes(problem)) continue;
    if (mono - trouble.seen < limits.sickMs) problems[problem] = trouble;
    else if (trouble.toldAt !== null)
      lines.push(
        `🟢 The house is well again after ${lengthText(trouble.seen - trouble.since)}: ${problem} - no longer`,
      );
  }
  for (const problem of new Set(present)) {
    const trouble = { ...(known[problem] ?? { since: mono, toldAt: null }), seen: mono };
    const isDue = isToBeTold(trouble, mono, limits.sickMs, limits.remindMs);
    problems[problem] = isDue ? { ...trouble, toldAt: mono } : trouble;
    if (!isDue) continue;
    const still = trouble.toldAt === null ? "" : `still, for ${lengthText(mono - trouble.since)}, `;
    lines.push(`🟠 The house is ${still}sick: ${problem}`);
  }
  return { problems, lines };
}

const isToBeTold = ({ since, toldAt }: Trouble, mono: number, waitMs: number, remindMs: number): boolean =>
  toldAt === null ? mono - since >= waitMs : mono - toldAt >= remindMs;

const backLine = (silentMs: number, { state }: Beacon): string =>
  `🟢 The house answers again after ${lengthText(silentMs)}; it is ${state}`;

/** "45 s", "12 min", "3 h 5 min". */
export function lengthText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
