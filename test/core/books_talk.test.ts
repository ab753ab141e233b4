/** What the books know of chats and people: what waits to be handled or sent, who is behind an account, what a button means. */
import { describe, expect, test } from "vitest";
import { chatKey, linkedChats, personBehind } from "../../src/core/books_people.ts";
import type { Fact, FactOf } from "../../src/core/events.ts";
import { addMs } from "../../src/core/time.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { anaChat, requested, settledAs } from "../fixtures/facts.ts";
import { startStory, storyStart } from "../fixtures/story.ts";

const received = (change: Partial<FactOf<"message_received">> = {}) => ({ ...everyFact.message_received, ...change });
const prepared = (rev: number, version: number, hash: string): FactOf<"prompt_prepared"> => ({
  ...everyFact.prompt_prepared,
  rev,
  version,
  tokens: [{ hash, verb: "approve" }],
});
const posted = (change: Partial<FactOf<"prompt_posted">> = {}) => ({ ...everyFact.prompt_posted, ...change });
const linked = (change: Partial<FactOf<"chat_linked">> = {}) => ({ ...everyFact.chat_linked, ...change });

describe("the inbox", () => {
  test("a message waits until it is handled; its event ids stay known", () => {
    const story = startStory();
    expect(Object.keys(story.tell(received()).chat.inbox)).toEqual(["in-1"]);
    const { chat } = story.tell(everyFact.message_handled);
    expect([chat.inbox, Object.keys(chat.seen)]).toEqual([{}, ["telegram:1", "telegram:cb1"]]);
  });

  test("an event id is dated by its first sight, so that a repetition can't keep it alive", () => {
    const story = startStory();
    story.tell(received());
    story.wait(60_000);
    story.tell(received({ inboxId: "in-2", eventKeys: ["telegram:1", "telegram:2"] }));
    expect(story.books().chat.seen).toMatchObject({
      "telegram:1": storyStart,
      "telegram:2": addMs(storyStart, 60_000),
    });
  });
});

describe("the outbox", () => {
  test.each(["card_sent", "card_dropped"] as const)("a card waits until %s", (type) => {
    const story = startStory();
    expect(story.tell(everyFact.card_queued).chat.outbox["card-1"]).toMatchObject({
      alert: "entry_filled",
      chat: anaChat,
      queuedAt: storyStart,
    });
    expect(story.tell(everyFact[type]).chat.outbox).toEqual({});
  });

  test("an alert that spoke is quiet by what it spoke about", () => {
    expect(startStory().tell(everyFact.card_queued).chat.lastAlerts).toEqual({ "entry_filled|trade-1": storyStart });
  });
});

describe("people", () => {
  const house = (...facts: readonly Fact[]) => startStory().tell(everyFact.person_set, ...facts).people;

  test("a linked account stands for its person until it is unlinked or the person is not active any more", () => {
    expect(personBehind(house(linked()), "telegram", "100")?.name).toBe("Ana");
    expect(personBehind(house(), "telegram", "100")).toBeNull();
    expect(personBehind(house(linked()), "discord", "100")).toBeNull();
    expect(personBehind(house(linked(), everyFact.chat_unlinked), "telegram", "100")).toBeNull();
    expect(personBehind(house(linked(), { ...everyFact.person_set, isActive: false }), "telegram", "100")).toBeNull();
  });

  test("each chat hears once, in a stable order, and only of active people", () => {
    const topic = { ...anaChat, threadId: "7" };
    const bo = { ...everyFact.person_set, personId: "bo", isActive: false };
    const people = house(
      bo,
      linked(),
      linked({ userId: "101" }),
      linked({ platform: "desk", userId: "1", chat: { platform: "desk", chatId: "desk", threadId: null } }),
      linked({ userId: "102", chat: topic }),
      linked({ personId: "bo", userId: "200", chat: { ...anaChat, chatId: "999" } }),
    );
    expect(linkedChats(people).map(chatKey)).toEqual(["desk:desk:", "telegram:200:", "telegram:200:7"]);
  });

  test("codes and sessions open and close", () => {
    expect(house(everyFact.link_code_issued, everyFact.desk_session_opened)).toMatchObject({
      codes: { "code hash": { personId: "ana" } },
      sessions: { "session hash": { personId: "ana" } },
    });
    expect(
      house(
        everyFact.link_code_issued,
        everyFact.desk_session_opened,
        everyFact.link_code_used,
        everyFact.desk_session_closed,
      ),
    ).toMatchObject({ codes: {}, sessions: {} });
  });
});

describe("prompts", () => {
  const told = (...facts: readonly Fact[]) => startStory().tell(requested(), ...facts).prompts["prm-1"];

  test("prepared: nothing is shown yet, but its buttons count already", () => {
    expect(told(prepared(10, 1, "a"))).toMatchObject({
      messageId: null,
      revShown: 0,
      revPrepared: 10,
      isLive: false,
      tokens: { a: { verb: "approve", version: 1 } },
    });
  });

  test("posted and edited: shown as far as the chat confirmed", () => {
    expect(told(prepared(10, 1, "a"), posted())).toMatchObject({ messageId: "300", revShown: 10, isLive: true });
    expect(told(prepared(10, 1, "a"), posted(), prepared(20, 2, "b"))).toMatchObject({
      messageId: "300",
      revShown: 10,
      revPrepared: 20,
    });
  });

  test("a confirmation that overtook a newer one takes nothing back", () => {
    expect(told(prepared(20, 2, "a"), posted({ rev: 20 }), posted({ rev: 10 }))?.revShown).toBe(20);
  });

  test("buttons of an older version stay known, and say that they are older", () => {
    expect(told(prepared(10, 1, "a"), prepared(20, 2, "b"))?.tokens).toEqual({
      a: { verb: "approve", version: 1 },
      b: { verb: "approve", version: 2 },
    });
  });

  test("a start asks for new buttons under every open question, and those of before say that they are", () => {
    const restarted = told(prepared(10, 1, "a"), posted(), everyFact.house_started);
    expect(restarted).toMatchObject({ messageId: "300", isOutdated: true, tokens: { a: { isOfBefore: true } } });
    const again = told(prepared(10, 1, "a"), posted(), everyFact.house_started, prepared(10, 1, "b"), posted());
    expect(again).not.toHaveProperty("isOutdated");
    expect(again?.tokens).toEqual({
      a: { verb: "approve", version: 1, isOfBefore: true },
      b: { verb: "approve", version: 1 },
    });
  });

  test("whoever signed and changes the role is told of anew on every chat, also where nobody of theirs reads", () => {
    const vote = { ...everyFact.vote_cast, approvalId: "apr-1", version: 1, personId: "bo", verdict: "yes" } as const;
    const bo = { ...everyFact.person_set, personId: "bo", role: "approver" } as const;
    const changed = (...facts: readonly Fact[]) =>
      told(bo, prepared(10, 1, "a"), posted(), ...facts, { ...bo, role: "viewer" });
    expect(changed(vote)).toMatchObject({ isOutdated: true });
    expect(changed()).not.toHaveProperty("isOutdated");
  });

  test("a start leaves a question that is over as it is", () => {
    const over = told(prepared(10, 1, "a"), posted(), settledAs("declined"), everyFact.house_started);
    expect(over).not.toHaveProperty("isOutdated");
  });

  test("a message that is gone is to be posted anew", () => {
    expect(told(prepared(10, 1, "a"), posted(), everyFact.prompt_lost)).toMatchObject({
      messageId: null,
      isLive: false,
    });
  });
});

test("only the newest 200 signals and refusals are kept, newest last", () => {
  const story = startStory();
  for (let number = 1; number <= 250; number += 1)
    story.tell(
      { ...everyFact.signal_raised, signalId: `s${number}` },
      { ...everyFact.intent_denied, signalId: `s${number}` },
    );
  const { recent, denied } = story.books().signals;
  expect([recent.length, recent[0]?.signalId, recent.at(-1)?.signalId]).toEqual([200, "s51", "s250"]);
  expect([denied.length, denied[0]?.signalId, denied.at(-1)?.signalId]).toEqual([200, "s51", "s250"]);
});
