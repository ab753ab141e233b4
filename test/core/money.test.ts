/** Money: exact against integers, rounding that never goes beyond, one spelling per value, and refusal of everything else. */
import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as money from "../../src/core/money.ts";

const { price, quantity, notional, ratio } = money;

/** A value as a count of 1e-18: the reference that every result is compared with. */
const places = 18;
const one = 10n ** BigInt(places);
function units(text: string): bigint {
  const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
  const size = BigInt(whole) * one + BigInt(fraction.padEnd(places, "0"));
  return text.startsWith("-") ? -size : size;
}
function textOf(count: bigint): string {
  const size = count < 0n ? -count : count;
  const fraction = (size % one).toString().padStart(places, "0").replace(/0+$/, "");
  const text = `${size / one}${fraction === "" ? "" : `.${fraction}`}`;
  return count < 0n ? `-${text}` : text;
}
/** Division that cuts towards zero, as money is cut. */
const cut = (top: bigint, bottom: bigint): bigint => top / bottom;

const digits = (count: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: count }).map((list) => list.join(""));
const plain = (whole: number, fraction: number) =>
  fc
    .tuple(digits(whole), fc.option(digits(fraction), { nil: null }))
    .map(([left, right]) => (right === null ? left : `${left}.${right}`));
const wide = plain(15, 18);
const signed = fc.tuple(fc.constantFrom("", "-"), wide).map(([sign, text]) => sign + text);
const increment = fc.constantFrom("0.00000001", "0.0001", "0.001", "0.01", "0.1", "0.25", "0.5", "1", "2.5", "10");

describe("exactness, against whole numbers of 1e-18", () => {
  test("a sum is exact", () => {
    fc.assert(
      fc.property(signed, signed, (left, right) => {
        expect(money.plus(notional(left), notional(right))).toBe(textOf(units(left) + units(right)));
        expect(money.minus(notional(left), notional(right))).toBe(textOf(units(left) - units(right)));
      }),
    );
  });

  test("a product is exact to 18 places and cut beyond, never rounded up", () => {
    fc.assert(
      fc.property(wide, wide, (at, size) => {
        expect(money.notionalOf(price(at), quantity(size))).toBe(textOf(cut(units(at) * units(size), one)));
      }),
    );
  });

  test("a share of a negative amount is cut towards zero", () => {
    fc.assert(
      fc.property(signed, plain(1, 18), (amount, share) => {
        expect(money.scale(notional(amount), ratio(share))).toBe(textOf(cut(units(amount) * units(share), one)));
      }),
    );
  });

  test("a quantity for money never costs more than the money", () => {
    fc.assert(
      fc.property(
        plain(12, 8),
        plain(6, 8).filter((text) => units(text) > 0n),
        (sum, at) => {
          const size = money.quantityFor(notional(sum), price(at));
          expect(size).toBe(textOf(cut(units(sum) * one, units(at))));
          expect(units(size) * units(at) <= units(sum) * one).toBe(true);
        },
      ),
    );
  });

  test("comparison agrees with whole numbers", () => {
    fc.assert(
      fc.property(signed, signed, (left, right) => {
        const gap = units(left) - units(right);
        expect(money.compare(notional(left), notional(right))).toBe(gap < 0n ? -1 : gap > 0n ? 1 : 0);
        expect(money.isAtMost(notional(left), notional(right))).toBe(gap <= 0n);
        expect(money.isMore(notional(left), notional(right))).toBe(gap > 0n);
      }),
    );
  });

  test.each([
    ["0.1 and 0.2 are 0.3", money.plus(notional("0.1"), notional("0.2")), "0.3"],
    ["a satoshi stays plain", notional("0.00000001"), "0.00000001"],
    ["a number beyond the doubles keeps its last digit", notional("9007199254740993"), "9007199254740993"],
    ["a quantity for negative money is 0", money.quantityFor(notional("-5"), price("2")), "0"],
    ["an average price", money.averagePrice(notional("10"), quantity("3")), "3.333333333333333333"],
    ["a ratio", money.ratioBetween(notional("1"), notional("3")), "0.333333333333333333"],
    ["a price moved down", money.movePrice(price("87.36"), ratio("-0.02")), "85.6128"],
    ["a negation of nothing", money.negate(notional("0")), "0"],
    ["a size without its sign", money.absolute(notional("-3")), "3"],
    ["a sum of none", money.sum<money.Notional>([], money.zeroNotional), "0"],
    ["the smallest", money.smallest(ratio("2"), ratio("-1"), ratio("1")), "-1"],
    ["the largest", money.largest(ratio("2"), ratio("10"), ratio("9")), "10"],
    ["25 bps", money.fromBps(25), "0.0025"],
    ["a share in bps", money.toBps(ratio("0.00123456")), "12.34"],
  ])("%s", (_says, value, text) => {
    expect(value).toBe(text);
  });
});

test("a number for pictures is the nearest double of the text", () => {
  fc.assert(fc.property(signed, (text) => money.toNumber(notional(text)) === Number(text) + 0));
  expect(money.toNumber(price("0.00000001"))).toBe(1e-8);
});

describe("rounding goes one way and never beyond", () => {
  test("down to a step or tick: a multiple, not above, less than one unit below", () => {
    fc.assert(
      fc.property(plain(9, 10), increment, (text, unit) => {
        const floored = money.floorToStep(quantity(text), quantity(unit));
        expect(units(floored) % units(unit)).toBe(0n);
        expect(units(floored) <= units(text) && units(text) - units(floored) < units(unit)).toBe(true);
        expect(money.floorToTick(price(text), price(unit))).toBe(floored);
      }),
    );
  });

  test("up to a tick: a multiple, not below, less than one unit above, and itself where it already fits", () => {
    fc.assert(
      fc.property(plain(9, 10), increment, (text, unit) => {
        const raised = money.ceilToTick(price(text), price(unit));
        expect(units(raised) % units(unit)).toBe(0n);
        expect(units(raised) >= units(text) && units(raised) - units(text) < units(unit)).toBe(true);
        expect(money.ceilToTick(raised, price(unit))).toBe(raised);
        expect(money.isMultipleOf(raised, price(unit))).toBe(true);
      }),
    );
  });

  test("a multiple is told from what is none", () => {
    fc.assert(
      fc.property(plain(6, 6), increment, (text, unit) => {
        expect(money.isMultipleOf(quantity(text), quantity(unit))).toBe(units(text) % units(unit) === 0n);
      }),
    );
  });
});

describe("one spelling per value", () => {
  test("equal values are equal strings, however they were written", () => {
    fc.assert(
      fc.property(
        plain(12, 10),
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 0, max: 5 }),
        (text, left, right) => {
          const longer = `${"0".repeat(left)}${text}${text.includes(".") ? "0".repeat(right) : right === 0 ? "" : `.${"0".repeat(right)}`}`;
          expect(notional(longer)).toBe(notional(text));
          expect(notional(text)).toBe(textOf(units(text)));
        },
      ),
    );
  });

  test("reading a value back changes nothing", () => {
    fc.assert(fc.property(signed, (text) => notional(notional(text)) === notional(text)));
  });

  test.each(["0", "-0", "0.000", "-0.0", "00"])("%s is 0", (text) => {
    expect(notional(text)).toBe("0");
  });
});

describe("refusals", () => {
  const tricks = [
    "",
    " ",
    "1e9",
    "1e400",
    "1E-7",
    "-",
    "NaN",
    "-Infinity",
    "Infinity",
    "0x10",
    "1,000",
    "1_000",
    "+1",
    ".5",
    "1.",
    " 1",
    "1 ",
    "--1",
    "١٢",
    "１",
    "1.2.3",
    "9".repeat(21),
    `0.${"1".repeat(19)}`,
    "9".repeat(400),
  ];
  test.each(tricks)("[M06] %j is no amount of any kind", (text) => {
    expect(money.isDecimalText(text)).toBe(false);
    for (const make of [price, quantity, notional, ratio])
      expect(() => make(text)).toThrow(/must be a plain decimal number/);
    expect(money.priceSchema.safeParse(text).success).toBe(false);
    expect(money.quantitySchema.safeParse(text).success).toBe(false);
  });

  test("a refusal quotes no more than 40 characters of what it was given", () => {
    expect(() => price("9".repeat(400))).toThrow(/"9{40}"$/);
  });

  test("prices and quantities are never negative, amounts and ratios may be", () => {
    expect(() => price("-1")).toThrow(/never negative/);
    expect(() => quantity("-0.1")).toThrow(/never negative/);
    expect([notional("-1"), ratio("-1")]).toEqual(["-1", "-1"]);
  });

  test.each([
    ["a ratio to 0", () => money.ratioBetween(notional("1"), notional("0"))],
    ["a size at price 0", () => money.quantityFor(notional("1"), price("0"))],
    ["an average of nothing", () => money.averagePrice(notional("1"), quantity("0"))],
    ["a step of 0", () => money.floorToStep(quantity("1"), quantity("0"))],
    ["a tick of 0", () => money.ceilToTick(price("1"), price("0"))],
    ["a strength of NaN", () => money.ratioOf(Number.NaN)],
    ["an infinite price", () => money.priceOf(Number.POSITIVE_INFINITY)],
    ["a negative price", () => money.priceOf(-1)],
  ])("%s does not exist", (_says, ask) => {
    expect(ask).toThrow();
  });
});

describe("text for people", () => {
  test.each([
    [money.showAmount(notional("64210.456"), 2), "64,210.45"],
    [money.showAmount(notional("-1234567.899"), 2), "-1,234,567.89"],
    [money.showAmount(notional("999"), 0), "999"],
    [money.showPercent(ratio("0.0123")), "1.23 %"],
    [money.showPercent(ratio("-0.00125"), 2), "-0.13 %"],
  ])("%s", (shown, text) => {
    expect(shown).toBe(text);
  });

  test.each([
    ["0.01", 2],
    ["1", 0],
    ["0.00001", 5],
  ])("%s has %i decimals", (unit, count) => {
    expect(money.decimalsOf(price(unit))).toBe(count);
  });
});

describe("comparing without a decimal library", () => {
  const texts = [
    "0",
    "0.1",
    "0.10",
    "0.09",
    "1",
    "1.0",
    "1.5",
    "1.05",
    "9",
    "10",
    "10.000000000000000001",
    "-1",
    "-0.5",
    "123456789012345678901234567890",
  ];
  test("every pair is compared as the library compares it", () => {
    for (const left of texts)
      for (const right of texts)
        expect([left, right, money.compare(left as money.Price, right as money.Price)]).toEqual([
          left,
          right,
          new Decimal(left).comparedTo(right),
        ]);
  });

  test("any two plain numbers are compared as the library compares them", () => {
    const plain = fc
      .tuple(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.nat({ max: 10 ** 9 }), fc.boolean())
      .map(([whole, part, hasPart]) => (hasPart ? `${whole}.${part}` : String(whole)));
    fc.assert(
      fc.property(plain, plain, (left, right) => {
        expect(money.compare(left as money.Price, right as money.Price)).toBe(new Decimal(left).comparedTo(right));
      }),
    );
  });
});
