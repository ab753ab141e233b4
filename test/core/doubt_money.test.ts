/** Coins and cash that moved beside an order that no list shows: what speaks for it, and what has another explanation. */
import { describe, expect, test } from "vitest";
import { heldUnseen, isSomebodyElses, movedMoney, strangeFills } from "../../src/core/doubt_money.ts";
import { notional, price, quantity, ratio } from "../../src/core/money.ts";
import type { SeenFill, SeenOrder } from "../../src/core/snapshot.ts";
import { addMs } from "../../src/core/time.ts";
import { intended, sending } from "../fixtures/facts.ts";
import { makeExit, makeProtection } from "../fixtures/intent.ts";
import { bought, seenFill, unknownEntry } from "../fixtures/reconcile_world.ts";
import type { Story } from "../fixtures/story.ts";

const second = 1_000;
/** 4.5 SOL are held, and nobody knows what became of the exit. Its cash would be about 391 USDT. */
function unknownExit(before: (story: Story) => void = () => undefined) {
  const story = bought();
  before(story);
  story.wait(10 * second);
  const stampedAt = story.now().at;
  story.tell(intended("x1", makeExit()), sending("x1"));
  story.tell({ type: "order_answer_lost", clientOrderId: "x1", because: "no answer within 5 s" });
  const order = story.books().orders["x1"];
  if (order === undefined) throw new Error("there is no exit");
  return { books: story.books(), order, stampedAt };
}
const sale = (stampedAt: number, change: Partial<SeenFill> = {}): SeenFill =>
  seenFill("s1", "4.5", {
    venueOrderId: "somebody",
    side: "sell",
    price: price("87"),
    filledAt: addMs(stampedAt as SeenFill["filledAt"], 500),
    ...change,
  });
const early = (stampedAt: number) => ({ filledAt: addMs(stampedAt as SeenFill["filledAt"], -5 * second) });

describe("coins that are held beside a sale of unknown fate", () => {
  const resting = (amount: string) => ({ side: "sell", quantity: quantity(amount), filledQuantity: quantity("0") });
  test.each([
    ["nothing is held", "0", [], null],
    [
      "held by nothing that is shown: it may rest unseen [V12]",
      "4.5",
      [],
      "4.5 SOL are held by an order that no list shows",
    ],
    ["held by what is shown", "4.5", [resting("4.5")], null],
    ["more is held than is shown, by less than it would hold", "5", [resting("4")], null],
    ["held beside what is shown [V12]", "9", [resting("4.5")], "4.5 SOL are held by an order that no list shows"],
  ])("%s", (_, held, open, expected) => {
    const { order } = unknownExit();
    const balances = [{ asset: "SOL", free: quantity("0"), held: quantity(held) }];
    expect(heldUnseen(order, { open: open as never, balances: balances as never })).toBe(expected);
  });
});

describe("a sale that no order explains, beside an exit of unknown fate", () => {
  test.for<{ name: string; change: (stampedAt: number) => Partial<SeenFill>; isStrange: boolean }>([
    { name: "after it was sent: it may be its own [V11]", change: () => ({}), isStrange: true },
    { name: "before it was sent", change: early, isStrange: false },
    {
      name: "half a second before it by another clock",
      change: (at) => ({ filledAt: addMs(at as SeenFill["filledAt"], -500) }),
      isStrange: true,
    },
    { name: "a purchase", change: () => ({ side: "buy" }), isStrange: false },
    { name: "a liquidation [V54]", change: () => ({ isLiquidation: true }), isStrange: false },
    { name: "more than it asked for", change: () => ({ quantity: quantity("4.6") }), isStrange: false },
    { name: "one that did not settle", change: () => ({ settlement: "failed" }), isStrange: false },
  ])("$name", ({ change, isStrange }) => {
    const { books, order, stampedAt } = unknownExit();
    const fills = [sale(stampedAt, change(stampedAt))];
    expect(strangeFills(books, order, { fills, stampedAt })).toHaveLength(isStrange ? 1 : 0);
  });
});

describe("whose order a strange fill belongs to, as the venue shows it", () => {
  const exit = unknownExit();
  const stop = (() => {
    const story = bought();
    story.tell(intended("p1", makeProtection()), sending("p1"));
    const order = story.books().orders["p1"];
    if (order === undefined) throw new Error("there is no stop");
    return order;
  })();
  const stopLimit = "limitPrice" in stop.intent.shape ? stop.intent.shape.limitPrice : price("0");
  test.for<{ name: string; of: "exit" | "stop"; change: Partial<SeenOrder>; isTheirs: boolean }>([
    { name: "our name: ours", of: "exit", change: { clientOrderId: "x1" }, isTheirs: false },
    { name: "no name, and ours has one", of: "exit", change: {}, isTheirs: true },
    { name: "another name", of: "exit", change: { clientOrderId: "web-1" }, isTheirs: true },
    {
      name: "what our stop became: its size and price",
      of: "stop",
      change: { limitPrice: stopLimit },
      isTheirs: false,
    },
    { name: "nobody said its price: it may be ours", of: "stop", change: { limitPrice: null }, isTheirs: false },
    { name: "another size than our stop", of: "stop", change: { quantity: quantity("4.4") }, isTheirs: true },
    { name: "another price than our stop", of: "stop", change: { limitPrice: price("43.5") }, isTheirs: true },
    { name: "a purchase beside our stop", of: "stop", change: { side: "buy" }, isTheirs: true },
  ])("$name [V11]", ({ of, change, isTheirs }) => {
    const order = of === "exit" ? exit.order : stop;
    const theirs: SeenOrder = {
      clientOrderId: null,
      venueOrderId: "somebody",
      instrumentId: order.intent.instrumentId,
      kind: "limit",
      side: "sell",
      quantity: order.intent.quantity,
      filledQuantity: order.intent.quantity,
      state: "filled",
      hasTriggered: false,
      childOrderIds: [],
      createdAt: null,
      ...change,
    };
    expect(isSomebodyElses(order, theirs)).toBe(isTheirs);
  });

  test("a fill of somebody else's order is not strange any more [V11]", () => {
    const { books, order, stampedAt } = exit;
    const others = new Set(["somebody"]);
    expect(strangeFills(books, order, { fills: [sale(stampedAt)], stampedAt, others })).toEqual([]);
  });
});

describe("cash that moved beside an exit of unknown fate", () => {
  const ours = (books: ReturnType<typeof unknownExit>["books"]) =>
    Number(books.house.account?.openingEquity) + Number(books.house.account?.deltas["USDT"]);
  const moved = (
    { books, order, stampedAt }: ReturnType<typeof unknownExit>,
    more: number,
    fills: readonly SeenFill[] = [],
    coins: string | null = null,
  ) => {
    const held = notional("0");
    const cash = { asset: "USDT", free: notional(String(ours(books) + more)), held };
    const balances = coins === null ? [cash] : [cash, { asset: "SOL", free: notional(coins), held }];
    return movedMoney(books, order, { fills, stampedAt, balances });
  };

  test.for<{ name: string; coins: string | null; fills: (stampedAt: number) => readonly SeenFill[]; isOdd: boolean }>([
    { name: "the coins are still there", coins: "4.5", fills: () => [], isOdd: false },
    { name: "most of them are", coins: "2.3", fills: () => [], isOdd: false },
    { name: "half of them are gone", coins: "2.25", fills: () => [], isOdd: true },
    {
      name: "more are there than ours: somebody's may hide that ours are gone",
      coins: "9",
      fills: () => [],
      isOdd: true,
    },
    { name: "the venue does not list them", coins: null, fills: () => [], isOdd: true },
    {
      name: "gone by a liquidation",
      coins: "0",
      fills: (at) => [sale(at, { isLiquidation: true, price: price("1") })],
      isOdd: false,
    },
  ])("cash came, and $name [V11]", ({ coins, fills, isOdd }) => {
    const exit = unknownExit();
    expect(moved(exit, 391, fills(exit.stampedAt), coins) !== null).toBe(isOdd);
  });

  test("its whole worth speaks for it, a little of it does not [V11]", () => {
    expect(moved(unknownExit(), 391)).toMatch(/^USDT moved by 391, about the worth/);
    expect(moved(unknownExit(), 100)).toBeNull();
    expect(moved(unknownExit(), -391)).toBeNull();
  });

  test("what a liquidation from before brought is explained; the same again is not [V54]", () => {
    const exit = unknownExit();
    const fills = [sale(exit.stampedAt, { ...early(exit.stampedAt), isLiquidation: true })];
    expect(moved(exit, 391, fills)).toBeNull();
    expect(moved(exit, 391 * 2, fills)).not.toBeNull();
  });

  test("a trade of somebody else on another instrument is explained", () => {
    const exit = unknownExit();
    const fills = [
      sale(exit.stampedAt, { instrumentId: "kucoin:ETH/USDT", price: price("2000"), quantity: quantity("0.2") }),
    ];
    expect(moved(exit, 400, fills)).toBeNull();
  });

  test("a gap that was seen before it was sent is none of its doing, with the trades that made it", () => {
    let seenAt = 0;
    const exit = unknownExit((story) => {
      const now =
        Number(story.books().house.account?.openingEquity) + Number(story.books().house.account?.deltas["USDT"]);
      seenAt = story.now().at;
      story.tell({
        type: "balance_compared",
        asset: "USDT",
        ours: notional(String(now)),
        theirs: notional(String(now + 391)),
        gap: ratio("0.04"),
      });
    });
    const old = [sale(exit.stampedAt, { filledAt: addMs(seenAt as SeenFill["filledAt"], -second) })];
    expect(moved(exit, 391)).toBeNull();
    expect(moved(exit, 391, old)).toBeNull();
    expect(moved(exit, 391 * 2, old)).not.toBeNull();
  });
});

describe("cash that went beside an entry of unknown fate", () => {
  const held = notional("0");
  const cashOf = (story: Story, less: number) => {
    const account = story.books().house.account;
    const ours = Number(account?.openingEquity) + Number(account?.deltas["USDT"] ?? 0);
    return { asset: "USDT", free: notional(String(ours - less)), held };
  };
  const saidOf = (coins: string | null, cash: "listed" | "missing" = "listed") => {
    const story = unknownEntry();
    const order = story.books().orders["e1"];
    if (order === undefined) throw new Error("there is no entry");
    const rows = coins === null ? [] : [{ asset: "SOL", free: notional(coins), held }];
    const balances = cash === "listed" ? [cashOf(story, 391), ...rows] : rows;
    return movedMoney(story.books(), order, { fills: [], stampedAt: story.now().at, balances });
  };

  test.each([
    ["its coins came too: it may have bought them [V11]", "4.5", true],
    ["none of its coins came: somebody withdrew it [V11]", "0", false],
    ["the list that shows our cash has no row of them: none came [V11]", null, false],
  ] as const)("%s", (_, coins, isOdd) => {
    expect(saidOf(coins) !== null).toBe(isOdd);
  });

  test("a list without our cash proves nothing of coins that it does not show [V11]", () => {
    expect(saidOf(null, "missing")).not.toBeNull();
  });
});
