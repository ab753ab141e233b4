/** What the house owns and owes at given marks, and what an order book would really give. */
import { describe, expect, test } from "vitest";
import type { Fact } from "../../src/core/events.ts";
import { notional, price, quantity } from "../../src/core/money.ts";
import {
  drawdownOf,
  exposuresOf,
  heldPositions,
  markOf,
  openPositions,
  slotHolder,
  totalExposure,
  unrealizedPnl,
} from "../../src/core/portfolio.ts";
import { adverseDrift, type BookSides, depthWithin, executablePrice, spreadOf } from "../../src/core/quote.ts";
import { closed, fillOf, intended, requested, sending, settledAs, working } from "../fixtures/facts.ts";
import { makeEntry } from "../fixtures/intent.ts";
import { makePosition } from "../fixtures/position.ts";
import { startStory } from "../fixtures/story.ts";

const sol = "kucoin:SOL/USDT";
const at90 = { [sol]: price("90") };
const lost = { type: "order_answer_lost", clientOrderId: "e1", because: "timeout" } as const;
const books = (...facts: readonly Fact[]) => startStory().tell(...facts);

test.each([
  ["9000", "10000", "0.1"],
  ["10000", "10000", "0"],
  ["10001", "10000", "0"],
  ["0", "10000", "1"],
  ["-500", "10000", "1.05"],
  ["5", "0", "0"],
  ["-5", "0", "0"],
])("equity %s under a high of %s is a drawdown of %s", (equity, high, expected) => {
  expect(drawdownOf(notional(equity), notional(high))).toBe(expected);
});

describe("profit that is not locked in", () => {
  test.each([
    ["at a mark", makePosition(), at90, "11.25"],
    ["at a loss", makePosition(), { [sol]: price("87") }, "-2.25"],
    ["without a mark there is none", makePosition(), {}, "0"],
    ["of nothing there is none", makePosition({ quantity: quantity("0") }), at90, "0"],
    ["before the first fill there is none", makePosition({ entryPrice: null }), at90, "0"],
  ])("%s", (_, position, marks, expected) => expect(unrealizedPnl(position, marks)).toBe(expected));

  test("the mark of a position is the newest price, else what it cost, else what it was meant to cost", () => {
    expect([
      markOf(makePosition(), at90),
      markOf(makePosition(), {}),
      markOf(makePosition({ entryPrice: null }), {}),
    ]).toEqual(["90", "87.5", "87.57"]);
  });
});

describe("exposure", () => {
  const told = (...facts: readonly Fact[]) =>
    exposuresOf(books(...facts), at90).map(
      (one) => `${one.notional}${one.isUnknown ? " unknown" : ""}${one.isPosition ? " held" : ""}`,
    );
  test.each([
    ["an entry that is decided counts at its worst price", [intended("e1", makeEntry())], ["394.065"]],
    ["one that is on its way is unknown", [intended("e1", makeEntry()), sending("e1")], ["394.065 unknown"]],
    ["an unknown one counts in full", [intended("e1", makeEntry()), sending("e1"), lost], ["394.065 unknown"]],
    [
      "a part held and the rest working",
      [...working("e1", makeEntry()), fillOf("e1", { price: "87.5", quantity: "1.5" })],
      ["135 held", "262.71"],
    ],
    [
      "more filled than ordered leaves nothing working",
      [...working("e1", makeEntry()), fillOf("e1", { price: "87.5", quantity: "5" })],
      ["450 held"],
    ],
    ["a promise counts until it is an order", [requested(), settledAs("approved")], ["394.065"]],
    ["a question does not", [requested()], []],
    [
      "a promise that became an order counts once",
      [requested(), settledAs("approved"), settledAs("executing"), intended("e1", makeEntry())],
      ["394.065"],
    ],
    [
      "what ended does not",
      [
        intended("e1", makeEntry()),
        { type: "order_dropped", clientOrderId: "e1", because: "x" },
        closed("trade-1", { reason: "no_fill" }),
      ],
      [],
    ],
  ] as const)("%s", (_, facts, expected) => expect(told(...facts)).toEqual(expected));

  test("adds up", () => {
    const all = exposuresOf(
      books(...working("e1", makeEntry()), fillOf("e1", { price: "87.5", quantity: "1.5" })),
      at90,
    );
    expect(totalExposure(all)).toBe("397.71");
  });
});

describe("the slot of an instrument", () => {
  test.each([
    ["free", [], null],
    ["taken by a decision", [intended("e1", makeEntry())], { kind: "position", id: "trade-1" }],
    ["frozen by an unknown entry", [intended("e1", makeEntry()), sending("e1"), lost], { kind: "unknown", id: "e1" }],
    [
      "taken by what is held",
      [...working("e1", makeEntry()), fillOf("e1", { price: "87.5", quantity: "4.5" })],
      { kind: "position", id: "trade-1" },
    ],
    ["free after the end", [...working("e1", makeEntry()), closed("trade-1")], null],
    [
      "taken by a residual",
      [...working("e1", makeEntry()), closed("trade-1"), fillOf("e1", { price: "87.5", quantity: "1" })],
      { kind: "position", id: "trade-1" },
    ],
  ] as const)("%s", (_, facts, expected) => {
    expect(slotHolder(books(...facts), sol)).toEqual(expected);
    expect(slotHolder(books(...facts), "kucoin:BTC/USDT")).toBeNull();
  });

  test("open is more than held", () => {
    const decided = books(intended("e1", makeEntry()));
    expect([openPositions(decided).length, heldPositions(decided).length]).toEqual([1, 0]);
  });
});

describe("an order book", () => {
  const level = (at: string, size: string) => ({ price: price(at), quantity: quantity(size) });
  const book: BookSides = { bids: [level("99", "1"), level("98", "2")], asks: [level("101", "1"), level("103", "3")] };
  test.each([
    ["buy", "1", "101"],
    ["buy", "2", "102"],
    ["buy", "4", "102.5"],
    ["buy", "4.1", null],
    ["sell", "1", "99"],
    ["sell", "3", "98.333333333333333333"],
    ["sell", "3.1", null],
    ["buy", "0", null],
  ] as const)("to %s %s it gives %s", (side, size, expected) => {
    expect(executablePrice(book, side, quantity(size))).toBe(expected);
  });

  test("an empty book gives nothing", () => {
    expect([
      executablePrice({ bids: [], asks: [] }, "buy", quantity("1")),
      spreadOf({ bids: [], asks: [] }),
      spreadOf({ ...book, bids: [] }),
    ]).toEqual([null, null, null]);
  });

  test.each([
    ["an ordinary one", book, "0.02020202020202020"],
    ["a crossed one has none", { ...book, bids: [level("102", "1")] }, null],
    ["a touching one has 0", { ...book, bids: [level("101", "1")] }, "0"],
    ["a bid of 0 has none", { ...book, bids: [level("0", "1")] }, null],
  ])("spread: %s", (_, sides, expected) => {
    const spread = spreadOf(sides);
    if (expected === null) expect(spread).toBeNull();
    else expect(spread).toContain(expected);
  });

  test("depth counts up to and with the worst price", () => {
    const depth = (side: "buy" | "sell", worst: string) => depthWithin(book, side, price(worst));
    expect([
      depth("buy", "100.99"),
      depth("buy", "101"),
      depth("buy", "103"),
      depth("sell", "99.01"),
      depth("sell", "99"),
      depth("sell", "98"),
    ]).toEqual(["0", "1", "4", "0", "1", "3"]);
  });

  test.each([
    ["buy", "100", "101", "0.01"],
    ["buy", "100", "99", "-0.01"],
    ["sell", "100", "101", "-0.01"],
    ["sell", "100", "99", "0.01"],
  ] as const)("to %s at %s quoted and %s now drifts by %s, positive is worse", (side, quoted, now, expected) => {
    expect(adverseDrift(side, price(quoted), price(now))).toBe(expected);
  });
});
