/** A session is bounded on its own: a limit that spans midnight is not refilled by a new day. */
import { moneyText, shareText } from "../core/facts.ts";
import { isLess, largest, negate, scale, zeroNotional } from "../core/money.ts";
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const sessionLoss = defineCheck({
  name: "session_loss",
  asks: "Has this session lost less than its limit?",
  denies: "session_loss_reached",
  evaluate(intent, { limits, instrument, sessionPnl, sessionStartEquity }) {
    if (!addsRisk(intent)) return null;
    const { sessionLossShare, sessionLossNotional } = limits;
    const loss = largest(negate(sessionPnl), zeroNotional);
    const allowedByShare = sessionLossShare === null ? null : scale(sessionStartEquity, sessionLossShare);
    // A limit that is reached is used up, so a limit of 0 lets nothing through.
    const keepsShare = allowedByShare === null || isLess(loss, allowedByShare);
    const keepsMoney = sessionLossNotional === null || isLess(loss, sessionLossNotional);
    if (keepsShare && keepsMoney) return null;
    return {
      loss: moneyText(loss, instrument.quote),
      equityAtSessionStart: moneyText(sessionStartEquity, instrument.quote),
      ...(sessionLossShare === null || allowedByShare === null
        ? {}
        : { limit: `${shareText(sessionLossShare)} (${moneyText(allowedByShare, instrument.quote)})` }),
      ...(sessionLossNotional === null ? {} : { limitInMoney: moneyText(sessionLossNotional, instrument.quote) }),
    };
  },
});
