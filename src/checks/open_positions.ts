/** How many instruments may be held or about to be held at once; an order that works or is unknown takes its place already. */
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const openPositions = defineCheck({
  name: "open_positions",
  asks: "Is there room for one more position?",
  denies: "too_many_positions",
  evaluate(intent, { limits, exposures }) {
    if (!addsRisk(intent)) return null;
    const open = new Set(exposures.map((one) => one.instrumentId)).size;
    if (open + 1 <= limits.openPositionsMax) return null;
    return { open: `${open} positions`, limit: `${limits.openPositionsMax} positions` };
  },
});
