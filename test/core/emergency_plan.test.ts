/** What the emergency process takes for ours, how much it sells and at which price. */
import { expect, test } from "vitest";
import {
  byRisk,
  isOwned,
  isWorthSelling,
  nextSale,
  type OpenOrder,
  partsOf,
  unsettledSales,
} from "../../src/core/emergency_plan.ts";
import { notional, price, quantity } from "../../src/core/money.ts";
import { makeInstrument } from "../fixtures/instrument.ts";
import { heldPosition, makeLifeline } from "../fixtures/lifeline.ts";

const order = (change: Partial<OpenOrder> = {}): OpenOrder => ({
  kind: "stop_limit",
  symbol: "SOL/USDT",
  venueOrderId: "v1",
  clientOrderId: "xcsp5z0000000000000001",
  side: "sell",
  quantity: quantity("3"),
  ...change,
});

test.each([
  ["our name", order(), null, false, true],
  ["a stranger's name", order({ clientOrderId: "web_1" }), makeLifeline(), false, false],
  ["no name", order({ clientOrderId: null }), makeLifeline(), false, false],
  [
    "in the snapshot by the exchange's id",
    order({ clientOrderId: null }),
    makeLifeline({
      orders: [{ clientOrderId: "c", venueOrderId: "v1", instrumentId: "kucoin:SOL/USDT", leg: "protect" }],
    }),
    false,
    true,
  ],
  ["what a stop of ours became", order({ clientOrderId: null, venueOrderId: "child" }), null, false, true],
  ["anybody's on a dedicated account", order({ clientOrderId: "web_1" }), null, true, true],
] as const)("%s", (_, one, snapshot, isDedicated, expected) => {
  expect(isOwned(one, { lifeline: snapshot, isDedicated, children: new Set(["child"]) })).toBe(expected);
});

test("a sale that was written down, and whose end was not, is waited for", () => {
  const line = (step: string, clientOrderId: string) => ({ step, about: { clientOrderId, symbol: "SOL/USDT" } });
  const lines = [
    line("selling", "a"),
    line("sold", "a"),
    line("selling", "b"),
    line("refused", "b"),
    line("selling", "c"),
  ];
  expect(unsettledSales(lines)).toEqual([{ symbol: "SOL/USDT", clientOrderId: "c" }]);
});

test.each([
  ["one position takes all, also what came after the snapshot", ["4"], "5", ["5"]],
  ["each takes its own", ["1", "3"], "4", ["1", "3"]],
  ["what is there less goes to the first", ["1", "3"], "2", ["1", "1"]],
  ["none is left for the last", ["1", "3"], "1", ["1"]],
  ["what is beyond them goes with the last", ["1", "3"], "5", ["1", "4"]],
  ["no position of the snapshot", [], "2", ["2"]],
])("the parts of what is sold: %s", (_, held, owned, expected) => {
  const snapshot = makeLifeline({ positions: held.map((amount) => heldPosition(amount)) });
  expect(partsOf(snapshot, "SOL/USDT", quantity(owned)).map((part) => part.quantity)).toEqual(expected);
});

test("what is worth selling: what the venue takes at its bid, and without one as much as it would take", () => {
  const instrument = makeInstrument();
  expect(isWorthSelling(instrument, quantity("0.5"), price("100"))).toBe(true);
  expect(isWorthSelling(instrument, quantity("0.5"), price("1"))).toBe(false);
  expect(isWorthSelling(instrument, quantity("0.5"), null)).toBe(true);
  expect(isWorthSelling(instrument, quantity("0.09"), null)).toBe(false);
});

test("the ladder: 0.5 %, 1 %, 2 %, then 5 %; less than the venue takes is dust", () => {
  const instrument = makeInstrument();
  const at = (tries: number) => nextSale(instrument, quantity("4.56"), { bid: price("100"), tries });
  expect([0, 1, 2, 3, 9].map((tries) => at(tries)?.limitPrice)).toEqual(["99.5", "99", "98", "95", "95"]);
  expect(at(0)?.quantity).toBe("4.5");
  expect(nextSale(instrument, quantity("0.01"), { bid: price("100"), tries: 0 })).toBeNull();
  expect(
    nextSale({ ...instrument, notionalMin: notional("1000") }, quantity("4"), { bid: price("100"), tries: 0 }),
  ).toBeNull();
});

test("what has no stop goes first, then what is worth most", () => {
  const target = (symbol: string, amount: string, isProtected: boolean) => ({
    instrument: { ...makeInstrument(), symbol },
    quantity: quantity(amount),
    isProtected,
    bid: price("10"),
  });
  const sorted = byRisk([target("A/X", "1", true), target("B/X", "9", true), target("C/X", "1", false)]);
  expect(sorted.map((one) => one.instrument.symbol)).toEqual(["C/X", "B/X", "A/X"]);
});
