/** How long nobody may know, whom that wakes, and when not finding an order is a proof. */
import { describe, expect, test } from "vitest";
import { absorb } from "../../src/core/absorb.ts";
import { emptyBooks } from "../../src/core/books.ts";
import {
  absentSpanMs,
  isPastArrival,
  isProbeDue,
  isProvenAbsent,
  lostExposureMs,
  probeScheduleMs,
  stageDue,
  verdictOf,
} from "../../src/core/doubt.ts";
import type { Fact, ProbeLook } from "../../src/core/events.ts";
import { identityProblem } from "../../src/core/identity.ts";
import { quantity } from "../../src/core/money.ts";
import { exposuresOf } from "../../src/core/portfolio.ts";
import { strayOrders } from "../../src/core/stray_orders.ts";
import { addMs } from "../../src/core/time.ts";
import { closed, ended, exitTriggered } from "../fixtures/facts.ts";
import {
  instruments,
  marks,
  openEntry,
  protectedPosition,
  rules,
  seenOrder,
  unknownEntry,
} from "../fixtures/reconcile_world.ts";
import { type Story, storyStart } from "../fixtures/story.ts";

const orderOf = (story: Story) => {
  const order = story.books().orders["e1"];
  if (order === undefined) throw new Error("there is no order");
  return order;
};
const at = (ms: number) => ({ wallAt: addMs(storyStart, ms), venueAt: addMs(storyStart, ms) });
const look = (endpoint: string, verdict: ProbeLook["verdict"]): ProbeLook => ({
  endpoint,
  verdict,
  venueAt: storyStart,
  responseHash: null,
});
const absent = { type: "order_probed", clientOrderId: "e1", verdict: "absent", endpoints: [], because: "" } as const;

describe("when it is asked again", () => {
  test.for(probeScheduleMs.map((ms, total) => ({ ms, total })))("after $total looks: $ms ms", ({ ms, total }) => {
    const story = unknownEntry();
    for (let n = 0; n < total; n += 1) story.tell({ ...absent, verdict: "error" });
    expect(isProbeDue(orderOf(story), { absentAfterMs: 10_000_000 }, at(ms - 1))).toBe(false);
    expect(isProbeDue(orderOf(story), { absentAfterMs: 10_000_000 }, at(ms))).toBe(true);
  });

  test("for ever, once a minute", () => {
    const story = unknownEntry();
    for (let n = 0; n < 500; n += 1) story.tell({ ...absent, verdict: "error" });
    expect(isProbeDue(orderOf(story), { absentAfterMs: 10_000_000 }, at(59_999))).toBe(false);
    expect(isProbeDue(orderOf(story), { absentAfterMs: 10_000_000 }, at(60_000))).toBe(true);
    const isAwaited = true;
    expect(isProbeDue(orderOf(story), { absentAfterMs: 10_000_000 }, at(4_999), isAwaited)).toBe(false);
    expect(isProbeDue(orderOf(story), { absentAfterMs: 10_000_000 }, at(5_000), isAwaited)).toBe(true);
  });
});

describe("what one round of looks says", () => {
  test.for<{ name: string; looks: readonly ProbeLook[]; isPast: boolean; is: string }>([
    {
      name: "any list that shows it finds it",
      looks: [look("by_client_id", "absent"), look("open_orders", "found")],
      isPast: false,
      is: "found",
    },
    {
      name: "two lists without it, after the bound",
      looks: [look("by_client_id", "absent"), look("open_orders", "absent")],
      isPast: true,
      is: "absent",
    },
    {
      name: "the same before the bound [V02]",
      looks: [look("by_client_id", "absent"), look("open_orders", "absent")],
      isPast: false,
      is: "error",
    },
    { name: "one list alone", looks: [look("by_client_id", "absent")], isPast: true, is: "error" },
    {
      name: "the same list twice",
      looks: [look("fills", "absent"), look("fills", "absent")],
      isPast: true,
      is: "error",
    },
    {
      name: "one that did not answer [N10]",
      looks: [look("by_client_id", "absent"), look("open_orders", "absent"), look("fills", "error")],
      isPast: true,
      is: "error",
    },
  ])("$name", ({ looks, isPast, is }) => expect(verdictOf(looks, isPast)).toBe(is));

  test("the bound is counted on the venue's clock", () => {
    const order = orderOf(unknownEntry());
    expect(isPastArrival(order, rules, { wallAt: addMs(storyStart, 60_000), venueAt: addMs(storyStart, 15_999) })).toBe(
      false,
    );
    expect(isPastArrival(order, rules, { wallAt: storyStart, venueAt: addMs(storyStart, 16_000) })).toBe(true);
  });

  test("three absences in a hurry prove nothing [V02]", () => {
    const story = unknownEntry();
    story.tell(absent, absent, absent);
    expect(isProvenAbsent(orderOf(story), addMs(storyStart, absentSpanMs - 1))).toBe(false);
    expect(isProvenAbsent(orderOf(story), addMs(storyStart, absentSpanMs))).toBe(true);
    story.tell({ ...absent, verdict: "found" });
    expect(isProvenAbsent(orderOf(story), addMs(storyStart, absentSpanMs))).toBe(false);
  });
});

describe("whom its age wakes [V11]", () => {
  test.for([
    [14_999, null],
    [15_000, "warn"],
    [119_999, "warn"],
    [120_000, "page"],
    [899_999, "page"],
    [900_000, "breaker"],
  ] as const)("after %i ms: %s", ([ms, stage]) => {
    expect(stageDue(orderOf(unknownEntry()), addMs(storyStart, ms))?.stage ?? null).toBe(stage);
  });

  test("each stage once, and a new doubt begins anew", () => {
    const story = unknownEntry();
    story.tell({ type: "order_doubt_aged", clientOrderId: "e1", stage: "page", ageMs: 120_000 });
    expect(stageDue(orderOf(story), addMs(storyStart, 130_000))).toBeNull();
    expect(stageDue(orderOf(story), addMs(storyStart, 900_000))?.stage).toBe("breaker");
    story.tell({ type: "order_found", clientOrderId: "e1", venueOrderId: "v", venueState: "open", childOrderIds: [] });
    story.wait(1_000_000);
    story.tell({ type: "order_answer_lost", clientOrderId: "e1", because: "missing" });
    expect(stageDue(orderOf(story), addMs(story.now().wallAt, 15_000))?.stage).toBe("warn");
  });
});

describe("is it the one that we sent [V09]", () => {
  test.for([
    ["the same", {}, true],
    ["created a second before our stamp, as two clocks may say", { createdAt: addMs(storyStart, -1_000) }, true],
    ["created earlier than that", { createdAt: addMs(storyStart, -1_001) }, false],
    ["a sale", { side: "sell" }, false],
    ["another size", { quantity: quantity("4.4") }, false],
    ["another instrument", { instrumentId: "kucoin:ETH/USDT" }, false],
    ["another name", { clientOrderId: "e2" }, false],
    ["no name told", { clientOrderId: null }, true],
  ] as const)("%s", ([, change, isOurs]) =>
    expect(identityProblem(orderOf(unknownEntry()), seenOrder(change)) === null).toBe(isOurs),
  );
});

describe("given up by people", () => {
  test("its worst case counts for a day, and a late fill still counts [V11]", () => {
    const story = unknownEntry();
    story.tell({ type: "order_declared_lost", clientOrderId: "e1", by: ["ana", "bo"], reason: "confirmed by mail" });
    expect(orderOf(story).state).toBe("lost");
    story.wait(lostExposureMs - 1);
    story.tell({ type: "reconciled", openOrders: 0, openPositions: 0, findings: [] });
    expect(exposuresOf(story.books(), marks).map((one) => one.notional)).toContain("394.065");
    story.wait(1);
    story.tell({ type: "reconciled", openOrders: 0, openPositions: 0, findings: [] });
    expect(exposuresOf(story.books(), marks)).not.toContainEqual(expect.objectContaining({ notional: "394.065" }));
  });
});

describe("orders without a place at the venue [V39]", () => {
  test("of a closed position, whatever its leg", () => {
    const story = protectedPosition();
    story.tell(exitTriggered("trade-1", "operator"), closed("trade-1", { reason: "operator" }));
    expect(strayOrders(story.books(), story.now().wallAt)).toEqual([
      { clientOrderId: "p1", because: "its position is closed" },
    ]);
  });

  test("entries under a kill, and no stop of an open position [K02]", () => {
    const story = openEntry();
    story.tell({ type: "level_changed", from: "none", to: "flatten", reason: "enough" });
    expect(strayOrders(story.books(), story.now().wallAt).map((one) => one.clientOrderId)).toEqual(["e1"]);
    const held = protectedPosition();
    held.tell({ type: "level_changed", from: "none", to: "flatten", reason: "enough" });
    expect(strayOrders(held.books(), held.now().wallAt)).toEqual([]);
  });

  test("none while its fate is unknown or it has ended", () => {
    expect(strayOrders(unknownEntry().books(), addMs(storyStart, 60_000))).toEqual([]);
    const story = openEntry();
    story.tell(ended("e1"), closed("trade-1", { reason: "no_fill" }));
    expect(strayOrders(story.books(), story.now().wallAt)).toEqual([]);
    expect(strayOrders(emptyBooks, storyStart)).toEqual([]);
  });
});

describe("what bears the name of an order that nobody has seen yet [V09]", () => {
  const takenFrom = (story: Story, change: Parameters<typeof seenOrder>[0]) =>
    absorb(story.books(), "e1", { order: seenOrder(change), fills: [] }, { ...story.now(), marks, instruments });
  const ending = (fact: Fact): Story => {
    const story = unknownEntry();
    story.tell(fact);
    return story;
  };
  const unseen = {
    unknown: () => unknownEntry(),
    absent: () => ending({ type: "order_absent", clientOrderId: "e1", probes: 3, because: "proven" }),
    lost: () => ending({ type: "order_declared_lost", clientOrderId: "e1", by: ["ana", "bo"], reason: "by mail" }),
  };
  test.for(Object.entries(unseen))("while it is %s, another one is not booked as it", ([, make]) => {
    const story = make();
    story.wait(60_000);
    const types = (change: Parameters<typeof seenOrder>[0]) => takenFrom(story, change).map(({ fact }) => fact.type);
    expect(types({ quantity: quantity("450"), side: "sell" })).not.toContain("order_found");
    expect(types({})).toContain("order_found");
  });
});
