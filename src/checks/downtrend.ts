/** No purchase on the way down: while the price is below its average and the average itself falls, a dip is no bargain. */
import { priceText } from "../core/facts.ts";
import { decimalsOf, priceOf, showAmount, toNumber } from "../core/money.ts";
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";
import { ema } from "../indicators/ema.ts";

/** Candles that the average spans. */
const period = 50;

export const downtrend = defineCheck({
  name: "downtrend",
  asks: "Is the price above EMA(50), or at least EMA(50) not falling?",
  denies: "downtrend",
  evaluate(intent, { limits, candles, quote, instrument }) {
    // Missing candles and a missing quote are denied by `complete_data`.
    const isGuarded = limits.isDowntrendGuarded && addsRisk(intent) && intent.side === "buy";
    if (!isGuarded || candles === null || quote === null) return null;
    const averages = ema(
      Float64Array.from(candles, (candle) => toNumber(candle.close)),
      period,
    );
    const now = averages.at(-1) ?? Number.NaN;
    const before = averages.at(-2) ?? Number.NaN;
    const price = toNumber(quote.bid);
    // Two digits more than the tick: enough to see which of two averages is lower, few enough to read.
    const nearTick = (average: number): string => showAmount(priceOf(average), decimalsOf(instrument.tickSize) + 2);
    if (price >= now || now >= before) return null;
    // Too few candles for an average: `complete_data` says so, with the number needed.
    if (!Number.isFinite(now) || !Number.isFinite(before)) return null;
    return {
      price: priceText(quote.bid, instrument.quote),
      average: `${nearTick(now)} ${instrument.quote} (EMA(${period}))`,
      averageBefore: `${nearTick(before)} ${instrument.quote}`,
      candles: `${candles.length} candles`,
    };
  },
});
