/**
 * The daily summary: one card a day on every chat, from the ledger's own counts, with the head of the audit chain. Fact and
 * cards are one commit, so that a day is told once whenever the process dies; late rather than lost, and then it says so.
 */
import type { Books } from "../core/books.ts";
import type { Day } from "../core/books_days.ts";
import { linkedChats } from "../core/books_people.ts";
import { reportAlerts } from "../core/books_reports.ts";
import type { Card, CardField } from "../core/card.ts";
import { awayText, latenessText, reviewText } from "../core/due_reports.ts";
import { equityShown } from "../core/equity_curve.ts";
import { cashText } from "../core/facts.ts";
import { toldAt } from "../core/local_time.ts";
import { isPositive, minus, type Notional, ratioBetween, showPercent, zeroNotional } from "../core/money.ts";
import { wholeDay } from "../core/period.ts";
import { drawdownOf } from "../core/portfolio.ts";
import { broughtFields, requestsText, signedCash } from "../core/report_cards.ts";
import { elapsedMs, houseField, noTally, tallyFields } from "../core/tally.ts";
import { beginsDay, type Instant, utcDay } from "../core/time.ts";
import type { Draft } from "../ports/ledger.ts";
import { currentLimits } from "./gather_view.ts";
import type { Needs } from "./needs.ts";
import { houseZone } from "./note_time_zone.ts";
import { exposureField, worthFields } from "./period_card.ts";
import { closesOfMode, currencyOf, whileItAnswers } from "./read_archive.ts";
import { draft, record } from "./record.ts";
import { lastWeekField } from "./report.ts";

/** @returns the day that was summarized now; null when none is due. */
export async function summarizeDay(needs: Needs): Promise<string | null> {
  const due = dueDay(needs, needs.ledger.books(), needs.clock.now());
  if (due === null) return null;
  const more = await readMore(needs, due.date);
  return record(needs, (books, { at }) => {
    const day = dueDay(needs, books, at);
    if (day === null || day.date !== due.date) return { drafts: [], value: null };
    const card = summaryCard(needs, { books, day, at, more });
    const { date, endEquity, trades, pnl, fees } = day;
    const fact = { type: "day_summarized", day: date, equity: endEquity, trades, pnl, fees } as const;
    return {
      drafts: [draft("house", fact), ...reportCards(needs, books, { kind: "day", key: date, card })],
      value: date,
    };
  });
}

/** One card for every chat that hears something at this moment. */
export function reportCards(
  { ids }: Pick<Needs, "ids">,
  books: Books,
  { kind, key, card }: { readonly kind: "day" | "month"; readonly key: string; readonly card: Card },
): readonly Draft[] {
  return linkedChats(books.people).map((chat) => {
    const cardId = ids.next("card");
    const alert = reportAlerts[kind];
    return draft("house", { type: "card_queued", cardId, chat, severity: "info", alert, foldKey: key, card });
  });
}

export const reportRule = (needs: Pick<Needs, "settings" | "ledger">) => ({
  hour: needs.settings.summaryHour,
  timeZone: houseZone(needs),
});

/** A day is due once it is over in UTC and the owner's clock has reached the hour of the summary. */
function dueDay(needs: Needs, books: Books, at: Instant): Day | null {
  const { today, previous, isPreviousSummarized } = books.days;
  const isOver = today.date !== "" && beginsDay(today.date, at);
  // The next fact begins a new day and the day before the last leaves the books: it is told now or never.
  if (isOver && previous !== null && !isPreviousSummarized) return previous;
  const finished = isOver ? today : isPreviousSummarized ? null : previous;
  return finished !== null && at >= toldAt(finished.date, reportRule(needs)) ? finished : null;
}

/** What only the record knows; nothing of it is waited for when it does not answer. */
type More = {
  readonly beforeFees: CardField | null;
  readonly lastWeek: CardField | null;
  /** Paid in less taken out: neither profit nor loss. */
  readonly transferred: Notional;
};

async function readMore(needs: Needs, date: string): Promise<More> {
  const period = wholeDay(date);
  const [closes, account, lastWeek] = await Promise.all([
    whileItAnswers(needs, (archive) => closesOfMode(needs, archive, period)),
    whileItAnswers(needs, (archive) => archive.account(period.since, period.until)),
    lastWeekField(needs),
  ]);
  const [, beforeFees = null] = broughtFields({ period, closes: closes ?? [], startEquity: null }, currencyOf(needs));
  return {
    beforeFees: beforeFees === null ? null : { ...beforeFees, name: "Before fees" },
    lastWeek,
    transferred: account?.transferred ?? zeroNotional,
  };
}

/** What requests that nobody answered would have brought, as far as it is known. */
function silenceField({ silence }: Day, currency: string): readonly CardField[] {
  if (silence === undefined) return [];
  const requests = silence.count === 1 ? "1 unanswered request" : `${silence.count} unanswered requests`;
  const word = isPositive(silence.pnl) ? "would have brought" : "would have lost";
  const amount = isPositive(silence.pnl) ? silence.pnl : negated(silence.pnl);
  return [{ name: "Silence", value: `${requests} ${word} ${cashText(amount, currency)}` }];
}

const negated = (amount: Notional): Notional => minus(zeroNotional, amount);

type Telling = { readonly books: Books; readonly day: Day; readonly at: Instant; readonly more: More };

function summaryCard(needs: Needs, telling: Telling): Card {
  const { books, day, more } = telling;
  const currency = currencyOf(needs);
  const wins = day.trades === 0 ? "" : ` (${day.winners} won)`;
  return {
    title: `Daily summary ${day.date} · ${needs.settings.mode.toUpperCase()}`,
    tone: "info",
    lines: lateLines(needs, telling),
    fields: [
      ...worthFields({ end: day.endEquity, start: day.startEquity, transferred: more.transferred }, currency),
      { name: "Trades", value: `${day.trades}${wins}, ${day.entries} ${day.entries === 1 ? "entry" : "entries"}` },
      { name: "P&L", value: `${signedCash(day.pnl, currency)}${shareOfStart(day, day.pnl)} after fees` },
      ...(more.beforeFees === null ? [] : [more.beforeFees]),
      // Of every fill of the day: what was opened and is still held has paid its first fee, and is in no P&L yet.
      { name: "Fees paid", value: cashText(day.fees, currency) },
      ...(more.lastWeek === null ? [] : [more.lastWeek]),
      { name: "Approvals", value: approvalsText(day) },
      ...silenceField(day, currency),
      { name: "Signals", value: `${day.signals} raised, ${day.denied} denied (see /why)` },
      ...riskFields(needs, telling),
      { name: "Unknown orders", value: String(day.unknownOrders) },
      ...selfFields(books, day),
    ],
    footer: `Audit head ${books.hash.slice(0, 8)} at fact ${books.seq}`,
    chart: null,
    ...pictureOf(needs, books, day),
    ...(day.trades === 0 ? {} : { file: { kind: "closes", period: day.date } }),
  };
}

/** Why it comes only now, and which days after it nobody worked. */
function lateLines(needs: Needs, { books, day, at }: Telling): readonly string[] {
  const { timeZone } = reportRule(needs);
  const { today } = books.days;
  const next = today.date === day.date ? utcDay(at) : today.date;
  return [
    latenessText(books, { dueAt: toldAt(day.date, reportRule(needs)), at, timeZone }),
    awayText(day.date, next),
  ].filter((line) => line !== null);
}

const shareOfStart = ({ startEquity }: Day, amount: Notional): string =>
  isPositive(startEquity) ? ` · ${showPercent(ratioBetween(amount, startEquity))}` : "";

function riskFields(needs: Needs, { books, day }: Telling): readonly CardField[] {
  const equityHigh = books.house.account?.equityHigh ?? day.endEquity;
  return [
    exposureField(needs, day.endEquity, currencyOf(needs)),
    { name: "Drawdown", value: showPercent(drawdownOf(day.endEquity, equityHigh)) },
  ];
}

export function approvalsText(day: Day): string {
  const answers = [...day.answersMs].sort((left, right) => left - right);
  // Half of the answers came within it, as the reports of weeks and months count it.
  return requestsText(day, answers[Math.ceil(answers.length / 2) - 1] ?? null);
}

/** How the house itself did, and what of it still waits for a person. */
function selfFields(books: Books, day: Day): readonly CardField[] {
  const pulse = day.pulse ?? noTally;
  const elapsed = elapsedMs(wholeDay(day.date), books.reports.since);
  const review = reviewText(books);
  return [
    houseField(pulse, { elapsedMs: elapsed, starts: day.starts }),
    ...tallyFields({ ...pulse, alerts: day.alerts ?? noTally.alerts }),
    ...(review === null ? [] : [{ name: "Weekly review", value: review }]),
  ];
}

function pictureOf(needs: Needs, books: Books, day: Day): Pick<Card, "picture"> {
  const { mode } = needs.settings;
  const equityHigh = books.house.account?.equityHigh ?? day.endEquity;
  const { drawdownMax } = currentLimits(needs, books);
  const shown = equityShown(books.days.curve ?? [], { mode, currency: currencyOf(needs), equityHigh, drawdownMax });
  return shown === null ? {} : { picture: { kind: "equity", ...shown } };
}
