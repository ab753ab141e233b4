/** After a bad day the next entry waits for the next UTC day; open positions keep their exits. */
import { moneyText, shareText } from "../core/facts.ts";
import { isLess, largest, negate, scale, zeroNotional } from "../core/money.ts";
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const dailyLoss = defineCheck({
  name: "daily_loss",
  asks: "Has the house lost less today than the daily limit?",
  denies: "daily_loss_reached",
  evaluate(intent, { limits, instrument, dayPnl, dayStartEquity }) {
    if (!addsRisk(intent)) return null;
    const { dailyLossShare, dailyLossNotional } = limits;
    const loss = largest(negate(dayPnl), zeroNotional);
    const allowedByShare = dailyLossShare === null ? null : scale(dayStartEquity, dailyLossShare);
    // A limit that is reached is used up, so a limit of 0 lets nothing through.
    const keepsShare = allowedByShare === null || isLess(loss, allowedByShare);
    const keepsMoney = dailyLossNotional === null || isLess(loss, dailyLossNotional);
    if (keepsShare && keepsMoney) return null;
    return {
      loss: moneyText(loss, instrument.quote),
      equityAtDayStart: moneyText(dayStartEquity, instrument.quote),
      ...(dailyLossShare === null || allowedByShare === null
        ? {}
        : { limit: `${shareText(dailyLossShare)} (${moneyText(allowedByShare, instrument.quote)})` }),
      ...(dailyLossNotional === null ? {} : { limitInMoney: moneyText(dailyLossNotional, instrument.quote) }),
    };
  },
});
