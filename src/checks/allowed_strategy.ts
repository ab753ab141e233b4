/** Only strategies that the owner deployed may open positions. */
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const allowedStrategy = defineCheck({
  name: "allowed_strategy",
  asks: "May this strategy open positions?",
  denies: "strategy_not_allowed",
  evaluate(intent, { allowedStrategies }) {
    if (!addsRisk(intent) || allowedStrategies === null || allowedStrategies.includes(intent.strategy)) return null;
    return { strategy: intent.strategy, allowed: allowedStrategies.join(", ") || "none" };
  },
});
