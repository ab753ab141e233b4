/** On a day when the whole market breaks loose, backtests say nothing. BTC stands for the market where it can be read. */
import { shareText } from "../core/facts.ts";
import { absolute, isLess } from "../core/money.ts";
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const volatility = defineCheck({
  name: "volatility",
  asks: "Did the market move less within 24 h than the limit?",
  denies: "extreme_volatility",
  evaluate(intent, { limits, volatility: measured }) {
    if (!addsRisk(intent) || measured === null || isLess(absolute(measured.move), limits.volatilityMax)) return null;
    return {
      move: `${shareText(measured.move)} within 24 h`,
      limit: `${shareText(limits.volatilityMax)} within 24 h`,
      watched: measured.isProxy ? `${measured.instrumentId}, in place of BTC` : measured.instrumentId,
    };
  },
});
