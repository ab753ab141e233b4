/**
 * Follows a young trend: the fast average has crossed above the slow one a few candles ago, price and both averages stand
 * above a longer average, and the two have drawn apart. The stop lies a few average ranges below, the target a fixed
 * multiple of the stop above. Once the fast average is back below the slow one, the trend is lost and the answer is flat.
 *
 *   fast <= slow ───────────────────────────────> flat (leave)
 *   fast > slow, cross is young, above the trend ─> long, strength = separation in average ranges
 *   otherwise ──────────────────────────────────> no opinion
 *
 * Only the last `lookback` candles are read, so a longer history never changes the answer.
 */
import { z } from "zod";
import { ratio, ratioOf, toNumber, zeroRatio } from "../core/money.ts";
import type { Candle, Signal } from "../core/signal.ts";
import { defineStrategy } from "../define/strategy.ts";
import { atr } from "../indicators/atr.ts";
import { ema } from "../indicators/ema.ts";

const params = z
  .object({
    fast: z.number().int().min(2).max(100).default(12).describe("Candles of the fast average"),
    slow: z.number().int().min(3).max(300).default(26).describe("Candles of the slow average, more than the fast one"),
    trend: z.number().int().min(5).max(400).default(50).describe("Candles of the average that price must stand above"),
    youngCandles: z.number().int().min(1).max(100).default(8).describe("How old the cross may be, in candles"),
    atrPeriod: z.number().int().min(2).max(100).default(14).describe("Candles of the average true range"),
    stopRanges: z.number().min(0.25).max(10).default(1.5).describe("Distance of the stop in average true ranges"),
    stopPercentMin: z.number().min(0.1).max(3).default(0.5).describe("The stop is never nearer than this, in percent"),
    stopPercentMax: z.number().min(0.1).max(3).default(2.5).describe("The stop is never further than this, in percent"),
    rewardRisk: z.number().min(1).max(20).default(3).describe("Distance of the target as a multiple of the stop's"),
    fullStrengthRanges: z
      .number()
      .min(0.1)
      .max(10)
      .default(1)
      .describe("Separation of the averages, in average true ranges, that counts as strength 1"),
  })
  .refine(({ fast, slow }) => fast < slow, { message: "fast must be less than slow", path: ["fast"] })
  .refine(({ stopPercentMin, stopPercentMax }) => stopPercentMin <= stopPercentMax, {
    message: "stopPercentMin must not be above stopPercentMax",
    path: ["stopPercentMin"],
  });
type Params = z.infer<typeof params>;

/** After this many periods, its own for the seed included, the seed of an average weighs less than 2 %. */
const settlingPeriods = 3;

const lookback = ({ slow, trend, atrPeriod, youngCandles }: Params): number =>
  settlingPeriods * Math.max(slow, trend, atrPeriod) + youngCandles;

export const emaTrend = defineStrategy({
  name: "ema_trend",
  summary: "Follows a young trend: fast average above the slow one and price above a longer average",
  params,
  declares: { instrumentsMax: 10, venuesMax: 1, entriesPerDay: 60, positionShareMax: ratio("1") },
  lookback,
  read({ candles }, chosen) {
    const needed = lookback(chosen);
    return candles.length < needed ? null : readWindow(candles.slice(-needed), chosen);
  },
});

function readWindow(candles: readonly Candle[], chosen: Params): Signal | null {
  const column = (of: "high" | "low" | "close"): Float64Array =>
    Float64Array.from(candles, (candle) => toNumber(candle[of]));
  const close = column("close");
  const fast = ema(close, chosen.fast);
  const slow = ema(close, chosen.slow);
  const last = close.length - 1;
  const at = (series: Float64Array): number => series[last] ?? Number.NaN;
  const range = at(atr({ high: column("high"), low: column("low"), close }, chosen.atrPeriod));
  const price = at(close);
  const exit = exitOf(range / price, chosen);
  const separation = at(fast) - at(slow);
  if (separation <= 0)
    return {
      direction: "flat",
      strength: ratioOf(1),
      because: `EMA(${chosen.fast}) ${show(at(fast))} is not above EMA(${chosen.slow}) ${show(at(slow))}: the trend is lost`,
      exit,
    };
  const age = crossAge(fast, slow);
  const trend = at(ema(close, chosen.trend));
  const isUp = price > trend && at(slow) > trend;
  if (!isUp || age >= chosen.youngCandles || !(range > 0)) return null;
  const strength = Math.min(1, separation / (range * chosen.fullStrengthRanges));
  return {
    direction: "long",
    strength: ratioOf(strength),
    because:
      `EMA(${chosen.fast}) ${show(at(fast))} crossed above EMA(${chosen.slow}) ${show(at(slow))} ` +
      `${age} candles ago; close ${show(price)} is above EMA(${chosen.trend}) ${show(trend)}`,
    exit,
  };
}

/** How many candles ago the fast average was last at or below the slow one, less one: 0 on the candle of the cross. */
function crossAge(fast: Float64Array, slow: Float64Array): number {
  let age = 0;
  for (let at = fast.length - 2; at >= 0; at -= 1) {
    const isAbove = (fast[at] ?? Number.NaN) > (slow[at] ?? Number.NaN);
    if (!isAbove) return Number.isNaN(slow[at] ?? Number.NaN) ? Number.POSITIVE_INFINITY : age;
    age += 1;
  }
  return Number.POSITIVE_INFINITY;
}

function exitOf(
  rangeShare: number,
  { stopRanges, stopPercentMin, stopPercentMax, rewardRisk }: Params,
): Signal["exit"] {
  const wanted = Number.isFinite(rangeShare) ? rangeShare * stopRanges : 0;
  const stop = Math.min(Math.max(wanted, stopPercentMin / 100), stopPercentMax / 100);
  const stopDistance = ratioOf(stop);
  return {
    stopDistance,
    targetDistance: stopDistance === zeroRatio ? null : ratioOf(toNumber(stopDistance) * rewardRisk),
    timeLimitMs: null,
  };
}

/** Six significant digits, enough for a sentence. */
const show = (value: number): string => String(Number(value.toPrecision(6)));
