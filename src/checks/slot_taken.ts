/** One instrument holds one trade at a time, from the first order that leaves until the position is closed. */
import { moneyText } from "../core/facts.ts";
import { addsRisk, exposureOf } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const slotTaken = defineCheck({
  name: "slot_taken",
  asks: "Is this instrument free of positions and working orders?",
  denies: "slot_taken",
  evaluate(intent, view) {
    if (!addsRisk(intent)) return null;
    // Unknown orders have their own denial, with its own remedy.
    const taken = view.exposures.filter((one) => !one.isUnknown && one.instrumentId === intent.instrumentId);
    if (taken.length === 0) return null;
    return {
      instrument: intent.instrumentId,
      positions: `${taken.filter((one) => one.isPosition).length} open`,
      orders: `${taken.filter((one) => !one.isPosition).length} working`,
      notional: moneyText(exposureOf(taken), view.instrument.quote),
    };
  },
});
