/** What the venue is too proud to take. An exit below it is dust: known here, instead of by a rejection. */
import { moneyText, quantityText } from "../core/facts.ts";
import { worstNotional } from "../core/intent.ts";
import { isAtLeast, isPositive } from "../core/money.ts";
import { defineCheck } from "../define/check.ts";

export const venueMinimum = defineCheck({
  name: "venue_minimum",
  asks: "Is the order as large as the venue asks?",
  denies: "below_minimum",
  evaluate(intent, { instrument }) {
    const notional = worstNotional(intent);
    const isLargeEnough =
      isAtLeast(intent.quantity, instrument.quantityMin) && isAtLeast(notional, instrument.notionalMin);
    if (isLargeEnough && isPositive(intent.quantity)) return null;
    return {
      quantity: quantityText(intent.quantity, instrument.base),
      quantityMin: quantityText(instrument.quantityMin, instrument.base),
      notional: moneyText(notional, instrument.quote),
      notionalMin: moneyText(instrument.notionalMin, instrument.quote),
    };
  },
});
