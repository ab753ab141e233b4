/** Entries go only to instruments that the owner allowed and that trade now; the view must be of that very instrument. */
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const allowedInstrument = defineCheck({
  name: "allowed_instrument",
  asks: "May this instrument be traded, and does it trade?",
  denies: "instrument_not_allowed",
  evaluate(intent, { instrument, allowedInstruments }) {
    if (!addsRisk(intent)) return null;
    const isListed = allowedInstruments === null || allowedInstruments.includes(intent.instrumentId);
    const isSame = instrument.instrumentId === intent.instrumentId && instrument.venue === intent.venue;
    if (isListed && isSame && instrument.isTrading) return null;
    return {
      instrument: intent.instrumentId,
      judgedAs: instrument.instrumentId,
      atVenue: instrument.isTrading ? "trading" : "not trading",
      allowed: allowedInstruments === null ? "every instrument" : allowedInstruments.join(", ") || "none",
    };
  },
});
