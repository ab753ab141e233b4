/**
 * The test alarm: once a week the whole way of a real one, from the fact to a person who acknowledges it.
 *
 *   started --acknowledged, every chat took it--> passed
 *      '--its time is over--> unreached (somebody answered, a chat never took it) or missed (nobody answered)
 */
import { type Alert, fingerprintOf } from "./alerting.ts";
import type { Books } from "./books.ts";
import { alertOf, isShownIn, openAlerts } from "./books_alerts.ts";
import { chatKey, linkedChats } from "./books_people.ts";
import type { FactOf, Recorded } from "./events.ts";
import { lengthText } from "./facts.ts";
import { localTime } from "./local_time.ts";
import { addMs, between, day, hour, type Instant, isoTime, minute } from "./time.ts";

export type Drill = Omit<FactOf<"drill_started">, "type"> & {
  readonly startedAt: Instant;
  readonly end:
    | (Pick<FactOf<"drill_ended">, "how" | "personId" | "afterMs" | "unreached"> & { readonly at: Instant })
    | null;
};

export type DrillBooks = {
  /** Real time of the first fact on record: a drill that was due before it is nobody's. */
  readonly since: Instant | null;
  readonly last: Drill | null;
  /** The newest one that failed, while none has passed since. */
  readonly failed: Drill | null;
};

export const noDrills: DrillBooks = { since: null, last: null, failed: null };

export function evolveDrills(drills: DrillBooks, { fact, wallAt }: Recorded): DrillBooks {
  const begun = drills.since === null ? { ...drills, since: wallAt } : drills;
  if (fact.type === "drill_started") {
    const { type: _type, ...started } = fact;
    return { ...begun, last: { ...started, startedAt: wallAt, end: null } };
  }
  if (fact.type !== "drill_ended" || begun.last?.drillId !== fact.drillId) return begun;
  const { type: _type, drillId: _id, ...end } = fact;
  const last: Drill = { ...begun.last, end: { ...end, at: wallAt } };
  return { ...begun, last, failed: end.how === "acknowledged" ? null : last };
}

export const drillAlert = "alarm_drill";

/** The one that waits for an answer; null = none does. */
export const runningDrill = ({ last }: DrillBooks): Drill | null => (last?.end === null ? last : null);

/** When the test alarm of the week begins, in the time zone of the owner; null = never by itself. */
export type DrillRule = { readonly weekday: number; readonly hour: number; readonly ackMs: number };

/** Later than this on a day nobody is disturbed by a test. */
const lastHour = 21;

/** Whether the one of the week begins now. It is put off while something critical stands, at night, and until its next morning. */
export function isDrillDue(
  books: Books,
  rule: DrillRule,
  { wallAt, timeZone }: { readonly wallAt: Instant; readonly timeZone: string },
): boolean {
  const { since, last } = books.drills;
  if (since === null || runningDrill(books.drills) !== null || !hasPhone(books)) return false;
  const local = localTime(wallAt, timeZone);
  if (local.hour < rule.hour || local.hour >= Math.max(lastHour, rule.hour + 1)) return false;
  const daysSince = (local.weekday - rule.weekday + 7) % 7;
  const sinceHourMs = (local.hour - rule.hour) * hour + local.minute * minute;
  const dueAt = addMs(wallAt, -(daysSince * day + sinceHourMs));
  // One that was asked for on the morning of that day counts.
  if (since > dueAt || (last !== null && last.startedAt > addMs(dueAt, -day / 2))) return false;
  return !openAlerts(books.chat.alerts, books.at).some(
    ({ severity, state }) => severity === "critical" && state === "firing",
  );
}

/** The page on this machine wakes nobody: with it alone there is nothing to try out by itself. */
const hasPhone = ({ people }: Books): boolean => linkedChats(people).some(({ platform }) => platform !== "desk");

/** A start gives people this long: what they tapped meanwhile is still on its way. */
const afterStartMs = 10 * minute;

/** How the running drill ends at this moment; null = it goes on. */
export function drillEnd(books: Books, wallAt: Instant): FactOf<"drill_ended"> | null {
  const drill = runningDrill(books.drills);
  if (drill === null) return null;
  const { drillId, startedAt } = drill;
  const alert = alertOf(books.chat.alerts, fingerprintOf(drillAlert, { about: drillId }));
  const ack = alert?.ack ?? null;
  const unreached = unreachedBy(books, drill, alert);
  const common = { type: "drill_ended", drillId, unreached } as const;
  const answer = ack === null ? null : { personId: ack.personId, afterMs: between(startedAt, ack.at) };
  if (answer !== null && unreached.length === 0) return { ...common, ...answer, how: "acknowledged" };
  const started = books.house.startedAt;
  const dueAt =
    started !== null && started > startedAt ? Math.max(drill.dueAt, addMs(started, afterStartMs)) : drill.dueAt;
  if (wallAt < dueAt) return null;
  if (answer !== null) return { ...common, ...answer, how: "unreached" };
  return { ...common, how: "missed", personId: null, afterMs: null };
}

/** Chats that it was for, that are linked still, and that never confirmed a message about it. */
function unreachedBy({ chat, people }: Books, drill: Drill, alert: Alert | undefined): readonly string[] {
  const linked = new Set(linkedChats(people).map(chatKey));
  const took = new Set(
    (alert?.noticeIds ?? []).flatMap((cardId) => {
      const notice = chat.alerts.notices[cardId];
      return notice === undefined || alert === undefined || !isShownIn(alert, notice) ? [] : [chatKey(notice.chat)];
    }),
  );
  return drill.chats.map(chatKey).filter((key) => linked.has(key) && !took.has(key));
}

/** What became of the newest one, in one line. */
export function drillText(books: Books): string {
  const { last } = books.drills;
  if (last === null) return "none yet; /drill alarm sends one";
  const day = isoTime(last.startedAt).slice(0, 10);
  const { end } = last;
  if (end === null) return `runs since ${clock(last.startedAt)}; acknowledge it by ${clock(last.dueAt)}`;
  const name = end.personId === null ? "" : (books.people.persons[end.personId]?.name ?? end.personId);
  if (end.how === "missed") return `${day}: nobody acknowledged it in time; /drill alarm tries again`;
  const answered = `${day}: acknowledged by ${name} after ${lengthText(end.afterMs ?? 0)}`;
  return end.how === "acknowledged" ? answered : `${answered}, but it never reached ${end.unreached.join(", ")}`;
}

const clock = (at: Instant): string => `${isoTime(at).slice(11, 16)} UTC`;
