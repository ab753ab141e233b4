/** `audit replay` claims no more than was compared. */
import { expect, test } from "vitest";
import { replayCode, replayText } from "../../src/boot/replay_trade.ts";
import type { Replayed } from "../../src/core/replay.ts";

const step = (verdict: Replayed["verdict"]): Replayed => ({ seq: 7, what: "size and checks", verdict, note: "why" });

test.each<[string, readonly Replayed[], 0 | 1]>([
  ["all that was compared is equal", [step("equal"), step("not_recorded")], 0],
  ["something differs", [step("equal"), step("differs")], 1],
  ["nothing is on record that could be decided again", [step("not_recorded"), step("not_recorded")], 1],
  ["the trade has no decision at all", [], 1],
])("the exit code where %s", (_, steps, expected) => {
  expect(replayCode(steps)).toBe(expected);
  const isNothing = !steps.some(({ verdict }) => verdict !== "not_recorded");
  expect(replayText("trade-1", steps).includes("so nothing is proven")).toBe(isNothing);
});

test("what a record does not hold is said each time", () => {
  const text = replayText("trade-1", [step("equal")]);
  expect(text).toContain("1 equal, 0 differ, 0 can't be decided again from the record");
  expect(text).toContain("Not on record: the candles, the order book and the balance of the moment");
});
