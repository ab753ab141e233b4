/** An order that is a large part of what a market trades moves the price against itself, on the way in and on the way out (L04). */
import { depthShareMax, volumeShareMax } from "../core/hard_limits.ts";
import { isAtMost, type Quantity, scale } from "../core/money.ts";
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const marketShare = defineCheck({
  name: "market_share",
  asks: "Is the order small beside what this market trades and offers?",
  denies: "market_share_above_limit",
  evaluate(intent, { depth, volumePerDay, instrument }) {
    if (!addsRisk(intent)) return null;
    const rows = [
      { name: "of the ten best levels", known: depth, share: depthShareMax },
      { name: "of a day's volume", known: volumePerDay, share: volumeShareMax },
    ] as const;
    const broken = rows.flatMap(({ name, known, share }) => {
      if (known === undefined) return [];
      const limit: Quantity = scale(known, share);
      return isAtMost(intent.quantity, limit)
        ? []
        : [[name, `${intent.quantity} ${instrument.base}, limit ${limit}`] as const];
    });
    return broken.length === 0 ? null : Object.fromEntries(broken);
  },
});
