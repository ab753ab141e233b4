/** When books and venue disagree about money, one of them is wrong, and an entry would be sized by a guess. */
import { ofEquityText, shareText } from "../core/facts.ts";
import { absolute, isAtMost, scale } from "../core/money.ts";
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const balanceGap = defineCheck({
  name: "balance_gap",
  asks: "Do our books and the balance at the venue agree?",
  denies: "balance_mismatch",
  evaluate(intent, { balanceGap: gap, limits, equity, instrument }) {
    if (!addsRisk(intent) || gap === null || isAtMost(absolute(gap), limits.balanceGapMax)) return null;
    return {
      difference: ofEquityText(scale(equity, gap), { equity, currency: instrument.quote }),
      limit: `${shareText(limits.balanceGapMax)} of equity`,
    };
  },
});
