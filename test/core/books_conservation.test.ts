/**
 * Money is neither made nor lost by the fold: an oracle of its own, in whole numbers of 10^-18, adds up the fills of random
 * stories and must come to the same digits as the books.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Books } from "../../src/core/books.ts";
import type { Recorded } from "../../src/core/events.ts";
import { type Notional, notional, price, quantity, ratio, scale, zeroQuantity } from "../../src/core/money.ts";
import { equityOf } from "../../src/core/portfolio.ts";
import { arbitraryStory, tellAll } from "../fixtures/arbitrary_story.ts";
import { accountOpened, fillOf, working } from "../fixtures/facts.ts";
import { makeEntry, makeExit } from "../fixtures/intent.ts";
import { startStory } from "../fixtures/story.ts";

const one = 10n ** 18n;
/** Decimal text as a whole number of 10^-18. */
function units(text: string): bigint {
  const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
  const size = BigInt(whole) * one + BigInt(fraction.padEnd(18, "0"));
  return text.startsWith("-") ? -size : size;
}
const times = (left: string, right: string): bigint => (units(left) * units(right)) / one;

type Sums = { base: bigint; quote: bigint; kcs: bigint; fees: bigint };
type Sides = { readonly of: (clientOrderId: string) => { readonly tradeId: string; readonly sign: bigint } | null };

/** What the fills moved, each counted once. */
function sumsOf(facts: readonly Recorded[], sides: Sides, tradeId: string | null): Sums {
  const sums: Sums = { base: 0n, quote: 0n, kcs: 0n, fees: 0n };
  const seen = new Set<string>();
  for (const { fact } of facts) {
    if (fact.type !== "fill_received" || seen.has(`${fact.clientOrderId} ${fact.venueFillId}`)) continue;
    seen.add(`${fact.clientOrderId} ${fact.venueFillId}`);
    const order = sides.of(fact.clientOrderId);
    if (order === null || (tradeId !== null && order.tradeId !== tradeId)) continue;
    sums.base += order.sign * units(fact.quantity);
    sums.quote -= order.sign * times(fact.price, fact.quantity);
    if (fact.feeAsset === "SOL") sums.base -= units(fact.fee);
    if (fact.feeAsset === "USDT") sums.quote -= units(fact.fee);
    if (fact.feeAsset === "KCS") sums.kcs -= units(fact.fee);
    sums.fees += units(fact.feeInQuote);
  }
  return sums;
}

const sidesIn = (books: Books): Sides => ({
  of: (id) => {
    const order = books.orders[id];
    return order === undefined ? null : { tradeId: order.tradeId, sign: order.intent.side === "buy" ? 1n : -1n };
  },
});

test("the account: every asset, the fees and the equity at a mark are what the fills moved", () => {
  fc.assert(
    fc.property(arbitraryStory(80), fc.integer({ min: 1, max: 200 }), (steps, mark) => {
      const story = tellAll(steps);
      const account = story.books().house.account;
      const sums = sumsOf(story.facts(), sidesIn(story.books()), null);
      const delta = (asset: string): bigint => units(account?.deltas[asset] ?? "0");
      expect([delta("SOL"), delta("USDT"), delta("KCS"), units(account?.fees ?? "0")]).toEqual([
        sums.base,
        sums.quote,
        sums.kcs,
        sums.fees,
      ]);
      const marks = { "kucoin:SOL/USDT": price(String(mark)), "kucoin:KCS/USDT": price("10") };
      expect(units(equityOf(story.books(), marks))).toBe(
        units("10000") + sums.quote + sums.base * BigInt(mark) + sums.kcs * 10n,
      );
    }),
    { numRuns: 400 },
  );
});

test("each position holds what its fills left, and each order what it filled", () => {
  fc.assert(
    fc.property(arbitraryStory(80), (steps) => {
      const story = tellAll(steps);
      for (const position of Object.values(story.books().positions)) {
        const sums = sumsOf(story.facts(), sidesIn(story.books()), position.positionId);
        expect([units(position.quantity), units(position.fees)]).toEqual([sums.base, sums.fees]);
        expect(units(position.boughtQuantity) - units(position.soldQuantity)).toBe(sums.base);
      }
    }),
    { numRuns: 400 },
  );
});

const part = fc.record({
  tenths: fc.integer({ min: 1, max: 90 }),
  cents: fc.integer({ min: 7_000, max: 9_999 }),
  feeAsset: fc.constantFrom("USDT", "SOL", "KCS"),
});

test("a position that is sold to the last digit earned exactly what its fills moved, whatever its fees were paid in", () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), fc.array(part, { maxLength: 3 }), (buys, sells) => {
      const story = startStory();
      story.tell(accountOpened("10000"), ...working("e1", makeEntry()));
      const fill = (id: string, { tenths, cents, feeAsset }: (typeof buys)[number], size?: string) => {
        const amount = quantity(size ?? `${Math.trunc(tenths / 10)}.${tenths % 10}`);
        const fee = feeAsset === "SOL" ? scale(amount, ratio("0.001")) : "0.03";
        const inQuote = feeAsset === "KCS" ? { feeInQuote: "0.31" } : {};
        const at = `${Math.trunc(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
        const number = story.facts().length;
        story.tell(fillOf(id, { price: at, quantity: amount, fee, feeAsset, ...inQuote, id: `f${number}` }));
      };
      for (const buy of buys) fill("e1", buy);
      story.tell(...working("x1", makeExit()));
      for (const sell of sells) {
        const left = story.books().positions["trade-1"]?.quantity ?? zeroQuantity;
        fill("x1", { ...sell, feeAsset: sell.feeAsset === "SOL" ? "USDT" : sell.feeAsset }, scale(left, ratio("0.3")));
      }
      fill("x1", { tenths: 1, cents: 8_000, feeAsset: "USDT" }, story.books().positions["trade-1"]?.quantity);
      const position = story.books().positions["trade-1"];
      const sums = sumsOf(story.facts(), sidesIn(story.books()), "trade-1");
      expect(sums.base).toBe(0n);
      const inKcs = [...buys, ...sells].filter((one) => one.feeAsset === "KCS").length;
      expect(units(position?.realizedPnl ?? "0")).toBe(sums.quote - BigInt(inKcs) * units("0.31"));
    }),
    { numRuns: 500 },
  );
});

test("what days and strategies add up is what the positions earned, however often one was reopened by a late fill", () => {
  let reopened = 0;
  fc.assert(
    fc.property(arbitraryStory(80), (steps) => {
      let days = 0n;
      let trades = 0;
      const story = tellAll(steps, (before, after) => {
        const isSameDay = before.days.today.date === after.days.today.date;
        days += units(after.days.today.pnl) - (isSameDay ? units(before.days.today.pnl) : 0n);
        trades += after.days.today.trades - (isSameDay ? before.days.today.trades : 0);
      });
      const counted = Object.values(story.books().positions).flatMap((position) =>
        position.counted === undefined ? [] : [position],
      );
      reopened += counted.filter((position) => position.state === "residual").length;
      const earned = counted.reduce((total, { counted: sum }) => total + units(sum?.pnl ?? "0"), 0n);
      const strategy = story.books().strategies["ema_trend"];
      expect([days, trades, units(strategy?.pnl ?? "0"), strategy?.trades ?? 0]).toEqual([
        earned,
        counted.length,
        earned,
        counted.length,
      ]);
      expect(units(strategy?.fees ?? "0")).toBe(
        counted.reduce((total, { counted: sum }) => total + units(sum?.fees ?? "0"), 0n),
      );
    }),
    { numRuns: 600 },
  );
  expect(reopened).toBeGreaterThan(0);
});

test("without a mark a held asset counts at its entry price, and a short of an asset counts against us", () => {
  const empty: Notional = notional("0");
  const story = tellAll([]);
  const books = {
    ...story.books(),
    house: {
      ...story.books().house,
      account: { ...story.books().house.account, deltas: { SOL: notional("-2"), USDT: empty } },
    },
  } as Books;
  expect(equityOf(books, {})).toBe("10000");
  expect(equityOf(books, { "kucoin:SOL/USDT": price("80") })).toBe("9840");
});
