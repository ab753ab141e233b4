/** What is drawn where, before any library has seen it: every sample in both looks. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canvas, type Drawing, type Shape } from "../../../src/adapters/pictures/drawing.ts";
import { equityDrawing } from "../../../src/adapters/pictures/equity_picture.ts";
import { positionDrawing } from "../../../src/adapters/pictures/position_picture.ts";
import { promptDrawing } from "../../../src/adapters/pictures/prompt_picture.ts";
import { heightOf } from "../../../src/adapters/pictures/scale.ts";
import { textWidth } from "../../../src/adapters/pictures/type_widths.ts";
import { type Notional, notional, type Price, price, quantity, ratio, toNumber } from "../../../src/core/money.ts";
import type { Result } from "../../../src/core/result.ts";
import { addMs, type Instant } from "../../../src/core/time.ts";
import type { EquityPicture, PositionPicture, PromptPicture } from "../../../src/ports/painter.ts";
import {
  equitySample,
  equitySamples,
  pictureNow,
  positionSample,
  positionSamples,
  promptSample,
  promptSamples,
  walkedCandles,
} from "../../fixtures/picture_samples.ts";

function drawn(result: Result<Drawing, string>): Drawing {
  if (!result.ok) throw new Error(result.problem);
  return result.value;
}
const problemOf = (result: Result<Drawing, string>): string | null => (result.ok ? null : result.problem);

type Words = Extract<Shape, { kind: "text" }>;
const wordsOf = ({ behind, front }: Drawing): readonly Words[] =>
  [...behind, ...front].filter((shape) => shape.kind === "text");
const textsOf = (drawing: Drawing): readonly string[] => wordsOf(drawing).map(({ text }) => text);

/** Where the ink of a text can be: digits and capitals fill about three quarters of its size. */
function extentOf({ text, size, isBold, align, x, y }: Words) {
  const width = textWidth(text, { size, isBold });
  const left = align === "left" ? x : align === "right" ? x - width : x - width / 2;
  return { text, left, right: left + width, top: y - size * 0.38, bottom: y + size * 0.38 };
}

/** What can't be read: texts that leave the canvas or lie over another. */
function collisionsIn(drawing: Drawing): readonly string[] {
  const extents = wordsOf(drawing)
    .filter(({ text }) => text !== "")
    .map(extentOf);
  return extents.flatMap((one, index) => {
    const isInside = one.left >= 0 && one.right <= canvas.width + 0.5 && one.top >= 0 && one.bottom <= canvas.height;
    const over = extents
      .slice(index + 1)
      .filter(
        (other) => one.right > other.left && other.right > one.left && one.bottom > other.top && other.bottom > one.top,
      );
    return [...(isInside ? [] : [`${one.text} is cut off`]), ...over.map(({ text }) => `${one.text} over ${text}`)];
  });
}

const every: readonly (readonly [string, Result<Drawing, string>])[] = (["dark", "light"] as const).flatMap((look) => [
  ...Object.entries(promptSamples).map(
    ([name, wish]) => [`prompt ${name} ${look}`, promptDrawing({ ...wish, look })] as const,
  ),
  ...Object.entries(equitySamples).map(
    ([name, wish]) => [`equity ${name} ${look}`, equityDrawing({ ...wish, look })] as const,
  ),
  ...Object.entries(positionSamples).map(
    ([name, wish]) => [`position ${name} ${look}`, positionDrawing({ ...wish, look })] as const,
  ),
]);

describe.each(every)("%s", (_, result) => {
  const drawing = drawn(result);

  it("writes every text on the canvas, and none over another", () => {
    expect(collisionsIn(drawing)).toEqual([]);
  });

  it("covers no label with another", () => {
    const labels = drawing.front.filter((shape) => shape.kind === "rect" && shape.height === 62);
    const tops = labels.map((shape) => (shape.kind === "rect" ? shape.y : 0)).sort((left, right) => left - right);
    for (const [index, top] of tops.slice(1).entries()) expect(top - (tops[index] ?? 0)).toBeGreaterThanOrEqual(62);
  });

  it("shows every value that it plots", () => {
    for (const { y, x, series } of drawing.plots) {
      expect(y.max).toBeGreaterThan(y.min);
      for (const one of series) {
        const values =
          one.kind === "candles"
            ? one.candles.flatMap((candle) => (candle === null ? [] : [...candle]))
            : one.points.map(([, value]) => value);
        expect(Math.min(...values)).toBeGreaterThanOrEqual(y.min);
        expect(Math.max(...values)).toBeLessThanOrEqual(y.max);
        if (one.kind === "line" && "min" in x) {
          expect(one.points.every(([at]) => at >= x.min && at <= x.max)).toBe(true);
        }
      }
    }
  });

  it("says in words what it shows, and survives being sent to a thread", () => {
    expect(drawing.description).toMatch(/^(paper|live) /);
    expect(drawing.description.length).toBeLessThanOrEqual(1_000);
    expect(structuredClone(drawing)).toEqual(drawing);
  });
});

describe("whatever the names and numbers are", () => {
  const name = fc.oneof(fc.string({ maxLength: 120 }), fc.string({ unit: "grapheme", maxLength: 60 }), fc.lorem());
  const amount = fc
    .record({ digits: fc.integer({ min: 1, max: 999_999 }), exponent: fc.integer({ min: -14, max: 9 }) })
    .map(({ digits, exponent }) => digits * 10 ** exponent);
  const share = fc.double({ min: 0.000_001, max: 0.9, noNaN: true });
  const at = (value: number): Price => price(value.toFixed(16));

  it("an order can be read", () => {
    fc.assert(
      fc.property(name, amount, share, share, fc.nat(70), (instrument, entry, down, up, count) => {
        const wish: PromptPicture = {
          ...promptSample,
          instrumentId: `venue:${instrument}`,
          candles: walkedCandles({ count, end: entry, step: entry * 0.01, places: 16 }),
          entryPrice: at(entry),
          limitPrice: at(entry * (1 + up / 50)),
          stopPrice: at(entry * (1 - down)),
          targetPrice: at(entry * (1 + up * 5)),
        };
        const result = promptDrawing(wish);
        // Prices that differ only beyond the places of a price are one price, and that is refused.
        if (result.ok) expect(collisionsIn(result.value)).toEqual([]);
        else expect(result.problem).toMatch(/lies not (below|above) its entry/);
      }),
    );
  });

  it("an account can be read", () => {
    const equity = fc
      .record({ value: amount, isBelow: fc.boolean() })
      .map(({ value, isBelow }) => (isBelow ? -value : value));
    fc.assert(
      fc.property(name, name, fc.array(equity, { minLength: 1, maxLength: 40 }), (period, currency, equities) => {
        const points = equities.map((value, index) => ({
          at: addMs(pictureNow, index * 3_600_000),
          equity: notional(value.toFixed(8)),
        }));
        expect(collisionsIn(drawn(equityDrawing({ ...equitySample, period, currency, points })))).toEqual([]);
      }),
    );
  });

  it("a position can be read", () => {
    fc.assert(
      fc.property(name, name, amount, amount, share, (instrument, currency, entry, pnl, down) => {
        const wish: PositionPicture = {
          ...positionSample,
          instrumentId: `venue:${instrument}`,
          currency,
          quantity: quantity(pnl.toFixed(8)),
          entryPrice: at(entry),
          priceNow: at(entry * (1 + down)),
          stopPrice: at(entry * (1 - down)),
          targetPrice: null,
          pnl: notional((-pnl).toFixed(8)),
          pnlShare: ratio((-down).toFixed(8)),
          path: [],
        };
        const result = positionDrawing(wish);
        if (result.ok) expect(collisionsIn(result.value)).toEqual([]);
        else expect(result.problem).toContain("not above 0");
      }),
    );
  });
});

describe("an order", () => {
  it("shows its prices exactly, with their distances and what is won for what is risked", () => {
    const texts = textsOf(drawn(promptDrawing(promptSample)));
    for (const words of ["▲ BUY", "SOL/USDT", "4h", "PAPER", "2.6 R", "wins 6.24 % or loses 2.38 %"])
      expect(texts).toContain(words);
    for (const words of ["TARGET", "103.50", "+6.24 %", "LIMIT", "97.66", "ENTRY", "97.42", "STOP", "95.10", "−2.38 %"])
      expect(texts).toContain(words);
  });

  it("has its stop and its target on the axis, however far the candles are", () => {
    const far = { ...promptSample, stopPrice: price("40"), targetPrice: price("400") };
    const [plot] = drawn(promptDrawing(far)).plots;
    expect(plot?.y.min).toBeLessThan(40);
    expect(plot?.y.max).toBeGreaterThan(400);
  });

  it.each(["buy", "sell"] as const)(
    "a %s has its hatched zone on the side of its stop, at the right heights",
    (side) => {
      const wish: PromptPicture =
        side === "buy"
          ? promptSample
          : { ...promptSample, side, stopPrice: price("103.5"), targetPrice: price("95.1") };
      const drawing = drawn(promptDrawing(wish));
      const [plot] = drawing.plots;
      if (plot === undefined) throw new Error("no plot");
      const at = (value: Price): number => heightOf(toNumber(value), plot.y, plot.box);
      const [gain, loss] = drawing.behind.filter((shape) => shape.kind === "rect");
      if (gain?.kind !== "rect" || loss?.kind !== "rect") throw new Error("no zones");
      const between = (one: Price, other: Price) => [Math.min(at(one), at(other)), Math.max(at(one), at(other))];
      const edges = (zone: typeof gain) => [zone.y, zone.y + zone.height].map((edge) => Math.round(edge * 10) / 10);
      expect(edges(gain)).toEqual(between(wish.entryPrice, wish.targetPrice ?? wish.entryPrice));
      expect(edges(loss)).toEqual(between(wish.entryPrice, wish.stopPrice ?? wish.entryPrice));
      const strokes = drawing.behind.filter((shape) => shape.kind === "line" && shape.width === 1.5);
      expect(strokes.length).toBeGreaterThan(10);
      for (const stroke of strokes)
        if (stroke.kind === "line") for (const [, y] of stroke.points) expect(y).toBeGreaterThanOrEqual(loss.y - 0.1);
    },
  );

  it("without a stop says so in large letters", () => {
    expect(textsOf(drawn(promptDrawing({ ...promptSample, stopPrice: null })))).toContain("NO STOP");
  });

  it("whose limit is its entry has no second line", () => {
    const texts = textsOf(drawn(promptDrawing({ ...promptSample, limitPrice: promptSample.entryPrice })));
    expect(texts).not.toContain("LIMIT");
  });

  it("on an outcome never shows more than 1", () => {
    const [plot] = drawn(promptDrawing(promptSamples["outcome"] ?? promptSample)).plots;
    expect(plot?.y.max).toBe(1);
  });

  const [first, second] = promptSample.candles;
  if (first === undefined || second === undefined) throw new Error("no candles");
  const bad = (text: string): Price => text as Price;
  it.each<readonly [string, Partial<PromptPicture>]>([
    ['The entry is no plain number: "NaN"', { entryPrice: bad("NaN") }],
    ['The entry is no plain number: "1e9"', { entryPrice: bad("1e9") }],
    ['The entry is no plain number: "undefined"', { entryPrice: undefined as unknown as Price }],
    ["The entry is not above 0: 0", { entryPrice: bad("0"), stopPrice: null, targetPrice: null }],
    ["The stop is below 0: -1", { stopPrice: bad("-1") }],
    ["The stop 97.42 of a buy lies not below its entry 97.42", { stopPrice: price("97.42") }],
    ["The target 90 of a buy lies not above its entry 97.42", { targetPrice: price("90") }],
    ["The stop 95.1 of a sell lies not above its entry 97.42", { side: "sell", targetPrice: null }],
    ["The target is above the highest price that can be, 100: 103.5", { priceMax: price("100") }],
    ["A candle lasts longer than 0 ms", { timeframeMs: 0 }],
    ["A candle lasts longer than NaN ms", { timeframeMs: Number.NaN }],
    ['The high of candle 2 is no plain number: "Infinity"', { candles: [first, { ...second, high: bad("Infinity") }] }],
    ["The high of candle 1 lies under its body: 1", { candles: [{ ...first, high: price("1"), low: price("0") }] }],
    ["The low of candle 1 lies over its body: 900", { candles: [{ ...first, high: price("999"), low: price("900") }] }],
    ["Candle 2 is not later than the one before it", { candles: [second, first] }],
    ['Candle 1 has no time: "NaN"', { candles: [{ ...first, openedAt: Number.NaN as Instant }] }],
  ])("is refused with one sentence: %s", (sentence, change) => {
    expect(problemOf(promptDrawing({ ...promptSample, ...change }))).toBe(sentence);
  });
});

describe("an account", () => {
  const points = (...values: readonly string[]): EquityPicture["points"] =>
    values.map((value, index) => ({ at: addMs(pictureNow, index * 1_000), equity: notional(value) }));

  it("shows its start, its end, its best and its worst fall", () => {
    const wish = { ...equitySample, points: points("1000", "1200", "900", "1100") };
    const texts = textsOf(drawn(equityDrawing(wish)));
    for (const words of [
      "▲ +10.00 %",
      "1,000.00 → 1,100.00 USDT",
      "Last 30 days",
      "HIGH",
      "1,200.00",
      "NOW",
      "1,100.00",
    ])
      expect(texts).toContain(words);
    for (const words of ["WORST", "−25.00 %", "now −8.33 %", "halts at −10 %"]) expect(texts).toContain(words);
  });

  it("counts a best that was reached before the period", () => {
    const wish = { ...equitySample, points: points("1000", "1100"), highWaterBefore: notional("2000") };
    const texts = textsOf(drawn(equityDrawing(wish)));
    for (const words of ["2,000.00", "−50.00 %", "now −45.00 %"]) expect(texts).toContain(words);
  });

  it("far from its limit does not spend room on it", () => {
    const wish = { ...equitySample, points: points("1000", "1001", "999"), drawdownMax: ratio("0.1") };
    expect(textsOf(drawn(equityDrawing(wish)))).not.toContain("halts at −10 %");
  });

  it.each([
    ["nothing", points("0", "10"), ""],
    ["less than nothing", points("-10", "10"), ""],
    ["everything and loses it", points("10", "0"), "▼ −100 %"],
  ])("that begins with %s is drawn without a share that means nothing", (_, given, change) => {
    expect(textsOf(drawn(equityDrawing({ ...equitySample, points: given })))).toContain(change);
  });

  it.each<readonly [string, Partial<EquityPicture>]>([
    ["There is no equity to draw: not one point", { points: [] }],
    ['Equity 2 is no plain number: "NaN"', { points: [...points("1"), { at: pictureNow, equity: "NaN" as Notional }] }],
    ['The high-water mark is no plain number: ""', { highWaterBefore: "" as Notional }],
    ["Equity 2 is earlier than the one before it", { points: [...points("1", "2")].reverse() }],
  ])("is refused with one sentence: %s", (sentence, change) => {
    expect(problemOf(equityDrawing({ ...equitySample, ...change }))).toBe(sentence);
  });
});

describe("a position", () => {
  it("shows what it has won, in money and in percent, and where it will be left", () => {
    const texts = textsOf(drawn(positionDrawing(positionSample)));
    for (const words of ["LONG", "SOL/USDT", "12.5 SOL", "LIVE", "▲ +55.50 USDT", "+4.56 %", "held 3 d 4 h"])
      expect(texts).toContain(words);
    for (const words of ["TARGET", "103.50", "NOW", "101.86", "ENTRY", "97.42", "STOP", "95.10"])
      expect(texts).toContain(words);
  });

  it("that is closed shows where and by what it was left, and no price of now", () => {
    const left = { ...positionSample, priceNow: price("95.06"), pnl: notional("-31.12"), closedBy: "stop" };
    const drawing = drawn(positionDrawing(left));
    const texts = textsOf(drawing);
    for (const words of ["CLOSED", "12.5 SOL, by stop", "EXIT", "95.06", "▼ −31.12 USDT"])
      expect(texts).toContain(words);
    expect(texts).not.toContain("NOW");
    expect(drawing.description).toContain("closed by stop at 95.06");
  });

  it("that lost has a sign, a shape and a colour of its own", () => {
    const won = wordsOf(drawn(positionDrawing(positionSample))).find(({ text }) => text.startsWith("▲ "));
    const lost = wordsOf(drawn(positionDrawing({ ...positionSample, pnl: notional("-3") }))).find(({ text }) =>
      text.startsWith("▼ −3.00"),
    );
    expect(won?.fill).not.toBe(lost?.fill);
    expect(lost).toBeDefined();
  });

  it("may have its stop on the side where it wins", () => {
    expect(problemOf(positionDrawing({ ...positionSample, stopPrice: price("100") }))).toBeNull();
  });

  it("of which nothing was heard is a straight line from its entry", () => {
    const [plot] = drawn(positionDrawing({ ...positionSample, path: [] })).plots;
    const way = plot?.series.at(-1);
    expect(way?.kind === "line" ? way.points : null).toEqual([
      [positionSample.openedAt, 97.42],
      [positionSample.at, 101.86],
    ]);
  });

  it.each<readonly [string, Partial<PositionPicture>]>([
    ['The price now is no plain number: "NaN"', { priceNow: "NaN" as Price }],
    ['The gain is no plain number: "—"', { pnl: "—" as Notional }],
    ['Price 1 since the entry is no plain number: "x"', { path: [{ at: pictureNow, price: "x" as Price }] }],
    ["Time of the position 2 is earlier than the one before it", { at: addMs(positionSample.openedAt, -1) }],
  ])("is refused with one sentence: %s", (sentence, change) => {
    expect(problemOf(positionDrawing({ ...positionSample, ...change }))).toBe(sentence);
  });
});
