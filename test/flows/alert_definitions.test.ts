/** Every alert that people are promised exists, begins with its fact, ends when the books say so, and says what it is about. */
import { describe, expect, test } from "vitest";
import { alerts } from "../../src/alerts/index.ts";
import { defaultTiming } from "../../src/core/alert_timing.ts";
import type { Labels } from "../../src/core/alerting.ts";
import { allAlerts } from "../../src/core/books_alerts.ts";
import type { Fact, FactType } from "../../src/core/events.ts";
import { notional } from "../../src/core/money.ts";
import { back, closed, doubted, failing, gone, openAlertHouse } from "../fixtures/alert_house.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { accountOpened, intended, closed as stopped } from "../fixtures/facts.ts";
import { makeEntry } from "../fixtures/intent.ts";
import { type AlertCase, alertCases, held } from "../golden/alert_cases.ts";

test.each([
  ["a circuit breaker trip", "breaker_open"],
  ["an assertion failure", "assertion_failed"],
  ["a large drawdown", "large_drawdown"],
  ["an order or position of unknown fate", "order_unknown"],
  ["a stop that is missing", "stop_missing"],
  ["a gap in the data", "feed_gap"],
  ["a failure of the program", "health_failure"],
  ["a mismatch with the venue", "venue_differs"],
  ["money that nobody explains", "money_unexplained"],
  ["extreme volatility", "extreme_volatility"],
  ["an approval that waits", "approval_waiting"],
  ["an exit that fired", "exit_fired"],
])("%s is told as %s", (_what, name) => {
  expect(alerts.map((alert) => alert.name)).toContain(name);
});

test("what no inhibition, silence or start may hold back", () => {
  const vital = alerts.filter((alert) => alert.isVital?.({}) === true).map((alert) => alert.name);
  expect(vital).toEqual([
    "card_undeliverable",
    "exit_refused",
    "health_failure",
    "kill_switch",
    "money_unexplained",
    "stop_missing",
    "venue_differs",
  ]);
  const breaker = alerts.find((alert) => alert.name === "breaker_open");
  for (const cause of ["heartbeat_and_chain", "dead_man_switch", "stop_lost", "every_position_is_protected"])
    expect(breaker?.isVital?.({ cause })).toBe(true);
  expect(breaker?.isVital?.({ cause: "daily_loss_reached" })).toBe(false);
});

const denied = (code: string): Fact =>
  ({ ...everyFact.intent_denied, denials: [{ code, check: "x", facts: { age: "9 s" } }] }) as never;
const recovered = (cause: string): Fact => ({ ...closed(cause), how: "recovered" }) as never;
const marked = (equity: string): Fact => ({ type: "equity_marked", equity: notional(equity), because: "close" });

type Case = {
  readonly name: string;
  readonly begins: readonly Fact[];
  readonly labels: object;
  /** Absent = it only happened. */
  readonly ends?: readonly Fact[];
};
const cases: readonly Case[] = [
  {
    name: "feed_gap",
    begins: [gone("data:kucoin:SOL/USDT")],
    labels: { venue: "kucoin", instrument: "kucoin:SOL/USDT" },
    ends: [back("data:kucoin:SOL/USDT")],
  },
  {
    name: "source_gone",
    begins: [gone("venue:kucoin")],
    labels: { venue: "kucoin", kind: "venue" },
    ends: [back("venue:kucoin")],
  },
  {
    name: "assertion_failed",
    begins: [doubted("clocks_agree")],
    labels: { cause: "clocks_agree" },
    ends: [recovered("clocks_agree")],
  },
  {
    name: "breaker_open",
    begins: [failing("key_refused")],
    labels: { cause: "key_refused", scope: "global" },
    ends: [closed("key_refused")],
  },
  {
    name: "large_drawdown",
    begins: [accountOpened("10000"), marked("9400")],
    labels: { step: "0.05" },
    ends: [marked("9700")],
  },
  {
    name: "extreme_volatility",
    begins: [everyFact.market_judged],
    labels: { instrument: "kucoin:BTC/USDT", venue: "kucoin" },
    ends: [{ ...everyFact.market_judged, isWild: false } as Fact],
  },
  { name: "stale_price", begins: [denied("data_stale")], labels: { venue: "kucoin" } },
  { name: "health_failure", begins: [{ type: "house_died", because: "a fault", openPositions: [] }], labels: {} },
  {
    name: "entry_refused",
    begins: [intended("e1", makeEntry()), { ...everyFact.order_rejected, clientOrderId: "e1" }],
    labels: { venue: "kucoin" },
  },
];

describe.each(cases)("$name", ({ name, begins, labels, ends }) => {
  test("begins with its fact and ends with the books", async () => {
    const house = await openAlertHouse({ alerts: { startHoldMs: 0 } });
    await house.tell(...begins);
    await house.second(8);
    const found = () => allAlerts(house.books().chat.alerts).find((alert) => alert.name === name);
    expect(found()).toMatchObject({ state: "firing", labels, announced: "firing" });
    expect(house.telegram.messages.some(({ card }) => card.title === found()?.card.title)).toBe(true);
    if (ends === undefined) {
      expect(found()?.standsUntil).not.toBeNull();
      return;
    }
    await house.tell(...ends);
    await house.second(2);
    expect(found()).toMatchObject({ state: "resolved" });
  });
});

const scoped = (scope: string): AlertCase => ({ when: scope, begins: [{ ...failing("x"), scope } as Fact] });
const every = [
  ...Object.entries(alertCases).flatMap(([name, told]) => told.map((one) => [name, one] as const)),
  ["large_drawdown", { when: "a fall", begins: [accountOpened("10000"), marked("9400")] }] as const,
  ...["symbol:kucoin:SOL/USDT", "strategy:ema_trend"].map((scope) => ["breaker_open", scoped(scope)] as const),
];

/** Labels of what this case wakes, as the fact of its beginning keeps them. */
async function labelsOf([name, { before = [], begins }]: (typeof every)[number]): Promise<readonly Labels[]> {
  const house = await openAlertHouse({ alerts: { startHoldMs: 0 } });
  await house.tell(...before, ...begins);
  return house.facts.flatMap(({ fact }) => (fact.type === "alert_fired" && fact.name === name ? [fact.labels] : []));
}

test("an alert bears no label that it does not declare, and each that it declares somewhere", async () => {
  for (const alert of alerts) {
    const told = await Promise.all(every.filter(([name]) => name === alert.name).map(labelsOf));
    const names = new Set(told.flat().flatMap((labels) => Object.keys(labels)));
    names.delete("about");
    expect([alert.name, [...names].sort()]).toEqual([alert.name, [...(alert.labelNames ?? [])].sort()]);
  }
});

test.each([
  "exit_fired",
  "order_unknown",
  "doubt_aged",
  "stop_missing",
  "exit_refused",
  "entry_refused",
  "request_decided",
])("%s is recognized by instrument, venue and strategy", async (name) => {
  for (const one of every.filter(([of]) => of === name))
    for (const labels of await labelsOf(one))
      expect(labels).toMatchObject({ instrument: "kucoin:SOL/USDT", venue: "kucoin", strategy: "ema_trend" });
});

test("a halt mutes what a strategy wanted and did not get, and nothing else", () => {
  expect(alerts.filter((alert) => alert.isMutedByHalt === true).map(({ name }) => name)).toEqual([
    "entry_denied",
    "stale_price",
  ]);
});

test("a halted house tells of an exit, not of an entry that met a loss limit", async () => {
  const house = await openAlertHouse({ alerts: { startHoldMs: 0 } });
  await house.tell({ type: "level_changed", from: "none", to: "pause", reason: "a look" });
  await house.tell(...held, denied("daily_loss_reached"), stopped("trade-1", { reason: "stop" }));
  await house.second(70);
  expect(house.telegram.messages.map(({ card }) => card.title.split(":")[0])).toEqual(["SOL/USDT closed by stop"]);
});

test("a fact that wakes alerts is no fact of alerts: nothing calls for ever", () => {
  const own: readonly FactType[] = ["alert_fired", "alert_notified", "alert_resolved", "card_queued", "card_sent"];
  for (const alert of alerts) for (const type of own) expect(alert.wakesOn).not.toContain(type);
  expect(defaultTiming.groupWaitMs.critical).toBe(0);
});
