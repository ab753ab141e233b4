/** Pause, flatten, emergency and open global breakers end here for entries; exits must work on the worst day. */
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const tradingState = defineCheck({
  name: "trading_state",
  asks: "Does the present trading state allow an entry?",
  denies: "trading_halted",
  evaluate(intent, view) {
    if (!addsRisk(intent) || view.tradingState === "active") return null;
    return { tradingState: view.tradingState, required: "active" };
  },
});
