/**
 * A signal is as old as the candle it was read from. Cycles come more often than candles of a longer timeframe close, so a
 * candle is fresh until its successor is overdue: for equal lengths that is exactly `candleAgeMaxCycles` cycles.
 */
import { lengthText } from "../core/facts.ts";
import { clockSkewMaxMs } from "../core/hard_limits.ts";
import { addsRisk } from "../core/risk.ts";
import { addMs, between, isoTime } from "../core/time.ts";
import { defineCheck } from "../define/check.ts";

export const candleAge = defineCheck({
  name: "candle_age",
  asks: "Is the newest closed candle of the signal fresh?",
  denies: "data_stale",
  evaluate(intent, { newestCandle, limits, at }) {
    if (!addsRisk(intent) || newestCandle === null) return null;
    const { openedAt, timeframeMs, cycleMs, marketAt = at } = newestCandle;
    const closedAt = addMs(openedAt, timeframeMs);
    // A clock of this machine that is behind must not make an old candle young.
    const age = between(closedAt, marketAt);
    const cycles = limits.candleAgeMaxCycles;
    const allowed = cycles === 0 ? 0 : Math.max(0, timeframeMs - cycleMs) + cycles * cycleMs;
    // A candle that closes in the future is not closed, and reading it would be reading ahead.
    if (age >= -clockSkewMaxMs && age <= allowed) return null;
    return {
      age: Number.isFinite(age) ? lengthText(age) : "unknown",
      limit: `${lengthText(allowed)} (${cycles} cycles of ${lengthText(cycleMs)}, candles of ${lengthText(timeframeMs)})`,
      closedAt: Number.isFinite(closedAt) ? isoTime(closedAt) : "unknown",
    };
  },
});
