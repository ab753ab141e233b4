/**
 * Reviews of weeks and reports of months, made once each when their time has come, or when the house is back; and once more
 * what no chat ever took. The record is read first; that it is still due is decided in the commit that tells it.
 *
 *   week  --report_made--> alert weekly_review (a button, told again each day until somebody acknowledges it)
 *   month --report_made--> a card on every chat
 */
import type { Books } from "../core/books.ts";
import type { Card } from "../core/card.ts";
import { awayText, type DueReport, dueReports, latenessText, lostReport, periodOfReport } from "../core/due_reports.ts";
import { outcomeOf } from "../core/pnl.ts";
import { type Instant, utcDay } from "../core/time.ts";
import type { Archive } from "../ports/archive.ts";
import type { Needs } from "./needs.ts";
import { periodCard } from "./period_card.ts";
import { closesOfMode, whileItAnswers } from "./read_archive.ts";
import { draft, record } from "./record.ts";
import { reportCards, reportRule } from "./summarize_day.ts";

const titles = { week: "Weekly review", month: "Monthly report" } as const;

/** @returns the keys of what was told now. */
export async function makeReports(needs: Needs): Promise<readonly string[]> {
  const told: string[] = [];
  for (let made = await makeNext(needs); made !== null; made = await makeNext(needs)) told.push(made);
  const again = await resendLost(needs);
  return again === null ? told : [...told, again];
}

const isIdle = ({ memory }: Needs): boolean => memory.isFenced || memory.isStopping;

async function makeNext(needs: Needs): Promise<string | null> {
  if (isIdle(needs)) return null;
  const due = dueReports(needs.ledger.books(), needs.clock.now(), reportRule(needs));
  if (due.length === 0) return null;
  const made = await whileItAnswers(needs, (archive) => drawFirst(needs, archive, due));
  if (made === null) return null;
  return record(needs, (books, { at }) => {
    const { kind, period, dueAt } = made.due;
    const isDue = dueReports(books, at, reportRule(needs)).some(
      (one) => one.kind === kind && one.period.name === period.name,
    );
    if (!isDue) return { drafts: [], value: null };
    const key = period.name;
    const card = { ...made.card, lines: [...lateLines(needs, books, made.due, at), ...made.card.lines] };
    const fact = { type: "report_made", kind, key, dueAt, pnl: made.pnl, trades: made.trades, card } as const;
    const cards = kind === "month" ? reportCards(needs, books, { kind, key, card }) : [];
    return { drafts: [draft("house", fact), ...cards], value: key };
  });
}

/** The oldest of which anything is on record: a week in which the house was away has nothing to review. */
async function drawFirst(needs: Needs, archive: Archive, due: readonly DueReport[]) {
  const first = due.reduce((one, other) => (other.period.since < one.period.since ? other : one), due[0] as DueReport);
  const days = await archive.days(utcDay(first.period.since));
  const isOnRecord = ({ period }: DueReport): boolean =>
    days.some(({ date }) => date >= utcDay(period.since) && date < utcDay(period.until));
  const next = due.find(isOnRecord);
  if (next === undefined) return null;
  const { kind, period } = next;
  const away = missingDays(
    days.map(({ date }) => date),
    period,
  );
  const lines = [
    ...(away === null ? [] : [away]),
    ...(kind === "week" ? ["Acknowledge it when you have read it; it comes again each day until somebody does."] : []),
  ];
  const card: Card = await periodCard(needs, archive, { period, title: `${titles[kind]} ${period.name}`, lines });
  const { net, trades } = outcomeOf(await closesOfMode(needs, archive, period));
  return { due: next, card, pnl: net, trades };
}

/** The first stretch of days in the middle of the period of which nothing is on record; null = there is none. */
function missingDays(dates: readonly string[], { since, until }: DueReport["period"]): string | null {
  const within = dates.filter((date) => date >= utcDay(since) && date < utcDay(until));
  const after = dates.find((date) => date >= utcDay(until)) ?? utcDay(until);
  const known = [...within, after];
  for (const [index, date] of within.entries()) {
    const text = awayText(date, known[index + 1] ?? after);
    if (text !== null) return text;
  }
  return null;
}

function lateLines(needs: Needs, books: Books, { dueAt }: DueReport, at: Instant): readonly string[] {
  const late = latenessText(books, { dueAt, at, timeZone: reportRule(needs).timeZone });
  return late === null ? [] : [late];
}

/** What no chat took, once more: from the record, since the books have let go of the day. */
async function resendLost(needs: Needs): Promise<string | null> {
  if (isIdle(needs)) return null;
  const lost = lostReport(needs.ledger.books(), needs.clock.now());
  const period = lost === null ? null : periodOfReport(lost, needs.clock.now());
  if (lost === null || period === null) return null;
  const { kind, key } = lost;
  const title = kind === "day" ? `Daily summary ${key}` : `${titles.month} ${key}`;
  const lines = [`Late: it was made on ${utcDay(lost.madeAt)}, and no chat took it then.`];
  const card = await whileItAnswers(needs, (archive) => periodCard(needs, archive, { period, title, lines }));
  if (card === null) return null;
  return record(needs, (books, { at }) => {
    const now = lostReport(books, at);
    if (now === null || now.key !== key || now.kind !== kind) return { drafts: [], value: null };
    const fact = { type: "report_resent", kind, key } as const;
    return { drafts: [draft("house", fact), ...reportCards(needs, books, { kind, key, card })], value: key };
  });
}
