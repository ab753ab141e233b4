/**
 * Whether a group of alerts is told now, and why: a table whose first fitting row decides. Pure, so the same books at the same
 * moment always give the same message, in this process or in the next one.
 */

import { type MuteView, whyMuted } from "./alert_mutes.ts";
import type { AlertTiming, NotifyDecision } from "./alert_timing.ts";
import { type Alert, isAlone, isOver, recentChanges } from "./alerting.ts";
import type { Severity } from "./card.ts";
import type { Instant } from "./time.ts";

/** What was told of a group; absent = nothing yet. */
export type GroupLog = { readonly lastNotifiedAt: Instant; readonly calls: number };

export type Moment = {
  /** House time, by which events age, and real time, by which people are told. */
  readonly at: Instant;
  readonly now: Instant;
  readonly timing: AlertTiming;
  readonly view: MuteView;
};

export type GroupView = {
  readonly severity: Severity;
  /** Fire, and nobody was told. */
  readonly fresh: readonly Alert[];
  /** Told as firing, and over. */
  readonly over: readonly Alert[];
  /** Told as firing, and still so. */
  readonly standing: readonly Alert[];
  /** Change too often; told as that once. */
  readonly flapping: readonly Alert[];
  /** Why those that are left out are left out, each reason once. */
  readonly muted: readonly string[];
  readonly log: GroupLog | null;
};

export type Decided = { readonly decision: NotifyDecision; readonly because: string };

const order = { critical: 0, warning: 1, info: 2 } as const;

export function viewGroup(alerts: readonly Alert[], log: GroupLog | null, moment: Moment): GroupView {
  const fresh: Alert[] = [];
  const over: Alert[] = [];
  const standing: Alert[] = [];
  const flapping: Alert[] = [];
  const muted = new Set<string>();
  const shelves = { fresh, over, standing, flapping };
  for (const alert of alerts) {
    const place = placeOf(alert, moment);
    if ("because" in place) muted.add(place.because);
    else if (place.on !== "none") shelves[place.on].push(alert);
  }
  const severity = alerts.reduce<Severity>(
    (worst, alert) => (order[alert.severity] < order[worst] ? alert.severity : worst),
    "info",
  );
  return { severity, ...shelves, muted: [...muted].sort(), log };
}

type Place = { readonly on: "fresh" | "over" | "standing" | "flapping" | "none" } | { readonly because: string };

function placeOf(alert: Alert, { at, now, timing, view }: Moment): Place {
  const isFlapping = recentChanges(alert.changes, now, timing.flapWindowMs).length >= timing.flapsMin;
  // What could cost money unseen goes on calling while it stands, however often it went.
  const isCalling = alert.isVital && alert.state !== "resolved";
  if (isFlapping && alert.flapToldAt !== null && !isCalling) return { because: "it changes too often, which was told" };
  // The end of what was told is never withheld: whoever was called may lie down again.
  if (alert.state === "resolved" && !isFlapping) return { on: alert.announced === "firing" ? "over" : "none" };
  if (alert.state === "resolved" && alert.announced !== "firing") return { on: "none" };
  const because = whyMuted(alert, view, timing, now);
  if (because !== null) return { because };
  if (isFlapping && alert.flapToldAt === null) return { on: "flapping" };
  if (alert.announced !== "firing") return { on: "fresh" };
  return { on: isOver(alert, at) ? "none" : "standing" };
}

export const toldAlready = "told already";

type Row = { readonly decision: NotifyDecision; when(view: GroupView, moment: Moment): string | null };

const sinceLast = ({ log }: GroupView, now: Instant): number =>
  log === null ? Number.POSITIVE_INFINITY : now - log.lastNotifiedAt;

/** Vital ones wait for nobody. */
function intervalOf({ fresh, flapping }: GroupView, timing: AlertTiming): number {
  return [...fresh, ...flapping].some((alert) => alert.isVital) ? 0 : timing.groupIntervalMs;
}

export const decisionTable: readonly Row[] = [
  {
    decision: "do_not_notify",
    when: (view) =>
      view.fresh.length + view.flapping.length + view.over.length + view.standing.length > 0
        ? null
        : (view.muted[0] ?? "nothing to tell"),
  },
  {
    decision: "first_notification",
    when(view, { now, timing }) {
      const first = view.fresh[0];
      if (first === undefined || view.standing.length + view.over.length > 0) return null;
      if (sinceLast(view, now) < intervalOf(view, timing)) return null;
      const oldest = view.fresh.reduce((least, alert) => Math.min(least, alert.firedAt), first.firedAt as number);
      const waitMs = isAlone(first) ? 0 : timing.groupWaitMs[view.severity];
      return now - oldest >= waitMs ? `${countText(view.fresh.length)} began` : null;
    },
  },
  {
    decision: "new_alerts_in_group",
    when(view, { now, timing }) {
      const count = view.fresh.length + view.flapping.length;
      if (count === 0 || view.standing.length + view.over.length + view.flapping.length === 0) return null;
      return sinceLast(view, now) >= intervalOf(view, timing) ? `${countText(count)} more` : null;
    },
  },
  {
    decision: "all_alerts_resolved",
    when: (view) =>
      view.over.length > 0 && view.fresh.length + view.standing.length + view.flapping.length === 0
        ? `${countText(view.over.length)} over, none left`
        : null,
  },
  {
    decision: "new_resolved_alerts",
    when: (view, { now, timing }) =>
      view.over.length > 0 && sinceLast(view, now) >= timing.groupIntervalMs
        ? `${countText(view.over.length)} over, ${view.standing.length + view.fresh.length} left`
        : null,
  },
  {
    decision: "repeat_interval_elapsed",
    when(view, { now, timing }) {
      if (sinceLast(view, now) < timing.groupIntervalMs) return null;
      const unacked = view.standing.filter((alert) => alert.state === "firing");
      const sinceToldMs = ({ toldAt }: Alert): number => (toldAt === undefined ? sinceLast(view, now) : now - toldAt);
      const due = unacked.filter((alert) => {
        const repeatMs = alert.repeatMs ?? timing.repeatMs[alert.severity];
        return repeatMs !== null && sinceToldMs(alert) >= repeatMs;
      });
      if (due.length === 0) return null;
      const longestMs = Math.max(...due.map(sinceToldMs));
      return `${countText(unacked.length)} not acknowledged for ${Math.round(longestMs / 60_000)} min`;
    },
  },
  { decision: "do_not_notify", when: (view, moment) => waitingFor(view, moment) },
];

function waitingFor({ fresh, flapping, over, standing }: GroupView, { timing }: Moment): string {
  if (fresh.length + flapping.length > 0) return "waits for more of its group";
  if (over.length > 0) return `what is over is told every ${Math.round(timing.groupIntervalMs / 1_000)} s at most`;
  return standing.every((alert) => alert.state === "acked") ? "acknowledged" : toldAlready;
}

export function decideNotification(view: GroupView, moment: Moment): Decided {
  for (const { decision, when } of decisionTable) {
    const because = when(view, moment);
    if (because !== null) return { decision, because };
  }
  return { decision: "do_not_notify", because: "no row of the table fits" };
}

const countText = (count: number): string => (count === 1 ? "one alert" : `${count} alerts`);
