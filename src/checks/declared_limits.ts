/** A strategy that does more than it said of itself is not the strategy that was let in (L11). */
import { ofEquityText, shareText } from "../core/facts.ts";
import { worstNotional } from "../core/intent.ts";
import { isAtMost, scale } from "../core/money.ts";
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const declaredLimits = defineCheck({
  name: "declared_limits",
  asks: "Does the strategy stay within what it declared?",
  denies: "beyond_declaration",
  evaluate(intent, { declared, equity, instrument }) {
    if (!addsRisk(intent) || declared === undefined) return null;
    const { limits, entriesToday } = declared;
    const notional = worstNotional(intent);
    const isTooMany = !(entriesToday + 1 <= limits.entriesPerDay);
    const isTooLarge = !isAtMost(notional, scale(equity, limits.positionShareMax));
    if (!isTooMany && !isTooLarge) return null;
    return {
      ...(isTooMany ? { entries: `${entriesToday + 1} today`, declared: `${limits.entriesPerDay} a day` } : {}),
      ...(isTooLarge
        ? {
            notional: ofEquityText(notional, { equity, currency: instrument.quote }),
            declaredShare: shareText(limits.positionShareMax),
          }
        : {}),
    };
  },
});
