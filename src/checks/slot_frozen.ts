/** An unknown order may still be filled: a second entry beside it could double what was signed. */
import { moneyText } from "../core/facts.ts";
import { mark } from "../core/mark.ts";
import { addsRisk, exposureOf } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const slotFrozen = defineCheck({
  name: "slot_frozen",
  asks: "Is the fate of every earlier order of this instrument known?",
  denies: "slot_frozen",
  evaluate(intent, view) {
    if (!addsRisk(intent)) return null;
    const unknown = view.exposures.filter((one) => one.isUnknown && one.instrumentId === intent.instrumentId);
    if (unknown.length === 0) return null;
    mark("N06.slot_waits_for_its_unknown_order");
    return {
      instrument: intent.instrumentId,
      unknown: `${unknown.length} orders`,
      atWorst: moneyText(exposureOf(unknown), view.instrument.quote),
      limit: "0 orders",
    };
  },
});
