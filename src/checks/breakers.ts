/** An open breaker of this instrument, its venue, its account or the house blocks entries; it never blocks an exit. */
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const breakers = defineCheck({
  name: "breakers",
  asks: "Are all circuit breakers that concern this intent closed?",
  denies: "breaker_open",
  evaluate(intent, view) {
    if (!addsRisk(intent) || view.openBreakers.length === 0) return null;
    return {
      open: view.openBreakers.map(({ scope, cause }) => `${scope}: ${cause}`).join("; "),
      count: `${view.openBreakers.length} open`,
      limit: "0 open",
    };
  },
});
