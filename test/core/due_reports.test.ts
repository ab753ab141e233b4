/** Names of days, weeks and months; when each is told on whose clock; and which of them a house that was away still owes. */
import { describe, expect, test } from "vitest";
import { emptyBooks } from "../../src/core/books.ts";
import { type ReportBooks, reviewFingerprint } from "../../src/core/books_reports.ts";
import {
  awayText,
  dueReports,
  latenessText,
  lostReport,
  reviewText,
  waitingReview,
} from "../../src/core/due_reports.ts";
import type { Fact } from "../../src/core/events.ts";
import { clockText, toldAt } from "../../src/core/local_time.ts";
import { periodNamed, wholeMonth, wholeWeek } from "../../src/core/period.ts";
import { elapsedMs, houseField, noTally, tallyFields } from "../../src/core/tally.ts";
import { hour, type Instant, instant, isoTime } from "../../src/core/time.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { startStory } from "../fixtures/story.ts";

const at = (text: string): Instant => instant(Date.parse(text));
const rule = { hour: 8, timeZone: "UTC" };

describe("a name of a period", () => {
  test.each([
    ["2026-02-06", "2026-02-06T00:00:00.000Z", "2026-02-07T00:00:00.000Z"],
    ["2026-W06", "2026-02-02T00:00:00.000Z", "2026-02-09T00:00:00.000Z"],
    ["2026-W01", "2025-12-29T00:00:00.000Z", "2026-01-05T00:00:00.000Z"],
    ["2020-W53", "2020-12-28T00:00:00.000Z", "2021-01-04T00:00:00.000Z"],
    ["2026-01", "2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"],
    ["2024-02", "2024-02-01T00:00:00.000Z", "2024-03-01T00:00:00.000Z"],
    ["2025-12", "2025-12-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"],
    ["yesterday", "2026-02-10T00:00:00.000Z", "2026-02-11T00:00:00.000Z"],
    ["last_week", "2026-02-02T00:00:00.000Z", "2026-02-09T00:00:00.000Z"],
    ["last_month", "2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"],
  ])("%s is from %s to %s, and over", (name, since, until) => {
    const period = periodNamed(name, at("2026-02-11T12:00:00Z"));
    expect([isoTime(period?.since ?? instant(0)), isoTime(period?.until ?? instant(0))]).toEqual([since, until]);
    expect(period?.isOver).toBe(true);
    // What it is called once finds it again for ever.
    expect(periodNamed(period?.name ?? "", at("2036-01-01T00:00:00Z"))).toEqual(period);
  });

  test.each(["2026-02", "2026-W07", "2026-02-11", "month", "week", "7d", "day"])("%s goes up to now", (name) => {
    const now = at("2026-02-11T12:00:00Z");
    expect(periodNamed(name, now)).toMatchObject({ until: now + 1, isOver: false });
  });

  test.each([
    "",
    "year",
    "2026-13",
    "2026-02-30",
    "2025-W53",
    "2026-W00",
    "2026-W54",
    "2026-02-12",
    "2026-W08",
    "../month",
  ])("%j is none, or it has not begun", (name) => expect(periodNamed(name, at("2026-02-11T12:00:00Z"))).toBeNull());
});

describe("a day is told", () => {
  test.each([
    ["2026-02-06", 8, "UTC", "2026-02-07T08:00:00.000Z"],
    ["2026-02-06", 0, "UTC", "2026-02-07T00:00:00.000Z"],
    ["2026-02-06", 8, "Europe/Berlin", "2026-02-07T07:00:00.000Z"],
    // In Auckland it is 13:00 when the day is over in UTC: the next morning tells it.
    ["2026-02-06", 8, "Pacific/Auckland", "2026-02-07T19:00:00.000Z"],
    ["2026-02-06", 8, "America/Los_Angeles", "2026-02-07T16:00:00.000Z"],
    ["2026-02-06", 20, "America/Los_Angeles", "2026-02-07T04:00:00.000Z"],
    // The hour that is left out in spring, and the one that comes twice in autumn.
    ["2026-03-28", 2, "Europe/Berlin", "2026-03-29T01:00:00.000Z"],
    ["2026-10-24", 2, "Europe/Berlin", "2026-10-25T00:00:00.000Z"],
    ["2026-02-06", 8, "Asia/Kathmandu", "2026-02-07T02:15:00.000Z"],
  ])("of %s at %s in %s: %s", (date, hour, timeZone, expected) => {
    expect(isoTime(toldAt(date, { hour, timeZone }))).toBe(expected);
  });

  test("and said in both clocks", () => {
    expect(clockText(at("2026-02-07T07:05:00Z"), "Europe/Berlin")).toBe("08:05 Europe/Berlin, 07:05 UTC");
    expect(clockText(at("2026-02-07T07:05:00Z"), "UTC")).toBe("07:05 UTC");
  });
});

describe("what is due", () => {
  const books = (
    since: string,
    made: readonly (readonly ["week" | "month", string])[] = [],
  ): { reports: ReportBooks } => ({
    reports: {
      since: at(since),
      made: made.map(([kind, key]) => ({
        kind,
        key,
        madeAt: at(since),
        waiting: [],
        isReceived: true,
        isResent: false,
        ack: null,
      })),
    },
  });
  const due = (from: { reports: ReportBooks }, now: string) =>
    dueReports(from, at(now), rule).map(({ period, dueAt }) => `${period.name} ${isoTime(dueAt).slice(0, 13)}`);

  test.each<[string, { reports: ReportBooks }, string, readonly string[]]>([
    ["nothing before the first fact", { reports: { since: null, made: [] } }, "2026-02-09T09:00:00Z", []],
    ["nothing in the first week", books("2026-02-06T12:00:00Z"), "2026-02-08T23:59:00Z", []],
    ["nothing before the hour", books("2026-02-06T12:00:00Z"), "2026-02-09T07:59:00Z", []],
    [
      "a week that was begun in its middle",
      books("2026-02-06T12:00:00Z"),
      "2026-02-09T08:00:00Z",
      ["2026-W06 2026-02-09T08"],
    ],
    ["nothing twice", books("2026-02-06T12:00:00Z", [["week", "2026-W06"]]), "2026-02-09T08:00:00Z", []],
    [
      "of an old record only the newest two",
      books("2025-06-01T00:00:00Z"),
      "2026-02-09T09:00:00Z",
      ["2026-W05 2026-02-02T08", "2026-W06 2026-02-09T08", "2025-12 2026-01-01T08", "2026-01 2026-02-01T08"],
    ],
    [
      "every week that was missed, the oldest first",
      books("2025-06-01T00:00:00Z", [
        ["week", "2026-W03"],
        ["month", "2026-01"],
      ]),
      "2026-02-09T09:00:00Z",
      ["2026-W04 2026-01-26T08", "2026-W05 2026-02-02T08", "2026-W06 2026-02-09T08"],
    ],
    [
      "over the end of a year",
      books("2025-06-01T00:00:00Z", [
        ["week", "2025-W52"],
        ["month", "2025-12"],
      ]),
      "2026-01-06T09:00:00Z",
      ["2026-W01 2026-01-05T08"],
    ],
    [
      "a month on its first day",
      books("2026-01-20T00:00:00Z", [["week", "2026-W04"]]),
      "2026-02-01T08:00:00Z",
      ["2026-01 2026-02-01T08"],
    ],
  ])("%s", (_, from, now, expected) => expect(due(from, now)).toEqual(expected));

  test("of many missed weeks the newest eight", () => {
    const from = books("2025-01-01T00:00:00Z", [
      ["week", "2025-W10"],
      ["month", "2026-01"],
    ]);
    const found = dueReports(from, at("2026-02-09T09:00:00Z"), rule);
    expect(found.map(({ period }) => period.name)).toEqual([
      "2025-W51",
      "2025-W52",
      "2026-W01",
      "2026-W02",
      "2026-W03",
      "2026-W04",
      "2026-W05",
      "2026-W06",
    ]);
  });
});

describe("what is said of the past", () => {
  const started = (text: string) => ({ at: at(text), house: { ...emptyBooks.house, startedAt: at(text) } });
  const late = (text: string, now: string) =>
    latenessText(started(text), { dueAt: at("2026-02-07T08:00:00Z"), at: at(now), timeZone: "UTC" });
  test.each([
    ["on time", "2026-02-01T00:00:00Z", "2026-02-07T08:14:00Z", null],
    [
      "away",
      "2026-02-07T11:00:00Z",
      "2026-02-07T11:30:00Z",
      "Late by 3.5 h: due 2026-02-07 08:00 UTC; the house was away then.",
    ],
    [
      "away for days",
      "2026-02-10T11:00:00Z",
      "2026-02-10T12:00:00Z",
      "Late by 3 d 4 h: due 2026-02-07 08:00 UTC; the house was away then.",
    ],
    // The record ends before it was due: this start has written nothing yet.
    [
      "a start that has written nothing",
      "2026-02-07T02:00:00Z",
      "2026-02-07T09:00:00Z",
      "Late by 1 h: due 2026-02-07 08:00 UTC; the house was away then.",
    ],
  ])("%s", (_, start, now, expected) => expect(late(start, now)).toBe(expected));
  test("a house that was there and could not tell", () => {
    const books = { ...started("2026-02-01T00:00:00Z"), at: at("2026-02-07T08:30:00Z") };
    const told = latenessText(books, {
      dueAt: at("2026-02-07T08:00:00Z"),
      at: at("2026-02-07T09:00:00Z"),
      timeZone: "UTC",
    });
    expect(told).toContain("it could not be told before");
  });

  test.each([
    ["2026-02-06", "2026-02-07", null],
    ["2026-02-06", "2026-02-08", "Nothing is on record of 2026-02-07: the house was away."],
    ["2026-02-27", "2026-03-03", "Nothing is on record of 2026-02-28 to 2026-03-02: the house was away."],
  ])("days between %s and %s", (told, next, expected) => expect(awayText(told, next)).toBe(expected));
});

describe("what no chat took", () => {
  const card = (cardId: string): Fact => ({
    ...everyFact.card_queued,
    cardId,
    alert: "daily_summary",
    foldKey: "2026-02-05",
  });
  const story = (...facts: readonly Fact[]) => {
    const told = startStory();
    told.tell(
      everyFact.person_set,
      everyFact.chat_linked,
      { ...everyFact.day_summarized, day: "2026-02-05" },
      ...facts,
    );
    return told;
  };
  const sent = (cardId: string): Fact => ({ ...everyFact.card_sent, cardId });
  const dropped = (cardId: string): Fact => ({ ...everyFact.card_dropped, cardId });
  test.each<[string, readonly Fact[], boolean]>([
    ["nobody was linked then", [], true],
    ["it still waits", [card("a"), card("b"), dropped("a")], false],
    ["one of two chats took it", [card("a"), card("b"), dropped("a"), sent("b")], false],
    ["every chat refused it", [card("a"), card("b"), dropped("a"), dropped("b")], true],
    [
      "it was sent again already",
      [card("a"), dropped("a"), { type: "report_resent", kind: "day", key: "2026-02-05" }],
      false,
    ],
  ])("%s: sent again %s", (_, facts, isLost) => {
    const told = story(...facts);
    expect(lostReport(told.books(), told.now().at) !== null).toBe(isLost);
  });
  test("nothing while nobody is linked, and nothing after a week", () => {
    const alone = startStory();
    alone.tell({ ...everyFact.day_summarized, day: "2026-02-05" });
    expect(lostReport(alone.books(), alone.now().at)).toBeNull();
    const old = story();
    old.wait(8 * 24 * hour);
    expect(lostReport(old.books(), old.now().at)).toBeNull();
  });
});

test("a review is known as read by the first who acknowledges it, and until then it waits", () => {
  const story = startStory();
  story.tell(everyFact.person_set);
  expect(reviewText(story.books())).toBeNull();
  story.tell(everyFact.report_made);
  expect(waitingReview(story.books())).toBe(reviewText(story.books()));
  expect(reviewText(story.books())).toBe("2026-W05 waits since 2026-02-06: read it and /ack weekly_review");
  story.tell({ ...everyFact.alert_acked, fingerprints: ["0000"], personId: "bo" });
  expect(reviewText(story.books())).toContain("waits");
  story.tell({ ...everyFact.alert_acked, fingerprints: [reviewFingerprint("2026-W05")], personId: "ana" });
  story.tell({ ...everyFact.alert_acked, fingerprints: [reviewFingerprint("2026-W05")], personId: "bo" });
  expect(reviewText(story.books())).toBe("2026-W05 acknowledged by Ana");
  expect(waitingReview(story.books())).toBeNull();
});

describe("what the house says of itself", () => {
  const week = wholeWeek(at("2026-02-04T00:00:00Z"));
  test("uptime is of the time since there is a record", () => {
    const elapsed = elapsedMs(week, at("2026-02-08T12:00:00Z"));
    expect(elapsed).toBe(12 * hour);
    expect(houseField({ upMs: 9 * hour }, { elapsedMs: elapsed, starts: 2 }).value).toBe("up 9 h · 75 %, 2 starts");
    expect(houseField({ upMs: 13 * hour }, { elapsedMs: elapsed, starts: 1 }).value).toBe("up 12 h · 100 %, 1 start");
    expect(elapsedMs(wholeMonth("2026-01"), at("2026-02-08T12:00:00Z"))).toBe(0);
  });
  test("one broken promise in a million looks is never rounded away", () => {
    const fields = tallyFields({ ...noTally, judged: 1_000_000, broken: 1, pings: 2_880, pingsMissed: 2 });
    expect(fields.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      "Promises: 99.99 % of 1,000,000 looks held, 1 did not",
      "Alerts: none",
      "Outside monitor: missed 2 of 2,880 reports",
    ]);
    expect(tallyFields({ ...noTally, judged: 10 })[0]?.value).toBe("100 % of 10 looks held");
  });
});
