/**
 * Which reports are due: of the weeks and months that are over and were not told yet, and of whatever no chat ever took.
 * A house that was away tells what it missed when it is back; a period of which nothing is on record is only named.
 */
import type { Books } from "./books.ts";
import { linkedChats } from "./books_people.ts";
import type { MadeReport, ReportBooks } from "./books_reports.ts";
import { lengthText } from "./facts.ts";
import { clockText, dateAfter, toldAt } from "./local_time.ts";
import { mondayOf, monthKey, type Period, periodNamed, wholeMonth, wholeWeek } from "./period.ts";
import { addMs, between, day, type Instant, instant, isoTime, minute, utcDay } from "./time.ts";

/** When reports are told: the local hour of the first person. */
export type ReportRule = { readonly hour: number; readonly timeZone: string };

export type DueReport = { readonly kind: "week" | "month"; readonly period: Period; readonly dueAt: Instant };

/** Of more missed ones than this the oldest are not told any more. */
const missedMax = 8;
const firstMax = 2;
/** A report that comes later than this says so. */
const lateAfterMs = 15 * minute;
/** What no chat took is sent again within this time. */
const resendMs = 7 * day;

/** Oldest first; most often none. */
export function dueReports({ reports }: Pick<Books, "reports">, at: Instant, rule: ReportRule): readonly DueReport[] {
  return [...dueOf(reports, "week", at, rule), ...dueOf(reports, "month", at, rule)];
}

function dueOf(reports: ReportBooks, kind: "week" | "month", at: Instant, rule: ReportRule): readonly DueReport[] {
  const { since } = reports;
  if (since === null) return [];
  const told = reports.made.findLast((one) => one.kind === kind)?.key;
  // A record of before there were reports does not tell its whole past.
  const most = told === undefined ? firstMax : missedMax;
  const due: DueReport[] = [];
  for (let period = before(kind, at); period.until > since; period = before(kind, period.since)) {
    if (due.length === most || (told !== undefined && period.name <= told)) break;
    const dueAt = toldAt(dateAfter(utcDay(period.until), -1), rule);
    if (dueAt <= at) due.unshift({ kind, period, dueAt });
  }
  return due;
}

/** The week or month before the one of this moment. */
function before(kind: "week" | "month", at: Instant): Period {
  return kind === "week"
    ? wholeWeek(addMs(mondayOf(at), -day))
    : wholeMonth(monthKey(addMs(instant(Date.parse(`${monthKey(at)}-01T00:00:00Z`)), -day)));
}

/** The oldest summary or report that no chat took although one could have by now; null = there is none. */
export function lostReport(books: Books, at: Instant): (MadeReport & { readonly kind: "day" | "month" }) | null {
  if (linkedChats(books.people).length === 0) return null;
  const lost = books.reports.made.find(
    ({ kind, waiting, isReceived, isResent, madeAt }) =>
      kind !== "week" && waiting.length === 0 && !isReceived && !isResent && between(madeAt, at) < resendMs,
  );
  return lost === undefined || lost.kind === "week" ? null : { ...lost, kind: lost.kind };
}

export const periodOfReport = ({ key }: MadeReport, at: Instant): Period | null => periodNamed(key, at);

/** Why it comes only now, in one sentence; null = it is on time. */
export function latenessText(
  { house, at: lastAt }: Pick<Books, "house" | "at">,
  { dueAt, at, timeZone }: { readonly dueAt: Instant; readonly at: Instant; readonly timeZone: string },
): string | null {
  const lateMs = between(dueAt, at);
  if (lateMs < lateAfterMs) return null;
  // Before its first fact a start sees the record as the last process left it.
  const wasAway = house.startedAt === null || house.startedAt > dueAt || lastAt < dueAt;
  const because = wasAway ? "the house was away then" : "it could not be told before";
  return `Late by ${longText(lateMs)}: due ${utcDay(dueAt)} ${clockText(dueAt, timeZone)}; ${because}.`;
}

/** "3.5 h", and from two days on "2 d 4 h". */
function longText(ms: number): string {
  if (ms < 2 * day) return lengthText(ms);
  const days = Math.floor(ms / day);
  return `${days} d ${Math.floor((ms - days * day) / 3_600_000)} h`;
}

/** Dates between two that are on record; null = they follow each other. */
export function awayText(told: string, next: string): string | null {
  const [first, last] = [dateAfter(told, 1), dateAfter(next, -1)];
  if (first > last) return null;
  const dates = first === last ? first : `${first} to ${last}`;
  return `Nothing is on record of ${dates}: the house was away.`;
}

const waitingText = ({ key, madeAt }: MadeReport): string =>
  `${key} waits since ${isoTime(madeAt).slice(0, 10)}: read it and /ack weekly_review`;

/** Whether the newest review was read, and by whom; null = there was none. */
export function reviewText({ reports, people }: Pick<Books, "reports" | "people">): string | null {
  const last = reports.made.findLast(({ kind }) => kind === "week");
  if (last === undefined) return null;
  const { key, ack } = last;
  if (ack === null) return waitingText(last);
  return `${key} acknowledged by ${people.persons[ack.personId]?.name ?? ack.personId}`;
}

/** The same, only while nobody has. */
export function waitingReview({ reports }: Pick<Books, "reports">): string | null {
  const last = reports.made.findLast(({ kind }) => kind === "week");
  return last === undefined || last.ack !== null ? null : waitingText(last);
}
