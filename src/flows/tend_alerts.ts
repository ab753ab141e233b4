/**
 * What time does to alerts, once a second: ends are noticed, acknowledgements grow old, silences end, groups are told what is
 * due, and what no chat has confirmed goes other ways. One commit when there is anything to do, none when there is not.
 */

import { matcherText } from "../core/alert_mutes.ts";
import { waysOut } from "../core/alert_routes.ts";
import { timingOf } from "../core/alert_timing.ts";
import { type Alert, isOver, matches } from "../core/alerting.ts";
import { type Books, evolveTentatively } from "../core/books.ts";
import { type AlertBooks, allAlerts, isShownIn, type Notice, openAlerts } from "../core/books_alerts.ts";
import { chatKey, linkedChats } from "../core/books_people.ts";
import { plainCard } from "../core/card.ts";
import type { Chat, Fact, FactOf } from "../core/events.ts";
import { mark } from "../core/mark.ts";
import { toldAlready } from "../core/notify_decision.ts";
import { type GroupPlan, momentOf, planAll } from "../core/notify_plan.ts";
import { between, type Instant } from "../core/time.ts";
import type { Times } from "../ports/ledger.ts";
import type { Needs } from "./needs.ts";
import { planFacts } from "./raise_alerts.ts";
import { draft, record } from "./record.ts";

export async function tendAlerts(needs: Needs): Promise<void> {
  if (needs.memory.isFenced || needs.memory.isStopping) return;
  const times = { at: needs.clock.now(), wallAt: needs.clock.wall() };
  // Most looks change nothing, and then nothing is asked of the ledger.
  if (dueFacts(needs, needs.ledger.books(), times).length === 0) return;
  const facts = await record(needs, (books, now) => {
    const due = dueFacts(needs, books, now);
    return { drafts: due.map((fact) => draft("house", fact)), value: due };
  });
  for (const fact of facts) if (fact.type === "alert_notified") logTold(needs, fact);
  for (const fact of facts) if (fact.type === "alert_escalated") await callOutside(needs, fact.because);
}

function logTold({ log }: Needs, { groupKey, reason, because, told, over }: FactOf<"alert_notified">): void {
  log.info("Alerts were told", { group: groupKey, reason, because, told: told.length, over: over.length });
}

/** The monitor calls a person by means of its own. */
async function callOutside({ monitor, ledger, log }: Needs, because: string): Promise<void> {
  const told = await monitor?.report({ isWell: false, body: `${ledger.books().hash}\na critical alert: ${because}` });
  if (told?.ok === false) log.warn("The outside monitor was not reached either", { because: told.problem });
}

function dueFacts(needs: Needs, before: Books, times: Times): readonly Fact[] {
  const facts: Fact[] = [];
  let books = before;
  const add = (more: readonly Fact[]): void => {
    if (more.length === 0) return;
    facts.push(...more);
    const drafts = more.map((fact) => draft("house", fact));
    books = evolveTentatively(books, drafts, times);
  };
  add(endings(needs, books, times));
  add(silenceEnds(needs, books, times));
  for (const plan of agedAcks(books, times)) {
    add([{ type: "alert_ack_aged", fingerprints: plan.told.map((one) => one.fingerprint), stage: "reminded" }]);
    add(planFacts(needs, books, plan, times));
  }
  add(lapses(needs, books, times));
  const plans = planAll(books.chat.alerts, momentOf(books, times, timingOf(needs.settings)));
  logUntold(needs, plans);
  for (const plan of plans) add(planFacts(needs, books, plan, times));
  add(escalations(needs, books, times));
  return facts;
}

/** Why something that fires is not told is said once, and again when the reason changes. */
function logUntold({ memory, log }: Needs, plans: readonly GroupPlan[]): void {
  for (const { groupKey, decision, because } of plans) {
    if (memory.telling.untoldBecause.get(groupKey) === because) continue;
    memory.telling.untoldBecause.set(groupKey, because);
    if (decision === "do_not_notify" && because !== toldAlready)
      log.info("Alerts were not told", { group: groupKey, because });
  }
  if (memory.telling.untoldBecause.size > 2_000) memory.telling.untoldBecause.clear();
}

/** Conditions that the books say are over. */
function endings(needs: Needs, books: Books, { wallAt }: Times): readonly Fact[] {
  const { startedAt } = books.house;
  // A start forgets who does not answer and finds it out anew: until then nothing is called over that may still be so.
  if (startedAt !== null && between(startedAt, wallAt) < 2 * timingOf(needs.settings).startHoldMs) return [];
  return allAlerts(books.chat.alerts).flatMap((alert): readonly Fact[] => {
    if (alert.state === "resolved" || alert.standsUntil !== null) return [];
    const definition = needs.alerts.find((one) => one.name === alert.name);
    if (definition?.stands?.(alert.labels, books) === true) return [];
    const card = definition?.renderOver?.(alert.labels, books, between(alert.firedAt, wallAt)) ?? null;
    const because = definition === undefined ? "there is no such alert any more" : "its cause is gone";
    return [{ type: "alert_resolved", fingerprint: alert.fingerprint, because, card }];
  });
}

function silenceEnds(needs: Needs, { chat, people }: Books, { at, wallAt }: Times): readonly Fact[] {
  return Object.values(chat.alerts.silences).flatMap(({ silenceId, until, matchers, reason }): readonly Fact[] => {
    if (until > wallAt) return [];
    const still = openAlerts(chat.alerts, at).filter((alert) => matches(alert, matchers)).length;
    const card = plainCard("info", "A silence is over", [`${matcherText(matchers)}: ${reason}.`, stillText(still)]);
    const cards = linkedChats(people).map((to) => cardTo(needs, to, { alert: "silence", about: silenceId, card }));
    return [{ type: "silence_ended", silenceId, how: "expired" }, ...cards];
  });
}

const stillText = (count: number): string =>
  count === 0
    ? "Nothing that it matched stands now."
    : `${count} ${count === 1 ? "alert that it matched stands" : "alerts that it matched stand"} now.`;

function cardTo(
  { ids }: Needs,
  chat: Chat,
  told: { readonly alert: string; readonly about: string; readonly card: FactOf<"card_queued">["card"] },
): FactOf<"card_queued"> {
  const { alert, about, card } = told;
  return { type: "card_queued", cardId: ids.next("card"), chat, severity: "info", alert, foldKey: about, card };
}

/** Taken on, and still so: nobody is called again for what only happened and is long past. */
const takenOn = ({ chat }: Books, { at }: Times): readonly Alert[] =>
  allAlerts(chat.alerts).filter((alert) => alert.state === "acked" && !isOver(alert, at));

/** One reminder per group of acknowledgements that have run out. */
function agedAcks(books: Books, times: Times): readonly GroupPlan[] {
  const due = takenOn(books, times).filter(
    ({ ack }) => ack?.until != null && ack.until <= times.wallAt && ack.remindedAt === null,
  );
  return [...groupsOf(due)].map(([groupKey, told]): GroupPlan => {
    const severity = told.some((alert) => alert.severity === "critical") ? "critical" : "warning";
    const because = "it was acknowledged, that has run out, and it still stands";
    return { groupKey, decision: "repeat_interval_elapsed", because, severity, told, over: [], flapping: [] };
  });
}

function groupsOf(alerts: readonly Alert[]): Map<string, Alert[]> {
  const groups = new Map<string, Alert[]>();
  for (const alert of alerts) groups.set(alert.groupKey, [...(groups.get(alert.groupKey) ?? []), alert]);
  return groups;
}

/** A reminder that nobody answered: the acknowledgement counts no more, and the calls begin anew. */
function lapses({ settings }: Needs, books: Books, times: Times): readonly Fact[] {
  const { ackGraceMs } = timingOf(settings);
  const due = takenOn(books, times).filter(
    ({ ack }) => ack?.remindedAt != null && between(ack.remindedAt, times.wallAt) >= ackGraceMs,
  );
  if (due.length === 0) return [];
  return [{ type: "alert_ack_aged", fingerprints: due.map((alert) => alert.fingerprint), stage: "lapsed" }];
}

/** Critical, told, and in no chat by now or answered by nobody: the private chats of everybody, and the outside monitor. */
function escalations(needs: Needs, books: Books, { wallAt }: Times): readonly Fact[] {
  const { confirmMs, callsMax } = timingOf(needs.settings);
  const { alerts } = books.chat;
  const open = allAlerts(alerts).filter(
    (alert) =>
      alert.severity === "critical" &&
      alert.state === "firing" &&
      alert.announced === "firing" &&
      alert.escalatedAt === null,
  );
  const unheard = open.filter((alert) => isUnconfirmed(alerts, alert, wallAt, confirmMs));
  if (unheard.length > 0)
    return escalated(needs, books, unheard, `no chat confirmed it within ${Math.round(confirmMs / 1_000)} s`);
  const unanswered = open.filter(
    (alert) => !isOver(alert, books.at) && (alerts.groups[alert.groupKey]?.calls ?? 0) >= callsMax,
  );
  return unanswered.length === 0
    ? []
    : escalated(needs, books, unanswered, `nobody acknowledged it after ${callsMax} calls`);
}

function escalated(needs: Needs, books: Books, alerts: readonly Alert[], because: string): readonly Fact[] {
  mark("H06.other_ways_are_tried");
  const fingerprints = alerts.map((alert) => alert.fingerprint);
  const to = waysOut(books.people, alerts, needs.settings);
  const told: Fact = { type: "alert_escalated", fingerprints, because, to: to.map(chatKey) };
  const first = alerts[0] as Alert;
  const cards = to.map(
    (chat): Fact => ({
      ...cardTo(needs, chat, { alert: first.name, about: first.labels["about"] ?? "", card: first.card }),
      severity: "critical",
      notice: { kind: alerts.length === 1 ? "group" : "digest", groupKey: first.groupKey, fingerprints },
    }),
  );
  return [told, ...cards];
}

/**
 * The page on this machine confirms nothing: nobody may be looking at it. Where it was posted nowhere else, or given up there,
 * nobody has it; nor has anybody what came to a message that has not been edited since.
 */
function isUnconfirmed({ notices, groups }: AlertBooks, alert: Alert, now: Instant, confirmMs: number): boolean {
  const sent = alert.noticeIds.flatMap((cardId) => notices[cardId] ?? []);
  const outside = sent.filter((notice) => notice.chat.platform !== "desk");
  const [first] = outside;
  const since = first === undefined ? groups[alert.groupKey]?.lastNotifiedAt : cameTo(alert, first);
  return (
    since !== undefined && between(since, now) >= confirmMs && outside.every((notice) => !isShownIn(alert, notice))
  );
}

const cameTo = ({ folds }: Alert, { cardId, queuedAt }: Notice): Instant => folds?.[cardId]?.at ?? queuedAt;
