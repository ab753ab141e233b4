/** Circuit breakers: every state with every event, which of them an order meets, and what the books keep of them. */
import { describe, expect, test } from "vitest";
import {
  afterBreakerEvent,
  type BreakerState,
  breakerEvents,
  breakerStates,
  breakerTable,
  classOf,
  coolingMs,
  effectiveBreaker,
  namedBreakers,
} from "../../src/core/breaker.ts";
import type { FactOf } from "../../src/core/events.ts";
import { addMs, instant } from "../../src/core/time.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { houseStarted, intended } from "../fixtures/facts.ts";
import { makeEntry } from "../fixtures/intent.ts";
import { startStory } from "../fixtures/story.ts";

const opened = (change: Partial<FactOf<"breaker_opened">> = {}): FactOf<"breaker_opened"> => ({
  ...everyFact.breaker_opened,
  ...change,
});
const venueOpened = opened({ scope: "venue:kucoin", cause: "data_is_fresh", class: "transient" });
const closed = (fact: FactOf<"breaker_opened">, how?: FactOf<"breaker_closed">["how"]): FactOf<"breaker_closed"> => ({
  type: "breaker_closed",
  scope: fact.scope,
  cause: fact.cause,
  reason: "looked at it",
  ...(how === undefined ? {} : { how }),
});
const halfOpened = (fact: FactOf<"breaker_opened">): FactOf<"breaker_half_opened"> => ({
  type: "breaker_half_opened",
  scope: fact.scope,
  cause: fact.cause,
  clearMs: 60_000,
});

describe("the table", () => {
  const legal: Readonly<Record<BreakerState, readonly string[]>> = {
    closed: ["warned degraded", "tripped open"],
    degraded: ["warned degraded", "recovered closed", "tripped open"],
    open: ["tripped open", "cooled half_open", "reset closed"],
    half_open: ["tripped open", "cooled half_open", "canary_passed closed", "reset closed"],
  };

  test.each(breakerStates.flatMap((from) => breakerEvents.map((event) => [from, event] as const)))(
    "%s meets %s",
    (from, event) => {
      const expected = legal[from].find((line) => line.startsWith(`${event} `))?.split(" ")[1];
      const next = afterBreakerEvent(from, event);
      expect(next.ok ? next.value : undefined).toBe(expected);
      expect(breakerTable[from][event]).toBe(expected);
    },
  );
});

describe("what the books keep", () => {
  const place = { instrumentId: "kucoin:SOL/USDT", venue: "kucoin", account: "main", strategy: "ema_trend" };

  test("several stand at one scope, each by its own cause, and closing one leaves the other", () => {
    const story = startStory();
    const other = opened({ cause: "key_refused", scope: "global" });
    story.tell(opened(), other);
    expect(Object.keys(story.books().house.breakers)).toEqual(["two_writers@global", "key_refused@global"]);
    story.tell(closed(opened()));
    expect(Object.keys(story.books().house.breakers)).toEqual(["key_refused@global"]);
  });

  test("a restart closes none: what a person must close stands until a person closes it", () => {
    const story = startStory();
    story.tell(opened(), venueOpened, houseStarted, everyFact.house_ready);
    expect(Object.values(story.books().house.breakers).map((breaker) => breaker.state)).toEqual(["open", "open"]);
  });

  test("an open one can't be closed by an event of another state", () => {
    const story = startStory();
    story.tell(venueOpened, closed(venueOpened, "canary_passed"), closed(venueOpened, "recovered"));
    expect(story.books().house.breakers["data_is_fresh@venue:kucoin"]?.state).toBe("open");
  });

  test("half open, tried by the first entry that is decided under it, closed when that went well", () => {
    const story = startStory();
    story.tell(venueOpened, halfOpened(venueOpened));
    const breaker = () => story.books().house.breakers["data_is_fresh@venue:kucoin"];
    expect(breaker()).toMatchObject({ state: "half_open", canary: null });
    story.tell(intended("e1", makeEntry()), intended("e2", makeEntry({ tradeId: "t2" })));
    expect(breaker()?.canary).toBe("e1");
    story.tell(closed(venueOpened, "canary_passed"));
    expect(breaker()).toBeUndefined();
  });

  test("what only a person may close is not softened by a passing cause of the same name", () => {
    const story = startStory();
    story.tell(opened({ class: "sticky" }), opened({ class: "transient" }));
    expect(story.books().house.breakers["two_writers@global"]?.class).toBe("sticky");
  });

  test("a ledger of an earlier version, which wrote the cause into the scope, stops the same entries and closes", () => {
    const story = startStory();
    const old = opened({ scope: "account:drawdown", cause: "drawdown_reached" });
    story.tell(houseStarted, old);
    expect(effectiveBreaker(story.books().house.breakers, place).state).toBe("open");
    story.tell(closed(old));
    expect(story.books().house.breakers).toEqual({});
  });

  test("openings and resets are remembered for a day", () => {
    const story = startStory();
    story.tell(opened(), closed(opened()), opened());
    const history = story.books().house.breakerHistory["two_writers@global"];
    expect([history?.opened.length, history?.reset.length]).toEqual([2, 1]);
  });

  test("a reset that waits is kept with who asked and why, and can be withdrawn", () => {
    const story = startStory();
    story.tell(opened(), everyFact.breaker_reset_asked);
    expect(story.books().house.breakers["two_writers@global"]?.asked).toMatchObject({
      reason: "the other one is gone",
    });
    story.tell(everyFact.breaker_reset_withdrawn);
    expect(story.books().house.breakers["two_writers@global"]?.asked).toBeNull();
  });
});

describe("what counts for one order", () => {
  const place = { instrumentId: "kucoin:SOL/USDT", venue: "kucoin", account: "main", strategy: "ema_trend" };
  test.each([
    ["its instrument", "symbol:kucoin:SOL/USDT", "open"],
    ["another instrument", "symbol:kucoin:BTC/USDT", "closed"],
    ["its venue", "venue:kucoin", "open"],
    ["another venue", "venue:binance", "closed"],
    ["its account", "account:main", "open"],
    ["its strategy", "strategy:ema_trend", "open"],
    ["another strategy", "strategy:breakout", "closed"],
    ["the whole house", "global", "open"],
  ] as const)("%s", (_, scope, state) => {
    const books = startStory().tell(opened({ scope }));
    expect(effectiveBreaker(books.house.breakers, place).state).toBe(state);
  });

  test("the worst of all that cover it", () => {
    const story = startStory();
    const symbol = opened({ scope: "symbol:kucoin:SOL/USDT", cause: "x", class: "transient" });
    story.tell({ ...everyFact.breaker_degraded });
    expect(effectiveBreaker(story.books().house.breakers, place).state).toBe("degraded");
    story.tell(symbol, halfOpened(symbol));
    expect(effectiveBreaker(story.books().house.breakers, place).state).toBe("half_open");
    story.tell(opened());
    expect(effectiveBreaker(story.books().house.breakers, place).state).toBe("open");
  });

  test("people name it by its cause, or by cause and scope", () => {
    const books = startStory().tell(opened({ scope: "venue:a" }), opened({ scope: "venue:b" }));
    expect(namedBreakers(books.house.breakers, "Two_Writers").map((one) => one.scope)).toEqual(["venue:a", "venue:b"]);
    expect(namedBreakers(books.house.breakers, "two_writers@venue:b").map((one) => one.scope)).toEqual(["venue:b"]);
  });
});

test.each([
  [1, 60_000],
  [2, 120_000],
  [3, 240_000],
  [6, 1_920_000],
  [7, 3_600_000],
  [40, 3_600_000],
])("after %i openings of a day the cause must be clear for %i ms", (openings, ms) => {
  expect(coolingMs(openings)).toBe(ms);
});

test("the fifth opening of a day is closed by a person only; a day later time closes it again", () => {
  const start = instant(1_000_000_000_000);
  const history = { opened: [0, 1, 2, 3].map((hours) => addMs(start, hours * 3_600_000)), reset: [] };
  expect(classOf("transient", undefined, start)).toBe("transient");
  expect(classOf("transient", { opened: history.opened.slice(1), reset: [] }, addMs(start, 14_400_000))).toBe(
    "transient",
  );
  expect(classOf("transient", history, addMs(start, 14_400_000))).toBe("sticky");
  expect(classOf("transient", history, addMs(start, 27.5 * 3_600_000))).toBe("transient");
});
