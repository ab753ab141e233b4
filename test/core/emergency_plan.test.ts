/** What the emergency process takes for ours, how much it sells and at which price. */
import { describe, expect, test } from "vitest";
import {
  byRisk,
  isOwned,
  nextSale,
  nothingTraded,
  type OpenOrder,
  ownedAfterCancel,
  ownedQuantity,
  type Traded,
  unsettledSales,
} from "../../src/core/emergency_plan.ts";
import type { Lifeline } from "../../src/core/lifeline.ts";
import { notional, price, quantity } from "../../src/core/money.ts";
import { makeInstrument } from "../fixtures/instrument.ts";

const order = (change: Partial<OpenOrder> = {}): OpenOrder => ({
  kind: "stop_limit",
  symbol: "SOL/USDT",
  venueOrderId: "v1",
  clientOrderId: "xcsp5z0000000000000001",
  side: "sell",
  quantity: quantity("3"),
  ...change,
});
const lifeline = (positions: Lifeline["positions"] = [], orders: Lifeline["orders"] = []): Lifeline => ({
  form: "lifeline-1",
  at: "2026-01-01T00:00:00.000Z",
  mode: "paper",
  venue: "kucoin",
  account: "main",
  epoch: 5,
  baseUrl: null,
  symbols: [],
  positions,
  orders,
});
const heldPosition = (amount: string): Lifeline["positions"][number] => ({
  positionId: "p1",
  instrumentId: "kucoin:SOL/USDT",
  account: "main",
  strategy: "s",
  quantity: quantity(amount),
  stopPrice: price("80"),
  protection: "placed",
  exitAttempts: 0,
});

test.each([
  ["our name", order(), null, false, true],
  ["a stranger's name", order({ clientOrderId: "web_1" }), lifeline(), false, false],
  ["no name", order({ clientOrderId: null }), lifeline(), false, false],
  [
    "in the snapshot by the exchange's id",
    order({ clientOrderId: null }),
    lifeline([], [{ clientOrderId: "c", venueOrderId: "v1", instrumentId: "kucoin:SOL/USDT", leg: "protect" }]),
    false,
    true,
  ],
  ["anybody's on a dedicated account", order({ clientOrderId: "web_1" }), null, true, true],
] as const)("%s", (_, one, snapshot, isDedicated, expected) => {
  expect(isOwned(one, { lifeline: snapshot, isDedicated })).toBe(expected);
});

const tradedOf = (amounts: Readonly<Partial<Record<keyof Traded, string>>>): Partial<Traded> =>
  Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, quantity(amount)]));

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

describe("how much is ours", () => {
  const holding = { free: quantity("4"), held: quantity("6") };
  test.each([
    ["what the snapshot says", [heldPosition("5")], [], false, "5"],
    ["what our stops prove, when the snapshot is older", [], [order({ quantity: quantity("3") })], false, "3"],
    ["never more than is there", [heldPosition("50")], [], false, "10"],
    ["nothing of a shared account without a proof", [], [], false, "0"],
    ["all of a dedicated account", [], [], true, "10"],
  ] as const)("%s", (_, positions, ownSells, isDedicated, expected) => {
    const known = { holding, ownSells, traded: nothingTraded, lifeline: lifeline([...positions]), isDedicated };
    expect(ownedQuantity({ symbol: "SOL/USDT", ...known })).toBe(expected);
  });

  const nobody = { ...heldPosition("4"), protection: "none" };
  test.each([
    ["what an earlier run has sold is not sold again", heldPosition("4"), { soldByUs: "4" }, [], "0"],
    ["what an earlier run has sold in part", heldPosition("4"), { soldByUs: "1.5" }, [], "2.5"],
    ["its stop has fired since the snapshot", heldPosition("4"), { soldByOthers: "4" }, [], "0"],
    ["its stop fired while the lists were read", heldPosition("4"), { soldByOthers: "4" }, [order()], "0"],
    ["a sale of others is none of ours where no stop was", nobody, { soldByOthers: "2" }, [], "4"],
    ["an entry that filled after the snapshot is ours too", heldPosition("4"), { boughtByUs: "1" }, [], "5"],
  ] as const)("%s", (_, position, traded, ownSells, expected) => {
    const known = { holding, ownSells, lifeline: lifeline([position]), isDedicated: false };
    expect(ownedQuantity({ symbol: "SOL/USDT", ...known, traded: { ...nothingTraded, ...tradedOf(traded) } })).toBe(
      expected,
    );
  });

  test.each([
    ["a cancel that came in time", {}, "10", "4"],
    ["a stop that traded before its cancel came", { soldByOthers: "4" }, "6", "0"],
    ["a stop that traded in part", { soldByOthers: "1" }, "9", "3"],
    ["coins that left the account", {}, "1", "1"],
  ] as const)("after the cancel: %s", (_, traded, there, expected) => {
    const now = { traded: { ...nothingTraded, ...tradedOf(traded) }, there: quantity(there) };
    expect(ownedAfterCancel({ quantity: quantity("4"), traded: nothingTraded }, now)).toBe(expected);
  });
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
    traded: nothingTraded,
  });
  const sorted = byRisk([target("A/X", "1", true), target("B/X", "9", true), target("C/X", "1", false)]);
  expect(sorted.map((one) => one.instrument.symbol)).toEqual(["C/X", "B/X", "A/X"]);
});
