/** How large one position may get, as a share of equity, in money, or both. */
import { moneyText, ofEquityText } from "../core/facts.ts";
import { worstNotional } from "../core/intent.ts";
import { isAtMost, scale } from "../core/money.ts";
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const positionSize = defineCheck({
  name: "position_size",
  asks: "Is the position within its share of equity and its money limit?",
  denies: "position_above_limit",
  evaluate(intent, { instrument, equity, limits }) {
    if (!addsRisk(intent)) return null;
    const { positionShare, positionNotional } = limits;
    const notional = worstNotional(intent);
    const allowedByShare = positionShare === null ? null : scale(equity, positionShare);
    const keepsShare = allowedByShare === null || isAtMost(notional, allowedByShare);
    const keepsMoney = positionNotional === null || isAtMost(notional, positionNotional);
    if (keepsShare && keepsMoney) return null;
    const account = { equity, currency: instrument.quote };
    return {
      notional: ofEquityText(notional, account),
      ...(allowedByShare === null ? {} : { limit: ofEquityText(allowedByShare, account) }),
      ...(positionNotional === null ? {} : { limitInMoney: moneyText(positionNotional, instrument.quote) }),
    };
  },
});
