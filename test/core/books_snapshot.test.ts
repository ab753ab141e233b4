/** The fold itself: total, pure, plain data; a snapshot goes on exactly where the books were. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Books, emptyBooks, evolve, evolveTentatively } from "../../src/core/books.ts";
import type { FactType } from "../../src/core/events.ts";
import { addMs } from "../../src/core/time.ts";
import { arbitraryStory, tellAll } from "../fixtures/arbitrary_story.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { recordedAs, startStory, storyStart } from "../fixtures/story.ts";

const types = Object.keys(everyFact) as FactType[];
const times = { at: storyStart, wallAt: storyStart };
const stored = (books: Books): Books => JSON.parse(JSON.stringify(books)) as Books;

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}

describe("evolve is total", () => {
  test.each(types)("%s on empty books is taken in, whatever came before", (type) => {
    const books = evolve(deepFreeze(emptyBooks), recordedAs(everyFact[type], emptyBooks, times));
    expect([books.seq, books.at]).toEqual([1, storyStart]);
    expect(stored(books)).toEqual(books);
  });

  test("any facts in any order: never refused, never a change of the books of before, always plain data", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...types), { maxLength: 60 }), (story) => {
        const books = story.reduce<Books>(
          (now, type) => deepFreeze(evolve(now, recordedAs(everyFact[type], now, times))),
          deepFreeze(emptyBooks),
        );
        expect(stored(books)).toEqual(books);
        expect(books.seq).toBe(story.length);
      }),
      { numRuns: 200 },
    );
  });
});

test("books that were stored and read back fold on to the same books", () => {
  fc.assert(
    fc.property(arbitraryStory(60), fc.nat({ max: 100 }), (steps, share) => {
      const story = tellAll(steps);
      const facts = story.facts();
      const cut = Math.trunc((facts.length * share) / 100);
      const before = facts.slice(0, cut).reduce(evolve, emptyBooks);
      const resumed = facts.slice(cut).reduce(evolve, stored(before));
      expect(resumed).toEqual(story.books());
      expect(JSON.stringify(resumed)).toBe(JSON.stringify(story.books()));
    }),
    { numRuns: 200 },
  );
});

test("the same facts always give the same books", () => {
  fc.assert(
    fc.property(arbitraryStory(40), (steps) => {
      expect(JSON.stringify(tellAll(steps).books())).toBe(JSON.stringify(tellAll(steps).books()));
    }),
    { numRuns: 50 },
  );
});

test("looking ahead gives the books that telling the facts gives, and leaves the present ones alone", () => {
  const story = startStory();
  story.tell(everyFact.account_opened);
  const present = deepFreeze(story.books());
  const drafts = [everyFact.order_intended, everyFact.order_sending, everyFact.fill_received].map((fact) => ({
    tradeId: "trade-1",
    actor: "house",
    causedBy: null,
    fact,
  }));
  const ahead = evolveTentatively(present, drafts, times);
  const told = story.tell(...drafts.map((draft) => draft.fact));
  expect({ ...ahead, hash: "" }).toEqual({ ...told, hash: "" });
  expect([ahead.seq, present.seq]).toEqual([4, 1]);
});

test("what a fact has nothing to say about is the very same object, so that nothing is written for it", () => {
  const story = startStory();
  const before = story.tell(
    everyFact.order_intended,
    everyFact.approval_requested,
    everyFact.person_set,
    everyFact.source_gone,
  );
  story.wait(1_000);
  const after = story.tell(everyFact.source_back);
  for (const part of [
    "orders",
    "positions",
    "approvals",
    "prompts",
    "people",
    "chat",
    "signals",
    "strategies",
    "days",
  ] as const) {
    expect([part, after[part] === before[part]]).toEqual([part, true]);
  }
  expect(after.at).toBe(addMs(before.at, 1_000));
});
