/** A runaway loop is stopped by counting, whatever it believes it is doing. */
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const tradesPerMinute = defineCheck({
  name: "trades_per_minute",
  asks: "Would this minute still hold fewer trades than the limit?",
  denies: "too_many_trades",
  evaluate(intent, { limits, tradesLastMinute }) {
    if (!addsRisk(intent) || tradesLastMinute + 1 < limits.tradesPerMinute) return null;
    return {
      trades: `${tradesLastMinute + 1} within a minute`,
      limit: `fewer than ${limits.tradesPerMinute} within a minute`,
    };
  },
});
