/** What a day and a strategy count, when a day ends, and how streaks of stops grow and break. */
import { describe, expect, test } from "vitest";
import type { Fact } from "../../src/core/events.ts";
import { notional } from "../../src/core/money.ts";
import type { ExitReason } from "../../src/core/position.ts";
import { addMs, hour } from "../../src/core/time.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { accountOpened, closed, fillOf, intended, requested, settledAs, working } from "../fixtures/facts.ts";
import { makeEntry, makeExit } from "../fixtures/intent.ts";
import { type Story, startStory, storyStart } from "../fixtures/story.ts";

const today = (story: Story) => story.books().days.today;

describe("a day", () => {
  test("counts what happened, each thing once", () => {
    const story = startStory();
    story.tell(
      everyFact.house_started,
      accountOpened("10000"),
      everyFact.signal_raised,
      everyFact.intent_denied,
      ...working("e1", makeEntry()),
      fillOf("e1", { price: "80", quantity: "4.5", fee: "0.36" }),
    );
    story.tell(
      ...working("x1", makeExit()),
      fillOf("x1", { price: "81", quantity: "4.5", fee: "0.3645" }),
      closed("trade-1", { pnl: notional("3.7755"), fees: notional("0.7245") }),
    );
    expect(today(story)).toMatchObject({
      date: "2026-02-06",
      starts: 1,
      startEquity: "10000",
      signals: 1,
      denied: 1,
      entries: 1,
      trades: 1,
      winners: 1,
      pnl: "3.7755",
      fees: "0.7245",
    });
  });

  test.each([
    ["a loser is no winner", closed("trade-1", { pnl: notional("-0.01") }), { trades: 1, winners: 0, pnl: "-0.01" }],
    ["an even trade is no winner", closed("trade-1", { pnl: notional("0") }), { trades: 1, winners: 0, pnl: "0" }],
    [
      "a position without a fill is no trade",
      closed("trade-1", { reason: "no_fill" }),
      { trades: 0, winners: 0, pnl: "0" },
    ],
    ["a lost answer is counted", everyFact.order_answer_lost, { unknownOrders: 1 }],
  ] as const)("%s", (_, fact, expected) => {
    const story = startStory();
    story.tell(intended("e1", makeEntry()), fact);
    expect(today(story)).toMatchObject(expected);
  });

  test("a trade that a late fill reopened is one trade, and only the difference of its profit is added", () => {
    const story = startStory();
    story.tell(
      ...working("e1", makeEntry()),
      closed("trade-1", { pnl: notional("5"), fees: notional("1") }),
      fillOf("e1", { price: "80", quantity: "1" }),
    );
    story.tell(closed("trade-1", { reason: "external", pnl: notional("3"), fees: notional("1.5") }));
    expect(today(story)).toMatchObject({ trades: 1, winners: 1, pnl: "3" });
    expect(story.books().strategies["ema_trend"]).toMatchObject({
      trades: 1,
      pnl: "3",
      fees: "1.5",
      stopsInRow: { "kucoin:SOL/USDT": { stops: 1 } },
    });
  });
});

describe("answers", () => {
  test.each([
    ["approved", { asked: 1, approved: 1, answersMs: [12_000] }],
    ["declined", { asked: 1, declined: 1, answersMs: [12_000] }],
    ["expired", { asked: 1, expired: 1, answersMs: [] }],
    ["canceled", { asked: 1, approved: 0, declined: 0, expired: 0, answersMs: [] }],
  ] as const)("%s", (to, expected) => {
    const story = startStory();
    story.tell(requested(), settledAs(to));
    expect(today(story)).toMatchObject(expected);
  });

  test("what follows a decision is no second decision", () => {
    const story = startStory();
    story.tell(
      requested(),
      settledAs("approved"),
      settledAs("executing", { from: "approved" }),
      settledAs("executed", { from: "executing" }),
    );
    expect(today(story)).toMatchObject({ approved: 1, answersMs: [12_000] });
  });

  test("a policy is nobody who took time to answer", () => {
    const story = startStory();
    story.tell(requested(), settledAs("approved", { by: ["policy:automatic"], at: storyStart }));
    expect(today(story)).toMatchObject({ approved: 1, answersMs: [] });
  });

  test("only the newest 500 are kept", () => {
    const story = startStory();
    for (let number = 0; number < 510; number += 1) {
      const approvalId = `apr-${number}`;
      story.tell(requested({ approvalId }), settledAs("approved", { approvalId, at: addMs(storyStart, number) }));
    }
    expect([today(story).answersMs.length, today(story).answersMs.at(-1), today(story).approved]).toEqual([
      500, 509, 510,
    ]);
  });
});

describe("midnight (UTC, house time)", () => {
  const quiet: Fact = everyFact.source_back;
  const atNextDay = () => {
    const story = startStory();
    story.tell(accountOpened("10000"), everyFact.signal_raised, {
      ...everyFact.equity_marked,
      equity: notional("10050"),
      because: "high",
    });
    story.wait(12 * hour - 1);
    story.tell(quiet);
    const before = story.books().days;
    story.wait(1);
    story.tell(quiet);
    return { story, before };
  };

  test("one millisecond decides", () => {
    const { story, before } = atNextDay();
    expect([before.today.date, story.books().days.today.date]).toEqual(["2026-02-06", "2026-02-07"]);
  });

  test("the ended day waits for its summary; the new one starts with the last equity", () => {
    const { story } = atNextDay();
    expect(story.books().days).toMatchObject({
      previous: { date: "2026-02-06", signals: 1, endEquity: "10050" },
      today: { signals: 0, startEquity: "10050" },
      isPreviousSummarized: false,
    });
  });

  test("the summary of that day, and of no other, is told once", () => {
    const { story } = atNextDay();
    story.tell({ ...everyFact.day_summarized, day: "2026-02-05" });
    expect(story.books().days.isPreviousSummarized).toBe(false);
    story.tell({ ...everyFact.day_summarized, day: "2026-02-06" });
    expect(story.books().days.isPreviousSummarized).toBe(true);
  });

  test("the first day of all has no day before it to summarize", () => {
    const story = startStory();
    story.tell(quiet);
    expect(story.books().days).toMatchObject({ previous: null, isPreviousSummarized: true });
  });

  test("a marked day sets the start of both the day and the account's day", () => {
    const { story } = atNextDay();
    story.tell({ ...everyFact.equity_marked, equity: notional("9990"), because: "day" });
    expect(today(story)).toMatchObject({ startEquity: "9990", endEquity: "9990" });
    expect(story.books().house.account).toMatchObject({ dayStartEquity: "9990", dayStart: "2026-02-07" });
  });
});

describe("a streak of stops", () => {
  const after = (...reasons: readonly (ExitReason | "no_fill")[]) => {
    const story = startStory();
    reasons.forEach((reason, index) => {
      const tradeId = `trade-${index + 1}`;
      story.wait(1_000);
      story.tell(intended(`e${index}`, makeEntry({ tradeId })), closed(tradeId, { reason }));
    });
    return story.books().strategies["ema_trend"]?.stopsInRow["kucoin:SOL/USDT"];
  };
  test.each([
    ["grows with each stop", ["stop", "stop", "stop"], 3],
    ["breaks with any other end", ["stop", "stop", "target"], 0],
    ["starts anew", ["stop", "target", "stop"], 1],
    ["does not see a position that never filled", ["stop", "stop", "no_fill"], 2],
  ] as const)("%s", (_, reasons, stops) => {
    expect(after(...reasons)?.stops).toBe(stops);
  });

  test("is dated by its last end, and kept by instrument", () => {
    const story = startStory();
    story.tell(intended("e1", makeEntry()), closed("trade-1"));
    story.wait(5_000);
    story.tell(
      intended("e2", makeEntry({ tradeId: "trade-2", instrumentId: "kucoin:BTC/USDT" })),
      closed("trade-2", { reason: "target" }),
    );
    const { stopsInRow } = story.books().strategies["ema_trend"] ?? { stopsInRow: {} };
    expect(stopsInRow).toEqual({
      "kucoin:SOL/USDT": { stops: 1, lastAt: storyStart },
      "kucoin:BTC/USDT": { stops: 0, lastAt: addMs(storyStart, 5_000) },
    });
  });
});
