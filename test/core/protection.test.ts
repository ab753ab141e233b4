/** What should rest at the venue for a position, and what happens when it can't: every rule as a table. */
import { describe, expect, test } from "vitest";
import type { BookedOrder } from "../../src/core/books_orders.ts";
import { cancelAgainMs } from "../../src/core/exit_plan.ts";
import type { Instrument } from "../../src/core/instrument.ts";
import { notional, price, quantity } from "../../src/core/money.ts";
import { exitReasons, type Position } from "../../src/core/position.ts";
import {
  decideProtection,
  type ProtectionInput,
  type ProtectionStep,
  replaceMaxMs,
  shapeOf,
  stopLimitPrice,
  unprotectedMaxMs,
} from "../../src/core/protection.ts";
import { addMs, type Instant } from "../../src/core/time.ts";
import { makeInstrument } from "../fixtures/instrument.ts";
import { asked, boughtAt, makeOrder, makePosition } from "../fixtures/position.ts";

/** Bought just now, and nothing rests yet. */
const bare = (change: Partial<Position> = {}) =>
  makePosition({ protection: "none", unprotectedSince: boughtAt, attempts: { protect: 0, exit: 0 }, ...change });
const afterMs = (ms: number): Instant => addMs(boughtAt, ms);

function decide(
  position: Position,
  live: readonly BookedOrder[] = [],
  change: Partial<ProtectionInput> = {},
): ProtectionStep | null {
  return decideProtection({
    position,
    live,
    instrument: makeInstrument(),
    bid: price("88"),
    at: afterMs(100),
    refusalsMax: 2,
    ...change,
  });
}
function told(step: ProtectionStep | null): string {
  if (step === null) return "as it should be";
  if (step.do === "place") return `place ${step.shape.orderType} for ${step.quantity}, try ${step.attempt}`;
  return step.do === "replace" ? `replace ${step.clientOrderId}: ${step.because}` : `${step.do}: ${step.because}`;
}

describe("what rests", () => {
  const at = (instrument: Partial<Instrument>, plan: Partial<Position["exitPlan"]> = {}) =>
    shapeOf(
      makePosition({
        exitPlan: { stopPrice: price("85.62"), targetPrice: price("92.6"), trail: null, timeLimitMs: null, ...plan },
      }),
      makeInstrument(instrument),
    );
  test.each([
    [
      "stop and target as one where the venue has it",
      at({ protection: "oco" }),
      { orderType: "oco", targetPrice: "92.6", triggerPrice: "85.62", limitPrice: "84.76" },
    ],
    [
      "the stop alone where no target is wanted",
      at({ protection: "oco" }, { targetPrice: null }),
      { orderType: "stop_limit", triggerPrice: "85.62", limitPrice: "84.76" },
    ],
    [
      "the stop alone where the venue has no pairs",
      at({ protection: "stop" }),
      { orderType: "stop_limit", triggerPrice: "85.62", limitPrice: "84.76" },
    ],
    [
      "a target off the tick is sold no lower than wished",
      at({ protection: "oco" }, { targetPrice: price("90.1353") }),
      { orderType: "oco", targetPrice: "90.14", triggerPrice: "85.62", limitPrice: "84.76" },
    ],
  ])("%s", (_, shape, expected) => expect(shape).toEqual(expected));

  test("a stop sells at most 1 % under its trigger, on tick and never at 0", () => {
    const limits = ["85.62", "100", "0.02", "0.01"].map((stop) => stopLimitPrice(price(stop), makeInstrument()));
    expect(limits).toEqual(["84.76", "99", "0.01", "0.01"]);
  });
});

describe("a bare position", () => {
  test.each([
    ["gets its stop at once", bare(), {}, "place oco for 4.5, try 1"],
    ["in whole steps of what is held", bare({ quantity: quantity("4.4955") }), {}, "place oco for 4.4, try 1"],
    ["counts its tries", bare({ attempts: { protect: 3, exit: 0 } }), {}, "place oco for 4.5, try 4"],
    ["even when no price is known", bare(), { bid: null }, "place oco for 4.5, try 1"],
    [
      "is watched by us where the venue has no stops",
      bare(),
      { instrument: makeInstrument({ protection: "none" }) },
      "guard: this venue has no stop orders",
    ],
    [
      "and once that is known nothing is to be done",
      bare({ protection: "local_guard" }),
      { instrument: makeInstrument({ protection: "none" }) },
      "as it should be",
    ],
    ["whose stop was refused once is tried again", bare({ protectionRefusals: 1 }), {}, "place oco for 4.5, try 1"],
    [
      "whose stop was refused twice is left",
      bare({ protectionRefusals: 2 }),
      {},
      "exit: the venue refused the stop 2 times",
    ],
    [
      "bare for 10 s exactly still tries",
      bare({ attempts: { protect: 1, exit: 0 } }),
      { at: afterMs(unprotectedMaxMs) },
      "place oco for 4.5, try 2",
    ],
    [
      "bare for more than 10 s is left",
      bare({ attempts: { protect: 1, exit: 0 } }),
      { at: afterMs(unprotectedMaxMs + 1) },
      "exit: without a stop for 10 s",
    ],
    [
      "a stop in place of another one that was refused is tried again for 2 s",
      bare({ attempts: { protect: 2, exit: 0 }, protectionRefusals: 1 }),
      { at: afterMs(replaceMaxMs) },
      "place oco for 4.5, try 3",
    ],
    [
      "and then the position is left",
      bare({ attempts: { protect: 2, exit: 0 }, protectionRefusals: 1 }),
      { at: afterMs(replaceMaxMs + 1) },
      "exit: without a stop for 2 s",
    ],
    [
      "a first one that was refused has longer",
      bare({ attempts: { protect: 1, exit: 0 }, protectionRefusals: 1 }),
      { at: afterMs(unprotectedMaxMs) },
      "place oco for 4.5, try 2",
    ],
    [
      "found bare after a restart is protected first, however long we were away",
      bare(),
      { at: afterMs(600_000) },
      "place oco for 4.5, try 1",
    ],
    [
      "too small for a stop at its worst price is left",
      bare(),
      { instrument: makeInstrument({ notionalMin: notional("381.43") }) },
      "exit: 4.5 SOL is too small for a stop at 85.62",
    ],
    [
      "exactly large enough is protected",
      bare(),
      { instrument: makeInstrument({ notionalMin: notional("381.42") }) },
      "place oco for 4.5, try 1",
    ],
    [
      "under the smallest quantity is left",
      bare(),
      { instrument: makeInstrument({ quantityMin: quantity("4.6") }) },
      "exit: 4.5 SOL is too small to sell",
    ],
    [
      "under one step is left as dust, and not kept open for ever",
      bare({ quantity: quantity("0.0999") }),
      {},
      "exit: 0.0999 SOL is too small to sell",
    ],
    [
      "the same where we guard it ourselves",
      bare({ quantity: quantity("0.0999"), protection: "local_guard" }),
      { instrument: makeInstrument({ protection: "none" }) },
      "exit: 0.0999 SOL is too small to sell",
    ],
  ] as const)("%s", (_, position, change, expected) => {
    expect(told(decide(position, [], change))).toBe(expected);
  });
});

describe("nothing is placed", () => {
  test.each([
    ["before the first fill", bare({ state: "entry" })],
    ["after the end", bare({ state: "closed" })],
    ["for nothing", bare({ quantity: quantity("0") })],
  ])("%s", (_, position) => expect(decide(position)).toBeNull());

  test.each(exitReasons)("once %s asks to leave: leaving is the exit's business", (reason) => {
    expect(decide(asked([reason], { protection: "none" }))).toBeNull();
  });

  test("beside a running exit", () => expect(decide(bare(), [makeOrder("exit")])).toBeNull());
});

describe("while the entry still fills", () => {
  test.each([
    ["a moment is given", "partial", 999, "wait: the entry is still filling"],
    ["but never more than a second", "partial", 1_000, "place oco for 4.5, try 1"],
    ["none for an entry that nobody can see", "unknown", 0, "place oco for 4.5, try 1"],
  ] as const)("%s", (_, state, ms, expected) => {
    expect(told(decide(bare(), [makeOrder("entry", { state })], { at: afterMs(ms) }))).toBe(expected);
  });
});

describe("while a stop rests", () => {
  const held = makePosition();
  test.each([
    ["intent", "as it should be"],
    ["sending", "wait: protection p1 is sending"],
    ["unknown", "wait: protection p1 is unknown"],
    ["open", "as it should be"],
    ["partial", "as it should be"],
    ["cancel_pending", "as it should be"],
    ["cancel_unknown", "wait: protection p1 is cancel_unknown"],
  ] as const)("%s: no second one, whatever else is wrong", (state, expected) => {
    const wrong = makePosition({ protectionRefusals: 9, unprotectedSince: boughtAt });
    expect(told(decide(held, [makeOrder("protect", { state })]))).toBe(expected);
    expect(told(decide(wrong, [makeOrder("protect", { state })], { at: afterMs(4_000) }))).toBe(expected);
  });

  test("for another size it is replaced, up or down", () => {
    for (const size of ["4.4", "4.6"]) {
      expect(told(decide(held, [makeOrder("protect", {}, { quantity: quantity(size) })]))).toBe(
        `replace p1: it covers ${size} of 4.5`,
      );
    }
  });

  test("what is held beyond a whole step does not make it wrong", () => {
    expect(decide(makePosition({ quantity: quantity("4.5999") }), [makeOrder("protect")])).toBeNull();
  });

  test("for another stop price it is replaced", () => {
    const moved = makePosition({ exitPlan: { ...held.exitPlan, stopPrice: price("86") } });
    expect(told(decide(moved, [makeOrder("protect")]))).toBe("replace p1: the stop moved to 86");
  });

  test("one that has triggered is left to sell", () => {
    expect(
      decide(makePosition({ quantity: quantity("2") }), [makeOrder("protect", { hasTriggered: true })]),
    ).toBeNull();
  });

  test("a cancel that nobody answered for 5 s is asked again, so that the old stop does not rest for ever", () => {
    const pending = [makeOrder("protect", { state: "cancel_pending" })];
    const steps = [cancelAgainMs - 1, cancelAgainMs].map((ms) => told(decide(held, pending, { at: afterMs(ms) })));
    expect(steps).toEqual(["as it should be", "replace p1: its cancel got no answer"]);
  });
});
