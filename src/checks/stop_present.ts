/** An entry without a way out is never let in. In LIVE no profile can say otherwise. */
import { priceText } from "../core/facts.ts";
import { liveHardLimits } from "../core/hard_limits.ts";
import { isPositive } from "../core/money.ts";
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const stopPresent = defineCheck({
  name: "stop_present",
  asks: "Does the entry carry a protective stop?",
  denies: "stop_missing",
  evaluate(intent, { limits, mode, instrument }) {
    if (!addsRisk(intent)) return null;
    const isMandatory = limits.isStopMandatory || (mode === "live" && liveHardLimits.isStopMandatory);
    const stop = intent.exitPlan?.stopPrice;
    if (!isMandatory || (stop !== undefined && isPositive(stop))) return null;
    return { stop: stop === undefined ? "none" : priceText(stop, instrument.quote), required: "a price above 0" };
  },
});
