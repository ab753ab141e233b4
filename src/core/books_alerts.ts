/** The part of the books about alerts: what fires, what was told of it, which messages show it, what is silenced. */
import type { Silence } from "./alert_mutes.ts";
import { defaultTiming, toldKeptMs } from "./alert_timing.ts";
import { type Alert, isOver, recentChanges } from "./alerting.ts";
import { without } from "./books_house.ts";
import type { Severity } from "./card.ts";
import type { Chat, FactOf, Recorded } from "./events.ts";
import type { GroupLog } from "./notify_decision.ts";
import { between, day, type Instant } from "./time.ts";

/** One living message: it is edited until it shows everything that became of its alerts. */
export type Notice = {
  readonly cardId: string;
  readonly chat: Chat;
  readonly kind: "group" | "digest";
  readonly groupKey: string;
  readonly severity: Severity;
  readonly messageId: string | null;
  readonly revWanted: number;
  readonly revShown: number;
  /** When it was last posted or edited; absent = not yet. */
  readonly shownAt?: Instant;
  /** SHA-256 of the token of every button that it ever bore. */
  readonly tokenHashes: readonly string[];
  readonly queuedAt: Instant;
  /** When the newest alert came to it. */
  readonly grownAt: Instant;
};

/** Two storeys, so that one change among ten thousand copies a few dozen entries and not all of them. */
export type Shelf = Readonly<Record<string, Readonly<Record<string, Alert>>>>;

export type AlertBooks = {
  readonly shelf: Shelf;
  readonly groups: Readonly<Record<string, GroupLog>>;
  readonly notices: Readonly<Record<string, Notice>>;
  readonly silences: Readonly<Record<string, Silence>>;
};

export const emptyAlerts: AlertBooks = { shelf: {}, groups: {}, notices: {}, silences: {} };

const storeyOf = (fingerprint: string): string => fingerprint.slice(0, 2);
/** Copies that still follow their alert; the oldest of those that have left are let go. */
const noticesKept = 72;

export function alertOf({ shelf }: AlertBooks, fingerprint: string): Alert | undefined {
  return shelf[storeyOf(fingerprint)]?.[fingerprint];
}

export function allAlerts({ shelf }: AlertBooks): readonly Alert[] {
  return Object.values(shelf).flatMap((storey) => Object.values(storey));
}

/** What fires at this moment of house time, the worst and then the newest first. */
export function openAlerts(alerts: AlertBooks, at: Instant): readonly Alert[] {
  const rank = { critical: 0, warning: 1, info: 2 } as const;
  return allAlerts(alerts)
    .filter((alert) => !isOver(alert, at))
    .sort((left, right) => rank[left.severity] - rank[right.severity] || right.firedAt - left.firedAt);
}

export function alertsOfGroup(alerts: AlertBooks, groupKey: string): readonly Alert[] {
  return allAlerts(alerts).filter((alert) => alert.groupKey === groupKey);
}

export function alertsOfNotice(alerts: AlertBooks, cardId: string): readonly Alert[] {
  return allAlerts(alerts).filter((alert) => alert.noticeIds.includes(cardId));
}

/** Whether the chat certainly shows this alert in this message: it stands there, edited where the alert came to it later. */
export function isShownIn({ folds }: Alert, { cardId, messageId, revShown }: Notice): boolean {
  return messageId !== null && revShown >= (folds?.[cardId]?.rev ?? 0);
}

/** The message that a button belongs to. */
export function noticeOfToken({ notices }: AlertBooks, tokenHash: string): Notice | null {
  return Object.values(notices).find((notice) => notice.tokenHashes.includes(tokenHash)) ?? null;
}

export function evolveAlerts(alerts: AlertBooks, recorded: Recorded): AlertBooks {
  const { fact, wallAt } = recorded;
  switch (fact.type) {
    case "alert_fired":
      return fired(alerts, fact, wallAt);
    case "alert_resolved":
      return changed(alerts, [fact.fingerprint], (alert) => ended(alert, fact, wallAt));
    case "alert_acked":
      return changed(alerts, fact.fingerprints, (alert) =>
        alert.state === "resolved" ? alert : acked(alert, fact, wallAt),
      );
    case "alert_ack_aged":
      return aged(alerts, fact, wallAt);
    case "alert_notified":
      return notified(alerts, fact, wallAt);
    case "alert_escalated":
      return updated(alerts, fact.fingerprints, (alert) => ({ ...alert, escalatedAt: wallAt }));
    case "alert_silenced": {
      const { type: _type, ...silence } = fact;
      return { ...alerts, silences: { ...alerts.silences, [fact.silenceId]: { ...silence, since: wallAt } } };
    }
    case "silence_ended":
      return { ...alerts, silences: without(alerts.silences, fact.silenceId) };
    default:
      return evolveNotices(alerts, recorded);
  }
}

function evolveNotices(alerts: AlertBooks, { fact, wallAt }: Recorded): AlertBooks {
  switch (fact.type) {
    case "card_queued":
      return fact.notice === undefined ? alerts : withNotice(alerts, fact, wallAt);
    case "card_sent":
      return withMessage(alerts, fact.cardId, (notice) => ({
        ...notice,
        messageId: fact.messageId,
        revShown: fact.rev ?? notice.revShown,
        shownAt: wallAt,
      }));
    case "notice_prepared":
      return withMessage(alerts, fact.cardId, (notice) => ({
        ...notice,
        tokenHashes: [...notice.tokenHashes.slice(-3), fact.tokenHash],
      }));
    case "notice_shown":
      return withMessage(alerts, fact.cardId, (notice) => ({ ...notice, revShown: fact.rev, shownAt: wallAt }));
    case "notice_lost":
    case "card_dropped":
      return fact.cardId in alerts.notices ? { ...alerts, notices: without(alerts.notices, fact.cardId) } : alerts;
    default:
      return alerts;
  }
}

function fired(alerts: AlertBooks, fact: FactOf<"alert_fired">, now: Instant): AlertBooks {
  const { type: _type, ...told } = fact;
  const before = alertOf(alerts, fact.fingerprint);
  const isStillTold = before?.announced === "firing" && before.standsUntil === null;
  const changes = [...recentChanges(before?.changes ?? [], now, defaultTiming.flapWindowMs), now];
  const isCalm = changes.length < defaultTiming.flapsMin;
  const alert: Alert = {
    ...told,
    state: "firing",
    overCard: null,
    firedAt: now,
    resolvedAt: null,
    ack: null,
    announced: isStillTold ? "firing" : "never",
    ...(isStillTold && before.toldAt !== undefined ? { toldAt: before.toldAt } : {}),
    ...(isStillTold && before.folds !== undefined ? { folds: before.folds } : {}),
    isPaged: isStillTold && before.isPaged,
    changes,
    flapToldAt: isCalm ? null : (before?.flapToldAt ?? null),
    escalatedAt: null,
    noticeIds: isStillTold ? before.noticeIds : [],
  };
  return bumped({ ...alerts, shelf: put(alerts.shelf, [alert]) }, alert.noticeIds);
}

function ended(alert: Alert, fact: FactOf<"alert_resolved">, now: Instant): Alert {
  const changes = [...recentChanges(alert.changes, now, defaultTiming.flapWindowMs), now];
  return { ...alert, state: "resolved", resolvedAt: now, overCard: fact.card, changes };
}

function acked(alert: Alert, { personId, until }: FactOf<"alert_acked">, now: Instant): Alert {
  return { ...alert, state: "acked", ack: { personId, at: now, until, remindedAt: null } };
}

function aged(alerts: AlertBooks, { fingerprints, stage }: FactOf<"alert_ack_aged">, now: Instant): AlertBooks {
  const groups = new Set<string>();
  const next = changed(alerts, fingerprints, (alert) => {
    if (alert.state !== "acked" || alert.ack === null) return alert;
    if (stage === "reminded") return { ...alert, ack: { ...alert.ack, remindedAt: now } };
    groups.add(alert.groupKey);
    return { ...alert, state: "firing", ack: null, escalatedAt: null };
  });
  const logs = { ...next.groups };
  for (const key of groups) if (logs[key] !== undefined) logs[key] = { ...logs[key], calls: 0 };
  return { ...next, groups: logs };
}

function notified(alerts: AlertBooks, fact: FactOf<"alert_notified">, now: Instant): AlertBooks {
  const { groupKey, reason, told, over, flapping, folded } = fact;
  let next = updated(alerts, told, (alert) => ({
    ...alert,
    announced: "firing",
    toldAt: now,
    isPaged: alert.isPaged || alert.severity === "critical",
    noticeIds: withIds(alerts, alert.noticeIds, folded),
    ...foldsOf(alerts, alert, { folded, now }),
  }));
  next = updated(next, over, (alert) => ({
    ...alert,
    announced: "resolved",
    noticeIds: withIds(alerts, alert.noticeIds, folded),
  }));
  next = updated(next, flapping, (alert) => ({ ...alert, flapToldAt: now, announced: "firing" }));
  const before = alerts.groups[groupKey];
  const isCall = reason !== "all_alerts_resolved" && reason !== "new_resolved_alerts";
  const calls = reason === "first_notification" ? 1 : (before?.calls ?? 0) + (isCall ? 1 : 0);
  const groups = { ...alerts.groups, [groupKey]: { lastNotifiedAt: now, calls } };
  const notices = { ...next.notices };
  for (const cardId of folded) {
    const digest = notices[cardId];
    if (digest !== undefined) notices[cardId] = { ...digest, grownAt: now, revWanted: digest.revWanted + 1 };
  }
  return { ...next, groups, notices };
}

/** Of a message that shows it already the first revision stays. Those that are known no more are let go. */
function foldsOf(
  { notices }: AlertBooks,
  { folds = {}, noticeIds }: Alert,
  { folded, now }: { readonly folded: readonly string[]; readonly now: Instant },
): Pick<Alert, "folds"> {
  const fresh = folded.flatMap((cardId) => {
    const notice = notices[cardId];
    return notice === undefined || noticeIds.includes(cardId)
      ? []
      : [[cardId, { rev: notice.revWanted + 1, at: now }] as const];
  });
  if (fresh.length === 0) return {};
  return { folds: Object.fromEntries([...Object.entries(folds).filter(([cardId]) => cardId in notices), ...fresh]) };
}

function withNotice(alerts: AlertBooks, fact: FactOf<"card_queued">, now: Instant): AlertBooks {
  const { cardId, chat, severity, notice } = fact;
  if (notice === undefined) return alerts;
  const made: Notice = {
    cardId,
    chat,
    kind: notice.kind,
    groupKey: notice.groupKey,
    severity,
    messageId: null,
    revWanted: 1,
    revShown: 0,
    tokenHashes: [],
    queuedAt: now,
    grownAt: now,
  };
  const shown = updated(alerts, notice.fingerprints, (alert) => ({
    ...alert,
    noticeIds: withIds(alerts, alert.noticeIds, [cardId]),
  }));
  return { ...shown, notices: { ...alerts.notices, [cardId]: made } };
}

/** A message that has not left yet is never let go: it shows its alerts when it does. */
function withIds({ notices }: AlertBooks, before: readonly string[], more: readonly string[]): readonly string[] {
  const ids = [...before, ...more];
  let excess = ids.length - noticesKept;
  return excess <= 0
    ? ids
    : ids.filter((cardId) => {
        const isLoose = excess > 0 && !more.includes(cardId) && notices[cardId]?.messageId !== null;
        if (isLoose) excess -= 1;
        return !isLoose;
      });
}

function withMessage(alerts: AlertBooks, cardId: string, change: (notice: Notice) => Notice): AlertBooks {
  const notice = alerts.notices[cardId];
  return notice === undefined ? alerts : { ...alerts, notices: { ...alerts.notices, [cardId]: change(notice) } };
}

function put(shelf: Shelf, changes: readonly Alert[]): Shelf {
  const next: Record<string, Readonly<Record<string, Alert>>> = { ...shelf };
  for (const alert of changes) {
    const storey = storeyOf(alert.fingerprint);
    next[storey] = { ...next[storey], [alert.fingerprint]: alert };
  }
  return next;
}

/** Changes that no message shows. */
function updated(alerts: AlertBooks, fingerprints: readonly string[], change: (alert: Alert) => Alert): AlertBooks {
  const made = fingerprints.flatMap((fingerprint) => {
    const alert = alertOf(alerts, fingerprint);
    return alert === undefined ? [] : [change(alert)];
  });
  return made.length === 0 ? alerts : { ...alerts, shelf: put(alerts.shelf, made) };
}

/** Changes that every message about them shows. */
function changed(alerts: AlertBooks, fingerprints: readonly string[], change: (alert: Alert) => Alert): AlertBooks {
  const touched = new Set<string>();
  const next = updated(alerts, fingerprints, (alert) => {
    const after = change(alert);
    if (after !== alert) for (const cardId of alert.noticeIds) touched.add(cardId);
    return after;
  });
  return bumped(next, [...touched]);
}

function bumped(alerts: AlertBooks, cardIds: readonly string[]): AlertBooks {
  const notices = { ...alerts.notices };
  let isTouched = false;
  for (const cardId of cardIds) {
    const notice = notices[cardId];
    if (notice === undefined) continue;
    notices[cardId] = { ...notice, revWanted: notice.revWanted + 1 };
    isTouched = true;
  }
  return isTouched ? { ...alerts, notices } : alerts;
}

/** Messages of longer ago are left as they stand. */
const noticeKeptMs = 2 * day;

/** Facts between two looks through all alerts: ten thousand of them are not walked for every other handful. */
const pruneEveryFacts = 1_024;

export function pruneAlerts(
  alerts: AlertBooks,
  { at, wallAt, seq }: { readonly at: Instant; readonly wallAt: Instant; readonly seq: number },
): AlertBooks {
  if (seq % pruneEveryFacts !== 0) return alerts;
  const isYoung = (since: Instant, ms: number): boolean => between(since, wallAt) < ms;
  const notices = pick(
    alerts.notices,
    (notice) =>
      isYoung(notice.grownAt, noticeKeptMs) &&
      (notice.messageId === null ||
        notice.revShown < notice.revWanted ||
        isYoung(notice.grownAt, toldKeptMs) ||
        hasOpen(alerts, notice, at)),
  );
  const shelf: Record<string, Readonly<Record<string, Alert>>> = {};
  let isSame = true;
  for (const [key, storey] of Object.entries(alerts.shelf)) {
    const kept = pick(storey, (alert) => isKept(alert, notices, { at, wallAt }));
    if (kept !== storey) isSame = false;
    if (Object.keys(kept).length > 0) shelf[key] = kept;
  }
  const groups = pick(alerts.groups, (log) => isYoung(log.lastNotifiedAt, toldKeptMs));
  const isUntouched = isSame && notices === alerts.notices && groups === alerts.groups;
  return isUntouched ? alerts : { ...alerts, notices, groups, shelf: isSame ? alerts.shelf : shelf };
}

function hasOpen(alerts: AlertBooks, { cardId }: Notice, at: Instant): boolean {
  return alertsOfNotice(alerts, cardId).some((alert) => !isOver(alert, at));
}

function isKept(
  alert: Alert,
  notices: AlertBooks["notices"],
  { at, wallAt }: { at: Instant; wallAt: Instant },
): boolean {
  if (!isOver(alert, at)) return true;
  if (alert.standsUntil !== null && alert.state !== "resolved" && alert.announced === "never") return true;
  if (alert.state === "resolved" && alert.announced === "firing") return true;
  if (recentChanges(alert.changes, wallAt, defaultTiming.flapWindowMs).length > 0) return true;
  return alert.noticeIds.some((cardId) => {
    const notice = notices[cardId];
    return notice !== undefined && (notice.messageId === null || notice.revShown < notice.revWanted);
  });
}

function pick<Item>(
  record: Readonly<Record<string, Item>>,
  stays: (item: Item) => boolean,
): Readonly<Record<string, Item>> {
  const entries = Object.entries(record);
  const kept = entries.filter(([, item]) => stays(item));
  return kept.length === entries.length ? record : Object.fromEntries(kept);
}
