/** What is remembered of cards does not grow with the life of the process. */
import { expect, test } from "vitest";
import type { Fact } from "../../src/core/events.ts";
import { forgetCards } from "../../src/flows/forget_cards.ts";
import { makeMemory } from "../../src/flows/memory.ts";
import type { Needs } from "../../src/flows/needs.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { startStory } from "../fixtures/story.ts";

const { fingerprint, groupKey } = everyFact.alert_fired;
const link = { kind: "group", groupKey, fingerprints: [fingerprint] } as const;
const tries = { tries: 1, failed: 1, since: 0 as never, isRefused: false, isUnsure: false };

test("cards that the books know no more are forgotten once a minute; what waits and what may be edited is kept", () => {
  const story = startStory();
  const world = { mono: 0 };
  const memory = makeMemory();
  const needs = { ledger: story, memory, clock: { mono: () => world.mono } } as unknown as Needs;
  const queued = (cardId: string): Fact => ({ ...everyFact.card_queued, cardId });
  const notice = "notice";
  story.tell(everyFact.alert_fired, queued("waits"), queued("leaves"), {
    ...everyFact.card_queued,
    cardId: notice,
    notice: link,
  });
  story.tell({ ...everyFact.card_sent, cardId: notice, rev: 1 });
  expect(Object.keys(story.books().chat.alerts.notices)).toEqual([notice]);
  const remember = () => {
    for (const cardId of ["waits", "leaves", notice]) {
      memory.telling.shownHere.add(cardId);
      memory.telling.cardTries.set(cardId, tries);
    }
  };
  remember();
  forgetCards(needs);
  expect(memory.telling.shownHere.size).toBe(3);
  story.tell({ ...everyFact.card_sent, cardId: "leaves" });
  world.mono = 59_999;
  forgetCards(needs);
  expect(memory.telling.shownHere.size).toBe(3);
  world.mono = 60_000;
  forgetCards(needs);
  expect([...memory.telling.shownHere]).toEqual(["waits", notice]);
  expect([...memory.telling.cardTries.keys()]).toEqual(["waits", notice]);
});
