/** Small guards with a table each: prices that are believed, strategies that enter too often, limits that do not fit. */
import { describe, expect, test } from "vitest";
import { consistencyOf } from "../../src/core/consistency.ts";
import { notional, price, ratio } from "../../src/core/money.ts";
import { limitsOf } from "../../src/core/profiles.ts";
import { judgePrint, noPrints, type Prints } from "../../src/core/reasonable_price.ts";
import { throttled } from "../../src/core/throttle.ts";
import { instant } from "../../src/core/time.ts";
import { intended } from "../fixtures/facts.ts";
import { makeInstrument } from "../fixtures/instrument.ts";
import { makeEntry } from "../fixtures/intent.ts";
import { startStory, storyStart } from "../fixtures/story.ts";

describe("a price that is far off the last ones [V47]", () => {
  const calm = ["100", "100.1", "99.9", "100.2", "100"].reduce<Prints>(
    (prints, text, n) => judgePrint(prints, price(text), n * 1_000).prints,
    noPrints,
  );
  const told = (...prints: readonly (readonly [string, number])[]) => {
    let state = calm;
    return prints.map(([text, mono]) => {
      const judged = judgePrint(state, price(text), mono);
      state = judged.prints;
      return judged.verdict;
    });
  };

  test.each([
    [
      "ten times the price, once, is never believed",
      [
        ["1000", 5_000],
        ["100.1", 6_000],
      ],
      ["doubted", "taken"],
    ],
    [
      "a tenth of the price, once",
      [
        ["10", 5_000],
        ["99.9", 6_000],
      ],
      ["doubted", "taken"],
    ],
    [
      "a crash by half is believed at its second print",
      [
        ["50", 5_000],
        ["49.8", 6_000],
      ],
      ["doubted", "confirmed"],
    ],
    [
      "the same read twice at once confirms nothing",
      [
        ["50", 5_000],
        ["50", 5_100],
      ],
      ["doubted", "doubted"],
    ],
    [
      "two different outliers confirm nothing",
      [
        ["1000", 5_000],
        ["10", 6_000],
      ],
      ["doubted", "doubted"],
    ],
    ["5 % is a market", [["105", 5_000]], ["taken"]],
    [
      "after a confirmed move the old price is the outlier",
      [
        ["50", 5_000],
        ["50", 6_000],
        ["100", 7_000],
      ],
      ["doubted", "confirmed", "doubted"],
    ],
    [
      "an outlier of before does not confirm one much later by itself",
      [
        ["1000", 5_000],
        ["100", 6_000],
        ["1000", 7_000],
      ],
      ["doubted", "taken", "doubted"],
    ],
  ] as const)("%s", (_, prints, verdicts) => {
    expect(told(...prints)).toEqual(verdicts);
  });
});

describe("the repeated execution throttle [M07]", () => {
  const entered = (count: number, everyMs: number) => {
    const story = startStory();
    for (let n = 0; n < count; n += 1) {
      const id = `e${n}`;
      story.tell(intended(id, makeEntry({ tradeId: `t${n}` })));
      story.tell({ type: "order_sending", clientOrderId: id, stampedAt: story.now().wallAt, controlVersion: 0 });
      story.wait(everyMs);
    }
    return story;
  };
  const strategy = makeEntry().strategy;
  test.each([
    ["5 within an hour", 5, 60_000, null, 0],
    ["6 within an hour", 6, 60_000, null, 1],
    ["20 within a day", 20, 3_600_000, null, 0],
    ["21 within a day", 21, 3_600_000, null, 1],
    ["a strategy that says 1440 a day may enter 100 times within an hour", 100, 30_000, 1_440, 0],
    ["and is stopped at more than twice its word", 121, 10_000, 1_440, 1],
  ] as const)("%s", (_, count, everyMs, rate, found) => {
    const story = entered(count, everyMs);
    const result = throttled(story.books(), story.now().at, () => rate);
    expect(result).toHaveLength(found);
    if (found > 0) expect(result[0]).toMatchObject({ scope: `strategy:${strategy}`, cause: "repeated_execution" });
  });

  test("a reset by a person begins the count anew", () => {
    const story = entered(6, 1_000);
    const fact = { scope: `strategy:${strategy}`, cause: "repeated_execution" };
    story.tell({ type: "breaker_opened", ...fact, class: "sticky", evidence: {} });
    story.tell({ type: "breaker_closed", ...fact, reason: "it was me" });
    expect(throttled(story.books(), story.now().at, () => null)).toEqual([]);
    expect(throttled(story.books(), instant(storyStart), () => null)).toEqual([]);
  });
});

describe("limits beside account and venue [G03]", () => {
  const limits = (overrides: Parameters<typeof limitsOf>[1]["overrides"] = {}) =>
    limitsOf("graduation", { mode: "paper", usdRate: ratio("1"), overrides });
  const about = (equity: string, overrides: Parameters<typeof limitsOf>[1]["overrides"], min = "5") => ({
    limits: limits(overrides),
    told: Object.keys(overrides ?? {}) as never,
    equity: notional(equity),
    instruments: [makeInstrument({ notionalMin: notional(min) })],
    currency: "USDT",
  });
  test.each([
    [
      "a position cap above the account",
      about("123", { positionNotional: { usd: "500" } }),
      /positionNotional is 500 USDT, more than the account holds \(123\)/,
    ],
    ["a daily loss above the account", about("123", { dailyLossNotional: { usd: "124" } }), /dailyLossNotional is 124/],
    ["nothing that the venue takes is small enough", about("90", {}, "5"), /takes nothing that small/],
  ] as const)("%s is told in one sentence", (_, given, sentence) => {
    expect(consistencyOf(given).fatal.join()).toMatch(sentence);
  });
  test("limits that fit are silent, and one instrument that is too large is only named", () => {
    expect(consistencyOf(about("10000", { positionNotional: { usd: "500" } }))).toEqual({ fatal: [], untradable: [] });
    const two = {
      ...about("123", {}),
      instruments: [
        makeInstrument({ notionalMin: notional("1") }),
        makeInstrument({ symbol: "BTC/USDT", notionalMin: notional("50") }),
      ],
    };
    expect(consistencyOf(two)).toEqual({ fatal: [], untradable: ["BTC/USDT"] });
  });
});
