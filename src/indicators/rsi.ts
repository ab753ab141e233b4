/** Relative strength index with Wilder's smoothing, 0 to 100, seeded as TA-Lib does. */
import { assert } from "../core/assert.ts";

/** Same length as `values`; the first `period` places are NaN. A series that never moves gives 0, as TA-Lib says. */
export function rsi(values: Float64Array, period: number): Float64Array {
  assert(Number.isInteger(period) && period >= 2, `RSI needs a period of at least 2 candles, got ${period}`);
  const strengths = new Float64Array(values.length).fill(Number.NaN);
  if (values.length <= period) return strengths;
  let gain = 0;
  let loss = 0;
  for (let at = 1; at <= period; at += 1) {
    const move = (values[at] as number) - (values[at - 1] as number);
    if (move > 0) gain += move;
    else loss -= move;
  }
  gain /= period;
  loss /= period;
  strengths[period] = strengthOf(gain, loss);
  for (let at = period + 1; at < values.length; at += 1) {
    const move = (values[at] as number) - (values[at - 1] as number);
    gain = (gain * (period - 1) + Math.max(move, 0)) / period;
    loss = (loss * (period - 1) + Math.max(-move, 0)) / period;
    strengths[at] = strengthOf(gain, loss);
  }
  return strengths;
}

function strengthOf(gain: number, loss: number): number {
  const both = gain + loss;
  return both === 0 ? 0 : (100 * gain) / both;
}
