/**
 * The same order twice within half a minute, for no new reason, is a fault of ours and not a wish (L29): same side, size within
 * 1 %, and no signal of its own behind it.
 */
import { absolute, isAtMost, minus, ratio, scale } from "../core/money.ts";
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

const sameSize = ratio("0.01");

export const duplicateOrder = defineCheck({
  name: "duplicate_order",
  asks: "Is it another order than the one of moments ago?",
  denies: "duplicate_order",
  evaluate(intent, { recentEntries = [] }) {
    if (!addsRisk(intent)) return null;
    const twin = recentEntries.find(
      (entry) =>
        entry.side === intent.side &&
        isAtMost(absolute(minus(entry.quantity, intent.quantity)), scale(intent.quantity, sameSize)) &&
        (entry.signalId === null || entry.signalId === intent.signalId),
    );
    if (twin === undefined) return null;
    return { quantity: intent.quantity, before: twin.quantity, signal: intent.signalId ?? "none" };
  },
});
