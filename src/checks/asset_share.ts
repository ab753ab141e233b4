/** One asset through several instruments is still one bet. */
import { moneyText, ofEquityText } from "../core/facts.ts";
import { worstNotional } from "../core/intent.ts";
import { isAtMost, plus, scale } from "../core/money.ts";
import { addsRisk, exposureOf } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const assetShare = defineCheck({
  name: "asset_share",
  asks: "Does one asset stay within its share of the account?",
  denies: "asset_above_limit",
  evaluate(intent, { instrument, equity, limits, exposures }) {
    if (!addsRisk(intent) || limits.assetShare === null) return null;
    const open = exposureOf(exposures.filter((one) => one.base === instrument.base));
    const wouldBe = plus(open, worstNotional(intent));
    const allowed = scale(equity, limits.assetShare);
    if (isAtMost(wouldBe, allowed)) return null;
    const account = { equity, currency: instrument.quote };
    return {
      asset: instrument.base,
      exposure: ofEquityText(wouldBe, account),
      limit: ofEquityText(allowed, account),
      openNow: moneyText(open, instrument.quote),
    };
  },
});
