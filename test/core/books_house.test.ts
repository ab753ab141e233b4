/** What the books know of the house: who trades, how far it is halted, its breakers and its money. */
import { describe, expect, test } from "vitest";
import type { FactOf } from "../../src/core/events.ts";
import { notional } from "../../src/core/money.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { accountOpened, houseStarted } from "../fixtures/facts.ts";
import { startStory } from "../fixtures/story.ts";

const marked = (equity: string, because: FactOf<"equity_marked">["because"]): FactOf<"equity_marked"> => ({
  type: "equity_marked",
  equity: notional(equity),
  because,
});
test("a start names the house, is not ready yet, and keeps the halt of before", () => {
  const story = startStory();
  story.tell(everyFact.level_changed, everyFact.source_gone, everyFact.house_ready, houseStarted);
  expect(story.books().house).toMatchObject({
    mode: "paper",
    epoch: 7,
    accountId: "main",
    venue: "kucoin",
    isReady: false,
    level: "pause",
    gone: {},
  });
  story.tell(everyFact.house_ready);
  expect(story.books().house.isReady).toBe(true);
  story.tell(everyFact.house_stopped);
  expect(story.books().house.isReady).toBe(false);
});

test("every change of level, limit or breaker raises the version that orders on their way compare; nothing else does", () => {
  const raising = [
    "level_changed",
    "control_changed",
    "breaker_opened",
    "breaker_half_opened",
    "breaker_closed",
    "safe_mode_entered",
    "safe_mode_left",
  ];
  const story = startStory();
  for (const fact of Object.values(everyFact)) {
    const before = story.books().house.controlVersion;
    const rise = story.tell(fact).house.controlVersion - before;
    expect([fact.type, rise]).toEqual([fact.type, raising.includes(fact.type) ? 1 : 0]);
  }
});

test("a limit is set, changed and taken back", () => {
  const story = startStory();
  const controls = () => story.books().house.controls;
  story.tell(everyFact.control_changed);
  expect(controls()).toEqual({ riskPerTrade: "0.005" });
  story.tell({ ...everyFact.control_changed, to: "0.002" });
  expect(controls()).toEqual({ riskPerTrade: "0.002" });
  story.tell({ ...everyFact.control_changed, to: null });
  expect(controls()).toEqual({});
});

test("a source is away since it first failed to answer, until it is back", () => {
  const story = startStory();
  const { wallAt } = story.now();
  expect(story.tell(everyFact.source_gone).house.gone).toEqual({
    "venue:kucoin": { since: wallAt, because: "timeout" },
  });
  expect(story.tell(everyFact.source_back).house.gone).toEqual({});
});

describe("the account", () => {
  test("opens with everything at its opening", () => {
    expect(startStory().tell(accountOpened("123.45")).house.account).toEqual({
      currency: "USDT",
      openingEquity: "123.45",
      deltas: {},
      money: { "cash USDT": "123.45", "equity USDT": "-123.45" },
      fees: "0",
      equityHigh: "123.45",
      equityLast: "123.45",
      sessionStartEquity: "123.45",
      dayStartEquity: "123.45",
      dayStart: "2026-02-06",
    });
  });

  test.each([
    [
      "a high is kept when equity falls",
      [marked("110", "high"), marked("90", "close")],
      { equityHigh: "110", equityLast: "90", dayStartEquity: "100", sessionStartEquity: "100" },
    ],
    [
      "whatever the mark is for, a new high is a high",
      [marked("120", "session")],
      { equityHigh: "120", sessionStartEquity: "120", dayStartEquity: "100" },
    ],
    ["a day begins", [marked("95", "day")], { equityHigh: "100", dayStartEquity: "95", sessionStartEquity: "100" }],
    ["9 is not more than 10", [marked("9", "high")], { equityHigh: "100", equityLast: "9" }],
  ] as const)("%s", (_, facts, expected) => {
    expect(startStory().tell(accountOpened("100"), ...facts).house.account).toMatchObject(expected);
  });

  test("nothing is marked before there is one", () => {
    expect(startStory().tell(marked("5", "day")).house.account).toBeNull();
  });
});
