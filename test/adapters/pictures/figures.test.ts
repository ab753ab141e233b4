/** Numbers, times and widths as they stand in a picture. */
import { describe, expect, it } from "vitest";
import {
  distanceFigure,
  gainFigure,
  lengthFigure,
  moneyFigure,
  multipleFigure,
  placesFor,
  priceFigure,
  shareFigure,
  timeFigure,
  timeframeFigure,
} from "../../../src/adapters/pictures/figures.ts";
import { drawable, fittingSize, fittingText, textWidth } from "../../../src/adapters/pictures/type_widths.ts";
import { notional, price, ratio } from "../../../src/core/money.ts";
import { day, hour, instant, minute } from "../../../src/core/time.ts";

describe("prices of one picture", () => {
  it.each([
    [
      ["97.42", "95.1", "103.5"],
      ["97.42", "95.10", "103.50"],
    ],
    [
      ["123456.78", "125000"],
      ["123,456.78", "125,000.00"],
    ],
    [
      ["0.00000123", "0.0000012"],
      ["0.00000123", "0.00000120"],
    ],
    [
      ["0.63", "0.99", "1"],
      ["0.63", "0.99", "1.00"],
    ],
    [
      ["97123.123456789012", "95000"],
      ["97,123.1234", "95,000.0000"],
    ],
    [
      ["0.000000001234567891234", "0.00000000125"],
      ["0.00000000123456789", "0.00000000125000000"],
    ],
    [["60000"], ["60,000"]],
  ])("have as many places as the finest of %j needs, and never many more than can be read", (given, shown) => {
    const prices = given.map((text) => price(text.slice(0, 20)));
    expect(prices.map((one) => priceFigure(one, placesFor(prices)))).toEqual(shown);
  });

  it("an average price adds two places and no more", () => {
    expect(placesFor([price("0.97"), price("0.99")], price("0.4123456789"))).toBe(4);
    expect(placesFor([price("0.97")], price("0.4"))).toBe(2);
  });
});

describe("signs", () => {
  it.each([
    ["100", "104.56", "+4.56 %"],
    ["100", "98.1", "−1.90 %"],
    ["100", "100", "0.00 %"],
    ["100", "100.001", "0.00 %"],
    ["0.1", "0.3", "+200 %"],
    ["0", "1", ""],
  ])("from %s to %s is %j", (from, to, shown) => {
    expect(distanceFigure(price(from), price(to))).toBe(shown);
  });

  it.each([
    ["0.04557", "+4.56 %"],
    ["-0.0156", "−1.56 %"],
    ["-0.00001", "0.00 %"],
    ["10.8", "+1080 %"],
    ["99.99", "+9999 %"],
    ["100", "> +9999 %"],
    ["-1234567", "< −9999 %"],
  ])("a share of %s is %j", (share, shown) => {
    expect(shareFigure(ratio(share))).toBe(shown);
  });

  it.each([
    ["55.5", "+55.50"],
    ["-19.0000001", "−19.00"],
    ["0", "0.00"],
    ["0.004", "+0.004000"],
    ["-0.0000001", "0.000000"],
    ["1234567.89", "+1,234,567"],
  ])("a gain of %s is %j, cut and never flattered", (amount, shown) => {
    expect(gainFigure(notional(amount))).toBe(shown);
  });

  it.each([
    ["10342.109", "10,342.10"],
    ["-3.5", "−3.50"],
    ["12345678.9", "12,345,678"],
    ["0.05", "0.050000"],
  ])("money of %s is %j", (amount, shown) => {
    expect(moneyFigure(notional(amount))).toBe(shown);
  });
});

it.each([
  ["97.42", "95.1", "103.5", "2.6"],
  ["100", "102", "90", "5.0"],
  ["100", "99", "100.99", "0.9"],
  ["100", "100", "110", null],
])("entry %s, stop %s and target %s make %j, cut", (entry, stop, target, multiple) => {
  expect(multipleFigure({ entry: price(entry), stop: price(stop), target: price(target) })).toBe(multiple);
});

it.each([
  [minute, "1m"],
  [15 * minute, "15m"],
  [4 * hour, "4h"],
  [day, "1d"],
  [7 * day, "1w"],
  [90_000, "90s"],
  [1_500, "1500ms"],
])("candles of %i ms are called %s", (ms, shown) => {
  expect(timeframeFigure(ms)).toBe(shown);
});

it.each([
  [0, "0 min"],
  [59 * minute, "59 min"],
  [hour, "1 h"],
  [hour + minute, "1 h 1 min"],
  [76 * hour, "3 d 4 h"],
  [2 * day, "2 d"],
  [-5, "0 min"],
])("%i ms last %s", (ms, shown) => {
  expect(lengthFigure(ms)).toBe(shown);
});

it.each([
  [hour, "21 Nov 08:05"],
  [12 * day, "21 Nov"],
  [365 * day, "Nov 2026"],
])("on an axis of %i ms a time is %s", (spanMs, shown) => {
  expect(timeFigure(instant(Date.UTC(2026, 10, 21, 8, 5)), spanMs)).toBe(shown);
});

describe("text", () => {
  it.each([
    ["SOL/USDT", "SOL/USDT"],
    ["two\nlines", "two lines"],
    ["\u202Egnp.exe\u202C", "gnp.exe"],
    ["币安人生/USDT", "□/USDT"],
    ["Zürich ≈ 3 → 4", "Zürich ≈ 3 → 4"],
    ["שלום", "□"],
    ["\uD83D broken", "□ broken"],
  ])("%j is drawn as %j: one line, nothing hidden, nothing that the font lacks", (given, shown) => {
    expect(drawable(given)).toBe(shown);
  });

  it("is as wide as the font says", () => {
    expect(textWidth("0000", { size: 100 })).toBeCloseTo(228.8);
    expect(textWidth("MM", { size: 10, isBold: true })).toBeCloseTo(17.92);
  });

  it("that is too long ends in an ellipsis and fits", () => {
    const cut = fittingText("Will the bridge open before the end of the year?", 200, { size: 20 });
    expect(cut).toMatch(/^Will the bridge.*…$/);
    expect(textWidth(cut, { size: 20 })).toBeLessThanOrEqual(200);
    expect(fittingText("short", 200, { size: 20 })).toBe("short");
    expect(fittingText("short", 3, { size: 20 })).toBe("");
  });

  it("shrinks to fit, yet never under the least size", () => {
    expect(fittingSize("97.42", 500, { size: 27, least: 14 })).toBe(27);
    expect(fittingSize("0.00000012345678", 150, { size: 27, isBold: true, least: 14 })).toBe(15);
    expect(fittingSize("0.000000123456789123", 100, { size: 27, isBold: true, least: 14 })).toBe(14);
  });
});
