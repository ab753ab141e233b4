/**
 * From a fact to the alerts that it wakes, and from a plan to the cards that carry it out. Both happen inside the commit of
 * the fact itself: what is critical is in the outbox the moment that it is true.
 */
import { overCardOf } from "../core/alert_cards.ts";
import { chatsOfRoute, fittingRules, type Routing } from "../core/alert_routes.ts";
import { type AlertTiming, timingOf } from "../core/alert_timing.ts";
import { type Alert, fingerprintOf, isAlone, isOver, type Labels } from "../core/alerting.ts";
import type { Books } from "../core/books.ts";
import { alertOf, alertsOfGroup } from "../core/books_alerts.ts";
import { chatKey } from "../core/books_people.ts";
import type { Fact, FactOf, Recorded } from "../core/events.ts";
import { mark } from "../core/mark.ts";
import {
  type ChatStep,
  type GroupPlan,
  groupKeyOf,
  isTold,
  momentOf,
  planGroup,
  stepFor,
} from "../core/notify_plan.ts";
import { addMs, hour, minute } from "../core/time.ts";
import type { AnyAlert } from "../define/alert.ts";
import type { Times } from "../ports/ledger.ts";
import type { Needs } from "./needs.ts";

export type Raiser = Pick<Needs, "alerts" | "ids"> & {
  readonly settings?: Routing & { readonly alerts?: Partial<AlertTiming> };
};

/** The alert that this fact begins; null = none, or one that fires already. */
export function firedFact(
  needs: Raiser,
  alert: AnyAlert,
  recorded: Recorded,
  books: Books,
): FactOf<"alert_fired"> | null {
  if (!(alert.wakesOn as readonly string[]).includes(recorded.fact.type)) return null;
  const about = alert.foldKey(recorded, books);
  if (about === null) return null;
  const labels: Labels = { about, ...alert.labels?.(recorded, books) };
  const fingerprint = fingerprintOf(alert.name, labels);
  const known = alertOf(books.chat.alerts, fingerprint);
  if (known !== undefined && !isOver(known, recorded.at)) return null;
  const severity = alert.severityOf?.(labels) ?? alert.severity;
  const isEach = (alert.grouping ?? (severity === "critical" ? "each" : "together")) === "each";
  // What goes to other chats is a message of its own.
  const rules = fittingRules({ name: alert.name, severity, labels }, needs.settings ?? {});
  const routeTag = rules.length === 0 ? "" : `@${rules.join("+")}`;
  const isCondition = (alert.stands?.(labels, books) ?? null) !== null;
  return {
    type: "alert_fired",
    fingerprint,
    name: alert.name,
    severity,
    labels,
    groupKey: groupKeyOf(
      books.chat.alerts,
      { name: `${alert.name}${routeTag}`, severity, fingerprint, isEach },
      { now: recorded.wallAt, timing: timingOf(needs.settings) },
    ),
    isVital: alert.isVital?.(labels) ?? false,
    ...(alert.isMutedByHalt === undefined ? {} : { isMutedByHalt: alert.isMutedByHalt }),
    standsUntil: isCondition ? null : addMs(recorded.at, alert.quietMinutes * minute),
    ...(alert.repeatHours === undefined ? {} : { repeatMs: alert.repeatHours * hour }),
    card: alert.render(recorded, books),
  };
}

/** What this group tells right now; most often nothing. */
export function tellGroup(
  needs: Raiser,
  books: Books,
  { groupKey, fingerprint }: Pick<Alert, "groupKey" | "fingerprint">,
  times: Times,
): readonly Fact[] {
  const { alerts } = books.chat;
  const only = isAlone({ groupKey, fingerprint }) ? alertOf(alerts, fingerprint) : undefined;
  const members = only === undefined ? alertsOfGroup(alerts, groupKey) : [only];
  const plan = planGroup(alerts, members, groupKey, momentOf(books, times, timingOf(needs.settings)));
  return planFacts(needs, books, plan, times);
}

export function planFacts(needs: Raiser, books: Books, plan: GroupPlan, times: Times): readonly Fact[] {
  if (!isTold(plan)) return [];
  const moment = momentOf(books, times, timingOf(needs.settings));
  const hasMessage = plan.told.length > 0 || isEndTold(plan);
  const steps = hasMessage
    ? chatsOfRoute(books.people, [...plan.told, ...plan.over], needs.settings ?? {}).map((chat) =>
        stepFor(books, chat, plan, moment),
      )
    : [];
  const folded = steps.flatMap((step) => (step.do === "fold" && step.digest !== null ? [step.digest.cardId] : []));
  if (steps.some((step) => step.do === "fold")) mark("H08.folded_into_a_digest");
  const told: FactOf<"alert_notified"> = {
    type: "alert_notified",
    groupKey: plan.groupKey,
    reason: plan.decision,
    because: plan.because,
    told: plan.told.map((alert) => alert.fingerprint),
    over: plan.over.map((alert) => alert.fingerprint),
    flapping: plan.flapping.map((alert) => alert.fingerprint),
    folded,
  };
  return [told, ...steps.flatMap((step) => cardFacts(needs, plan, step))];
}

/** An end is a message of its own only where somebody was called or took it on; everybody else sees the first message turn green. */
const isEndTold = ({ decision, over }: GroupPlan): boolean =>
  decision === "all_alerts_resolved" && over.some((alert) => alert.isPaged || alert.ack !== null);

function cardFacts(needs: Raiser, plan: GroupPlan, step: ChatStep): readonly Fact[] {
  if (step.do === "skip" || (step.do === "fold" && step.digest !== null)) return [];
  const { told, over, groupKey, severity } = plan;
  const cardId = needs.ids.next("card");
  const first = told[0];
  const fingerprints = [...told, ...over].map((alert) => alert.fingerprint);
  // The end of something critical is good news: it may wait for what is not.
  const lane = first === undefined && severity === "critical" ? "warning" : severity;
  const card = first?.card ?? overCardOf(over);
  const common = { type: "card_queued", cardId, chat: step.chat, severity: lane, card } as const;
  if (step.do === "fold") {
    const key = chatKey(step.chat);
    const notice = { kind: "digest", groupKey: `digest/${key}`, fingerprints } as const;
    return [{ ...common, alert: "digest", foldKey: key, notice }];
  }
  if (first === undefined) return [{ ...common, alert: over[0]?.name ?? "alert", foldKey: groupKey }];
  const notice = { kind: "group", groupKey, fingerprints } as const;
  return [{ ...common, alert: first.name, foldKey: first.labels["about"] ?? groupKey, notice }];
}
