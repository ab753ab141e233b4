/** What our own watcher sees: when it adds a reason to leave, and when it holds still. */
import { describe, expect, test } from "vitest";
import type { BookedOrder } from "../../src/core/books_orders.ts";
import { type ExitView, isThroughStop, observeExit, throughGraceMs, trailedStop } from "../../src/core/exit_plan.ts";
import { price } from "../../src/core/money.ts";
import type { Position } from "../../src/core/position.ts";
import { addMs } from "../../src/core/time.ts";
import { makeInstrument } from "../fixtures/instrument.ts";
import { boughtAt, exitFact, makeOrder, makePosition } from "../fixtures/position.ts";

const plan = { stopPrice: price("85.62"), targetPrice: price("92.6"), trail: null, timeLimitMs: null };
const stop = makeOrder(
  "protect",
  {},
  { shape: { orderType: "stop_limit", triggerPrice: price("85.62"), limitPrice: price("84.76") } },
);
const oco = makeOrder("protect");
const view = (change: Partial<ExitView> = {}): ExitView => ({
  bid: price("88"),
  at: boughtAt,
  throughStopMs: 0,
  level: "none",
  ...change,
});
const at = (bid: string, change: Partial<ExitView> = {}) => view({ bid: price(bid), ...change });
const seen = (position: Position, one: ExitView, protect: BookedOrder | null) =>
  observeExit(position, one, protect)?.reason ?? null;

describe("the stop", () => {
  const bare = makePosition({ protection: "none" });
  const guarded = makePosition({ protection: "local_guard" });
  const placed = makePosition();
  test.each([
    ["no stop rests: the bid at the stop fires it", bare, at("85.62"), null, "stop"],
    ["no stop rests: one tick above holds", bare, at("85.63"), null, null],
    ["we guard alone: the bid at the stop fires it", guarded, at("85.62"), null, "stop"],
    ["a stop rests: the venue goes first", placed, at("85.62"), oco, null],
    [
      "a stop rests: far through, but not yet for 2 s",
      placed,
      at("80", { throughStopMs: throughGraceMs - 1 }),
      oco,
      null,
    ],
    [
      "a stop rests: through for 2 s, the venue did nothing",
      placed,
      at("80", { throughStopMs: throughGraceMs }),
      oco,
      "stop",
    ],
    ["through for 2 s, but the price is back above", placed, at("85.63", { throughStopMs: 9_000 }), oco, null],
    ["a stop that is unknown guards nothing", placed, at("85.62"), makeOrder("protect", { state: "unknown" }), "stop"],
    [
      "a stop whose cancel is unknown guards nothing",
      placed,
      at("85.62"),
      makeOrder("protect", { state: "cancel_unknown" }),
      "stop",
    ],
    ["a stop that should rest and is not there guards nothing", placed, at("85.62"), null, "stop"],
    [
      "a stop on its way gets its moment",
      makePosition({ protection: "placing" }),
      at("85.62"),
      makeOrder("protect", { state: "sending" }),
      null,
    ],
    [
      "a stop on its way for more than 2 s through gets no more",
      makePosition({ protection: "placing" }),
      at("85", { throughStopMs: 2_000 }),
      makeOrder("protect", { state: "sending" }),
      "stop",
    ],
    ["an unknown bid never fires", bare, view({ bid: null, throughStopMs: 9_000 }), null, null],
    [
      "a known stop is not told twice",
      makePosition({ protection: "none", exitFacts: [exitFact("stop")] }),
      at("80"),
      null,
      null,
    ],
  ])("%s", (_, position, one, protect, expected) => {
    expect(seen(position, one, protect)).toBe(expected);
  });

  test("through means by 0.1 % of the stop, or two ticks where that is more", () => {
    const fine = makeInstrument();
    const coarse = makeInstrument({ tickSize: price("1") });
    const through = (bid: string, instrument = fine) => isThroughStop(makePosition(), price(bid), instrument);
    expect([
      through("85.54"),
      through("85.53438"),
      through("85.53"),
      through("83.63", coarse),
      through("83.62", coarse),
    ]).toEqual([false, true, true, false, true]);
  });

  test("a stop smaller than the offset can't be passed by it", () => {
    const position = makePosition({ exitPlan: { ...plan, stopPrice: price("0.01") } });
    expect(isThroughStop(position, price("0"), makeInstrument())).toBe(false);
  });
});

describe("the target", () => {
  test.each([
    ["the venue holds it in an OCO", makePosition(), at("93"), oco, null],
    ["only a stop rests: we watch the target", makePosition(), at("92.6"), stop, "target"],
    ["one tick below", makePosition(), at("92.59"), stop, null],
    [
      "the OCO is unknown, so nobody else watches",
      makePosition(),
      at("93"),
      makeOrder("protect", { state: "unknown" }),
      "target",
    ],
    ["there is none", makePosition({ exitPlan: { ...plan, targetPrice: null } }), at("99"), stop, null],
    ["the bid is unknown", makePosition(), view({ bid: null }), stop, null],
  ])("%s", (_, position, one, protect, expected) => {
    expect(seen(position, one, protect)).toBe(expected);
  });
});

describe("the time limit", () => {
  const timed = makePosition({ exitPlan: { ...plan, timeLimitMs: 60_000 } });
  test.each([
    ["one millisecond before", timed, 59_999, null],
    ["at the limit", timed, 60_000, "time"],
    ["without a limit, never", makePosition(), 9_999_999_999, null],
    [
      "before the first fill, never",
      makePosition({ openedAt: null, exitPlan: { ...plan, timeLimitMs: 1 } }),
      60_000,
      null,
    ],
    ["needs no price", timed, 60_000, "time"],
  ] as const)("%s", (_, position, afterMs, expected) => {
    expect(seen(position, view({ bid: null, at: addMs(boughtAt, afterMs) }), oco)).toBe(expected);
  });
});

describe("a residual", () => {
  const residual = (change: Partial<Position> = {}) =>
    makePosition({ state: "residual", protection: "none", ...change });
  test.each([
    ["is always left", residual(), view(), "external"],
    ["is left even without a price", residual(), view({ bid: null }), "external"],
    ["under a flatten it belongs to the flatten", residual(), view({ level: "flatten" }), "kill_flatten"],
    ["under an emergency too", residual(), view({ level: "emergency" }), "kill_flatten"],
    ["a pause changes nothing", residual(), view({ level: "pause" }), "external"],
    ["once said is enough", residual({ exitFacts: [exitFact("external")] }), view(), null],
    [
      "an earlier stop of the same position is another matter",
      residual({ exitFacts: [exitFact("stop")] }),
      view(),
      "external",
    ],
  ])("%s", (_, position, one, expected) => {
    expect(seen(position, one, null)).toBe(expected);
  });
});

test.each([
  ["closed", makePosition({ state: "closed" })],
  ["not entered yet", makePosition({ state: "entry" })],
  ["empty", makePosition({ quantity: "0" as Position["quantity"] })],
])("a position that is %s has nothing to observe", (_, position) => {
  expect(seen(position, at("1", { throughStopMs: 9_000, level: "emergency" }), null)).toBeNull();
});

test("a kill is not observed on an ordinary position: whoever raised it names the positions", () => {
  expect(seen(makePosition(), view({ level: "emergency" }), oco)).toBeNull();
});

describe("a trailing stop", () => {
  const trailing = (change: Partial<Position> = {}, distanceBps = 200) =>
    makePosition({ exitPlan: { ...plan, trail: { distanceBps } }, ...change });
  const moved = (position: Position, bid: string) => trailedStop(position, price(bid), makeInstrument());
  test.each([
    ["follows a rise at its distance, floored to the tick", trailing(), "90", { stopPrice: "88.2", bestPrice: "90" }],
    [
      "never moves down",
      trailing({
        bestPrice: price("90"),
        exitPlan: { ...plan, stopPrice: price("88.2"), trail: { distanceBps: 200 } },
      }),
      "88.5",
      null,
    ],
    [
      "stays where the rise is less than a tick of stop",
      trailing({ exitPlan: { ...plan, stopPrice: price("88.2"), trail: { distanceBps: 200 } } }),
      "90.005",
      null,
    ],
    [
      "counts from the best price and not from the last",
      trailing({ bestPrice: price("95") }),
      "90",
      { stopPrice: "93.1", bestPrice: "95" },
    ],
    ["does nothing while the plan has a tighter stop", trailing({}, 900), "88", null],
    ["does nothing before the first fill", trailing({ bestPrice: null }), "90", null],
    ["does nothing without a trail", makePosition(), "99", null],
  ])("%s", (_, position, bid, expected) => {
    expect(moved(position, bid)).toEqual(expected);
  });
});
