/** The accounting day is UTC whatever the machine believes, begins once, and forgives a loss once. */
import { afterEach, describe, expect, test } from "vitest";
import { emptyDay } from "../../src/core/books_days.ts";
import { notional } from "../../src/core/money.ts";
import { beginsDay, day, hour, instant, utcDay } from "../../src/core/time.ts";
import { markEquity } from "../../src/flows/mark_equity.ts";
import { makeMemory } from "../../src/flows/memory.ts";
import type { Needs } from "../../src/flows/needs.ts";
import { approvalsText, summarizeDay } from "../../src/flows/summarize_day.ts";
import type { Decision, Ledger } from "../../src/ports/ledger.ts";
import { accountOpened, houseStarted } from "../fixtures/facts.ts";
import { type Story, startStory } from "../fixtures/story.ts";
import { watchMarks } from "../fixtures/watch_marks.ts";

const marks = watchMarks();

function houseAt(at: number, zone = "UTC"): { story: Story; look: () => Promise<void>; summarize: Needs } {
  const story = startStory({ at: instant(at) });
  story.tell(houseStarted, accountOpened("10000"));
  const ledger: Pick<Ledger, "books" | "commit"> = {
    books: () => story.books(),
    commit<Value>(decide: (books: ReturnType<Story["books"]>, times: ReturnType<Story["now"]>) => Decision<Value>) {
      const { drafts, value } = decide(story.books(), story.now());
      story.tell(...drafts.map(({ fact }) => fact));
      return Promise.resolve(value);
    },
  };
  const limits = { profile: "integration", usdRate: "1", overrides: {} };
  const settings = { people: [{ timeZone: zone }], summaryHour: 0, mode: "paper", currency: "USDT", ...limits };
  const clock = { now: () => story.now().at };
  const ids = { next: () => "card" };
  const needs = { ledger, clock, memory: makeMemory(), settings, alerts: [], ids } as unknown as Needs;
  return { story, look: () => markEquity(needs), summarize: needs };
}

const daysBegun = (story: Story): readonly string[] =>
  story
    .facts()
    .flatMap(({ fact, at }) => (fact.type === "equity_marked" && fact.because === "day" ? [utcDay(at)] : []));

const machineZone = process.env["TZ"];
afterEach(() => {
  if (machineZone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = machineZone;
});

describe("the day", () => {
  test.each([
    ["nothing was begun", "", "2026-02-06T00:00:00Z", true],
    ["the same day", "2026-02-06", "2026-02-06T23:59:59.999Z", false],
    ["the next one", "2026-02-06", "2026-02-07T00:00:00Z", true],
    ["back over midnight", "2026-02-07", "2026-02-06T23:59:59Z", false],
    ["a clock that was a day ahead", "2026-02-07", "2026-02-06T00:00:00Z", false],
    ["a clock that was years ahead", "2031-01-01", "2026-02-06T12:00:00Z", true],
  ])("%s", (_, known, at, expected) => expect(beginsDay(known, instant(Date.parse(at)))).toBe(expected));

  test.each([
    ["Europe/Berlin", "2026-03-29T00:00:00Z", "the hour that is left out"],
    ["Europe/Berlin", "2026-10-25T00:00:00Z", "the hour that comes twice"],
    ["America/New_York", "2026-11-01T00:00:00Z", "the hour that comes twice"],
    ["Pacific/Apia", "2026-04-05T00:00:00Z", "a day ahead of UTC"],
  ])("on a machine in %s, %s: begins once, at midnight UTC (%s) [C07]", async (zone, from) => {
    process.env["TZ"] = zone;
    const start = Date.parse(from);
    const { story, look, summarize } = houseAt(start - 12 * hour, zone);
    const summarized: (string | null)[] = [];
    for (let quarter = 0; quarter < 4 * 48; quarter += 1) {
      story.wait(hour / 4);
      await look();
      summarized.push(await summarizeDay(summarize));
    }
    expect(daysBegun(story)).toEqual([utcDay(instant(start)), utcDay(instant(start + day))]);
    const told = summarized.filter((one) => one !== null);
    expect(told).toEqual([...new Set(told)]);
    expect(told[0]).toBe(utcDay(instant(start - day)));
    expect(marks.reached()).toContain("C07.utc_day_begins");
  });

  test("a second that comes twice, or a clock set back over midnight, forgives no loss a second time [C07]", async () => {
    const { story, look } = houseAt(Date.parse("2026-12-31T23:59:58Z"));
    for (const stepMs of [1_000, 1_000, -1_000, 1_000, -90_000, 30_000, 90_000]) {
      story.wait(stepMs);
      await look();
    }
    expect(daysBegun(story)).toEqual(["2027-01-01"]);
    expect(story.books().days.today.date).toBe("2027-01-01");
    expect(story.books().days.previous?.date).toBe("2026-12-31");
    expect(story.books().house.account?.dayStartEquity).toBe(notional("10000"));
  });
});

test.each<[readonly number[], string]>([
  [[], "0 expired"],
  [[9_000], "median answer 9 s"],
  [[90_000, 4_000], "median answer 4 s"],
  [[90_000, 4_000, 7_000], "median answer 7 s"],
])("half of the answers %j came within it: %s", (answersMs, text) =>
  expect(approvalsText({ ...emptyDay("2026-02-06"), answersMs })).toMatch(new RegExp(`${text}$`)),
);
