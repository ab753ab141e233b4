/** What a message about alerts shows at this moment: the same function draws the first post and every later edit. */
import { type Alert, isOver } from "./alerting.ts";
import type { Books } from "./books.ts";
import { type AlertBooks, alertsOfNotice, type Notice } from "./books_alerts.ts";
import type { Card, Tone } from "./card.ts";
import { lengthText } from "./facts.ts";
import { between, type Instant, isoTime } from "./time.ts";

const shownMax = 12;
const rank = { critical: 0, warning: 1, info: 2 } as const;
const worstFirst = (left: Alert, right: Alert): number =>
  rank[left.severity] - rank[right.severity] ||
  right.firedAt - left.firedAt ||
  ((left.labels["about"] ?? "") < (right.labels["about"] ?? "") ? -1 : 1);
const clock = (at: Instant): string => `${isoTime(at).slice(11, 16)} UTC`;
const countOf = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

/** Null when its alerts are known no more: the message stays as it is. */
export function noticeCard(books: Books, notice: Notice): Card | null {
  const alerts = [...alertsOfNotice(books.chat.alerts, notice.cardId)].sort(worstFirst);
  const only = alerts[0];
  if (only === undefined) return null;
  if (notice.kind === "digest") return digestCard(books, notice, alerts);
  return alerts.length === 1 ? singleCard(books, only) : groupCard(books, alerts);
}

/** Whether a tap on its button would still change something. */
export function isAckable(alerts: AlertBooks, notice: Notice, at: Instant): boolean {
  return alertsOfNotice(alerts, notice.cardId).some(
    (alert) => !isOver(alert, at) && (alert.state === "firing" || alert.ack?.remindedAt != null),
  );
}

function singleCard(books: Books, alert: Alert): Card {
  const { card } = alert;
  const line = stateLine(books, alert);
  const footer = [card.footer, line].filter((part) => part !== null).join(" · ");
  const told = { ...card, footer: footer === "" ? null : footer };
  if (alert.state !== "resolved") return told;
  return { ...told, tone: "ok", title: `Over: ${card.title}` };
}

function groupCard(books: Books, alerts: readonly Alert[]): Card {
  const open = alerts.filter((alert) => alert.state !== "resolved");
  const shown = alerts.slice(0, shownMax);
  const title = (alerts[0] as Alert).card.title;
  return {
    title: open.length === 0 ? `Over: ${title} (${alerts.length})` : `${title} and ${alerts.length - 1} more`,
    tone: open.length === 0 ? "ok" : ((open[0] as Alert).card.tone satisfies Tone),
    lines: shown.map((alert) => lineOf(books, alert)),
    fields: [],
    footer: alerts.length > shown.length ? `${countOf(alerts.length - shown.length, "more alert")}: /ack` : null,
    chart: null,
  };
}

/** "37 alerts, 5 groups": one message for a storm, brought up to date in place. */
function digestCard(books: Books, notice: Notice, alerts: readonly Alert[]): Card {
  const open = alerts.filter((alert) => !isOver(alert, books.at));
  const groups = new Map<string, number>();
  for (const alert of alerts) groups.set(alert.name, (groups.get(alert.name) ?? 0) + 1);
  const shown = [...groups].sort((left, right) => right[1] - left[1]).slice(0, shownMax);
  const rest = alerts.length - shown.reduce((sum, [, count]) => sum + count, 0);
  const isAcked = open.length > 0 && open.every((alert) => alert.state === "acked");
  return {
    title: `${countOf(alerts.length, "alert")}, ${countOf(groups.size, "group")}`,
    tone: open.length === 0 ? "ok" : open.some((alert) => alert.severity === "critical") ? "critical" : "warning",
    lines: [
      open.length === 0 ? "All of them are over." : `${open.length} still stand. This message is kept up to date.`,
      ...(open.length > 0 ? open : alerts).slice(0, shownMax).map((alert) => shortLineOf(books, alert)),
    ],
    fields: [
      ...shown.map(([name, count]) => ({ name: name.replaceAll("_", " "), value: String(count) })),
      ...(rest > 0 ? [{ name: "other", value: String(rest) }] : []),
    ],
    footer: `Since ${clock(notice.queuedAt)}${isAcked ? " · all acknowledged" : ""} · /ack shows each`,
    chart: null,
  };
}

/** The short new message after an end that somebody was called for. */
export function overCardOf(alerts: readonly Alert[]): Card {
  const first = [...alerts].sort(worstFirst)[0];
  if (first === undefined) return { title: "Over", tone: "ok", lines: [], fields: [], footer: null, chart: null };
  if (alerts.length === 1 && first.overCard !== null) return first.overCard;
  const lines = alerts
    .slice(0, shownMax)
    .map(({ card, firedAt, resolvedAt }) =>
      alerts.length === 1
        ? `It stood for ${lengthText(between(firedAt, resolvedAt ?? firedAt))}.`
        : `${card.title}: ${lengthText(between(firedAt, resolvedAt ?? firedAt))}`,
    );
  const title = alerts.length === 1 ? `Over: ${first.card.title}` : `${alerts.length} alerts are over`;
  return { title, tone: "ok", lines, fields: [], footer: null, chart: null };
}

/** One line of what /ack, a group and a digest list. */
export function lineOf(books: Books, alert: Alert): string {
  const line = stateLine(books, alert);
  const about = alert.card.lines[0];
  return `${alert.card.title}${about === undefined ? "" : `: ${about}`}${line === null ? "" : ` (${line})`}`;
}

const againText = (until: Instant, remindedAt: Instant | null): string =>
  remindedAt === null ? `, asked again ${clock(until)}` : ", which has run out: tap again, or the calls begin anew";

/** In a storm the titles are enough: a phone shows a dozen of them at once. */
function shortLineOf(books: Books, alert: Alert): string {
  const line = stateLine(books, alert);
  return `${alert.card.title}${line === null ? "" : ` (${line})`}`;
}

/** Who took it on, or how it ended; null = it fires and nobody has. */
export function stateLine(books: Books, alert: Alert): string | null {
  const { ack, state, resolvedAt, firedAt } = alert;
  const name = ack === null ? "" : (books.people.persons[ack.personId]?.name ?? ack.personId);
  const unsteady = alert.flapToldAt === null ? [] : ["it changes too often; told again when it has settled"];
  const taken = ack === null ? [] : [`acknowledged ${clock(ack.at)} by ${name}`];
  if (state === "resolved" && resolvedAt !== null) {
    return [`over ${clock(resolvedAt)} after ${lengthText(between(firedAt, resolvedAt))}`, ...taken, ...unsteady].join(
      ", ",
    );
  }
  if (ack !== null) return `${taken.join("")}${ack.until === null ? "" : againText(ack.until, ack.remindedAt)}`;
  const called =
    alert.escalatedAt === null ? [] : [`told in private chats and outside since ${clock(alert.escalatedAt)}`];
  return unsteady[0] ?? called[0] ?? null;
}
