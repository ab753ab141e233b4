/** What the books say of the stop of a position: placing, placed, gone, refused, unknown; and since when it is bare. */
import { describe, expect, test } from "vitest";
import type { Fact } from "../../src/core/events.ts";
import { price } from "../../src/core/money.ts";
import { acknowledged, ended, exitTriggered, fillOf, foundAs, intended, sending, working } from "../fixtures/facts.ts";
import { makeEntry, makeProtection } from "../fixtures/intent.ts";
import { type Story, startStory, storyStart } from "../fixtures/story.ts";

function protecting(...facts: readonly Fact[]): Story {
  const story = startStory();
  story.tell(...working("e1", makeEntry()), fillOf("e1", { price: "87.5", quantity: "4.5" }));
  story.wait(1_000);
  story.tell(intended("p1", makeProtection()), ...facts);
  return story;
}
const seen = (story: Story) => {
  const position = story.books().positions["trade-1"];
  const since = position?.unprotectedSince ?? null;
  return [
    position?.protection,
    since === null ? null : since - storyStart,
    position?.protectionRefusals,
    position?.state,
  ];
};
const refused = (reason: string): Fact => ({
  type: "order_rejected",
  clientOrderId: "p1",
  code: "1",
  message: "no",
  reason,
});
const lost: Fact = { type: "order_answer_lost", clientOrderId: "p1", because: "timeout" };

test.each([
  ["decided: on its way, bare since the fill", protecting(), ["placing", 0, 0, "monitoring"]],
  ["sent", protecting(sending("p1")), ["placing", 0, 0, "monitoring"]],
  ["taken", protecting(sending("p1"), acknowledged("p1")), ["placed", null, 0, "monitoring"]],
  ["no answer: we guard it", protecting(sending("p1"), lost), ["local_guard", 0, 0, "monitoring"]],
  ["no answer, then found", protecting(sending("p1"), lost, foundAs("p1", "open")), ["placed", null, 0, "monitoring"]],
  [
    "no answer, then found ended: nothing rests",
    protecting(sending("p1"), lost, foundAs("p1", "canceled")),
    ["local_guard", 0, 0, "monitoring"],
  ],
  [
    "no answer, then proven absent",
    protecting(sending("p1"), lost, { type: "order_absent", clientOrderId: "p1", probes: 3, because: "gone" }),
    ["none", 0, 0, "monitoring"],
  ],
  [
    "not sent: no refusal",
    protecting(sending("p1"), { type: "order_not_sent", clientOrderId: "p1", because: "dns", retryAfterMs: null }),
    ["none", 0, 0, "monitoring"],
  ],
  [
    "dropped before sending: no refusal",
    protecting({ type: "order_dropped", clientOrderId: "p1", because: "x" }),
    ["none", 0, 0, "monitoring"],
  ],
  ["refused once", protecting(sending("p1"), refused("price_band")), ["none", 0, 1, "monitoring"]],
  [
    "taken away by someone: bare from now",
    protecting(sending("p1"), acknowledged("p1"), ended("p1", { by: "venue" })),
    ["none", 1_000, 0, "monitoring"],
  ],
  [
    '"would trigger at once" is the stop itself',
    protecting(sending("p1"), refused("would_trigger")),
    ["none", 0, 1, "stop_triggered"],
  ],
] as const)("%s", (_, story, expected) => {
  expect(seen(story)).toEqual(expected);
});

describe("refusals in a row", () => {
  test("are counted, and forgotten when one stop was taken", () => {
    const story = protecting(sending("p1"), refused("price_band"));
    const again = makeProtection({ attempt: 2 });
    story.tell(intended("p2", again), sending("p2"), { ...refused("price_band"), clientOrderId: "p2" } as Fact);
    expect(seen(story)).toEqual(["none", 0, 2, "monitoring"]);
    story.tell(intended("p3", makeProtection({ attempt: 3 })), sending("p3"), acknowledged("p3"));
    expect(seen(story)).toEqual(["placed", null, 0, "monitoring"]);
    expect(story.books().positions["trade-1"]?.attempts.protect).toBe(3);
  });
});

test("a stop that would trigger at once leaves one reason to leave, with the trigger as its price", () => {
  const story = protecting(sending("p1"), refused("would_trigger"));
  expect(story.books().positions["trade-1"]?.exitFacts).toMatchObject([
    { kind: "stop", observedPrice: "85.62", source: "venue" },
  ]);
  const known = protecting(exitTriggered("trade-1", "stop"), sending("p1"), refused("would_trigger"));
  expect(known.books().positions["trade-1"]?.exitFacts).toHaveLength(1);
});

test("more bought under a resting stop is bare from its own fill on", () => {
  const story = startStory();
  story.tell(
    ...working("e1", makeEntry()),
    fillOf("e1", { price: "87.5", quantity: "2" }),
    ...working("p1", makeProtection()),
  );
  expect(seen(story)[1]).toBeNull();
  story.wait(4_000);
  story.tell(fillOf("e1", { price: "87.5", quantity: "1" }));
  expect(seen(story)).toEqual(["placed", 4_000, 0, "monitoring"]);
});

test("a moved stop is the plan's new stop, and keeps the best price that moved it", () => {
  const story = protecting();
  story.tell({ type: "stop_moved", positionId: "trade-1", stopPrice: price("86"), bestPrice: price("88") });
  expect(story.books().positions["trade-1"]).toMatchObject({
    bestPrice: "88",
    exitPlan: { stopPrice: "86", targetPrice: "92.6" },
  });
});

test("a fact about the protection counts whether or not it names an order", () => {
  for (const clientOrderId of [null, "p1"]) {
    const story = protecting();
    story.tell({
      type: "position_protected",
      positionId: "trade-1",
      protection: "local_guard",
      clientOrderId,
      because: "no stop orders there",
    });
    expect(seen(story)).toEqual(["local_guard", 0, 0, "monitoring"]);
  }
});
