/** What is wrong with a setting: which one, where it was given, what to do. Never the value: it may be a secret. */
import { closest, distance } from "fastest-levenshtein";

export type SettingProblem = {
  /** "risk.profile", "TELEGRAM_BOT_TOKEN", "--mode". */
  readonly name: string;
  /** "countersign.yaml line 12", "environment", "command line"; null when the name says it. */
  readonly where: string | null;
  readonly text: string;
};

/** One line a problem, in the order found. */
export function showProblems(problems: readonly SettingProblem[]): string {
  return problems
    .map(({ name, where, text }) => (where === null ? `${name}: ${text}` : `${name} (${where}): ${text}`))
    .join("\n");
}

/** "; did you mean watch_list?", or nothing when no known name is near. */
export function didYouMean(name: string, known: readonly string[], prefix = ""): string {
  const near = nearestOf(name, known);
  return near === null ? "" : `; did you mean ${prefix}${near}?`;
}

/** The known name that is a slip of the finger away from `name`; a third of its letters may differ. */
export function nearestOf(name: string, known: readonly string[]): string | null {
  if (known.length === 0) return null;
  const near = closest(name, known);
  return distance(name, near) <= Math.max(2, Math.ceil(name.length / 3)) ? near : null;
}

/** "there is no such strategy; did you mean ema_trend? There are: breakout, ema_trend". */
export function noSuch(kind: string, name: string, known: readonly string[]): string {
  const there = known.length === 0 ? "There are none yet" : `There are: ${known.join(", ")}`;
  return `there is no such ${kind}${didYouMean(name, known) || "."} ${there}`;
}
