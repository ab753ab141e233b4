/** Everything open together: positions, working orders, and unknown ones as if they had been filled at their worst. */
import { moneyText, ofEquityText } from "../core/facts.ts";
import { worstNotional } from "../core/intent.ts";
import { isAtMost, plus, scale } from "../core/money.ts";
import { addsRisk, exposureOf } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const totalExposure = defineCheck({
  name: "total_exposure",
  asks: "Does everything open, with this order, stay within the limit?",
  denies: "exposure_above_limit",
  evaluate(intent, { instrument, equity, limits, exposures }) {
    if (!addsRisk(intent)) return null;
    const open = exposureOf(exposures);
    const wouldBe = plus(open, worstNotional(intent));
    const allowed = scale(equity, limits.exposureShare);
    if (isAtMost(wouldBe, allowed)) return null;
    const account = { equity, currency: instrument.quote };
    return {
      exposure: ofEquityText(wouldBe, account),
      limit: ofEquityText(allowed, account),
      openNow: moneyText(open, instrument.quote),
      unknown: moneyText(exposureOf(exposures.filter((one) => one.isUnknown)), instrument.quote),
    };
  },
});
