/** The order with its fee must fit into what is free at the venue now, not into what a setting once declared. */
import { moneyText } from "../core/facts.ts";
import { worstNotional } from "../core/intent.ts";
import { isAtMost } from "../core/money.ts";
import { addsRisk, costOf, spendableOf } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const freeBalance = defineCheck({
  name: "free_balance",
  asks: "Does the free balance at the venue cover the order with its fee?",
  denies: "balance_too_small",
  evaluate(intent, view) {
    if (!addsRisk(intent)) return null;
    const spendable = spendableOf(view);
    const cost = costOf(worstNotional(intent), view.instrument);
    // An unread balance is denied by `complete_data`.
    if (spendable === null || view.freeQuote === null || isAtMost(cost, spendable)) return null;
    return {
      cost: `${moneyText(cost, view.instrument.quote)} with fee`,
      spendable: moneyText(spendable, view.instrument.quote),
      free: moneyText(view.freeQuote, view.instrument.quote),
    };
  },
});
