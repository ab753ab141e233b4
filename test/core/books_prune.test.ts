/** What leaves the books after a while, and what stays however old it is. */
import { describe, expect, test } from "vitest";
import { type Books, emptyBooks } from "../../src/core/books.ts";
import { prune } from "../../src/core/books_prune.ts";
import type { Fact } from "../../src/core/events.ts";
import { quantity } from "../../src/core/money.ts";
import { addMs, day, hour, minute } from "../../src/core/time.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { closed, ended, exitTriggered, fillOf, intended, requested, settledAs, working } from "../fixtures/facts.ts";
import { makeEntry, makeExit } from "../fixtures/intent.ts";
import { startStory } from "../fixtures/story.ts";

/** The books after these facts, pruned when this much house time (and real time) has passed. */
function prunedAfter(ms: number, facts: readonly Fact[], wallMs = ms): Books {
  const books = startStory().tell(...facts);
  return prune({ ...books, at: addMs(books.at, ms), wallAt: addMs(books.wallAt, wallMs) });
}

const done: readonly Fact[] = [
  ...working("e1", makeEntry()),
  fillOf("e1", { price: "80", quantity: "4.5" }),
  exitTriggered("trade-1", "stop"),
  ...working("x1", makeExit(), { exitReason: "stop" }),
  fillOf("x1", { price: "79", quantity: "4.5" }),
  closed("trade-1"),
];

describe("a trade", () => {
  test("stays two days after its end, with its orders, and then leaves", () => {
    const kept = prunedAfter(2 * day, done);
    expect([Object.keys(kept.positions), Object.keys(kept.orders)]).toEqual([["trade-1"], ["e1", "x1"]]);
    const gone = prunedAfter(2 * day + 1, done);
    expect([gone.positions, gone.orders]).toEqual([{}, {}]);
  });

  test.each([
    ["open for a month", [...working("e1", makeEntry()), fillOf("e1", { price: "80", quantity: "4.5" })]],
    ["waiting for its first fill for a month", working("e1", makeEntry())],
    [
      "reopened by a late fill and open for a month",
      [...done, fillOf("e1", { price: "80", quantity: "1", id: "late" })],
    ],
  ] as const)("that is %s stays", (_, facts) => {
    const books = prunedAfter(30 * day, facts);
    expect([Object.keys(books.positions), Object.keys(books.orders)]).toEqual([
      ["trade-1"],
      Object.keys(startStory().tell(...facts).orders),
    ]);
  });

  test("that is open stays, whatever a date of an earlier end says", () => {
    const books = startStory().tell(...done);
    const [position] = Object.values(books.positions);
    if (position === undefined) throw new Error("The story made no position");
    const reopened: Books = { ...books, positions: { "trade-1": { ...position, state: "residual" } } };
    expect(Object.keys(prune({ ...reopened, at: addMs(books.at, 30 * day) }).positions)).toEqual(["trade-1"]);
  });

  test("an order that may still trade outlives its closed position", () => {
    const books = prunedAfter(30 * day, [
      ...done,
      intended("x2", makeExit({ attempt: 2, quantity: quantity("1") })),
      closed("trade-1"),
    ]);
    expect(Object.keys(books.orders)).toEqual(["x2"]);
  });

  test("an order without a position leaves two days after its own end", () => {
    const orphan = [
      intended("x9", makeExit({ tradeId: "gone" })),
      ended("x9"),
      { type: "order_dropped", clientOrderId: "x9", because: "x" },
    ] as const;
    expect(Object.keys(prunedAfter(2 * day, orphan).orders)).toEqual(["x9"]);
    expect(prunedAfter(2 * day + 1, orphan).orders).toEqual({});
  });
});

describe("an approval, dated in real time", () => {
  const asked = requested({ subject: { kind: "flatten", positions: [] } });
  test.each([
    ["open ones stay for ever", [asked], 30 * day, 1],
    ["approved ones stay until they are executed", [asked, settledAs("approved")], 30 * day, 1],
    ["unknown ones stay until somebody knows", [asked, settledAs("exec_unknown")], 30 * day, 1],
    ["closed ones stay an hour for those who tap late", [asked, settledAs("declined")], hour - 1, 1],
    ["and leave then", [asked, settledAs("declined")], hour, 0],
  ] as const)("%s", (_, facts, ms, count) => {
    const books = prunedAfter(ms, [...facts, everyFact.prompt_prepared]);
    expect([Object.keys(books.approvals).length, Object.keys(books.prompts).length]).toEqual([count, count]);
  });

  test("that of a trade stays as long as its trade", () => {
    const asksOfTrade = [requested(), settledAs("executed"), ...done];
    expect(Object.keys(prunedAfter(2 * day, asksOfTrade).approvals)).toEqual(["apr-1"]);
    expect(prunedAfter(2 * day + 1, asksOfTrade).approvals).toEqual({});
  });

  test("a house that plays a day in a minute does not forget a prompt of a minute ago", () => {
    expect(Object.keys(prunedAfter(5 * day, [asked, settledAs("declined")], minute).approvals)).toEqual(["apr-1"]);
  });
});

describe("small things", () => {
  test.each([
    [
      "event ids of chats stay 25 h of real time, an hour longer than Telegram repeats",
      everyFact.message_received,
      25 * hour,
      (books: Books) => books.chat.seen,
    ],
    ["the silence of an alert stays two days", everyFact.card_queued, 2 * day, (books: Books) => books.chat.lastAlerts],
    ["codes stay until they expire", everyFact.link_code_issued, 10 * minute, (books: Books) => books.people.codes],
    [
      "sessions stay until they expire",
      everyFact.desk_session_opened,
      10 * minute,
      (books: Books) => books.people.sessions,
    ],
  ] as const)("%s", (_, fact, ms, part) => {
    expect(Object.keys(part(prunedAfter(ms - 1, [fact]))).length).toBeGreaterThan(0);
    expect(part(prunedAfter(ms, [fact]))).toEqual({});
  });

  test("what waits to be handled or sent is never forgotten", () => {
    const { chat } = prunedAfter(300 * day, [everyFact.message_received, everyFact.card_queued]);
    expect([Object.keys(chat.inbox), Object.keys(chat.outbox)]).toEqual([["in-1"], ["card-1"]]);
  });
});

test("happens by itself every 128 facts, and leaves alone what is young", () => {
  const story = startStory();
  story.tell(...done);
  story.wait(3 * day);
  while (story.books().seq < 127) story.tell(everyFact.source_back);
  expect(Object.keys(story.books().positions)).toEqual(["trade-1"]);
  story.tell(everyFact.source_back);
  expect(story.books().positions).toEqual({});
  expect(prune(emptyBooks)).toEqual(emptyBooks);
});
