/**
 * The only source of time. Two times exist because a file market may be played fast:
 *   now()   house time: candles, cycles, days, cooldowns, order rates. Runs `speed` times faster than the wall.
 *   wall()  real time: everything that guards a person, a wire or a lease (expires_at, quote age, signatures, timeouts).
 * Without --speed both agree. mono() never jumps and is for durations only.
 */
import type { Instant } from "../core/time.ts";

export interface Clock {
  readonly speed: number;
  /** Only the clock of this machine, unaltered, is "live". A house in LIVE decides nothing by any other. */
  readonly kind?: "live";
  now(): Instant;
  wall(): Instant;
  /** Milliseconds since some fixed point of this process, real time, never goes back. */
  mono(): number;
  /** Resolves after `ms` of real time, or at once (never rejects) when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `run` every `ms` of real time until the returned function is called. A slow run delays the next; runs never overlap. */
  every(ms: number, run: () => Promise<void> | void): () => void;
}
