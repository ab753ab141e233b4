/** Simple moving average, seeded as TA-Lib does: nothing is said before a whole period has been seen. */
import { assert } from "../core/assert.ts";

/** Same length and order as `values`; the first `period - 1` places are NaN. @throws InvariantError for a period below 1. */
export function sma(values: Float64Array, period: number): Float64Array {
  assert(Number.isInteger(period) && period >= 1, `A period is a whole number of candles, got ${period}`);
  const averages = new Float64Array(values.length).fill(Number.NaN);
  let total = 0;
  for (let at = 0; at < values.length; at += 1) {
    total += values[at] as number;
    if (at >= period) total -= values[at - period] as number;
    if (at >= period - 1) averages[at] = total / period;
  }
  return averages;
}
