/** The reconciliation matrix, row by row: when it speaks, when it waits, and what the books hold after it was applied. */
import { afterAll, describe, expect, test } from "vitest";
import { clientOrderIdOf } from "../../src/core/client_order_id.ts";
import type { Fact } from "../../src/core/events.ts";
import { notional, price, quantity } from "../../src/core/money.ts";
import { matrix, type Row, rowNumbers } from "../../src/core/reconcile_rows.ts";
import { addMs } from "../../src/core/time.ts";
import { acknowledged, closed, ended, exitTriggered, fillOf, sending, working } from "../fixtures/facts.ts";
import { makeEntry, makeExit, makeProtection } from "../fixtures/intent.ts";
import {
  applied,
  bought,
  exiting,
  intendedEntry,
  lookTimes,
  openEntry,
  planOf,
  protectedPosition,
  rowsOf,
  type Shown,
  seenFill,
  seenOrder,
  seenStop,
  sol,
  unknownEntry,
} from "../fixtures/reconcile_world.ts";
import { type Story, storyStart } from "../fixtures/story.ts";

const named = (epoch: number) => clientOrderIdOf(makeEntry(), { epoch, digest: "x" }, () => "0123456789abcdef01234567");
const mineLost = named(7);

type Case = {
  readonly row: Row;
  readonly name: string;
  readonly world: () => Story;
  readonly shown: Shown | ((story: Story) => Shown);
  /** Looks 2 s apart; default what the row asks for. */
  readonly looks?: number;
  /** false = the row must not be in the plan. */
  readonly speaks?: false;
  readonly after?: (books: ReturnType<Story["books"]>) => unknown;
  readonly is?: unknown;
};

const stateOf = (id: string) => (books: ReturnType<Story["books"]>) => books.orders[id]?.state;
const filledOf = (id: string) => (books: ReturnType<Story["books"]>) => books.orders[id]?.filledQuantity;
const held = (books: ReturnType<Story["books"]>) => books.positions["trade-1"]?.quantity;
const causes = (books: ReturnType<Story["books"]>) => Object.values(books.house.breakers).map((one) => one.cause);

function waited(story: Story, ms: number): Story {
  story.wait(ms);
  return story;
}
function told(story: Story, ...facts: readonly Fact[]): Story {
  story.tell(...facts);
  story.wait(60_000);
  return story;
}
const probedAbsent = {
  type: "order_probed",
  clientOrderId: "e1",
  verdict: "absent",
  endpoints: [],
  because: "",
} as const;
function provenUnknown(): Story {
  const story = waited(unknownEntry(), 17_000);
  for (let look = 0; look < 3; look += 1) {
    story.tell(probedAbsent);
    story.wait(6_000);
  }
  return story;
}
const canceledEntry = () => told(openEntry(), ended("e1"), closed("trade-1", { reason: "no_fill" }));
const lostEntry = () =>
  told(
    waited(unknownEntry(), 8_000),
    { type: "order_declared_lost", clientOrderId: "e1", by: ["ana", "bo"], reason: "the venue has no history of it" },
    closed("trade-1", { reason: "no_fill" }),
  );
const absentEntry = () =>
  told(
    provenUnknown(),
    { type: "order_absent", clientOrderId: "e1", probes: 3, because: "three looks without a trace" },
    closed("trade-1", { reason: "no_fill" }),
  );
const sale = (id: string, size: string, change = {}) =>
  seenFill(id, size, { venueOrderId: "by hand", side: "sell", filledAt: addMs(storyStart, 30_000), ...change });
const closedWithStop = () =>
  told(protectedPosition(), exitTriggered("trade-1", "operator"), closed("trade-1", { reason: "operator" }));
const foreign = seenOrder({
  clientOrderId: "a-person",
  venueOrderId: "f-1",
  limitPrice: price("80"),
  quantity: quantity("0.5"),
});
const withdrawal = { recordId: "w-1", asset: "SOL", amount: quantity("1.5"), direction: "out" } as const;
const deposit = { recordId: "d-1", asset: "USDT", amount: quantity("250"), direction: "in" } as const;

// biome-ignore format: a table reads better as a table
const cases: readonly Case[] = [
  { row: 1, name: "an intent of a while ago was never sent", world: () => waited(intendedEntry(), 6_000), shown: {}, after: stateOf("e1"), is: "abandoned" },
  { row: 1, name: "a fresh intent may still be armed", world: () => waited(intendedEntry(), 4_000), shown: {}, speaks: false },
  { row: 1, name: "an intent needs no answer of the venue to be dropped", world: () => waited(intendedEntry(), 6_000), shown: { open: null, fills: null }, after: stateOf("e1"), is: "abandoned" },

  { row: 2, name: "an unknown order that is listed is bound [V04]", world: () => waited(unknownEntry(), 8_000), shown: { open: [seenOrder()] }, after: stateOf("e1"), is: "open" },
  { row: 2, name: "its fills are booked with it [V01]", world: () => waited(unknownEntry(), 8_000), shown: { byName: { e1: seenOrder({ state: "filled", filledQuantity: quantity("4.5") }) }, fills: [seenFill("f1", "4.5")] }, after: (books) => [stateOf("e1")(books), held(books)], is: ["filled", "4.5"] },
  { row: 2, name: "an order that was refused after all ends", world: () => waited(unknownEntry(), 8_000), shown: { byName: { e1: seenOrder({ state: "rejected" }) } }, after: stateOf("e1"), is: "rejected" },

  { row: 3, name: "an older order of the same name is not ours [V09]", world: () => waited(unknownEntry(), 8_000), shown: { open: [seenOrder({ createdAt: addMs(storyStart, -2_000) })] }, after: stateOf("e1"), is: "unknown" },
  { row: 3, name: "another side is not ours", world: () => waited(unknownEntry(), 8_000), shown: { open: [seenOrder({ side: "sell" })] }, after: stateOf("e1"), is: "unknown" },
  { row: 3, name: "another quantity is not ours", world: () => waited(unknownEntry(), 8_000), shown: { open: [seenOrder({ quantity: quantity("4") })] }, after: stateOf("e1"), is: "unknown" },

  { row: 4, name: "within the venue's bound nothing is absent [V02]", world: () => waited(unknownEntry(), 15_000), shown: {}, after: stateOf("e1"), is: "unknown" },
  { row: 4, name: "after the bound it still takes three looks", world: () => waited(unknownEntry(), 30_000), shown: {}, after: stateOf("e1"), is: "unknown" },
  { row: 4, name: "an order on its way is not asked for", world: () => { const story = intendedEntry(); story.tell(sending("e1")); return waited(story, 3_000); }, shown: {}, speaks: false },

  { row: 5, name: "three looks over ten seconds after the bound prove it [V02]", world: provenUnknown, shown: {}, after: (books) => [stateOf("e1")(books), books.positions["trade-1"]?.state], is: ["absent", "closed"] },
  { row: 5, name: "a list that shows it stops the proof", world: provenUnknown, shown: { open: [seenOrder()] }, speaks: false },
  { row: 5, name: "a list that could not be read stops the proof [V14]", world: provenUnknown, shown: { open: null }, speaks: false },

  { row: 6, name: "the same again is nothing", world: openEntry, shown: { open: [seenOrder()], coins: "0" }, speaks: false },
  { row: 6, name: "a stop that rests is nothing [V12]", world: protectedPosition, shown: { open: [seenStop()] }, speaks: false },
  { row: 6, name: "a new name of it is taken in", world: openEntry, shown: { open: [seenOrder({ childOrderIds: ["c1"] })], coins: "0" }, after: (books) => books.orders["e1"]?.childOrderIds, is: ["c1"] },

  { row: 7, name: "more filled: the fills are booked at once", world: openEntry, looks: 1, shown: { open: [seenOrder({ filledQuantity: quantity("2") })], fills: [seenFill("f1", "2")] }, after: (books) => [stateOf("e1")(books), held(books)], is: ["partial", "2"] },
  { row: 7, name: "one look without the fills waits for them", world: openEntry, looks: 1, shown: { open: [seenOrder({ filledQuantity: quantity("2") })] }, speaks: false },
  { row: 7, name: "twice without the fills books them provisionally [V22]", world: openEntry, shown: { open: [seenOrder({ filledQuantity: quantity("2") })] }, after: (books) => [held(books), Object.keys(books.orders["e1"]?.provisional ?? {}).length], is: ["2", 1] },

  { row: 8, name: "less filled is suspect, and nothing is taken back", world: () => { const story = openEntry(); story.tell(fillOf("e1", { price: "87.5", quantity: "3", id: "f1" })); return waited(story, 60_000); }, shown: { open: [seenOrder({ filledQuantity: quantity("2") })] }, after: (books) => [filledOf("e1")(books), books.orders["e1"]?.suspectedBecause !== undefined, causes(books)], is: ["3", true, ["less_filled"]] },
  { row: 8, name: "one look is not enough: lists lag", world: () => { const story = openEntry(); story.tell(fillOf("e1", { price: "87.5", quantity: "3", id: "f1" })); return waited(story, 60_000); }, looks: 1, shown: { open: [seenOrder({ filledQuantity: quantity("2") })] }, speaks: false },
  { row: 8, name: "within five seconds of a fill nothing is concluded", world: () => { const story = openEntry(); story.tell(fillOf("e1", { price: "87.5", quantity: "3", id: "f1" })); return story; }, looks: 2, shown: { open: [seenOrder({ filledQuantity: quantity("2") })] }, speaks: false },

  { row: 9, name: "filled: its fills make the position", world: openEntry, looks: 1, shown: { byName: { e1: seenOrder({ state: "filled", filledQuantity: quantity("4.5") }) }, fills: [seenFill("f1", "4.5")] }, after: (books) => [stateOf("e1")(books), held(books)], is: ["filled", "4.5"] },
  { row: 9, name: "filled without listed fills waits once", world: openEntry, looks: 1, shown: { byName: { e1: seenOrder({ state: "filled", filledQuantity: quantity("4.5") }) } }, speaks: false },
  { row: 9, name: "and is booked provisionally then [V11]", world: openEntry, shown: { byName: { e1: seenOrder({ state: "filled", filledQuantity: quantity("4.5"), filledNotional: notional("393.75") }) } }, after: (books) => [stateOf("e1")(books), books.positions["trade-1"]?.entryPrice], is: ["filled", "87.5"] },

  { row: 10, name: "an expired remainder keeps what was filled [V15]", world: openEntry, looks: 1, shown: { byName: { e1: seenOrder({ state: "canceled", filledQuantity: quantity("1.6") }) }, fills: [seenFill("f1", "1.6")] }, after: (books) => [stateOf("e1")(books), held(books)], is: ["partial_canceled", "1.6"] },
  { row: 10, name: "nothing filled: the position never was", world: openEntry, looks: 1, shown: { byName: { e1: seenOrder({ state: "expired" }) } }, after: (books) => [stateOf("e1")(books), books.positions["trade-1"]?.state], is: ["expired", "closed"] },
  { row: 10, name: "an end waits for the fills that the order reports", world: openEntry, looks: 1, shown: { byName: { e1: seenOrder({ state: "canceled", filledQuantity: quantity("1.6") }) } }, speaks: false },

  { row: 11, name: "a stop taken away once is placed again [O03]", world: protectedPosition, shown: { byName: { p1: seenStop({ state: "canceled" }) } }, after: (books) => [stateOf("p1")(books), books.positions["trade-1"]?.stopsLostAt?.length, causes(books)], is: ["canceled", 1, []] },
  { row: 11, name: "the second time within ten minutes a person is asked [O03]", world: () => told(protectedPosition(), { type: "stop_lost", positionId: "trade-1", clientOrderId: "p0", because: "" }), shown: { byName: { p1: seenStop({ state: "canceled" }) } }, after: causes, is: ["stop_lost"] },
  { row: 11, name: "a stop that we canceled ourselves was not taken away", world: () => told(protectedPosition(), { type: "order_cancel_requested", clientOrderId: "p1", because: "replace" }), shown: { byName: { p1: seenStop({ state: "canceled" }) } }, speaks: false },

  { row: 12, name: "missing in the list is asked by name, not believed", world: openEntry, looks: 1, shown: { coins: "0" }, after: stateOf("e1"), is: "open" },
  { row: 12, name: "denied by name three times it is unknown, never rejected", world: openEntry, shown: { byName: { e1: null }, coins: "0" }, after: stateOf("e1"), is: "unknown" },
  { row: 12, name: "an answer that did not come proves nothing [V14]", world: openEntry, shown: { byName: { e1: "failed" }, coins: "0" }, speaks: false },

  { row: 13, name: "a cancel that came too late: the fill wins [V17]", world: () => told(openEntry(), { type: "order_cancel_requested", clientOrderId: "e1", because: "pause" }), shown: { byName: { e1: seenOrder({ state: "filled", filledQuantity: quantity("4.5") }) }, fills: [seenFill("f1", "4.5")] }, after: (books) => [stateOf("e1")(books), held(books)], is: ["filled", "4.5"] },
  { row: 13, name: "a cancel of unknown fate that worked [V19]", world: () => told(openEntry(), { type: "order_cancel_requested", clientOrderId: "e1", because: "pause" }, { type: "order_cancel_lost", clientOrderId: "e1", because: "unknown order" }), shown: { byName: { e1: seenOrder({ state: "canceled" }) } }, after: stateOf("e1"), is: "canceled" },
  { row: 13, name: "a cancel of unknown fate that did not [V19]", world: () => told(openEntry(), { type: "order_cancel_requested", clientOrderId: "e1", because: "pause" }, { type: "order_cancel_lost", clientOrderId: "e1", because: "timeout" }), shown: { open: [seenOrder()] }, after: stateOf("e1"), is: "open" },

  { row: 14, name: "an ended order that is live is open again", world: canceledEntry, shown: { open: [seenOrder()], coins: "0" }, after: stateOf("e1"), is: "open" },
  { row: 14, name: "one look is not enough", world: canceledEntry, looks: 1, shown: { open: [seenOrder()], coins: "0" }, speaks: false },
  { row: 14, name: "right after its end the list may lag", world: () => { const story = openEntry(); story.tell(ended("e1"), closed("trade-1", { reason: "no_fill" })); return story; }, looks: 2, shown: { open: [seenOrder()], coins: "0" }, speaks: false },

  { row: 15, name: "a late fill is booked, its position is open again, entries stop [V17]", world: canceledEntry, shown: { fills: [seenFill("f9", "4.5")] }, after: (books) => [held(books), books.positions["trade-1"]?.state, causes(books)], is: ["4.5", "residual", ["late_fill"]] },
  { row: 15, name: "more than was asked for is the truth, and a breaker [V23]", world: bought, shown: { fills: [seenFill("f2", "0.5")], coins: "5" }, after: (books) => [held(books), causes(books)], is: ["5", ["overfill"]] },
  { row: 15, name: "an order that was given up turns up: what it bought is booked and left again [V11]", world: lostEntry, shown: { byName: { e1: seenOrder({ state: "filled", filledQuantity: quantity("4.5") }) }, fills: [seenFill("f1", "4.5")] }, after: (books) => [held(books), books.orders["e1"]?.state, causes(books)], is: ["4.5", "filled", ["late_fill"]] },
  { row: 15, name: "an order that was proven absent is filled after all: what it bought is booked and left again [V02]", world: absentEntry, shown: { byName: { e1: seenOrder({ state: "filled", filledQuantity: quantity("4.5") }) }, fills: [seenFill("f1", "4.5")] }, after: (books) => [held(books), books.orders["e1"]?.state, books.positions["trade-1"]?.state, causes(books)], is: ["4.5", "filled", "residual", ["late_fill"]] },
  { row: 15, name: "a namesake of one that was proven absent is not it [V09]", world: absentEntry, shown: { byName: { e1: seenOrder({ side: "sell", state: "filled", filledQuantity: quantity("4.5") }) }, fills: [seenFill("f1", "4.5")] }, speaks: false },
  { row: 15, name: "a namesake of it is not it [V09]", world: lostEntry, shown: { byName: { e1: seenOrder({ side: "sell", state: "filled", filledQuantity: quantity("4.5") }) }, fills: [seenFill("f1", "4.5")] }, speaks: false },
  { row: 15, name: "a repetition is nothing [V20]", world: bought, shown: { fills: [seenFill("f1", "4.5")] }, speaks: false },

  { row: 16, name: "a purchase of ours without a record is adopted with a stop of its own [P09]", world: () => waited(protectedPosition(), 1), shown: { open: [seenStop(), seenOrder({ clientOrderId: mineLost, venueOrderId: "lost", filledQuantity: quantity("1"), limitPrice: price("86") })], fills: [seenFill("f5", "1", { venueOrderId: "lost" })], coins: "5.5" }, after: (books) => [stateOf(mineLost)(books), books.positions["lost-lost"]?.quantity, books.positions["lost-lost"]?.exitPlan.stopPrice], is: ["partial", "1", "84.28"] },
  { row: 16, name: "the wanted stop joins its position [P09]", world: bought, shown: { open: [seenStop({ clientOrderId: mineLost, venueOrderId: "lost", triggerPrice: price("85.62") })] }, after: (books) => [books.positions["trade-1"]?.protection, books.orders[mineLost]?.tradeId], is: ["placed", "trade-1"] },
  { row: 16, name: "one look is not enough: it may be on its way", world: bought, looks: 1, shown: { open: [seenOrder({ clientOrderId: mineLost, venueOrderId: "lost" })] }, speaks: false },

  { row: 17, name: "a newer epoch means somebody else trades as us", world: bought, shown: { open: [seenOrder({ clientOrderId: named(9), venueOrderId: "n" })] }, after: causes, is: ["two_writers"] },
  { row: 17, name: "an epoch of before is no second writer", world: bought, shown: { open: [seenOrder({ clientOrderId: named(3), venueOrderId: "n" })] }, speaks: false },
  { row: 17, name: "a stranger's name is no second writer", world: bought, shown: { open: [foreign] }, speaks: false },

  { row: 18, name: "a foreign order is counted", world: bought, shown: { open: [foreign] }, after: (books) => books.house.foreign?.[sol], is: { orderIds: ["f-1"], buyNotional: "40" } },
  { row: 18, name: "one look is not enough", world: bought, looks: 1, shown: { open: [foreign] }, speaks: false },
  { row: 18, name: "when it is gone it no longer counts", world: () => told(bought(), { type: "foreign_orders_seen", instrumentId: sol, orderIds: ["f-1"], buyNotional: notional("40") }), shown: {}, after: (books) => books.house.foreign, is: {} },

  { row: 19, name: "a person sold a part: the position shrinks and entries wait [V40]", world: bought, shown: { fills: [sale("s1", "1.8")], coins: "2.7" }, after: (books) => [held(books), books.positions["trade-1"]?.state, causes(books)], is: ["2.7", "monitoring", ["external_close"]] },
  { row: 19, name: "the market was decided and pays one: closed by expiry, the payout booked, no breaker [V55]", world: protectedPosition, shown: { fills: [sale("s1", "4.5", { isPayout: true, price: price("100"), fee: notional("0") })], coins: "0" }, after: (books) => [books.positions["trade-1"]?.state, books.positions["trade-1"]?.exitReason, books.positions["trade-1"]?.exitProceeds, books.orders["ext-by hand-trade-1"]?.state, causes(books)], is: ["closed", "expiry", "450", "filled", []] },
  { row: 19, name: "the market was decided and pays nothing: closed by expiry, all that it cost is lost [V55]", world: bought, shown: { fills: [sale("s1", "4.5", { isPayout: true, price: price("0"), fee: notional("0") })], coins: "0" }, after: (books) => [books.positions["trade-1"]?.state, books.positions["trade-1"]?.exitReason, books.positions["trade-1"]?.exitProceeds, causes(books)], is: ["closed", "expiry", "0", []] },
  { row: 19, name: "the venue liquidated it: closed for that reason [V54]", world: bought, shown: { fills: [sale("s1", "4.5", { isLiquidation: true })], coins: "0" }, after: (books) => [books.positions["trade-1"]?.state, books.positions["trade-1"]?.exitReason, books.orders["ext-by hand-trade-1"]?.state], is: ["closed", "liquidated", "filled"] },
  { row: 19, name: "a sale of somebody's own coins is none of ours [V40]", world: bought, shown: { fills: [sale("s1", "10")], coins: "4.5" }, speaks: false },

  { row: 20, name: "as much as we hold is nothing", world: bought, shown: { coins: "4.5" }, speaks: false },
  { row: 20, name: "less than a step is dust", world: bought, shown: { coins: "4.45" }, speaks: false },
  { row: 20, name: "enough again ends the shortage", world: () => told(bought(), { type: "holdings_compared", asset: "SOL", ours: quantity("4.5"), theirs: quantity("3"), isShort: true }), looks: 2, shown: { coins: "4.5" }, after: (books) => books.house.shortOf, is: {} },

  { row: 21, name: "fewer coins without a record: a breaker, and the position stays [O04]", world: bought, shown: { coins: "3" }, after: (books) => [held(books), books.house.shortOf, causes(books)], is: ["4.5", { SOL: "3" }, ["short_holding"]] },
  { row: 21, name: "with a record of the venue the position shrinks [O04]", world: bought, shown: { coins: "3", transfers: [withdrawal] }, after: (books) => [held(books), books.positions["trade-1"]?.soldQuantity, books.house.account?.deltas["SOL"]], is: ["3", "0", "3"] },
  { row: 21, name: "balances that could not be read mean nothing [V14]", world: bought, shown: { coins: null }, speaks: false },

  { row: 22, name: "more where the venue keeps positions is adopted", world: bought, shown: { positions: [{ instrumentId: sol, quantity: quantity("6"), entryPrice: price("88") }] }, after: (books) => [Object.values(books.positions) .map((one) => one.quantity) .sort(), causes(books)], is: [["1.5", "4.5"], ["external_excess"]] },
  { row: 22, name: "on spot more coins are somebody's coins [V41]", world: bought, shown: { coins: "9" }, speaks: false },
  { row: 22, name: "as many is nothing", world: bought, shown: { positions: [{ instrumentId: sol, quantity: quantity("4.5"), entryPrice: price("88") }] }, speaks: false },

  { row: 23, name: "a position without a stop wakes its loop", world: bought, shown: {} },
  { row: 23, name: "with a stop it sleeps", world: protectedPosition, shown: { open: [seenStop()] }, speaks: false },
  { row: 23, name: "an exit that runs is enough", world: exiting, shown: { open: [seenOrder({ clientOrderId: "x1", venueOrderId: "venue x1", side: "sell" })] }, speaks: false },

  { row: 24, name: "a stop of another size wakes its loop [V40]", world: () => told(bought(), ...working("p1", makeProtection({ quantity: quantity("4") }))), shown: { open: [seenStop({ quantity: quantity("4") })] } },
  { row: 24, name: "not at the first look", world: () => told(bought(), ...working("p1", makeProtection({ quantity: quantity("4") }))), looks: 1, shown: { open: [seenStop({ quantity: quantity("4") })] }, speaks: false },
  { row: 24, name: "not while the position is leaving", world: () => told(bought(), ...working("p1", makeProtection({ quantity: quantity("4") })), exitTriggered("trade-1", "operator")), shown: { open: [seenStop({ quantity: quantity("4") })] }, speaks: false },

  { row: 25, name: "a stop of a closed position is canceled [V39]", world: closedWithStop, shown: { open: [seenStop()], coins: "0" } },
  { row: 25, name: "not at the first look", world: closedWithStop, looks: 1, shown: { open: [seenStop()], coins: "0" }, speaks: false },
  { row: 25, name: "a stop of an open position stays", world: protectedPosition, shown: { open: [seenStop()] }, speaks: false },

  { row: 26, name: "a deposit with a record is a transfer [V41]", world: bought, shown: { transfers: [deposit] }, after: (books) => books.house.account?.transferIds, is: ["d-1"] },
  { row: 26, name: "it counts once", world: () => told(bought(), { type: "transfer_recorded", ...deposit, worth: notional("250") }), shown: { transfers: [deposit] }, speaks: false },
  { row: 26, name: "coins that went from under a position are row 21's, from the first look on [O04]", world: bought, looks: 1, shown: { coins: "3", transfers: [withdrawal] }, speaks: false },
  { row: 26, name: "while nobody knows how many coins are left, it waits [O04]", world: bought, shown: { coins: null, transfers: [withdrawal] }, speaks: false },
  { row: 26, name: "coins that no position holds are a transfer", world: bought, shown: { coins: "4.5", transfers: [withdrawal] }, after: (books) => [books.house.account?.transferIds, held(books)], is: [["w-1"], "4.5"] },
  { row: 26, name: "without a record nothing is booked", world: bought, shown: { coins: "9", transfers: [] }, speaks: false },
];

const seen = new Map<Row, number>();

describe("each row of the matrix", () => {
  test.for(cases)("row $row: $name", ({ row, world, shown, looks = matrix[row].looks, speaks, after, is }) => {
    seen.set(row, (seen.get(row) ?? 0) + 1);
    const story = world();
    const plan = lookTimes(story, typeof shown === "function" ? shown(story) : shown, looks);
    expect(rowsOf(plan).includes(row)).toBe(speaks ?? true);
    const books = applied(
      story.books(),
      plan.items.filter((item) => item.row === row),
      story.now(),
    );
    if (after !== undefined) expect(after(books)).toEqual(is);
    // Applied again it changes nothing.
    const again = applied(
      books,
      plan.items.filter((item) => item.row === row),
      story.now(),
    );
    expect({ ...again, seq: 0 }).toEqual({ ...books, seq: 0 });
  });
  afterAll(() => {
    for (const row of rowNumbers) expect(seen.get(row) ?? 0, `cases of row ${row}`).toBeGreaterThanOrEqual(3);
  });
});

test("two looks that are too close count as one", () => {
  const story = openEntry();
  const shown: Shown = { open: [seenOrder({ filledQuantity: quantity("2") })] };
  const first = planOf(story, shown);
  story.wait(1_900);
  const second = planOf(story, shown, first.doubts);
  expect(second.items).toEqual([]);
  story.wait(100);
  expect(rowsOf(planOf(story, shown, second.doubts))).toEqual([7]);
});

test("a list that fails in between neither counts nor forgets", () => {
  const story = openEntry();
  const shown: Shown = { open: [seenOrder({ filledQuantity: quantity("2") })] };
  const first = planOf(story, shown);
  story.wait(2_000);
  const failed = planOf(story, { open: null }, first.doubts);
  expect(failed.items).toEqual([]);
  story.wait(2_000);
  expect(rowsOf(planOf(story, shown, failed.doubts))).toEqual([7]);
});

test("an acknowledgement after the fill changes nothing that was filled [V24]", () => {
  const story = openEntry();
  story.tell(fillOf("e1", { price: "87.5", quantity: "4.5", id: "f1" }), acknowledged("e1"));
  expect(story.books().orders["e1"]?.state).toBe("filled");
  expect(story.books().positions["trade-1"]?.quantity).toBe("4.5");
  expect(makeExit().side).toBe("sell");
});
