/** What the watch finds besides the promises: a strategy that trades like a hammer, a banned venue, a refused key. */
import { expect, test } from "vitest";
import { proposalPace } from "../../src/checks/proposal_pace.ts";
import { marketPinOf, unsuitable } from "../../src/core/instrument.ts";
import { findTrouble } from "../../src/flows/find_trouble.ts";
import { makeMemory } from "../../src/flows/memory.ts";
import type { Needs } from "../../src/flows/needs.ts";
import { intended } from "../fixtures/facts.ts";
import { base, quiet } from "../fixtures/house_in_order.ts";
import { makeInstrument } from "../fixtures/instrument.ts";
import { makeEntry } from "../fixtures/intent.ts";
import { makeRiskView, makeWorstDay } from "../fixtures/risk_view.ts";
import { startStory } from "../fixtures/story.ts";

const needsOf = (books: unknown, profile = "graduation", mode = "paper") =>
  ({
    clock: { wall: () => base.wallAt, mono: () => 0 },
    memory: makeMemory(),
    ledger: { books: () => books },
    assertions: [],
    strategies: [],
    settings: { profile, mode },
  }) as unknown as Needs;

test("a strategy that enters six times within an hour is stopped until a person lets it; drills are exempt, LIVE never is [M07]", () => {
  const story = startStory();
  for (let n = 0; n < 6; n += 1) {
    story.tell(intended(`e${n}`, makeEntry({ tradeId: `t${n}` })));
    story.tell({ type: "order_sending", clientOrderId: `e${n}`, stampedAt: story.now().wallAt, controlVersion: 0 });
  }
  const readings = quiet({ at: story.now().at });
  const found = findTrouble(needsOf(story.books()), readings);
  expect(found).toMatchObject([
    { cause: "repeated_execution", class: "sticky", scope: `strategy:${makeEntry().strategy}` },
  ]);
  expect(findTrouble(needsOf(story.books(), "drill"), readings)).toEqual([]);
  expect(findTrouble(needsOf(story.books(), "drill", "live"), readings)).toHaveLength(1);
});

test("a ban passes by itself, a refused key does not [V31] [V50]", () => {
  const books = startStory().books();
  const banned = quiet({ venue: { ...base.venue, bannedMs: 61_000 } });
  expect(findTrouble(needsOf(books), banned)).toMatchObject([{ key: "venue_banned@venue:kucoin", class: "transient" }]);
  const refused = quiet({ venue: { ...base.venue, keyRefused: "revoked" } });
  expect(findTrouble(needsOf(books), refused)).toMatchObject([{ key: "key_refused@venue:kucoin", class: "sticky" }]);
});

test("a redirect stands for a minute, and only a person lets the house open something there again [N11]", () => {
  const books = startStory().books();
  const lately = quiet({ venue: { ...base.venue, redirectedAgeMs: 59_000 } });
  expect(findTrouble(needsOf(books), lately)).toMatchObject([{ key: "venue_redirects@venue:kucoin", class: "sticky" }]);
  expect(findTrouble(needsOf(books), quiet({ venue: { ...base.venue, redirectedAgeMs: 61_000 } }))).toEqual([]);
});

test("two hundred proposals are cut off at twenty; an exit is never counted [M07]", () => {
  const asked = (proposalsLately: number) => proposalPace.evaluate(makeEntry(), makeRiskView({ proposalsLately }));
  expect(asked(19)).toBeNull();
  expect(asked(20)).toEqual({ proposals: "20 within 5 min", limit: "fewer than 20" });
  expect(asked(200)).not.toBeNull();
  const exit = makeEntry({ leg: "exit", reduceOnly: true });
  expect(proposalPace.evaluate(exit, makeWorstDay({ proposalsLately: 200 }))).toBeNull();
});

test.each([
  ["spot in the account's currency", makeInstrument(), null],
  [
    "a perpetual of the same name [G05]",
    makeInstrument({ market: { type: "swap", contractSize: "1", settle: "USDT" } }),
    /swap market/,
  ],
  [
    "an inverse contract [G05]",
    makeInstrument({ market: { type: "future", contractSize: "100", settle: "SOL" } }),
    /contracts of 100/,
  ],
  [
    "another quote currency than the account's [D04]",
    makeInstrument({ quote: "USDC", symbol: "SOL/USDC" }),
    /quoted in USDC/,
  ],
  ["a symbol that maps to another pair [G05]", makeInstrument({ base: "SOL2" }), /name that one/],
] as const)("%s", (_, instrument, sentence) => {
  const said = unsuitable(instrument, "USDT");
  if (sentence === null) expect(said).toBeNull();
  else expect(said).toMatch(sentence);
});

test("another kind of market under the same name has another pin [G05]", () => {
  const swap = makeInstrument({ market: { type: "swap", contractSize: "1", settle: "USDT" } });
  expect(marketPinOf(swap)).not.toBe(marketPinOf(makeInstrument()));
});
