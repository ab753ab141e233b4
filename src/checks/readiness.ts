/** Between process start and the first clean reconcile nobody knows what is already open, so nothing new is opened. */
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const readiness = defineCheck({
  name: "readiness",
  asks: "Has the house finished starting and reconciled once?",
  denies: "starting_up",
  evaluate(intent, view) {
    if (!addsRisk(intent) || view.isReady) return null;
    return { readiness: "still starting", required: "first clean reconcile" };
  },
});
