/** Reviews and reports that come by themselves: once each whatever dies in between, late with a word, and never into the void. */
import { beforeEach, describe, expect, test } from "vitest";
import { openAlerts } from "../../src/core/books_alerts.ts";
import type { Fact } from "../../src/core/events.ts";
import { notional, price, quantity, ratio } from "../../src/core/money.ts";
import type { DayShown, TradeClosed } from "../../src/core/pnl.ts";
import { noTally } from "../../src/core/tally.ts";
import { day, hour, instant } from "../../src/core/time.ts";
import { makeReports } from "../../src/flows/make_reports.ts";
import type { Needs } from "../../src/flows/needs.ts";
import { summarizeDay } from "../../src/flows/summarize_day.ts";
import { type Archive, ArchiveAway } from "../../src/ports/archive.ts";
import { LedgerUnavailable } from "../../src/ports/ledger.ts";
import { type AlertHouse, openAlertHouse } from "../fixtures/alert_house.ts";
import { accountOpened, houseStarted } from "../fixtures/facts.ts";
import { cardsWith, textOf } from "../scenarios/conversation.ts";

/** Days of which something is on record; a story begins on Friday, 2026-02-06, at 12:00 UTC. */
const dayOf = (date: string, start: string, end: string): DayShown => ({
  date,
  startEquity: notional(start),
  endEquity: notional(end),
  signals: 4,
  denied: 3,
  entries: 1,
  asked: 2,
  approved: 1,
  declined: 1,
  expired: 0,
  unknownOrders: 0,
  starts: 1,
});
const closeAt = (text: string, pnl: string): TradeClosed => ({
  seq: Date.parse(text) / 1_000,
  closedAt: instant(Date.parse(text)),
  openedAt: null,
  tradeId: `trade_${text.slice(5, 10)}`,
  mode: "paper",
  strategy: "ema_trend",
  instrumentId: "kucoin:SOL/USDT",
  reason: "target",
  quantity: quantity("1"),
  entryPrice: price("100"),
  exitPrice: price("103"),
  pnl: notional(pnl),
  fees: notional("0.1"),
  before: null,
});

let house: AlertHouse;
let days: DayShown[];
let isAway: boolean;
let reads: number;
beforeEach(async () => {
  house = await openAlertHouse({ alerts: { startHoldMs: 0 } });
  days = [dayOf("2026-02-06", "10000", "10100"), dayOf("2026-02-07", "10100", "10400")];
  days.push(dayOf("2026-02-08", "10400", "10400"));
  isAway = false;
  reads = 0;
  await house.tell(houseStarted, accountOpened("10000"));
});

const closes = [closeAt("2026-02-06T15:00:00Z", "100"), closeAt("2026-02-07T15:00:00Z", "300")];
const archive: Archive = {
  closes: (since, until) => answer(() => closes.filter(({ closedAt }) => closedAt >= since && closedAt < until)),
  days: (from) => answer(() => days.filter(({ date }) => date >= from)),
  account: () => answer(() => ({ transferred: notional("0"), high: null, deepest: null })),
  refusals: () => answer(() => [{ code: "cooling_down", count: 3 }]),
  tally: () => answer(() => ({ ...noTally, medianAnswerMs: 42_000, judged: 100, upMs: 36 * hour })),
  gaps: () => answer(() => []),
  story: () => answer(() => []),
  tradesLike: () => answer(() => []),
};
function answer<Value>(read: () => Value): Promise<Value> {
  reads += 1;
  return isAway ? Promise.reject(new ArchiveAway("away for a test")) : Promise.resolve(read());
}

const needsNow = (change: Partial<Needs> = {}): Needs => {
  const needs = house.needs();
  const limits = { profile: "integration", usdRate: "1", overrides: {} };
  const about = { people: [{ timeZone: "UTC" }], summaryHour: 8, mode: "paper", currency: "USDT", ...limits };
  return { ...needs, archive, settings: { ...needs.settings, ...about }, ...change } as unknown as Needs;
};
const goTo = (text: string) => house.clock.advance(Date.parse(text) - house.clock.wall());
const look = async () => {
  const told = await makeReports(needsNow());
  await house.second(10);
  return told;
};
const made = () => house.facts.filter(({ fact }) => fact.type === "report_made" || fact.type === "report_resent");
const chats = () => [house.telegram, house.discord, house.desk];

describe("the review of a week", () => {
  test("comes on Monday at the hour, on every chat, with its numbers, its file and a button", async () => {
    await goTo("2026-02-09T07:59:00Z");
    expect(await look()).toEqual([]);
    expect(reads).toBe(0);
    await goTo("2026-02-09T08:00:30Z");
    expect(await look()).toEqual(["2026-W06"]);
    for (const chat of chats()) {
      const message = chat.messages.find(({ card }) => card.title.startsWith("Weekly review 2026-W06"));
      expect(message?.buttons.map(({ label }) => label)).toEqual(["Acknowledge"]);
      expect(message?.card.file).toEqual({ kind: "closes", period: "2026-W06" });
    }
    const text = textOf(cardsWith(house.telegram, "Weekly review")[0]);
    expect(text).toContain("Weekly review 2026-W06 · PAPER\nAcknowledge it when you have read it");
    expect(text).toContain("Equity: 10,400.00 USDT, +400.00 USDT · 4.00 %");
    expect(text).toContain("Week 2026-02-02 to 2026-02-08: +400.00 USDT · 4.00 %, 2 trades (2 won)");
    expect(text).toMatch(/ema_trend: \+400.00 USDT/);
    expect(text).toMatch(/SOL\/USDT: \+400.00 USDT/);
    expect(text).toContain("Approvals: 6 asked, 3 approved, 3 declined, 0 expired, median answer 42 s");
    expect(text).toContain("Denied most: 3 × ");
    // From Friday noon to Sunday midnight.
    expect(text).toContain("House: up 36 h · 60 %, 3 starts");
    expect(text).not.toContain("Late by");
    expect(text).not.toContain("Exposure now");
  });

  test("is asked for again each day until a person acknowledges it, and then every copy says who", async () => {
    await goTo("2026-02-09T08:00:30Z");
    await look();
    const copies = () => cardsWith(house.telegram, "Weekly review").length;
    await house.clock.advance(23 * hour);
    await house.second();
    expect(copies()).toBe(1);
    await house.clock.advance(hour);
    await house.second();
    expect(copies()).toBe(2);
    expect(await house.acknowledge("weekly_review")).toBe(1);
    await house.second(10);
    expect(house.books().reports.made.at(-1)?.ack?.personId).toBe("ana");
    for (const card of cardsWith(house.telegram, "Weekly review"))
      expect(card.footer).toMatch(/acknowledged .* by Ana/);
    await house.clock.advance(2 * day);
    await house.second(3);
    expect(copies()).toBe(2);
  });

  test("that nobody read gives way to the next one without a word of its end", async () => {
    await goTo("2026-02-09T08:00:30Z");
    await look();
    days.push(dayOf("2026-02-10", "10400", "10300"));
    await goTo("2026-02-16T08:00:30Z");
    expect(await look()).toEqual(["2026-W07"]);
    const standing = openAlerts(house.books().chat.alerts, house.books().at).filter(
      ({ name }) => name === "weekly_review",
    );
    expect(standing.map(({ labels }) => labels["about"])).toEqual(["2026-W07"]);
    expect(cardsWith(house.telegram, "Over:")).toEqual([]);
  });
});

describe("the report of a month", () => {
  test("comes on its first morning, measured against the target, without a button", async () => {
    await goTo("2026-03-01T08:00:30Z");
    expect((await look()).filter((key) => key === "2026-02")).toEqual(["2026-02"]);
    const message = house.telegram.messages.find(({ card }) => card.title.startsWith("Monthly report 2026-02"));
    expect(message?.buttons).toEqual([]);
    expect(message?.card.file).toEqual({ kind: "closes", period: "2026-02" });
    expect(textOf(message?.card)).toContain("Return: 4.00 %, within the target of 3 to 5 %");
    expect(textOf(message?.card)).toContain("Drawdown: no mark is on record");
  });

  test("counts no deposit as a gain, and the deepest fall by every mark of the month", async () => {
    await goTo("2026-03-01T08:00:30Z");
    const account = () =>
      Promise.resolve({ transferred: notional("350"), high: notional("10800"), deepest: ratio("0.0625") });
    await makeReports(needsNow({ archive: { ...archive, account } }));
    await house.second();
    const text = textOf(cardsWith(house.telegram, "Monthly report 2026-02")[0]);
    expect(text).toContain("Return: 0.50 %, below the target of 3 to 5 %");
    expect(text).toContain("Equity: 10,400.00 USDT, +50.00 USDT · 0.50 %");
    expect(text).toContain("Paid in and out: +350.00 USDT");
    expect(text).toContain("Drawdown: deepest 6.25 %");
  });
});

describe("what was missed", () => {
  test("is told once when the house is back, says how late it is and of which days nothing is on record", async () => {
    days.push(dayOf("2026-02-17", "10400", "10400"));
    await goTo("2026-02-17T10:00:00Z");
    house.restart();
    await house.tell(houseStarted);
    // Of the week of the 9th nothing is on record.
    expect(await look()).toEqual(["2026-W06"]);
    const text = textOf(cardsWith(house.telegram, "Weekly review")[0]);
    expect(text).toContain("Late by 8 d 2 h: due 2026-02-09 08:00 UTC; the house was away then.");
    expect(text).toContain("Nothing is on record of 2026-02-09 to 2026-02-16: the house was away.");
    expect(await look()).toEqual([]);
    expect(made()).toHaveLength(1);
  });

  test("waits for a record that does not answer, and is told once when it does", async () => {
    await goTo("2026-02-09T08:00:30Z");
    isAway = true;
    expect(await look()).toEqual([]);
    isAway = false;
    expect(await look()).toEqual(["2026-W06"]);
    expect(await look()).toEqual([]);
  });

  test("is told once, however many look at it at once", async () => {
    await goTo("2026-03-02T08:00:30Z");
    const both = await Promise.all([makeReports(needsNow()), makeReports(needsNow())]);
    expect(both.flat()).toEqual(["2026-02"]);
    await house.second(3);
    expect(made()).toHaveLength(1);
    for (const chat of chats()) expect(cardsWith(chat, "Monthly report")).toHaveLength(1);
  });

  test("is told once, whether its process dies before or after the commit", async () => {
    await goTo("2026-02-09T08:00:30Z");
    const { ledger } = house.needs();
    const lost = { ...ledger, commit: () => Promise.reject(new LedgerUnavailable("killed before it")) };
    await expect(makeReports(needsNow({ ledger: lost as never }))).rejects.toThrow("killed before it");
    expect(made()).toEqual([]);
    const unheard = {
      ...ledger,
      async commit(decide: Parameters<typeof ledger.commit>[0]) {
        await ledger.commit(decide);
        throw new LedgerUnavailable("killed right after it");
      },
    };
    await expect(makeReports(needsNow({ ledger: unheard as never }))).rejects.toThrow("killed right after it");
    house.restart();
    await Promise.all([makeReports(needsNow()), makeReports(needsNow())]);
    await house.second(3);
    expect(made()).toHaveLength(1);
    for (const chat of chats()) expect(cardsWith(chat, "Weekly review")).toHaveLength(1);
  });
});

describe("what no chat took", () => {
  const unlink = (platform: string, userId: string): Fact => ({
    type: "chat_unlinked",
    platform,
    userId,
    reason: "test",
  });
  const link: Fact = {
    type: "chat_linked",
    personId: "ana",
    platform: "telegram",
    userId: "111",
    chat: { platform: "telegram", chatId: "-100", threadId: null },
  };
  const alone = async () => house.tell(unlink("telegram", "111"), unlink("discord", "222"), unlink("desk", "owner"));
  const summarize = async (text: string) => {
    await goTo(text);
    return summarizeDay(needsNow());
  };

  test("a summary that was made while nobody was linked comes with the first chat, once, and says so", async () => {
    await alone();
    expect(await summarize("2026-02-07T08:30:00Z")).toBe("2026-02-06");
    expect(await look()).toEqual([]);
    await house.tell(link);
    expect(await look()).toEqual(["2026-02-06"]);
    const text = textOf(cardsWith(house.telegram, "Daily summary 2026-02-06")[0]);
    expect(text).toContain("Late: it was made on 2026-02-07, and no chat took it then.");
    expect(text).toContain("2026-02-06: +100.00 USDT · 1.00 %, 1 trade (1 won)");
    house.restart();
    expect(await look()).toEqual([]);
    expect(cardsWith(house.telegram, "Daily summary")).toHaveLength(1);
  });

  test("a summary that every chat refused is sent once more, and not a third time", async () => {
    await house.tell(unlink("discord", "222"), unlink("desk", "owner"));
    const refusal = { kind: "chat_refused", because: "400 bad text", isText: true } as const;
    house.telegram.failures.post.push(refusal, refusal);
    expect(await summarize("2026-02-07T08:30:00Z")).toBe("2026-02-06");
    await house.second(5);
    expect(cardsWith(house.telegram, "Daily summary")).toEqual([]);
    house.telegram.failures.post.push(refusal, refusal);
    expect(await look()).toEqual(["2026-02-06"]);
    await house.second(5);
    expect(await look()).toEqual([]);
    expect(made()).toHaveLength(1);
  });

  test("the summary of a day that comes late says so, and which days nobody was there", async () => {
    await goTo("2026-02-10T09:00:00Z");
    expect(await summarizeDay(needsNow())).toBe("2026-02-06");
    await house.second(3);
    const text = textOf(cardsWith(house.telegram, "Daily summary 2026-02-06")[0]);
    expect(text).toContain("Late by 3 d 1 h: due 2026-02-07 08:00 UTC; the house was away then.");
    expect(text).toContain("Nothing is on record of 2026-02-07 to 2026-02-09: the house was away.");
    expect(text).toContain("Last 7 days: +400.00 USDT");
    expect(text).toContain("Before fees: +100.10 USDT, fees 0.10 USDT");
  });
});
