/** Average true range with Wilder's smoothing, in price units, seeded as TA-Lib does. */
import { assert } from "../core/assert.ts";

export type Ranges = { readonly high: Float64Array; readonly low: Float64Array; readonly close: Float64Array };

/** Same length as the series; the first `period` places are NaN: the first candle has no close before it. */
export function atr({ high, low, close }: Ranges, period: number): Float64Array {
  assert(Number.isInteger(period) && period >= 1, `A period is a whole number of candles, got ${period}`);
  assert(high.length === close.length && low.length === close.length, "High, low and close must be of one length");
  const averages = new Float64Array(close.length).fill(Number.NaN);
  if (close.length <= period) return averages;
  const rangeAt = (at: number): number => {
    const before = close[at - 1] as number;
    const top = Math.max(high[at] as number, before);
    return top - Math.min(low[at] as number, before);
  };
  let average = 0;
  for (let at = 1; at <= period; at += 1) average += rangeAt(at);
  average /= period;
  averages[period] = average;
  for (let at = period + 1; at < close.length; at += 1) {
    average = (average * (period - 1) + rangeAt(at)) / period;
    averages[at] = average;
  }
  return averages;
}
