/** Indicators against values worked out by hand, against slow and plain definitions, and in their seeding (as TA-Lib). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toNumber } from "../../src/core/money.ts";
import { atr } from "../../src/indicators/atr.ts";
import { ema } from "../../src/indicators/ema.ts";
import { rsi } from "../../src/indicators/rsi.ts";
import { sma } from "../../src/indicators/sma.ts";
import { solFourHours } from "../fixtures/recorded_candles.ts";

const none = Number.NaN;
const series = (...values: readonly number[]): Float64Array => Float64Array.from(values);

function expectNear(got: Float64Array, wanted: readonly number[]): void {
  expect(got).toHaveLength(wanted.length);
  for (const [at, value] of wanted.entries()) {
    if (Number.isNaN(value)) expect(got[at], `place ${at}`).toBeNaN();
    else expect(Math.abs((got[at] as number) - value), `place ${at}: ${got[at]}, not ${value}`).toBeLessThan(1e-9);
  }
}

describe("worked out by hand", () => {
  test("SMA(3) of 1 2 3 4 8", () => {
    expectNear(sma(series(1, 2, 3, 4, 8), 3), [none, none, 2, 3, 5]);
  });

  test("EMA(3) of 2 4 6 8 4: seed 4, then half of each step", () => {
    expectNear(ema(series(2, 4, 6, 8, 4), 3), [none, none, 4, 6, 5]);
  });

  test("RSI(2) of 10 11 10 12 12: gains 1 0 2 0, losses 0 1 0 0", () => {
    // Averages: (0.5, 0.5), then (1.25, 0.25), then (0.625, 0.125).
    expectNear(rsi(series(10, 11, 10, 12, 12), 2), [none, none, 50, 125 / 1.5, 62.5 / 0.75]);
  });

  test("ATR(2) with a gap upwards and one downwards", () => {
    const bars = { high: series(11, 12, 20, 15), low: series(9, 10, 18, 14), close: series(10, 11, 19, 14) };
    // True ranges: 2, then 9 (from 11 to 20), then 5 (from 19 to 14); seed (2 + 9) / 2, then (5.5 + 5) / 2.
    expectNear(atr(bars, 2), [none, none, 5.5, 5.25]);
  });

  test("RSI(14) of the twenty closes that textbooks print", () => {
    const printed = [
      44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931, 46.0328,
      45.614, 46.282, 46.282, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439,
    ];
    const got = rsi(series(...printed), 14).slice(14);
    for (const [at, value] of [70.53, 66.32, 66.55, 69.41, 66.36, 57.97].entries())
      expect(got[at]).toBeCloseTo(value, 2);
  });

  test("a market that only rises has RSI 100, one that only falls 0, one that stands still 0", () => {
    expect(rsi(series(1, 2, 3, 4), 3)[3]).toBe(100);
    expect(rsi(series(4, 3, 2, 1), 3)[3]).toBe(0);
    expect(rsi(series(5, 5, 5, 5), 3)[3]).toBe(0);
  });
});

const closes = Float64Array.from(solFourHours.candles, (candle) => toNumber(candle.close));
const highs = Float64Array.from(solFourHours.candles, (candle) => toNumber(candle.high));
const lows = Float64Array.from(solFourHours.candles, (candle) => toNumber(candle.low));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Wilder's average, written as its definition: a seed of the plain mean, then each value weighs 1 / period. */
function wilder(values: readonly number[], period: number, at: number): number {
  if (at === period - 1) return mean(values.slice(0, period));
  return wilder(values, period, at - 1) + ((values[at] as number) - wilder(values, period, at - 1)) / period;
}

describe("on recorded candles, against the definitions", () => {
  test("SMA(20) is the mean of the last twenty", () => {
    const averages = sma(closes, 20);
    for (const at of [19, 20, 250, 499]) expect(averages[at]).toBeCloseTo(mean([...closes.slice(at - 19, at + 1)]), 9);
    expect(averages[18]).toBeNaN();
  });

  test("EMA(50) is its weighted sum from the seed on", () => {
    const averages = ema(closes, 50);
    const weight = 2 / 51;
    const at = 300;
    let wanted = mean([...closes.slice(0, 50)]) * (1 - weight) ** (at - 49);
    for (let back = 0; back < at - 49; back += 1)
      wanted += weight * (1 - weight) ** back * (closes[at - back] as number);
    expect(averages[at]).toBeCloseTo(wanted, 8);
    expect(averages[48]).toBeNaN();
  });

  test("RSI(14) and ATR(14) follow Wilder from their seeds", () => {
    const moves = [...closes].slice(1, 24).map((close, at) => close - (closes[at] as number));
    const gain = wilder(
      moves.map((move) => Math.max(move, 0)),
      14,
      16,
    );
    const loss = wilder(
      moves.map((move) => Math.max(-move, 0)),
      14,
      16,
    );
    expect(rsi(closes, 14)[17]).toBeCloseTo((100 * gain) / (gain + loss), 9);
    const ranges = [...closes]
      .slice(1, 24)
      .map((_, at) =>
        Math.max(
          (highs[at + 1] as number) - (lows[at + 1] as number),
          Math.abs((highs[at + 1] as number) - (closes[at] as number)),
          Math.abs((lows[at + 1] as number) - (closes[at] as number)),
        ),
      );
    expect(atr({ high: highs, low: lows, close: closes }, 14)[17]).toBeCloseTo(wilder(ranges, 14, 16), 9);
  });
});

const anySeries = fc
  .array(fc.double({ min: 0.01, max: 1e5, noNaN: true }), { minLength: 0, maxLength: 120 })
  .map((values) => Float64Array.from(values));
const anyPeriod = fc.integer({ min: 2, max: 30 });
const each = [
  ["sma", sma, (period: number) => period - 1],
  ["ema", ema, (period: number) => period - 1],
  ["rsi", rsi, (period: number) => period],
  [
    "atr",
    (values: Float64Array, period: number) => atr({ high: values, low: values, close: values }, period),
    (period: number) => period,
  ],
] as const;

describe.each(each)("%s", (_name, indicator, warmUp) => {
  test("says nothing before its warm-up, and a number from then on", () => {
    fc.assert(
      fc.property(anySeries, anyPeriod, (values, period) => {
        for (const [at, value] of indicator(values, period).entries())
          expect(Number.isFinite(value), `place ${at} of period ${period}`).toBe(at >= warmUp(period));
      }),
    );
  });

  test("never looks ahead: what follows changes no earlier value", () => {
    fc.assert(
      fc.property(anySeries, anyPeriod, fc.nat(120), (values, period, cut) => {
        const whole = indicator(values, period);
        const part = indicator(values.slice(0, cut), period);
        for (const [at, value] of part.entries()) expect(Object.is(value, whole[at])).toBe(true);
      }),
    );
  });

  test.each([0, -1, 1.5, Number.NaN])("refuses a period of %s", (period) => {
    expect(() => indicator(series(1, 2, 3), period)).toThrow();
  });
});

test("RSI stays within 0 and 100, ATR is never negative", () => {
  fc.assert(
    fc.property(anySeries, anyPeriod, (values, period) => {
      for (const value of rsi(values, period)) expect(value >= 0 && value <= 100 + 1e-9).toBe(!Number.isNaN(value));
      for (const value of atr({ high: values, low: values, close: values }, period))
        expect(value >= 0).toBe(!Number.isNaN(value));
    }),
  );
});
