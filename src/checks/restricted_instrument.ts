/** What the owner must not trade (for whom he works, what he knows) is refused by name, at the request and again at the order (L31). */
import { symbolOf } from "../core/instrument.ts";
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const restrictedInstrument = defineCheck({
  name: "restricted_instrument",
  asks: "Is the instrument free of any restriction of the owner?",
  denies: "instrument_restricted",
  evaluate(intent, { restricted = [], instrument }) {
    if (!addsRisk(intent)) return null;
    const names = [symbolOf(intent.instrumentId), instrument.base, intent.instrumentId];
    const name = restricted.find((one) => names.includes(one));
    return name === undefined ? null : { instrument: intent.instrumentId, restricted: name };
  },
});
