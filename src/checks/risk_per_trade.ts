/** The first number of the constitution: what is lost when the stop fires, from the worst entry price, with both fees. */
import { ofEquityText, shareText } from "../core/facts.ts";
import { isAtMost, scale } from "../core/money.ts";
import { addsRisk, riskOf } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const riskPerTrade = defineCheck({
  name: "risk_per_trade",
  asks: "Would the stop lose no more than the limit per trade?",
  denies: "risk_above_limit",
  evaluate(intent, { instrument, equity, limits }) {
    if (!addsRisk(intent)) return null;
    const { risk, distance } = riskOf(intent, instrument);
    const allowed = scale(equity, limits.riskPerTrade);
    if (isAtMost(risk, allowed)) return null;
    const account = { equity, currency: instrument.quote };
    return {
      risk: ofEquityText(risk, account),
      limit: ofEquityText(allowed, account),
      distance: shareText(distance),
      fees: `${shareText(instrument.takerFee)} on each way`,
    };
  },
});
