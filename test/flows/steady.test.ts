/** Ages while somebody sets the wall clock: what this life has seen ages by the monotonic clock alone. */
import { describe, expect, test } from "vitest";
import { unknownOrdersAreProbed } from "../../src/assertions/unknown_orders_are_probed.ts";
import { absentSpanMs, isProbeDue, isProvenAbsent, stageDue } from "../../src/core/doubt.ts";
import type { Fact } from "../../src/core/events.ts";
import { mayAskCancel } from "../../src/core/exit_plan.ts";
import { between, instant } from "../../src/core/time.ts";
import { makeMemory } from "../../src/flows/memory.ts";
import type { Needs } from "../../src/flows/needs.ts";
import {
  absentSpanOf,
  heldMs,
  noteAbsence,
  noteReceived,
  redateBooks,
  steadyBooks,
  steadyKill,
  steadyOrder,
  steadyPosition,
} from "../../src/flows/steady.ts";
import type { OrderBook } from "../../src/ports/venue.ts";
import { bought, unknownEntry } from "../fixtures/reconcile_world.ts";
import type { Story } from "../fixtures/story.ts";

const hour = 3_600_000;
const neverAbsent = { absentAfterMs: 10_000_000 };
const look = (verdict: "absent" | "error" | "found"): Fact => ({
  type: "order_probed",
  clientOrderId: "e1",
  verdict,
  endpoints: ["by_client_id", "open_orders"],
  because: "",
});

/** A story whose wall clock people set, with the monotonic clock of one life beside it. */
function house(story: Story = unknownEntry()) {
  const world = { mono: 0 };
  const needs = {
    clock: { mono: () => world.mono, wall: () => story.now().wallAt },
    memory: makeMemory(),
  } as unknown as Needs;
  const order = () => {
    const row = story.books().orders["e1"];
    if (row === undefined) throw new Error("there is no order");
    return row;
  };
  return {
    needs,
    story,
    order,
    steady: () => steadyOrder(needs, order()),
    /** Real time passes, and the wall is set by `setMs` at its end. */
    pass(ms: number, setMs = 0) {
      world.mono += ms;
      story.wait(ms, ms + setMs);
    },
    times: () => ({ wallAt: story.now().wallAt, venueAt: instant(story.now().at) }),
  };
}

describe.each([
  ["back", -hour],
  ["forward", hour],
] as const)("the wall clock is set %s by an hour [C02]", (_way, setMs) => {
  test("an unknown order is looked for when its time has come, not sooner and not an hour later", () => {
    const { steady, story, pass, times } = house();
    story.tell(look("error"));
    steady();
    pass(100, setMs);
    expect(isProbeDue(steady(), neverAbsent, times())).toBe(false);
    pass(400);
    expect(isProbeDue(steady(), neverAbsent, times())).toBe(true);
  });

  test("its age wakes people at the real age", () => {
    const { steady, pass, times } = house();
    steady();
    pass(14_000, setMs);
    expect(stageDue(steady(), times().wallAt)).toBeNull();
    pass(1_000);
    expect(stageDue(steady(), times().wallAt)).toMatchObject({ stage: "warn", ageMs: 15_000 });
  });

  test("a promise about it breaks at the real age", () => {
    const { needs, story, pass, times } = house();
    const broken = () =>
      unknownOrdersAreProbed.breaches(steadyBooks(needs, story.books()), { wallAt: times().wallAt } as never);
    expect(broken()).toEqual([]);
    pass(10_000, setMs);
    expect(broken()).toEqual([]);
    pass(70_000);
    expect(broken()).toHaveLength(1);
  });

  test("a lost cancel is asked for again after five real seconds", () => {
    const { steady, story, pass, times } = house();
    story.tell({ type: "order_found", clientOrderId: "e1", venueOrderId: "v", venueState: "open", childOrderIds: [] });
    story.tell({ type: "order_cancel_requested", clientOrderId: "e1", because: "test" });
    steady();
    pass(4_000, setMs);
    expect(mayAskCancel(steady(), times().wallAt)).toBe(false);
    pass(1_000);
    expect(mayAskCancel(steady(), times().wallAt)).toBe(true);
  });

  test("a position is bare for as long as it really is", () => {
    const { needs, story, pass } = house(bought());
    const bareMs = () => {
      const position = story.books().positions["trade-1"];
      if (position === undefined) throw new Error("there is no position");
      return story.now().wallAt - (steadyPosition(needs, position).unprotectedSince ?? 0);
    };
    const before = bareMs();
    pass(5_000, setMs);
    expect(bareMs()).toBe(before + 5_000);
  });

  test("the silence before a sale, a step of it and its sweep last as long as they really do [K02]", () => {
    const { needs, story, pass } = house(bought());
    const procedureId = "kill-1";
    story.tell({ type: "flatten_started", procedureId, level: "emergency", reason: "test" });
    story.tell({ type: "flatten_step", procedureId, step: "selling", because: "test", left: [] });
    story.tell({ type: "flatten_verified", procedureId, looks: 2, spanMs: 2_000, report: [] });
    const ages = () => {
      const kill = story.books().house.kill;
      if (kill == null) throw new Error("there is no procedure");
      const { raisedAt, stepAt, verifiedAt } = steadyKill(needs, kill);
      return [raisedAt, stepAt, verifiedAt ?? 0].map((at) => needs.clock.wall() - at);
    };
    const before = ages();
    pass(30_000, setMs);
    expect(ages()).toEqual(before.map((age) => age + 30_000));
    pass(5_000);
    expect(ages()).toEqual(before.map((age) => age + 35_000));
  });

  test("a book is as old as it is, and is dated anew", () => {
    const { needs, pass } = house();
    const book = { instrumentId: "kucoin:SOL/USDT", receivedAt: needs.clock.wall() } as OrderBook;
    needs.memory.books.set(book.instrumentId, book);
    noteReceived(needs, book);
    pass(3_000, setMs);
    redateBooks(needs, setMs);
    const redated = needs.memory.books.get(book.instrumentId) ?? book;
    expect([heldMs(needs, book), heldMs(needs, redated)]).toEqual([3_000, 3_000]);
    expect(needs.clock.wall() - redated.receivedAt).toBe(3_000);
  });

  test("three looks within two seconds prove nothing; ten real seconds of this life do [V02]", () => {
    const { needs, story, order, pass, times } = house();
    const lookNow = () => {
      story.tell(look("absent"));
      noteAbsence(needs, order());
      return isProvenAbsent(order(), times().wallAt, absentSpanOf(needs, order()));
    };
    expect(lookNow()).toBe(false);
    pass(1_000);
    expect(lookNow()).toBe(false);
    pass(1_000, setMs);
    expect(lookNow()).toBe(false);
    pass(absentSpanMs - 2_001);
    expect(lookNow()).toBe(false);
    pass(1);
    expect(lookNow()).toBe(true);
  });
});

describe("what an earlier life has seen", () => {
  test("its looks count, its time does not: this life looks for ten seconds itself [V02]", () => {
    const { needs, story, order, pass, times } = house();
    story.tell(look("absent"), look("absent"), look("absent"));
    pass(hour);
    const isProven = () => isProvenAbsent(order(), times().wallAt, absentSpanOf(needs, order()));
    expect(isProven()).toBe(false);
    story.tell(look("absent"));
    noteAbsence(needs, order());
    expect(isProven()).toBe(false);
    pass(absentSpanMs);
    story.tell(look("absent"));
    noteAbsence(needs, order());
    expect(isProven()).toBe(true);
  });

  test("a trace of it begins the proof anew [V02]", () => {
    const { needs, story, order, pass } = house();
    story.tell(look("absent"));
    noteAbsence(needs, order());
    pass(absentSpanMs);
    story.tell(look("found"), look("absent"));
    noteAbsence(needs, order());
    expect(absentSpanOf(needs, order())).toBe(0);
  });

  test("what it dated in the future is looked at now, and ages from now on [C02]", () => {
    const { steady, story, pass, order, times } = house();
    pass(30_000);
    story.tell(look("error"));
    pass(0, -hour);
    expect(isProbeDue(order(), neverAbsent, times())).toBe(true);
    steady();
    pass(60_000);
    expect(isProbeDue(steady(), neverAbsent, times())).toBe(true);
  });

  test("a book that nobody noted is old when its date lies in the future [C02]", () => {
    const { needs } = house();
    const book = { receivedAt: instant(needs.clock.wall() + 1) } as OrderBook;
    expect(heldMs(needs, book)).toBe(Number.POSITIVE_INFINITY);
  });
});

test.each([
  ["forward", hour],
  ["back", -hour],
] as const)(
  "a row whose age nobody had asked yet is no older than it truly is when the clock is set %s [C02]",
  (_way, setMs) => {
    const { needs, steady, pass, times } = house();
    needs.memory.wallMinusMono = needs.clock.wall() - needs.clock.mono();
    pass(400, setMs);
    expect(stageDue(steady(), times().wallAt)).toBeNull();
    const trulyMs = 400;
    expect(between(steady().changedAt, times().wallAt)).toBeLessThanOrEqual(trulyMs);
  },
);
