/** Which of several reasons a closed position bears: that of the order that sold it. */
import { describe, expect, test } from "vitest";
import { absorb } from "../../src/core/absorb.ts";
import { evolveTentatively } from "../../src/core/books.ts";
import { price, quantity } from "../../src/core/money.ts";
import type { ExitReason } from "../../src/core/position.ts";
import { addMs } from "../../src/core/time.ts";
import { ended, exitTriggered, fillOf, working } from "../fixtures/facts.ts";
import { makeExit } from "../fixtures/intent.ts";
import {
  bought,
  instruments,
  marks,
  protectedPosition,
  seenFill,
  seenOrder,
  seenStop,
} from "../fixtures/reconcile_world.ts";
import { type Story, storyStart } from "../fixtures/story.ts";

const times = { at: addMs(storyStart, 300_000), wallAt: addMs(storyStart, 300_000) };
type News = Parameters<typeof absorb>[2];

/** The reason on the record after the venue told the end of one order; null = it is not closed. */
function reasonAfter(story: Story, clientOrderId: string, news: News): ExitReason | null {
  const told = absorb(story.books(), clientOrderId, news, { ...times, marks, instruments });
  return evolveTentatively(story.books(), told, times).positions["trade-1"]?.exitReason ?? null;
}

const sold = (of: string, size: string, at: string) =>
  seenFill("s1", size, { venueOrderId: `venue ${of}`, side: "sell", price: price(at) });

describe("the reason of a closed position", () => {
  test.each([
    ["its stop", "85", "stop"],
    ["its target", "94", "target"],
  ] as const)("%s was faster than the kill switch", (_what, at, reason) => {
    const story = protectedPosition();
    story.tell(exitTriggered("trade-1", "kill_flatten"));
    const order = seenStop({
      state: "filled",
      hasTriggered: true,
      filledQuantity: quantity("4.5"),
      childOrderIds: ["child"],
    });
    expect(reasonAfter(story, "p1", { order, fills: [{ ...sold("p1", "4.5", at), venueOrderId: "child" }] })).toBe(
      reason,
    );
  });

  test("an exit that was on its way before a stronger reason came keeps its own", () => {
    const story = bought();
    story.tell(exitTriggered("trade-1", "time"), ...working("x1", makeExit(), { exitReason: "time" }));
    story.tell(exitTriggered("trade-1", "emergency"));
    const order = seenOrder({
      clientOrderId: "x1",
      venueOrderId: "venue x1",
      side: "sell",
      state: "filled",
      filledQuantity: quantity("4.5"),
    });
    expect(reasonAfter(story, "x1", { order, fills: [sold("x1", "4.5", "87")] })).toBe("time");
  });

  test("of two that sold, the one that sold more", () => {
    const story = bought();
    story.tell(exitTriggered("trade-1", "time"), ...working("x1", makeExit(), { exitReason: "time" }));
    story.tell(fillOf("x1", { price: "87", quantity: "1", id: "s0" }), ended("x1"));
    story.tell(exitTriggered("trade-1", "emergency"));
    story.tell(...working("x2", makeExit({ quantity: quantity("3.5"), attempt: 2 }), { exitReason: "emergency" }));
    const order = seenOrder({
      clientOrderId: "x2",
      venueOrderId: "venue x2",
      side: "sell",
      quantity: quantity("3.5"),
      state: "filled",
      filledQuantity: quantity("3.5"),
    });
    expect(reasonAfter(story, "x2", { order, fills: [sold("x2", "3.5", "87")] })).toBe("emergency");
  });
});
