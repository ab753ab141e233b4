/** Numbers reach us as the venue wrote them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseLossless, plainDecimal } from "../../src/venues/_ccxt/lossless.ts";
import { levelsOfBook, wireInstant, wirePrice } from "../../src/venues/_ccxt/wire.ts";

describe("the parser", () => {
  it.each([
    ['{"id":9007199254740993}', { id: "9007199254740993" }],
    ['{"a":[1.10,-2e-7,0]}', { a: ["1.10", "-2e-7", "0"] }],
    ['{"text":"12 \\"34\\" 5","n":6}', { text: '12 "34" 5', n: "6" }],
    ['{"b":true,"n":null,"e":[]}', { b: true, n: null, e: [] }],
    ['{"k1":{"2":3}}', { k1: { "2": "3" } }],
    [
      '{"orderId":18446744073709551615,"tradeId":-9007199254740993}',
      { orderId: "18446744073709551615", tradeId: "-9007199254740993" },
    ],
  ])("[D03] keeps every digit of %s", (text, value) => {
    expect(parseLossless(text)).toEqual(value);
  });

  it.each(["", "<html>502</html>", '{"code":"200000","da', "{1}"])("answers undefined for %j", (text) => {
    expect(parseLossless(text)).toBeUndefined();
  });

  it("gives back any JSON, with numbers as texts", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const asTexts = JSON.parse(JSON.stringify(value), (_key, each: unknown) =>
          typeof each === "number" ? JSON.stringify(each) : each,
        ) as unknown;
        expect(parseLossless(JSON.stringify(value))).toEqual(asTexts);
      }),
    );
  });
});

describe("a number text becomes a plain decimal", () => {
  it.each([
    ["94000.00000000000000000000", "94000"],
    ["1E-7", "0.0000001"],
    ["1.5e3", "1500"],
    ["-0.50", "-0.5"],
    ["00.10", "0.1"],
    ["-0", "0"],
    [".5", "0.5"],
    ["12345678901234567890.123456789", "12345678901234567890.123456789"],
  ])("%s is %s", (text, plain) => {
    expect(plainDecimal(text)).toBe(plain);
  });

  it.each(["", ".", "abc", "1,5", "NaN", "Infinity", "1e", "0x1f", "1e9999"])("%j is none", (text) => {
    expect(plainDecimal(text)).toBeNull();
  });
});

describe("the mapping of ccxt's words", () => {
  it("takes milliseconds, cuts nanoseconds, refuses seconds", () => {
    expect(wireInstant.parse("1729577515473")).toBe(1_729_577_515_473);
    expect(wireInstant.parse("1729577515473123456")).toBe(1_729_577_515_473);
    expect(wireInstant.safeParse("1729577515").success).toBe(false);
    expect(wireInstant.safeParse("").success).toBe(false);
  });

  it("refuses a price that is a float, negative or no number", () => {
    for (const bad of [87.36, "-1", "abc", "", null]) expect(wirePrice.safeParse(bad).success).toBe(false);
  });

  it("refuses a book that is not best first", () => {
    const asks = [["101", "1"]];
    expect(() =>
      levelsOfBook({
        bids: [
          ["99", "1"],
          ["100", "1"],
        ],
        asks,
      }),
    ).toThrow(/best first/);
    expect(
      levelsOfBook({
        bids: [
          ["100", "1"],
          ["99", "2.50"],
        ],
        asks,
      }).bids[1],
    ).toEqual({ price: "99", quantity: "2.5" });
  });
});
