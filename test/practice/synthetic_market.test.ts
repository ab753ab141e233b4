/** The drawn market: the same from any side, moving enough to be useful, and quick enough to catch up. */
import { describe, expect, it } from "vitest";
import { toFloat } from "../../src/practice/fixed.ts";
import type { Bar } from "../../src/practice/market/source.ts";
import { syntheticMarket } from "../../src/practice/market/synthetic.ts";
import { START } from "./bench_exchange.ts";

const MINUTE = 60_000;

describe("the synthetic market", () => {
  it("gives the same prices for the same seed, whatever was asked before, and others for another seed", () => {
    const first = syntheticMarket({ seed: "a" });
    const second = syntheticMarket({ seed: "a" });
    const late = [...second.ticks(START + 3_600_000, START + 3_660_000)];
    const whole = [...first.ticks(START, START + 3_660_000)];
    expect(whole.slice(-late.length)).toEqual(late);
    expect([...syntheticMarket({ seed: "b" }).ticks(START + 3_600_000, START + 3_660_000)]).not.toEqual(late);
  });

  it("candles agree with the prints they are made of, closed and forming", () => {
    const market = syntheticMarket({ seed: "a" });
    const from = START - (START % MINUTE);
    const upTo = from + 5 * MINUTE + 23_500;
    const bars = market.bars({ symbol: "SOL-USDT", frameMs: MINUTE, from, upTo }) as Bar[];
    expect(bars.length).toBe(6);
    for (const bar of bars) {
      const prints = [...market.ticks(bar.from - 1, Math.min(upTo, bar.from + MINUTE - 1))].filter(
        (tick) => tick.symbol === "SOL-USDT",
      );
      const prices = prints.map((tick) => tick.price).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      expect([bar.open, bar.low, bar.high, bar.close]).toEqual([
        prints[0]?.price,
        prices[0],
        prices.at(-1),
        prints.at(-1)?.price,
      ]);
    }
  });

  it("bigger candles hold the smaller ones", () => {
    const market = syntheticMarket({ seed: "a" });
    const from = START - (START % (4 * 3_600_000));
    const upTo = from + 4 * 3_600_000 - 1;
    const hours = market.bars({ symbol: "BTC-USDT", frameMs: 3_600_000, from, upTo }) as Bar[];
    const [four] = market.bars({ symbol: "BTC-USDT", frameMs: 4 * 3_600_000, from, upTo }) as Bar[];
    expect(four?.open).toBe(hours[0]?.open);
    expect(four?.close).toBe(hours.at(-1)?.close);
    expect(four?.high).toBe(hours.map((bar) => bar.high).reduce((a, b) => (a > b ? a : b)));
    expect(four?.low).toBe(hours.map((bar) => bar.low).reduce((a, b) => (a < b ? a : b)));
  });

  it("moves by one percent within ten minutes almost always, and never out of sight", () => {
    const market = syntheticMarket({ seed: "a" });
    let wide = 0;
    const bars = market.bars({
      symbol: "SOL-USDT",
      frameMs: 10 * MINUTE,
      from: START - (START % 600_000),
      upTo: START + 300 * 10 * MINUTE,
    }) as Bar[];
    for (const bar of bars) {
      if (toFloat(bar.high) / toFloat(bar.low) > 1.01) wide += 1;
      expect(toFloat(bar.low)).toBeGreaterThan(60);
      expect(toFloat(bar.high)).toBeLessThan(115);
    }
    expect(wide / bars.length).toBeGreaterThan(0.9);
  });

  it("is flat when told so", () => {
    const ticks = [...syntheticMarket({ seed: "a", volatility: 0 }).ticks(START, START + 60_000)].filter(
      (tick) => tick.symbol === "SOL-USDT",
    );
    expect(new Set(ticks.map((tick) => tick.price)).size).toBe(1);
  });

  it("serves 1500 candles of an hour each within three seconds", () => {
    const market = syntheticMarket({ seed: "speed" });
    const began = performance.now();
    const bars = market.bars({
      symbol: "ETH-USDT",
      frameMs: 3_600_000,
      from: START - 1500 * 3_600_000,
      upTo: START,
    }) as Bar[];
    expect(bars.length).toBeGreaterThanOrEqual(1500);
    expect(performance.now() - began).toBeLessThan(3000);
  });
});
