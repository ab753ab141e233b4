/** Where things lie on the canvas: axes, labels that would cover each other, slots of candles, strokes, curves. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { candlesInSight, slotsOf } from "../../../src/adapters/pictures/candle_slots.ts";
import { fallOf, thinned, twoSides } from "../../../src/adapters/pictures/curve.ts";
import type { Point } from "../../../src/adapters/pictures/drawing.ts";
import { hatching } from "../../../src/adapters/pictures/hatching.ts";
import { placeLabels } from "../../../src/adapters/pictures/label_places.ts";
import { heightOf, placeOf, spanOf } from "../../../src/adapters/pictures/scale.ts";
import { toNumber } from "../../../src/core/money.ts";
import { hour } from "../../../src/core/time.ts";
import { walkedCandles } from "../../fixtures/picture_samples.ts";

describe("labels", () => {
  const room = { min: 0, max: 100 };
  it.each([
    ["far apart stay where they are", [20, 50, 80], [20, 50, 80]],
    ["of one value stand around it", [50, 50], [44, 56]],
    ["that touch are pushed apart evenly", [40, 44, 90], [36, 48, 90]],
    ["keep the order of their values, not of the list", [60, 20], [60, 20]],
    ["of one value keep the order of the list", [50, 50, 50], [38, 50, 62]],
    ["at the edge stay inside", [1, 2], [5, 17]],
    ["at the other edge too", [99, 100, 30], [83, 95, 30]],
    ["push a whole group away from the edge", [97, 98, 99], [71, 83, 95]],
  ])("%s", (_, wanted, placed) => {
    const labels = wanted.map((middle) => ({ middle, height: 10 }));
    expect(placeLabels(labels, room, 2)).toEqual(placed);
  });

  it("never overlap, never leave the room and never change places", () => {
    const label = fc.record({
      middle: fc.double({ min: -50, max: 150, noNaN: true }),
      height: fc.constantFrom(8, 12, 15),
    });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 6 }), (labels) => {
        const placed = placeLabels(labels, room, 2);
        const boxes = labels.map(({ height, middle }, index) => {
          const at = placed[index] ?? 0;
          return { top: at - height / 2, bottom: at + height / 2, wanted: middle };
        });
        boxes.sort((left, right) => left.top - right.top);
        for (const [index, box] of boxes.entries()) {
          expect(box.top).toBeGreaterThanOrEqual(-1e-9);
          expect(box.bottom).toBeLessThanOrEqual(100 + 1e-9);
          const below = boxes[index + 1];
          if (below === undefined) continue;
          expect(below.top - box.bottom).toBeGreaterThanOrEqual(2 - 1e-9);
          expect(below.wanted).toBeGreaterThanOrEqual(box.wanted);
        }
      }),
    );
  });

  it("share a room that is too small", () => {
    const labels = [10, 20, 30].map((middle) => ({ middle, height: 40 }));
    expect(placeLabels(labels, room, 7)).toEqual([20, 50, 80]);
  });
});

describe("an axis", () => {
  it.each([
    ["shows every value with air around", [95, 105], {}, { min: 94.3, max: 105.7 }],
    ["never goes below 0", [0.0000001, 10], { floor: 0 }, { min: 0, max: 10.7 }],
    ["of outcomes ends at 1", [0.5, 0.99], { floor: 0, ceiling: 1 }, { min: 0.4657, max: 1 }],
    ["around one value has it in the middle", [50, 50], {}, { min: 49.5, max: 50.5 }],
    ["around 0 alone is one unit each way", [0], {}, { min: -1, max: 1 }],
    ["shows also what breaks a limit", [0.5, 1.2], { ceiling: 1 }, { min: 0.451, max: 1.2 }],
  ])("%s", (_, values, limits, span) => {
    const { min, max } = spanOf(values, limits);
    expect(min).toBeCloseTo(span.min, 6);
    expect(max).toBeCloseTo(span.max, 6);
  });

  it("has high values at the top and late times at the right", () => {
    const box = { left: 100, top: 10, width: 200, height: 50 };
    expect([10, 15, 20].map((value) => heightOf(value, { min: 10, max: 20 }, box))).toEqual([60, 35, 10]);
    expect([0, 3, 6].map((at) => placeOf(at, { min: 0, max: 6 }, box))).toEqual([100, 200, 300]);
  });
});

describe("candles", () => {
  const walk = { count: 60, end: 100, step: 1, places: 2 };
  const filled = (slots: ReturnType<typeof slotsOf>): string =>
    slots.map((slot) => (slot === null ? "." : "x")).join("");

  it("that are few stand at the right", () => {
    expect(filled(slotsOf(walkedCandles({ ...walk, count: 3 }), 4 * hour))).toBe(`${".".repeat(21)}xxx`);
    expect(filled(slotsOf([], 4 * hour))).toBe(".".repeat(24));
  });

  it("that are missing leave their slots empty, at most three", () => {
    const one = walkedCandles({ ...walk, count: 30 }, { without: [5] });
    expect(filled(slotsOf(one, 4 * hour))).toBe(`${"x".repeat(5)}.${"x".repeat(24)}`);
    const nine = walkedCandles({ ...walk, count: 40 }, { without: [5, 6, 7, 8, 9, 10, 11, 12, 13] });
    expect(filled(slotsOf(nine, 4 * hour))).toBe(`${"x".repeat(5)}...${"x".repeat(26)}`);
  });

  it("are the newest 48, fewer where the order would be a thin stripe, and never fewer than 24", () => {
    const candles = walkedCandles(walk);
    expect(candlesInSight(candles, [90, 110])).toEqual(candles.slice(-48));
    expect(candlesInSight(candles, [100, 100.01])).toEqual(candles.slice(-24));
    expect(candlesInSight(candles.slice(-5), [100, 100.01])).toHaveLength(5);
  });

  it("hand over open, close, low and high in this order", () => {
    const [candle] = walkedCandles({ ...walk, count: 1 });
    if (candle === undefined) throw new Error("no candle");
    const { open, high, low, close } = candle;
    expect(slotsOf([candle], hour).at(-1)).toEqual([open, close, low, high].map(toNumber));
  });
});

it("strokes of a hatching stay inside their box, however flat it is", () => {
  for (const box of [
    { left: 10, top: 20, width: 100, height: 60 },
    { left: 0, top: 0, width: 144, height: 1.5 },
    { left: 5, top: 5, width: 3, height: 200 },
  ]) {
    const strokes = hatching(box, 13, "#000000");
    expect(strokes.length).toBeGreaterThan(9);
    for (const stroke of strokes) {
      if (stroke.kind !== "line") throw new Error("no line");
      for (const [x, y] of stroke.points) {
        expect(x).toBeGreaterThanOrEqual(box.left);
        expect(x).toBeLessThanOrEqual(box.left + box.width);
        expect(y).toBeGreaterThanOrEqual(box.top);
        expect(y).toBeLessThanOrEqual(box.top + box.height);
      }
    }
  }
  expect(hatching({ left: 0, top: 0, width: 144, height: 0 }, 13, "#000000").length).toBeGreaterThan(0);
});

describe("a curve", () => {
  const points: readonly Point[] = Array.from(
    { length: 9_000 },
    (_, at) => [at, Math.sin(at / 700) * 50 + 100] as const,
  );

  it("of many points keeps its ends, its peak and its deepest fall", () => {
    const spiked = points.map(([x, value]): Point => [x, x === 4_321 ? 500 : x === 6_543 ? -9 : value]);
    const few = thinned(spiked);
    expect(few.length).toBeLessThanOrEqual(330);
    expect(few.length).toBeGreaterThan(200);
    expect([few[0], few.at(-1)]).toEqual([spiked[0], spiked.at(-1)]);
    expect(few).toContainEqual([4_321, 500]);
    expect(few).toContainEqual([6_543, -9]);
  });

  it("of few points is left as it is", () => {
    expect(thinned(points.slice(0, 320))).toEqual(points.slice(0, 320));
  });

  it("knows its best so far, also from before, and how far it is below", () => {
    const line: readonly Point[] = [100, 120, 90, 150].map((value, at) => [at, value] as const);
    expect(fallOf(line, 110).best.map(([, value]) => value)).toEqual([110, 120, 120, 150]);
    expect(fallOf(line, 125).below.map(([, value]) => value)).toEqual([-0.2, -0.04, -0.28, 0]);
    expect(fallOf([[0, 0]], Number.NEGATIVE_INFINITY).below).toEqual([[0, 0]]);
  });

  it("is cut exactly where it crosses its level", () => {
    const [above, below] = twoSides(
      [
        [0, 10],
        [10, -10],
        [20, -10],
      ],
      0,
      { above: "#00ff00", below: "#ff0000" },
    );
    if (above?.kind !== "line" || below?.kind !== "line") throw new Error("no lines");
    expect(above.points).toEqual([
      [0, 10],
      [5, 0],
      [10, 0],
      [20, 0],
    ]);
    expect(below.points).toEqual([
      [0, 0],
      [5, 0],
      [10, -10],
      [20, -10],
    ]);
    expect(above.area?.to).toBe(0);
  });
});
