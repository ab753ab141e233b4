/** The trend follower on markets made for it: when it goes long, how strongly, when it leaves, and when it keeps silent. */
import { describe, expect, test } from "vitest";
import { isMore, ratio, toNumber } from "../../src/core/money.ts";
import type { Signal } from "../../src/core/signal.ts";
import { minute } from "../../src/core/time.ts";
import { emaTrend } from "../../src/strategies/ema_trend.ts";
import { makeCandles, noon, ramp } from "../fixtures/risk_view.ts";

const params = emaTrend.params.parse({ fast: 3, slow: 8, trend: 20, atrPeriod: 5, youngCandles: 6 });
const read = (closes: readonly number[], change: Partial<typeof params> = {}): Signal | null =>
  emaTrend.read(
    { at: noon, instrumentId: "x:A/B", timeframeMs: 5 * minute, candles: makeCandles(closes) },
    { ...params, ...change },
  );

const level = ramp(100, 100, 0);
const saw = Array.from({ length: 100 }, (_, at) => 100 + (at % 2 === 0 ? 0.2 : -0.2));

describe("ema_trend", () => {
  test("goes long on a young cross above the long average", () => {
    const signal = read([...saw, 100.5, 101, 101.6]);
    expect(signal).toMatchObject({ direction: "long" });
    expect(signal?.because).toMatch(/^EMA\(3\) 10\d\.\d+ crossed above EMA\(8\) 100\.\d+ 2 candles ago/);
  });

  test("is stronger when the averages have drawn further apart", () => {
    const weak = read([...saw, 100.5, 100.6])?.strength ?? ratio("9");
    const strong = read([...saw, 101, 102])?.strength ?? ratio("0");
    expect(isMore(strong, weak)).toBe(true);
  });

  test("keeps silent once the cross is old", () => {
    expect(read([...saw, ...ramp(30, 100.5, 0.3)])).toBeNull();
  });

  test("is flat on every candle on which the trend is lost, so a missed cycle loses no exit", () => {
    const falling = [...ramp(100, 80, 0.3), ...ramp(12, 109, -1)];
    expect(read(falling)?.direction).toBe("flat");
    expect(read([...falling, 96])?.direction).toBe("flat");
    expect(read(level)?.direction).toBe("flat");
  });

  test("does not buy a cross below the long average", () => {
    expect(read([...ramp(100, 200, -1), ...ramp(4, 102, 2)])).toBeNull();
  });

  test("the stop follows the range within its bounds, and the target is its multiple", () => {
    const closes = [...saw, 100.5, 101, 101.6];
    const near = read(closes, { stopRanges: 0.25 })?.exit;
    expect(near).toMatchObject({ stopDistance: "0.005", targetDistance: "0.015" });
    expect(read(closes, { stopRanges: 10 })?.exit).toMatchObject({ stopDistance: "0.025", targetDistance: "0.075" });
    const between = toNumber(read(closes, { stopRanges: 1.5 })?.exit.stopDistance ?? ratio("0"));
    expect(between).toBeGreaterThan(0.005);
    expect(between).toBeLessThan(0.025);
  });

  test("keeps silent without enough candles", () => {
    expect(read(ramp(20, 100, 1))).toBeNull();
  });

  test.each([
    ["a fast average that is not faster", { fast: 26, slow: 26 }],
    ["a nearest stop beyond the furthest", { stopPercentMin: 2, stopPercentMax: 1 }],
    ["a stop beyond the limit of 3 %", { stopPercentMax: 3.1 }],
  ])("refuses %s", (_says, settings) => {
    expect(emaTrend.params.safeParse(settings).success).toBe(false);
  });
});
