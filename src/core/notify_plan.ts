/**
 * From the books to what is told next, for one group or for all of them. Pure: the flow records the plan and the cards of it
 * in one commit, and a second look right after finds nothing left to do.
 */
import type { MuteView } from "./alert_mutes.ts";
import type { AlertTiming, NotifyDecision, NotifyReason } from "./alert_timing.ts";
import type { Alert } from "./alerting.ts";
import type { Books } from "./books.ts";
import { type AlertBooks, allAlerts, type Notice } from "./books_alerts.ts";
import type { WaitingCard } from "./books_chat.ts";
import { chatKey } from "./books_people.ts";
import type { Severity } from "./card.ts";
import type { Chat } from "./events.ts";
import { decideNotification, type Moment, viewGroup } from "./notify_decision.ts";
import { between, type Instant, minute } from "./time.ts";

export type GroupPlan = {
  readonly groupKey: string;
  readonly decision: NotifyDecision;
  readonly because: string;
  readonly severity: Severity;
  /** Newly or again told as firing. */
  readonly told: readonly Alert[];
  readonly over: readonly Alert[];
  readonly flapping: readonly Alert[];
};

const rank = { critical: 0, warning: 1, info: 2 } as const;

export const otherGroup = "other";
/** A group that told something within this time counts against the cap. */
const livelyMs = 10 * minute;

/** Each critical alert about another thing is a group of its own: one position must not wait for the news of another one. */
export function groupKeyOf(
  alerts: AlertBooks,
  wish: { readonly name: string; readonly severity: Severity; readonly fingerprint: string; readonly isEach: boolean },
  { now, timing }: { readonly now: Instant; readonly timing: AlertTiming },
): string {
  const key = wish.isEach ? `${wish.severity}/${wish.name}/${wish.fingerprint}` : `${wish.severity}/${wish.name}`;
  if (key in alerts.groups) return key;
  const lively = Object.values(alerts.groups).filter((log) => between(log.lastNotifiedAt, now) < livelyMs).length;
  if (lively < timing.groupsMax) return key;
  return `${wish.severity}/${otherGroup}`;
}

export function muteViewOf({ house, chat }: Books): MuteView {
  return {
    startedAt: house.startedAt,
    venuesGone: Object.keys(house.gone).flatMap((source) => (source.startsWith("venue:") ? [source.slice(6)] : [])),
    isHalted: house.level !== "none",
    silences: Object.values(chat.alerts.silences),
  };
}

export function momentOf(books: Books, times: { at: Instant; wallAt: Instant }, timing: AlertTiming): Moment {
  return { at: times.at, now: times.wallAt, timing, view: muteViewOf(books) };
}

export function planGroup(alerts: AlertBooks, members: readonly Alert[], groupKey: string, moment: Moment): GroupPlan {
  const view = viewGroup(members, alerts.groups[groupKey] ?? null, moment);
  const { decision, because } = decideNotification(view, moment);
  const { severity, flapping } = view;
  const common = { groupKey, decision, because, severity };
  switch (decision) {
    case "first_notification":
      return { ...common, told: view.fresh, over: [], flapping: [] };
    case "new_alerts_in_group":
      return { ...common, told: [...view.fresh, ...flapping], over: [], flapping };
    case "repeat_interval_elapsed":
      return { ...common, told: view.standing.filter((alert) => alert.state === "firing"), over: [], flapping: [] };
    case "all_alerts_resolved":
    case "new_resolved_alerts":
      return { ...common, told: [], over: view.over, flapping: [] };
    case "do_not_notify":
      return { ...common, told: [], over: [], flapping: [] };
    default:
      return decision satisfies never;
  }
}

/** Every group, the worst first; those with nothing to tell come with their reason. */
export function planAll(alerts: AlertBooks, moment: Moment): readonly GroupPlan[] {
  const groups = new Map<string, Alert[]>();
  for (const alert of allAlerts(alerts)) {
    const members = groups.get(alert.groupKey);
    if (members === undefined) groups.set(alert.groupKey, [alert]);
    else members.push(alert);
  }
  return [...groups]
    .map(([groupKey, members]) => planGroup(alerts, members, groupKey, moment))
    .sort((left, right) => rank[left.severity] - rank[right.severity] || (left.groupKey < right.groupKey ? -1 : 1));
}

export const isTold = (plan: GroupPlan): plan is GroupPlan & { readonly decision: NotifyReason } =>
  plan.decision !== "do_not_notify";

export type ChatStep =
  /** A message of its own. */
  | { readonly do: "post"; readonly chat: Chat }
  /** Into the digest that this chat has already, or into a new one. */
  | { readonly do: "fold"; readonly chat: Chat; readonly digest: Notice | null }
  /** What waits for this chat will show it when it leaves. */
  | { readonly do: "skip"; readonly chat: Chat };

/** Where a plan goes in one chat, given what waits for it. */
export function stepFor(books: Books, chat: Chat, plan: GroupPlan, { timing, now }: Moment): ChatStep {
  const key = chatKey(chat);
  const { notices } = books.chat.alerts;
  const ours = Object.values(notices).filter((notice) => chatKey(notice.chat) === key);
  const isEnd = plan.told.length === 0;
  const isAgain = isEnd || plan.decision === "repeat_interval_elapsed";
  // A message that has not left yet will say it all.
  if (isAgain && ours.some((notice) => notice.messageId === null && isAbout(notice, plan))) return { do: "skip", chat };
  // Into a digest that is there already it comes by an edit, without a sound: what is worse than the digest has its own message.
  const digest =
    ours.findLast(
      ({ kind, messageId, grownAt, severity }) =>
        kind === "digest" &&
        rank[severity] <= rank[plan.severity] &&
        (messageId === null || between(grownAt, now) < timing.digestOpenMs),
    ) ?? null;
  // What a digest told of ends in the digest.
  if (isEnd && plan.over.every((alert) => alert.noticeIds.some((id) => notices[id]?.kind === "digest")))
    return { do: "skip", chat };
  const isVital = plan.told.some((alert) => alert.isVital);
  const limit = isVital ? timing.vitalStormAt : timing.stormAt;
  const waiting = Object.values(books.chat.outbox).filter((card) => card.chat.chatId === chat.chatId);
  // What is less urgent leaves after it and holds nothing up.
  const before = waiting.filter(
    (card) => isOfAlerts(card) && rank[card.severity] <= rank[plan.severity] && chatKey(card.chat) === key,
  );
  const isStorm = before.length >= limit;
  return isStorm || (digest !== null && !isVital) ? { do: "fold", chat, digest } : { do: "post", chat };
}

const isAbout = (notice: Notice, { groupKey, told, over }: GroupPlan): boolean =>
  notice.groupKey === groupKey || [...told, ...over].every((alert) => alert.noticeIds.includes(notice.cardId));

/** The end of an alert is a card of it, too, though it is never edited. */
const isOfAlerts = (card: WaitingCard): boolean => card.notice !== undefined || card.foldKey.includes("/");
