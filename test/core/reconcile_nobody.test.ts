/** Coins sold by a person or by the venue: whose they were, and how far back a sale is looked for. */
import { describe, expect, test } from "vitest";
import type { Fact } from "../../src/core/events.ts";
import { quantity } from "../../src/core/money.ts";
import { salesSince } from "../../src/core/reconcile_nobody.ts";
import type { SeenFill } from "../../src/core/snapshot.ts";
import { addMs } from "../../src/core/time.ts";
import { closed, fillOf, houseStarted, intended, sending, working } from "../fixtures/facts.ts";
import { makeEntry, makeExit, makeProtection } from "../fixtures/intent.ts";
import { applied, bought, lookTimes, openHouse, planOf, seenFill } from "../fixtures/reconcile_world.ts";
import { type Story, storyStart } from "../fixtures/story.ts";

const ready: Fact = { type: "house_ready", openPositions: 1 };
const held = (story: Story, shown: Parameters<typeof lookTimes>[1]) => {
  const plan = lookTimes(story, shown, 3);
  const books = applied(story.books(), plan.items, story.now());
  return Object.fromEntries(Object.values(books.positions).map((one) => [one.positionId, one.quantity]));
};
const byHand = (id: string, size: string, story: Story) =>
  seenFill(id, size, { venueOrderId: "by hand", side: "sell", filledAt: story.now().wallAt });

/** A late fill has opened an old trade of 0.4 again, beside a new one of 0.6. */
function oldAndNew(): Story {
  const story = bought("0.4");
  story.tell(...working("x1", makeExit({ quantity: quantity("0.4") })));
  story.tell(fillOf("x1", { price: "87", quantity: "0.4", id: "fx" }), closed("trade-1"));
  story.wait(60_000);
  const entry = makeEntry({ tradeId: "trade-2", intentId: "i2", quantity: quantity("0.6") });
  story.tell(...working("e2", entry), fillOf("e2", { price: "87.5", quantity: "0.6", id: "f2" }));
  story.tell(fillOf("e1", { price: "87.5", quantity: "0.4", id: "late" }));
  story.wait(60_000);
  return story;
}

describe("one order by hand that sold what two trades held [V40]", () => {
  test.for<{ name: string; fills: readonly (readonly [string, string])[]; coins: string; is: readonly string[] }>([
    {
      name: "a fill for each",
      fills: [
        ["m1", "0.4"],
        ["m2", "0.6"],
      ],
      coins: "0",
      is: ["0", "0"],
    },
    { name: "one fill over both", fills: [["m1", "1"]], coins: "0", is: ["0", "0"] },
    { name: "only as much as is missing, and only once", fills: [["m1", "5"]], coins: "0.6", is: ["0", "0.6"] },
    { name: "a part of the second", fills: [["m1", "0.7"]], coins: "0.3", is: ["0", "0.3"] },
  ])("$name", ({ fills, coins, is }) => {
    const story = oldAndNew();
    const sales = fills.map(([id, size]) => byHand(id, size, story));
    story.wait(30_000);
    expect(held(story, { coins, fills: sales })).toEqual({ "trade-1": is[0], "trade-2": is[1] });
  });

  test("what is left of a sale does not count a second time against the same trade", () => {
    const story = bought();
    const sale = byHand("m1", "4", story);
    story.wait(30_000);
    const first = lookTimes(story, { coins: "3.5", fills: [sale] }, 3);
    const books = applied(story.books(), first.items, story.now());
    expect(books.positions["trade-1"]?.quantity).toBe("3.5");
    story.wait(30_000);
    const again = lookTimes({ ...story, books: () => books }, { coins: "3", fills: [sale] }, 3);
    expect(again.items.map((item) => item.does)).not.toContain("external");
    expect(again.items.map((item) => item.does)).toContain("compare_holding");
  });
});

test("a sale of a second after the purchase counts although the purchase came to be known later, on a clock that is ahead [V40]", () => {
  const story = openHouse();
  story.wait(4_000, 34_000);
  story.tell(...working("e1", makeEntry()), fillOf("e1", { price: "87.5", quantity: "4.5", id: "f1" }));
  story.wait(30_000);
  const sale = seenFill("m1", "4.5", { venueOrderId: "by hand", side: "sell", filledAt: addMs(storyStart, 800) });
  expect(held(story, { coins: "0", fills: [sale] })).toEqual({ "trade-1": "0" });
});

test("a stop that is just on its way makes nobody forget that a sale was seen [V40]", () => {
  const story = bought();
  const shown = { coins: "0", fills: [byHand("m1", "4.5", story)] };
  story.wait(30_000);
  const looks = [planOf(story, shown)];
  story.wait(2_000);
  story.tell(intended("p1", makeProtection()), sending("p1"));
  looks.push(planOf(story, shown, looks.at(-1)?.doubts));
  story.tell({ type: "order_rejected", clientOrderId: "p1", code: "200004", reason: "balance", message: "none there" });
  story.wait(2_000);
  looks.push(planOf(story, shown, looks.at(-1)?.doubts));
  expect(looks.map((plan) => plan.items.some((item) => item.does === "external"))).toEqual([false, false, true]);
});

test("while the venue denies a stop of ours, a sale under a name that nobody knows may be that stop [V40]", () => {
  const story = bought();
  story.tell(...working("p1", makeProtection()));
  story.wait(30_000);
  const fills = [byHand("m1", "4.5", story)];
  const planned = (byName: Record<string, null>) =>
    lookTimes(story, { coins: "0", fills, byName }, 3).items.map((item) => item.does);
  expect(planned({ p1: null })).not.toContain("external");
  expect(planned({})).toContain("external");
});

test("a look in the way that shows every coin takes the doubt back: the next sale is looked at twice like any other [V40]", () => {
  const story = bought();
  story.wait(30_000);
  const first = planOf(story, { coins: "0", fills: [byHand("m1", "4.5", story)] });
  story.wait(2_000);
  story.tell(intended("p1", makeProtection()), sending("p1"));
  const second = planOf(story, { coins: "4.5", fills: [] }, first.doubts);
  expect(second.doubts).toEqual({});
  story.wait(20_000);
  const late = planOf(story, { coins: "0", fills: [] }, first.doubts);
  expect(Object.keys(late.doubts).filter((key) => key.startsWith("19|"))).toEqual([]);
});

test("a provisional fill that was taken back is no purchase: a sale before the real one was of somebody's own coins [V22]", () => {
  const story = openHouse();
  story.wait(3_000_000);
  const derived = fillOf("e1", { price: "87.5", quantity: "4.5", id: "derived|x" });
  story.tell(...working("e1", makeEntry()), { ...derived, isProvisional: true });
  const { price, fee, feeAsset, feeInQuote } = derived;
  const numbers = { price, quantity: derived.quantity, fee, feeAsset, feeInQuote };
  story.tell({
    type: "fill_reversed",
    clientOrderId: "e1",
    venueFillId: "derived|x",
    supersededBy: "f1",
    because: "listed",
    ...numbers,
  });
  story.tell({ ...fillOf("e1", { price: "87.5", quantity: "4.5", id: "f1" }), filledAt: story.now().at });
  const sale = seenFill("m1", "4.5", {
    venueOrderId: "by hand",
    side: "sell",
    filledAt: addMs(story.now().at, -600_000),
  });
  story.wait(60_000);
  expect(held(story, { coins: "0", fills: [sale] })).toEqual({ "trade-1": "4.5" });
});

describe("how far back a sale is looked for [V40]", () => {
  const hour = 3_600_000;
  /** Coins sold a minute after the last thing that the house did; then two hours without a look, and a new life. */
  function awayThen(...facts: readonly Fact[]): { readonly story: Story; readonly sale: SeenFill } {
    const story = bought();
    story.tell(ready);
    story.wait(60_000);
    const sale = byHand("m1", "4.5", story);
    story.wait(2 * hour);
    story.tell(...facts);
    story.wait(10_000);
    return { story, sale };
  }

  test("from before the downtime, however long that was", () => {
    const { story, sale } = awayThen(houseStarted);
    expect(held(story, { coins: "0", fills: [sale] })).toEqual({ "trade-1": "0" });
  });

  test("also when the process died again before it could compare anything", () => {
    const { story, sale } = awayThen({ type: "house_died", because: "power", openPositions: [] }, houseStarted);
    story.wait(hour);
    story.tell(houseStarted);
    expect(held(story, { coins: "0", fills: [sale] })).toEqual({ "trade-1": "0" });
  });

  test("from the last comparison of this life, where the venue was silent for hours", () => {
    const story = bought();
    const comparedAt = story.now().at;
    story.wait(60_000);
    const sale = byHand("m1", "4.5", story);
    story.wait(2 * hour);
    const shown = { coins: "0", fills: [sale] };
    expect(salesSince(story.books(), story.now().at, comparedAt)).toBeLessThan(sale.filledAt);
    expect(lookTimes(story, shown, 3, comparedAt).items.map((item) => item.does)).toContain("external");
    // A house that has compared since has counted it, or it was of somebody's own coins.
    expect(lookTimes(story, shown, 3, story.now().at).items.map((item) => item.does)).not.toContain("external");
  });
});
