/**
 * The clock of one process over the world's scheduler. The wall may jump and both may drift, as on a real machine; mono()
 * only drifts, and house time follows the wall.
 */
import { instant } from "../../../src/core/time.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Scheduler } from "../contract.ts";
import type { Life } from "./life.ts";

export type SimClock = Clock & {
  /** Moves the wall clock by so many ms, back or forth. */
  jump(ms: number): void;
  /** How fast this machine's clock runs: 1 = true. */
  drift(rate: number): void;
  /** Wall time against the world's, ms. */
  error(): number;
};

export function simClock(scheduler: Scheduler, life: Life, firstError = 0): SimClock {
  const start = scheduler.now();
  let since = start;
  let elapsed = 0;
  let rate = 1;
  let offset = start + firstError;
  const mono = (): number => elapsed + (scheduler.now() - since) * rate;
  const wall = () => instant(Math.floor(mono() + offset));
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const ended = (): void => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      const cancel = scheduler.after(Math.max(0, ms) / rate, "timer", () => life.deliver(ended));
      const onAbort = (): void => {
        cancel();
        resolve();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  return {
    speed: 1,
    now: wall,
    wall,
    mono,
    sleep,
    every: (ms, run) => every({ mono, sleep }, ms, run),
    jump: (ms) => {
      offset += ms;
    },
    drift(next) {
      elapsed = mono();
      since = scheduler.now();
      rate = next;
    },
    error: () => wall() - scheduler.now(),
  };
}

/** As src/adapters/system/clock.ts does it: missed ticks are skipped, runs never overlap. */
function every(clock: Pick<Clock, "mono" | "sleep">, ms: number, run: () => Promise<void> | void): () => void {
  const stopped = new AbortController();
  const isStopped = (): boolean => stopped.signal.aborted;
  const repeat = async (): Promise<void> => {
    let due = clock.mono() + ms;
    while (!isStopped()) {
      await clock.sleep(due - clock.mono(), stopped.signal);
      if (isStopped()) return;
      await run();
      due = Math.max(due + ms, clock.mono());
    }
  };
  void repeat();
  return () => stopped.abort();
}
