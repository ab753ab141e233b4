/** A market that breaks loose is on record when it begins and when it is over, whether or not anything asks for an entry. */
import { expect, test } from "vitest";
import { price, quantity } from "../../src/core/money.ts";
import type { Candle } from "../../src/core/signal.ts";
import { instant } from "../../src/core/time.ts";
import { watchMarket } from "../../src/flows/watch_market.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";

/** Two closes; the second one is the newest. */
function candles(first: string, last: string): readonly Candle[] {
  const closes = [price(first), price(last)];
  return closes.map((close, index) => ({
    openedAt: instant(index * 60_000),
    open: close,
    high: close,
    low: close,
    close,
    volume: quantity("1"),
  }));
}

type Look = readonly [closes: readonly [string, string] | null, told: boolean | null];

const stories: readonly (readonly [string, readonly Look[]])[] = [
  ["a calm day is no news", [[["100", "119"], null]]],
  ["a fall counts as a rise does", [[["100", "80"], true]]],
  [
    "it is told once while it lasts",
    [
      [["100", "120"], true],
      [["100", "130"], null],
    ],
  ],
  [
    "a hair under the limit is not over yet",
    [
      [["100", "120"], true],
      [["100", "118.5"], null],
      [["100", "117"], false],
    ],
  ],
  [
    "what can't be read changes nothing",
    [
      [["100", "120"], true],
      [null, null],
    ],
  ],
  [
    "it may come again",
    [
      [["100", "120"], true],
      [["100", "101"], false],
      [["100", "125"], true],
    ],
  ],
];

test.each(stories)("%s", async (_promise, looks) => {
  const { house, run } = await openRunningHouse(1);
  const { memory } = house.needs;
  for (const [closes, expected] of looks) {
    const before = house.facts.length;
    memory.candles.clear();
    if (closes !== null) memory.candles.set("kucoin:BTC/USDT", candles(...closes));
    await run(watchMarket(house.needs));
    const told = house.facts.slice(before).map(({ fact }) => (fact.type === "market_judged" ? fact.isWild : fact.type));
    expect(told).toEqual(expected === null ? [] : [expected]);
  }
});

test("an instrument that no strategy reads is asked of the venue; one that is watched no more is over", async () => {
  const { house, run } = await openRunningHouse(1);
  Object.assign(house.needs.venue, { candles: () => Promise.resolve({ ok: true, value: candles("100", "130") }) });
  const watching = (volatilitySymbol: string) => ({
    ...house.needs,
    settings: { ...house.needs.settings, volatilitySymbol },
  });
  await run(watchMarket(watching("XAUT/USDT")));
  expect(Object.keys(house.books().house.wild ?? {})).toEqual(["kucoin:XAUT/USDT"]);
  house.needs.memory.candles.set("kucoin:BTC/USDT", candles("100", "101"));
  await run(watchMarket(watching("BTC/USDT")));
  expect(house.books().house.wild).toEqual({});
});
