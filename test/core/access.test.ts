/** Who may ask to be let in, under which name, and what the books keep of it. */
import { describe, expect, test } from "vitest";
import { accessCard, accessOfToken, freeName, shownName, whyNoRequest } from "../../src/core/access.ts";
import { lockedOutWithout, refusedLately } from "../../src/core/books_people.ts";
import type { Fact } from "../../src/core/events.ts";
import { addMs, day, hour, minute } from "../../src/core/time.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { startStory, storyStart } from "../fixtures/story.ts";

const account = { platform: "telegram", userId: "444" };
const asked = (id: string, userId = "444"): Fact => ({
  ...everyFact.access_asked,
  requestId: id,
  userId,
  cards: [{ cardId: `card-${id}`, chat: everyFact.access_asked.chat }],
});
const settled = (how: "granted" | "refused" | "expired"): Fact => ({
  ...everyFact.access_settled,
  requestId: "a",
  how,
});

describe("an account asks", () => {
  test.each([
    ["for the first time: yes", [], 0, null],
    ["while its request is open: no", [asked("a")], hour, "asked_already"],
    ["a day later: yes", [asked("a")], day, null],
    ["after a no: not for a day", [asked("a"), settled("refused")], hour, "answered_lately"],
    ["a day after a no: yes", [asked("a"), settled("refused")], day, null],
    ["after it was let in and taken out: yes", [asked("a"), settled("granted")], hour, null],
    ["while five others wait: no", ["1", "2", "3", "4", "5"].map((id) => asked(id, id)), hour, "too_many"],
    ["while four others wait: yes", ["1", "2", "3", "4"].map((id) => asked(id, id)), hour, null],
  ] as const)("%s", (_, facts, ms, expected) => {
    const story = startStory();
    story.tell(...facts);
    story.wait(ms);
    expect(whyNoRequest(story.books().people, account, story.now().wallAt)).toBe(expected);
  });

  test("twenty in one day are enough, whatever became of them", () => {
    const story = startStory();
    for (let count = 0; count < 20; count += 1)
      story.tell(asked(`r${count}`, `u${count}`), {
        ...everyFact.access_settled,
        requestId: `r${count}`,
        how: "refused",
        role: null,
      });
    expect(whyNoRequest(story.books().people, account, storyStart)).toBe("too_many");
    expect(whyNoRequest(story.books().people, account, addMs(storyStart, day))).toBeNull();
  });
});

describe("a name", () => {
  test.each([
    ["  Cleo \n @everyone ", "Cleo @everyone"],
    ["", "somebody"],
    ["x".repeat(4_096), "x".repeat(32)],
  ])("%j is shown as %j", (given, shown) => {
    expect(shownName(given)).toBe(shown);
  });

  test("turns no text around", () => {
    expect(shownName("\u202Egnp.exe")).not.toContain("\u202E");
  });

  test("of somebody who is here is nobody else's, in any case or width", () => {
    const { people } = startStory().tell(everyFact.person_set);
    expect([freeName(people, "ANA", "telegram444"), freeName(people, "Ａna", "telegram444")]).toEqual([
      "ANA 2",
      "Ａna 2",
    ]);
    expect([freeName(people, "Ana", "ana"), freeName(people, "Cleo", "telegram444")]).toEqual(["Ana", "Cleo"]);
  });
});

describe("the books", () => {
  test("know what a button means, in which chat; older buttons of the same message go on to count", () => {
    const story = startStory();
    const more: Fact = { ...everyFact.access_prepared, tokens: [{ hash: "second", answer: "no" }] };
    const { people } = story.tell(everyFact.access_asked, everyFact.access_prepared, more, everyFact.card_sent);
    expect(accessOfToken(people, "access token")).toMatchObject({ answer: "operator", card: { messageId: "301" } });
    expect(accessOfToken(people, "second")?.answer).toBe("no");
    expect(accessOfToken(people, "third")).toBeNull();
  });

  test("the card of a settled request says who, what and when", () => {
    const story = startStory();
    const { people } = story.tell(everyFact.access_asked, everyFact.access_settled);
    const request = people.access["acc-1"];
    if (request === undefined) throw new Error("no request");
    expect(accessCard(request).title).toBe("Access of Cleo: operator, by ana at 12:00 UTC");
  });

  test("five refusals within ten minutes are counted for each account by itself", () => {
    const story = startStory();
    const refused: Fact = { ...everyFact.tap_refused, platform: "telegram", userId: "444" };
    for (let count = 0; count < 4; count += 1) story.tell(refused);
    story.tell({ ...refused, userId: "555" });
    const now = () => story.now().wallAt;
    expect(refusedLately(story.books().people, "telegram:444", now())).toBe(4);
    story.wait(10 * minute);
    expect(refusedLately(story.tell(refused).people, "telegram:444", now())).toBe(1);
  });

  test("the last owner whom a chat reaches is known", () => {
    const story = startStory();
    const bo: Fact = { ...everyFact.person_set, personId: "bo", name: "Bo" };
    const linked: Fact = { ...everyFact.chat_linked, personId: "bo", userId: "200" };
    const alone = story.tell(everyFact.person_set, everyFact.chat_linked, bo).people;
    expect(lockedOutWithout(alone, { personId: "ana" })).toBe(true);
    expect(lockedOutWithout(alone, { links: ["telegram:100"] })).toBe(true);
    const both = story.tell(linked).people;
    expect(lockedOutWithout(both, { personId: "ana" })).toBe(false);
  });
});
