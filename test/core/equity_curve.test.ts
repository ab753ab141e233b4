/** What the account was worth: enough to draw a month of it, little enough to be kept in the books. */
import { describe, expect, test } from "vitest";
import type { EquityPoint } from "../../src/core/card_picture.ts";
import { equityShown, withPoint } from "../../src/core/equity_curve.ts";
import type { Fact } from "../../src/core/events.ts";
import { notional, ratio } from "../../src/core/money.ts";
import { addMs, day, hour } from "../../src/core/time.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { accountOpened } from "../fixtures/facts.ts";
import { startStory, storyStart } from "../fixtures/story.ts";

const point = (hours: number, equity: number): EquityPoint => ({
  at: addMs(storyStart, hours * hour),
  equity: notional(String(equity)),
});
const curveOf = (...points: readonly EquityPoint[]) => points.reduce<readonly EquityPoint[]>(withPoint, []);
const worth = (curve: readonly EquityPoint[]) => curve.map(({ equity }) => Number(equity));

describe("a curve", () => {
  test.each([
    ["a rise within a day is its two ends", [point(0, 100), point(1, 101), point(2, 102), point(3, 103)], [100, 103]],
    ["a turn is kept", [point(0, 100), point(1, 103), point(2, 101)], [100, 103, 101]],
    ["a fall within a day is its two ends", [point(0, 100), point(1, 90), point(2, 80)], [100, 80]],
    ["days are kept apart", [point(0, 100), point(24, 101), point(48, 102)], [100, 101, 102]],
    ["what is older than 30 days goes", [point(0, 100), point(24, 90), point(31 * 24, 95)], [90, 95]],
    ["a clock that was set back adds nothing", [point(5, 100), point(4, 200)], [100]],
  ])("%s", (_, points, expected) => expect(worth(curveOf(...points))).toEqual(expected));

  test("stays small whatever a market does", () => {
    const wild = Array.from({ length: 5_000 }, (_, index) => point(index / 10, index % 2 === 0 ? 100 : 110));
    expect(curveOf(...wild).length).toBeLessThanOrEqual(300);
  });
});

describe("what is shown of it", () => {
  const about = { mode: "paper", currency: "USDT", equityHigh: notional("110"), drawdownMax: ratio("0.1") } as const;
  test("one point is nothing to compare", () => expect(equityShown(curveOf(point(0, 100)), about)).toBeNull());
  test.each([
    ["Last day", curveOf(point(0, 100), point(20, 90))],
    ["Last 3 days", curveOf(point(0, 100), point(72, 90))],
    ["Last 30 days", curveOf(point(0, 100), point(24 * 30, 90))],
  ])("%s", (period, curve) => expect(equityShown(curve, about)?.period).toBe(period));
  test("a high of before the period counts; one within it is seen in the curve", () => {
    expect(equityShown(curveOf(point(0, 100), point(24, 90)), about)?.highWaterBefore).toBe("110");
    expect(equityShown(curveOf(point(0, 100), point(24, 110)), about)?.highWaterBefore).toBeNull();
  });
});

describe("the books", () => {
  const marked = (equity: string, because: "day" | "high" | "rebased" | "session"): Fact => ({
    ...everyFact.equity_marked,
    equity: notional(equity),
    because,
  });
  test("keep every mark of the ledger, and begin anew when an owner forgives a drawdown", () => {
    const story = startStory();
    story.tell(accountOpened("10000"));
    story.wait(day);
    story.tell(marked("9500", "day"));
    story.wait(day);
    story.tell(marked("9000", "day"));
    expect(worth(story.books().days.curve ?? [])).toEqual([10_000, 9_500, 9_000]);
    story.wait(hour);
    story.tell(marked("9001", "rebased"));
    expect(worth(story.books().days.curve ?? [])).toEqual([9_001]);
  });
  test("an ended day is worth what the first mark after it says, until it was summarized", () => {
    const story = startStory();
    story.tell(accountOpened("10000"));
    story.wait(day);
    story.tell(marked("9500", "day"));
    expect(story.books().days.previous).toMatchObject({ startEquity: "10000", endEquity: "9500" });
    story.tell({ ...everyFact.day_summarized, day: story.books().days.previous?.date ?? "" });
    story.tell(marked("9400", "day"));
    expect(story.books().days.previous?.endEquity).toBe("9500");
  });
});
