/**
 * The other side of the exemption of exits: what passes as reduce-only must really reduce. This house is long or flat, so
 * only a sale reduces, and never more than is left to sell. When that is not known an exit is not held back.
 */
import { quantityText } from "../core/facts.ts";
import { isAtMost } from "../core/money.ts";
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const reduceOnly = defineCheck({
  name: "reduce_only",
  asks: "Would an exit only make a position smaller?",
  denies: "would_not_reduce",
  evaluate(intent, { instrument, sellableQuantity }) {
    const claims = intent.reduceOnly || intent.leg !== "entry";
    if (!claims) return null;
    const sellable = sellableQuantity ?? null;
    const reduces = intent.side === "sell" && (sellable === null || isAtMost(intent.quantity, sellable));
    if (!addsRisk(intent) && reduces) return null;
    return {
      order: `${intent.side} ${quantityText(intent.quantity, instrument.base)} as ${intent.leg}`,
      sellable: sellable === null ? "unknown" : quantityText(sellable, instrument.base),
      mark: intent.reduceOnly ? "reduce-only" : "not reduce-only",
    };
  },
});
