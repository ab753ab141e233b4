/** A count of wrong tries within a sliding minute. It is one for the whole desk: behind loopback all callers look alike. */
import { minute } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";

export type TryLimit = {
  /** Whole seconds until the next try is allowed; 0 when it is allowed now. */
  waitSeconds(): number;
  noteTry(): void;
  forgive(): void;
};

export function openTryLimit(clock: Clock, triesPerMinute: number): TryLimit {
  let tries: number[] = [];
  const recent = (): number[] => {
    tries = tries.filter((at) => clock.mono() - at < minute);
    return tries;
  };
  return {
    waitSeconds() {
      const oldest = recent()[0];
      if (oldest === undefined || tries.length < triesPerMinute) return 0;
      return Math.ceil((minute - (clock.mono() - oldest)) / 1000);
    },
    noteTry() {
      recent().push(clock.mono());
    },
    forgive() {
      tries = [];
    },
  };
}
