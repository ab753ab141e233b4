/** The largest single order of the venue; a larger exit has to be split by whoever asks for it. */
import { quantityText } from "../core/facts.ts";
import { isAtMost } from "../core/money.ts";
import { defineCheck } from "../define/check.ts";

export const venueMaximum = defineCheck({
  name: "venue_maximum",
  asks: "Is the order no larger than the venue takes?",
  denies: "above_maximum",
  evaluate(intent, { instrument }) {
    if (isAtMost(intent.quantity, instrument.quantityMax)) return null;
    return {
      quantity: quantityText(intent.quantity, instrument.base),
      quantityMax: quantityText(instrument.quantityMax, instrument.base),
    };
  },
});
