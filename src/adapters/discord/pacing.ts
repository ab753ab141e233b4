/**
 * When the gateway may be tried again. Discord resets the token of a bot that identifies more than 1,000 times in a day, and
 * discord.js alone tries again every half second for ever.
 *
 *   connecting   at once, then after 1, 2, 4 ... 30 s, until a session stands
 *   identifying  additionally 5, 10, 20 ... 300 s after the identify before, until a session has stood for 10 min
 *                (at most 12 an hour while it fails, at most 6 an hour while sessions break: below 300 a day)
 */
import type { Clock } from "../../ports/clock.ts";

export type PacingTimes = {
  readonly reconnectMs: number;
  readonly reconnectMaxMs: number;
  readonly identifyGapMs: number;
  readonly identifyGapMaxMs: number;
  /** A session that stood this long was a good one. */
  readonly stableMs: number;
};

export const defaultPacing: PacingTimes = {
  reconnectMs: 1_000,
  reconnectMaxMs: 30_000,
  identifyGapMs: 5_000,
  identifyGapMaxMs: 300_000,
  stableMs: 600_000,
};

export type Pacing = {
  /** Waits as long as needed before a connection may be opened. */
  beforeConnect(willIdentify: boolean, signal: AbortSignal): Promise<void>;
  sessionStands(): void;
  sessionFell(): void;
};

/** `done` tries were made already; the next waits this long. */
export function doubling(done: number, firstMs: number, mostMs: number): number {
  return done <= 0 ? 0 : Math.min(firstMs * 2 ** Math.min(done - 1, 30), mostMs);
}

export function pacesConnections(clock: Clock, times: PacingTimes): Pacing {
  let connects = 0;
  let identifies = 0;
  let identifiedAtMs = 0;
  let stoodSinceMs: number | null = null;
  return {
    async beforeConnect(willIdentify, signal) {
      const pause = doubling(connects, times.reconnectMs, times.reconnectMaxMs);
      const gap = doubling(identifies, times.identifyGapMs, times.identifyGapMaxMs);
      const identifyWait = willIdentify ? identifiedAtMs + gap - clock.mono() : 0;
      connects += 1;
      const waitMs = Math.max(pause, identifies === 0 ? 0 : identifyWait);
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      if (!willIdentify || signal.aborted) return;
      identifies += 1;
      identifiedAtMs = clock.mono();
    },
    sessionStands() {
      connects = 0;
      stoodSinceMs ??= clock.mono();
    },
    sessionFell() {
      if (stoodSinceMs !== null && clock.mono() - stoodSinceMs >= times.stableMs) identifies = 0;
      stoodSinceMs = null;
    },
  };
}
