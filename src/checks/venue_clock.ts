/** An order is stamped with the venue's time, and the stamp is what keeps a late request out: without it nothing is opened. */
import { addsRisk } from "../core/risk.ts";
import { uncertaintyMaxMs } from "../core/venue_clock.ts";
import { defineCheck } from "../define/check.ts";

export const venueClock = defineCheck({
  name: "venue_clock",
  asks: "Is the venue's time known well enough to stamp an order with it?",
  denies: "clock_uncertain",
  evaluate(intent, view) {
    if (!addsRisk(intent)) return null;
    const { uncertaintyMs, isConfirmed } = view.venueClock;
    const required = `within ${uncertaintyMaxMs} ms, confirmed by two sources in live mode`;
    if (uncertaintyMs === null) return { venueClock: "not measured yet", required };
    if (uncertaintyMs > uncertaintyMaxMs)
      return { venueClock: `uncertain by ${Math.round(uncertaintyMs)} ms`, required };
    return isConfirmed ? null : { venueClock: "confirmed by nobody for more than 10 min", required };
  },
});
