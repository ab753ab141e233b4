/**
 * The watchdog's own mouth: one Telegram bot, one chat, one message after the other. What can't be sent waits and is sent
 * late, with the time that it waited; the same line may come twice when only the answer was lost.
 */
import type { Clock } from "../ports/clock.ts";
import { lengthText } from "./judge.ts";

export type Mouth = {
  readonly apiRoot: string;
  readonly token: string;
  readonly chat: string;
  readonly clock: Pick<Clock, "mono" | "sleep">;
  /** For the terminal. Never holds the token. */
  readonly say: (line: string) => void;
  /** First and longest wait after a failure, ms; absent = 1 s and 30 s. */
  readonly waitsMs?: readonly [first: number, longest: number];
};

export type Teller = {
  tell(line: string): void;
  /** Number of lines that wait. */
  waiting(): number;
  /** Sends until the signal comes. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
};

type Waiting = { readonly line: string; readonly since: number };
type Sent =
  | { readonly isDone: true }
  | { readonly isDone: false; readonly because: string; readonly waitMs: number | null };

const sendMs = 10_000;
const waitingMax = 100;
/** Said when a line comes later than this. */
const lateMs = 30_000;
const lookEveryMs = 200;

export function openTeller(mouth: Mouth): Teller {
  const { clock } = mouth;
  const lines: Waiting[] = [];
  let failures = 0;

  /** Sends the oldest line, if there is one. @returns how long to wait then, ms. */
  async function turn(): Promise<number> {
    const next = lines[0];
    if (next === undefined) return lookEveryMs;
    const sent = await send(mouth, textOf(next, clock.mono()));
    failures = sent.isDone ? 0 : failures + 1;
    // While it was on its way it may have been dropped for a newer one.
    if (sent.isDone && lines[0] === next) lines.shift();
    return restMs(mouth, sent, failures);
  }

  return {
    tell(line) {
      // The newest tell how it is now; what a day without network piled up tells how it was.
      if (lines.length >= waitingMax) lines.shift();
      lines.push({ line, since: clock.mono() });
    },
    waiting: () => lines.length,
    async run(signal) {
      while (!signal.aborted) await clock.sleep(await turn(), signal);
    },
  };
}

/** How long to wait after a try. Says the first failure of a row. */
function restMs({ say, waitsMs = [1_000, 30_000] }: Mouth, sent: Sent, failures: number): number {
  if (sent.isDone) return 0;
  const [firstMs, longestMs] = waitsMs;
  if (failures === 1) say(`The watchdog's chat does not take its messages: ${sent.because}. Tried again.`);
  return sent.waitMs ?? Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 10));
}

function textOf({ line, since }: Waiting, mono: number): string {
  return mono - since > lateMs ? `${line} (told late, by ${lengthText(mono - since)})` : line;
}

async function send({ apiRoot, token, chat }: Mouth, text: string): Promise<Sent> {
  try {
    const answer = await fetch(`${apiRoot}/bot${token}/sendMessage`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      // No parse mode: whatever a line holds is shown as it is.
      body: JSON.stringify({ chat_id: Number(chat), text: text.slice(0, 4_000) }),
      redirect: "error",
      signal: AbortSignal.timeout(sendMs),
    });
    const told = (await answer.json().catch(() => ({}))) as {
      readonly description?: unknown;
      readonly parameters?: { readonly retry_after?: unknown };
    };
    if (answer.ok) return { isDone: true };
    const wait = told.parameters?.retry_after;
    const because = `Telegram answered ${answer.status} (${String(told.description ?? "no reason").slice(0, 120)})`;
    return { isDone: false, because, waitMs: typeof wait === "number" ? wait * 1_000 : null };
  } catch {
    // The error of a failed request may name its address, and with it the token.
    return { isDone: false, because: "Telegram is not reached", waitMs: null };
  }
}
