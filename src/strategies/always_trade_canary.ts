/**
 * The canary: goes long in every window, without an opinion of its own, so that a rehearsal exercises the whole path from
 * signal to closed trade many times a day. It exists to find faults of the house, never to earn money.
 */
import { z } from "zod";
import { ratio, ratioOf } from "../core/money.ts";
import { defineStrategy } from "../define/strategy.ts";

export const alwaysTradeCanary = defineStrategy({
  name: "always_trade_canary",
  summary: "Goes long in every window; rehearses the whole path, earns nothing",
  params: z.object({
    strength: z.number().min(0).max(1).default(0.5).describe("Strength of every signal, 0 to 1"),
    stopPercent: z.number().min(0.1).max(50).default(2).describe("Distance of the stop below the entry, in percent"),
    targetPercent: z
      .number()
      .min(0.1)
      .max(100)
      .nullable()
      .default(3)
      .describe("Distance of the target above the entry, in percent; null = stop only"),
    holdCandles: z.number().int().min(1).max(500).default(12).describe("Leaves after this many candles at the latest"),
  }),
  // It trades whenever it may, which is every minute: that is what it is for. The limits of the house stop it.
  declares: { instrumentsMax: 20, venuesMax: 1, entriesPerDay: 1_440, positionShareMax: ratio("1") },
  lookback: () => 1,
  read({ candles, timeframeMs }, { strength, stopPercent, targetPercent, holdCandles }) {
    const latest = candles.at(-1);
    if (latest === undefined) return null;
    return {
      direction: "long",
      strength: ratioOf(strength),
      because: `The canary trades every window; the last candle closed at ${latest.close}`,
      exit: {
        stopDistance: ratioOf(stopPercent / 100),
        targetDistance: targetPercent === null ? null : ratioOf(targetPercent / 100),
        timeLimitMs: holdCandles * timeframeMs,
      },
    };
  },
});
