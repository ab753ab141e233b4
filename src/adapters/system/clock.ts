/**
 * The wall clock of this machine, and house time derived from it.
 *
 *   now()  = houseStart + (wall - wall at start) * speed      with speed 1 and no houseStart: the wall itself
 *   mono() = performance.now(): never jumps, for durations only
 */
import { setTimeout as sleepFor } from "node:timers/promises";
import { assert } from "../../core/assert.ts";
import { type Instant, instant } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";

export type ClockSettings = {
  /** House milliseconds per real millisecond; 1 everywhere except where a file market is played fast. */
  readonly speed: number;
  /** House time at start; left out, house time starts at the wall. */
  readonly houseStart?: Instant;
};

/** Node fires a timer of more than 2^31-1 ms at once, so long waits are cut into pieces. */
const timerMsMax = 2_000_000_000;

export function systemClock(settings: ClockSettings = { speed: 1 }): Clock {
  const { speed, houseStart } = settings;
  assert(Number.isFinite(speed) && speed > 0, `The clock's speed must be above 0, got ${String(speed)}`);
  const startedMono = performance.now();
  const startedWall = Date.now();
  const isWall = speed === 1 && houseStart === undefined;
  // House time that runs fast follows the monotonic clock: a corrected wall clock must not jump `speed` times as far.
  const fastNow = (): number => (houseStart ?? startedWall) + (performance.now() - startedMono) * speed;
  return {
    speed,
    ...(isWall ? { kind: "live" as const } : {}),
    now: () => instant(isWall ? Date.now() : Math.floor(fastNow())),
    wall: () => instant(Date.now()),
    mono: () => performance.now(),
    sleep,
    every,
  };
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  let left = Math.max(0, ms);
  while (signal?.aborted !== true) {
    const piece = Math.min(left, timerMsMax);
    try {
      await sleepFor(piece, undefined, signal === undefined ? {} : { signal });
    } catch {
      // The only rejection of this timer is the abort, and an aborted sleep simply ends.
      return;
    }
    left -= piece;
    if (left <= 0) return;
  }
}

function every(ms: number, run: () => Promise<void> | void): () => void {
  assert(ms > 0, `A repeated task needs an interval above 0 ms, got ${String(ms)}`);
  const stopped = new AbortController();
  const isStopped = () => stopped.signal.aborted;
  const repeat = async (): Promise<void> => {
    let due = performance.now() + ms;
    while (!isStopped()) {
      await sleep(due - performance.now(), stopped.signal);
      if (isStopped()) return;
      await run();
      // Ticks that a slow run has missed are skipped, not caught up.
      due = Math.max(due + ms, performance.now());
    }
  };
  // A task that throws is a programmer's mistake; it reaches the process boundary as an unhandled rejection on purpose.
  void repeat();
  return () => stopped.abort();
}
