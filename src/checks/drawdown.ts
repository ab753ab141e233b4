/** The distance from the highest equity so far. The breaker of the same name opens at it; this check refuses before that. */
import { moneyText, shareText } from "../core/facts.ts";
import { isLess } from "../core/money.ts";
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const drawdown = defineCheck({
  name: "drawdown",
  asks: "Is the account nearer to its highest equity than the drawdown limit?",
  denies: "drawdown_reached",
  evaluate(intent, view) {
    if (!addsRisk(intent) || isLess(view.drawdown, view.limits.drawdownMax)) return null;
    return {
      drawdown: shareText(view.drawdown),
      limit: shareText(view.limits.drawdownMax),
      equity: moneyText(view.equity, view.instrument.quote),
      equityHigh: moneyText(view.equityHigh, view.instrument.quote),
    };
  },
});
