/** What no combination of positions, orders, prices and clocks may ever lead to. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { BookedOrder } from "../../src/core/books_orders.ts";
import { decideExit, type ExitInput, observeExit } from "../../src/core/exit_plan.ts";
import {
  isAtLeast,
  isAtMost,
  isMore,
  isMultipleOf,
  isPositive,
  minus,
  movePrice,
  notional,
  notionalOf,
  price,
  quantity,
  ratio,
  scale,
} from "../../src/core/money.ts";
import { mayStillTrade, orderStates } from "../../src/core/order.ts";
import { exitReasons, outranks, positionStates, strongestFact } from "../../src/core/position.ts";
import { decideProtection, type ProtectionInput } from "../../src/core/protection.ts";
import { addMs } from "../../src/core/time.ts";
import { makeInstrument } from "../fixtures/instrument.ts";
import { boughtAt, exitFact, makeOrder, makePosition } from "../fixtures/position.ts";

const working = orderStates.filter(mayStillTrade);
const thousandths = (min: number, max: number) =>
  fc.integer({ min, max }).map((value) => `${Math.trunc(value / 1000)}.${String(value % 1000).padStart(3, "0")}`);

const arbitraryOrder = fc
  .record({
    leg: fc.constantFrom("entry", "protect", "exit"),
    state: fc.constantFrom(...working),
    hasTriggered: fc.boolean(),
    exitReason: fc.option(fc.constantFrom(...exitReasons)),
    size: fc.integer({ min: 1, max: 60 }),
    ageMs: fc.nat({ max: 12_000 }),
  })
  .map(({ leg, size, ageMs, ...change }) =>
    makeOrder(
      leg,
      { ...change, changedAt: addMs(boughtAt, -ageMs) },
      { quantity: quantity(`${Math.trunc(size / 10)}.${size % 10}`) },
    ),
  );

const arbitraryInput: fc.Arbitrary<ExitInput & ProtectionInput & { throughStopMs: number }> = fc
  .record({
    position: fc.record({
      state: fc.constantFrom(...positionStates),
      protection: fc.constantFrom("none", "placing", "placed", "local_guard"),
      quantity: thousandths(0, 6_000).map(quantity),
      exitFacts: fc.array(fc.constantFrom(...exitReasons), { maxLength: 3 }).map((kinds) => kinds.map(exitFact)),
      attempts: fc.record({ protect: fc.nat({ max: 4 }), exit: fc.nat({ max: 6 }) }),
      protectionRefusals: fc.nat({ max: 3 }),
      unprotectedSince: fc.option(fc.nat({ max: 15_000 }).map((ms) => addMs(boughtAt, -ms))),
    }),
    live: fc.array(arbitraryOrder, { maxLength: 4 }),
    bidTicks: fc.option(fc.integer({ min: 100, max: 12_000 })),
    instrument: fc.constantFrom(
      makeInstrument(),
      makeInstrument({ protection: "stop" }),
      makeInstrument({ protection: "none" }),
      makeInstrument({ notionalMin: notional("50"), quantityMin: quantity("0.5"), tickSize: price("0.5") }),
    ),
    throughStopMs: fc.nat({ max: 4_000 }),
  })
  .map(({ position, bidTicks, ...rest }) => ({
    ...rest,
    bid: bidTicks === null ? null : scale(rest.instrument.tickSize, ratio(String(bidTicks))),
    position: makePosition(position),
    at: boughtAt,
    wallAt: boughtAt,
    refusalsMax: 2,
  }));

const of = (live: readonly BookedOrder[], leg: string) => live.filter((order) => order.intent.leg === leg);

test("a sale is never more than is held, never further than 5 % and a tick under the bid or the stop, always on step and tick", () => {
  fc.assert(
    fc.property(arbitraryInput, ({ bid, ...input }) => {
      const step = decideExit({ ...input, bid });
      if (step?.do !== "sell") return;
      const { instrument, position } = input;
      expect(isPositive(step.quantity) && isAtMost(step.quantity, position.quantity)).toBe(true);
      expect(isMultipleOf(step.quantity, instrument.stepSize)).toBe(true);
      expect(isMultipleOf(step.limitPrice, instrument.tickSize)).toBe(true);
      // Without a bid it is the level of the stop that counts.
      const best = bid ?? input.position.exitPlan.stopPrice;
      const lowest = minus(movePrice(best, ratio("-0.05")), instrument.tickSize);
      expect(isMore(step.limitPrice, lowest) && isAtMost(step.limitPrice, best)).toBe(true);
      expect(isAtLeast(notionalOf(step.limitPrice, step.quantity), instrument.notionalMin)).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});

test("nothing is sold, and no stop placed, while an exit or a stop of the position may still trade", () => {
  fc.assert(
    fc.property(arbitraryInput, (input) => {
      const mayTrade = [...of(input.live, "exit"), ...of(input.live, "protect")];
      if (mayTrade.length === 0) return;
      expect(decideExit(input)?.do).not.toBe("sell");
      expect(decideExit(input)?.do).not.toBe("close");
      expect(decideProtection(input)?.do).not.toBe("place");
    }),
    { numRuns: 3_000 },
  );
});

test("a position is closed only when nothing of it can trade", () => {
  fc.assert(
    fc.property(arbitraryInput, (input) => {
      if (decideExit(input)?.do === "close") expect(input.live).toEqual([]);
    }),
    { numRuns: 3_000 },
  );
});

test("a running exit is taken back only for a stronger reason, and only one order is named at a time", () => {
  fc.assert(
    fc.property(arbitraryInput, (input) => {
      const [exit] = of(input.live, "exit");
      const step = decideExit(input);
      if (exit === undefined || step === null) return;
      const strongest = strongestFact(input.position.exitFacts)?.kind;
      const isStronger = exit.exitReason !== null && strongest !== undefined && outranks(strongest, exit.exitReason);
      expect(
        step.do === "wait" || (step.do === "cancel" && isStronger && step.clientOrderId === exit.clientOrderId),
      ).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});

test("an order whose fate nobody knows is never acted on, except about its cancel, or for a kill to take a stop back", () => {
  fc.assert(
    fc.property(arbitraryInput, (input) => {
      const step = decideExit(input);
      const protection = decideProtection(input);
      for (const one of [step, protection]) {
        if (one?.do !== "cancel" && one?.do !== "replace") continue;
        const order = input.live.find((each) => each.clientOrderId === one.clientOrderId);
        const wanted = strongestFact(input.position.exitFacts)?.kind;
        const isKill = wanted === "emergency" || wanted === "kill_flatten";
        const lostStops = isKill && order?.intent.leg === "protect" ? ["unknown"] : [];
        expect(["open", "partial", "cancel_unknown", "cancel_pending", ...lostStops]).toContain(order?.state);
      }
    }),
    { numRuns: 3_000 },
  );
});

test("a stop covers exactly what is held, in whole steps, and is never asked for beside a reason to leave", () => {
  fc.assert(
    fc.property(arbitraryInput, (input) => {
      const step = decideProtection(input);
      if (step?.do !== "place") return;
      expect(input.position.exitFacts).toEqual([]);
      expect(
        isAtMost(step.quantity, input.position.quantity) && isMultipleOf(step.quantity, input.instrument.stepSize),
      ).toBe(true);
      expect(isAtLeast(notionalOf(step.shape.limitPrice, step.quantity), input.instrument.notionalMin)).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});

test("the same inputs always give the same answers", () => {
  fc.assert(
    fc.property(arbitraryInput, (input) => {
      const again = structuredClone(input);
      expect(decideExit(again)).toEqual(decideExit(input));
      expect(decideProtection(again)).toEqual(decideProtection(input));
      const view = { bid: input.bid, at: input.at, throughStopMs: input.throughStopMs, level: "none" } as const;
      expect(observeExit(again.position, view, again.live[0] ?? null)).toEqual(
        observeExit(input.position, view, input.live[0] ?? null),
      );
      expect(again).toEqual(input);
    }),
  );
});
