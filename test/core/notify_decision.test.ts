/** Who is told of what, and why: the whole table, and what must hold for any story of alerts. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MuteView } from "../../src/core/alert_mutes.ts";
import { type AlertTiming, defaultTiming, type NotifyDecision } from "../../src/core/alert_timing.ts";
import { type Alert, fingerprintOf, labelText } from "../../src/core/alerting.ts";
import { plainCard } from "../../src/core/card.ts";
import { decideNotification, type GroupLog, type Moment, viewGroup } from "../../src/core/notify_decision.ts";
import { addMs, instant } from "../../src/core/time.ts";

const start = instant(Date.UTC(2026, 1, 6, 12));
const openView: MuteView = { startedAt: null, venuesGone: [], isHalted: false, silences: [] };
const after = (ms: number) => addMs(start, ms);

const alert = (change: Partial<Alert> = {}): Alert => ({
  fingerprint: "00",
  name: "source_gone",
  severity: "critical",
  labels: { about: "venue:kucoin" },
  groupKey: "g",
  isVital: false,
  standsUntil: null,
  state: "firing",
  card: plainCard("critical", "gone"),
  overCard: null,
  firedAt: start,
  resolvedAt: null,
  ack: null,
  announced: "never",
  isPaged: false,
  changes: [start],
  flapToldAt: null,
  escalatedAt: null,
  noticeIds: [],
  ...change,
});
const acked = alert({
  state: "acked",
  announced: "firing",
  ack: { personId: "ana", at: start, until: null, remindedAt: null },
});
const told = alert({ announced: "firing" });
const over = alert({ announced: "firing", state: "resolved", resolvedAt: after(1_000) });
const warning = { severity: "warning" } as const;

type Row = [
  promise: string,
  alerts: readonly Alert[],
  log: GroupLog | null,
  ageMs: number,
  decision: NotifyDecision,
  more?: Partial<Moment["view"]> & { timing?: Partial<AlertTiming> },
];

const once: GroupLog = { lastNotifiedAt: start, calls: 1 };
const minute = 60_000;

// biome-ignore format: a table reads better as a table
const rows: readonly Row[] = [
  ["a critical alert is told at once",                       [alert()],                      null, 0,              "first_notification"],
  ["a warning waits for more of its kind",                   [alert(warning)],               null, 4_999,          "do_not_notify"],
  ["and is told when they had time to come",                 [alert(warning)],               null, 5_000,          "first_notification"],
  ["one that no other can join waits for none",              [alert({ ...warning, groupKey: "warning/x/00" })], null, 0, "first_notification"],
  ["what was told is not told again",                        [told],                         once, 4 * minute,     "do_not_notify"],
  ["critical calls again after five minutes",                [told],                         once, 5 * minute,     "repeat_interval_elapsed"],
  ["an acknowledged one does not",                           [acked],                        once, 60 * minute,    "do_not_notify"],
  ["a warning calls again after four hours",                 [alert({ ...warning, announced: "firing" })], once, 240 * minute, "repeat_interval_elapsed"],
  ["and not before",                                         [alert({ ...warning, announced: "firing" })], once, 239 * minute, "do_not_notify"],
  ["an info never calls again",                              [alert({ severity: "info", announced: "firing" })], once, 9_999 * minute, "do_not_notify"],
  ["a second one of the group waits for the interval",       [told, alert()],                once, minute - 1,     "do_not_notify"],
  ["and is told after it",                                   [told, alert()],                once, minute,         "new_alerts_in_group"],
  ["a position without a stop waits for no interval",        [told, alert({ isVital: true })], once, 1,            "new_alerts_in_group"],
  ["the last end is told",                                   [over],                         once, 1_000,          "all_alerts_resolved"],
  ["an end among others is told after the interval",         [over, told],                   once, minute,         "new_resolved_alerts"],
  ["and not before",                                         [over, told],                   once, minute - 1,     "do_not_notify"],
  ["what was never told as firing is never told as over",    [alert({ state: "resolved" })], null, 1_000,          "do_not_notify"],
  ["what was told as over is told once",                     [alert({ state: "resolved", announced: "resolved" })], once, minute, "do_not_notify"],
  ["an event is told late rather than never",                [alert({ standsUntil: after(1_000) })], null, 60 * minute, "first_notification"],
  ["an event that was told is no call any more when its time is over", [alert({ standsUntil: after(1_000), announced: "firing" })], once, 10 * minute, "do_not_notify"],
  ["right after the start nothing is told",                  [alert()],                      null, 14_999,         "do_not_notify", { startedAt: start }],
  ["but a position without a stop is",                       [alert({ isVital: true })],     null, 0,              "first_notification", { startedAt: start }],
  ["after the hold it is",                                   [alert()],                      null, 15_000,         "first_notification", { startedAt: start }],
  ["what was told before the start is not told again",       [told],                         once, 20_000,         "do_not_notify", { startedAt: start }],
  ["a feed gap is explained by its venue",                   [alert({ name: "feed_gap", labels: { venue: "kucoin" } })], null, minute, "do_not_notify", { venuesGone: ["kucoin"] }],
  ["not by another one",                                     [alert({ name: "feed_gap", labels: { venue: "kucoin" } })], null, minute, "first_notification", { venuesGone: ["binance"] }],
  ["the venue's own alert is not muted by itself",           [alert({ labels: { venue: "kucoin" } })], null, minute, "first_notification", { venuesGone: ["kucoin"] }],
  ["what a strategy did not get is not told while halted",   [alert({ isMutedByHalt: true })], null, minute, "do_not_notify", { isHalted: true }],
  ["an exit of a strategy is",                               [alert({ labels: { strategy: "ema_trend" } })], null, minute, "first_notification", { isHalted: true }],
  ["all else is",                                            [alert()],                      null, minute,         "first_notification", { isHalted: true }],
  ["an end is told even while muted: who was called may lie down", [over],                   once, 1_000,          "all_alerts_resolved", { isHalted: true, startedAt: start }],
  ["four changes in ten minutes are told as that, once",     [alert({ announced: "firing", changes: [start, start, start, start] })], once, minute, "new_alerts_in_group"],
  ["and then nothing is",                                    [alert({ announced: "firing", flapToldAt: start, changes: [start, start, start, start] })], once, 9 * minute, "do_not_notify"],
  ["until it has settled: an end that stayed is told",       [{ ...over, flapToldAt: start, changes: [start, start, start, start] }], once, 10 * minute, "all_alerts_resolved"],
];

const momentAt = (ageMs: number, more: Row[5] = {}): Moment => {
  const { timing, ...view } = more;
  return {
    at: after(ageMs),
    now: after(ageMs),
    timing: { ...defaultTiming, ...timing },
    view: { ...openView, ...view },
  };
};

test.each(rows)("%s", (_promise, alerts, log, ageMs, decision, more) => {
  const moment = momentAt(ageMs, more);
  expect(decideNotification(viewGroup(alerts, log, moment), moment).decision).toBe(decision);
});

test("a silence mutes what it matches until its end, and never a position without a stop", () => {
  const silence = {
    silenceId: "s",
    matchers: [{ label: "alert", value: "source_gone" }],
    personId: "ana",
    reason: "moving house",
    since: start,
    until: after(minute),
  };
  const decide = (one: Alert, ageMs: number) => {
    const moment = momentAt(ageMs, { silences: [silence] });
    return decideNotification(viewGroup([one], null, moment), moment);
  };
  expect(decide(alert(), minute - 1)).toEqual({
    decision: "do_not_notify",
    because: "silenced by ana until 12:01 UTC: moving house",
  });
  expect(decide(alert(), minute).decision).toBe("first_notification");
  expect(decide(alert({ isVital: true }), 0).decision).toBe("first_notification");
  expect(decide(alert({ name: "feed_gap" }), 0).decision).toBe("first_notification");
});

describe("a fingerprint", () => {
  const labels = fc.dictionary(fc.string(), fc.string(), { maxKeys: 6, noNullPrototype: true });

  test("does not follow the order of the labels", () => {
    fc.assert(
      fc.property(fc.string(), labels, (name, made) => {
        const turned = Object.fromEntries(Object.entries(made).reverse());
        expect(fingerprintOf(name, turned)).toBe(fingerprintOf(name, made));
        expect(fingerprintOf(name, made)).toMatch(/^[0-9a-f]{16}$/);
      }),
    );
  });

  test("tells apart what differs", () => {
    const seen = new Map<string, string>();
    for (let number = 0; number < 20_000; number += 1) {
      const made = { about: `order-${number % 5_000}`, venue: `v${Math.floor(number / 5_000)}` };
      const print = fingerprintOf("order_unknown", made);
      expect(seen.get(print) ?? labelText(made)).toBe(labelText(made));
      seen.set(print, labelText(made));
    }
    expect(fingerprintOf("a", { b: "c,d" })).not.toBe(fingerprintOf("a", { b: "c", d: "" }));
  });
});
