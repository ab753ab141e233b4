/** Waiting for something to become true, with a name for the report and a deadline that a loaded machine can keep. */
import { setTimeout as sleepFor } from "node:timers/promises";

export const sleep = (ms: number): Promise<void> => sleepFor(ms);

/** Real ms; long, because it only matters when something is wrong. */
const deadlineMs = 60_000;
const lookEveryMs = 20;

type Waiting = {
  readonly deadlineMs?: number;
  /** Between two looks; longer where a look costs something. */
  readonly everyMs?: number;
  /** Why waiting on makes no sense any more, such as a process that has ended; null = go on. */
  readonly hopeless?: () => string | null;
  /** What stands there instead, for the report. */
  readonly seen?: () => string;
};

/** @returns the first answer of `probe` that is neither null, undefined nor false. @throws naming `what` after the deadline. */
export async function until<Value>(
  what: string,
  probe: () => Value | null | undefined | false | Promise<Value | null | undefined | false>,
  waiting: Waiting = {},
): Promise<Value> {
  const ms = waiting.deadlineMs ?? deadlineMs;
  const started = performance.now();
  for (;;) {
    const value = await probe();
    if (value !== null && value !== undefined && value !== false) return value;
    const hopeless = waiting.hopeless?.() ?? null;
    if (hopeless !== null) throw new Error(`Waiting for "${what}" is over: ${hopeless}`);
    if (performance.now() - started > ms) {
      const seen = waiting.seen === undefined ? "" : `; seen instead: ${waiting.seen()}`;
      throw new Error(`"${what}" did not happen within ${Math.round(ms / 1_000)} s${seen}`);
    }
    await sleep(waiting.everyMs ?? lookEveryMs);
  }
}
