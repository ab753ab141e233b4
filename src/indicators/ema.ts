/** Exponential moving average, seeded as TA-Lib does: the first value is the simple average of the first period. */
import { assert } from "../core/assert.ts";

/** Same length and order as `values`; the first `period - 1` places are NaN. @throws InvariantError for a period below 1. */
export function ema(values: Float64Array, period: number): Float64Array {
  assert(Number.isInteger(period) && period >= 1, `A period is a whole number of candles, got ${period}`);
  const averages = new Float64Array(values.length).fill(Number.NaN);
  if (values.length < period) return averages;
  let average = 0;
  for (let at = 0; at < period; at += 1) average += values[at] as number;
  average /= period;
  averages[period - 1] = average;
  const weight = 2 / (period + 1);
  for (let at = period; at < values.length; at += 1) {
    average += weight * ((values[at] as number) - average);
    averages[at] = average;
  }
  return averages;
}
