/** The part of the books that the daily summary reads: what the present UTC day and the one before brought. */
import type { Books } from "./books.ts";
import type { Recorded } from "./events.ts";
import { isPositive, type Notional, plus, zeroNotional } from "./money.ts";
import { utcDay } from "./time.ts";

export type Day = {
  /** UTC date; "" before the first fact. */
  readonly date: string;
  readonly startEquity: Notional;
  readonly endEquity: Notional;
  readonly signals: number;
  readonly denied: number;
  readonly entries: number;
  readonly trades: number;
  readonly winners: number;
  readonly pnl: Notional;
  readonly fees: Notional;
  readonly asked: number;
  readonly approved: number;
  readonly declined: number;
  readonly expired: number;
  /** Milliseconds from prompt to answer of each answered prompt, real time. */
  readonly answersMs: readonly number[];
  readonly unknownOrders: number;
  readonly starts: number;
};

export type DayBooks = { readonly today: Day; readonly previous: Day | null; readonly isPreviousSummarized: boolean };

export function emptyDay(date: string, equity: Notional = zeroNotional): Day {
  return {
    date,
    startEquity: equity,
    endEquity: equity,
    signals: 0,
    denied: 0,
    entries: 0,
    trades: 0,
    winners: 0,
    pnl: zeroNotional,
    fees: zeroNotional,
    asked: 0,
    approved: 0,
    declined: 0,
    expired: 0,
    answersMs: [],
    unknownOrders: 0,
    starts: 0,
  };
}

export function evolveDays(books: Books, recorded: Recorded): DayBooks {
  const { days } = books;
  const date = utcDay(recorded.at);
  const rolled =
    days.today.date === date
      ? days
      : { today: emptyDay(date, books.house.account?.equityLast ?? zeroNotional), previous: days.today.date === "" ? null : days.today, isPreviousSummarized: days.today.date === "" };
  if (recorded.fact.type === "day_summarized") {
    return rolled.previous?.date === recorded.fact.day ? { ...rolled, isPreviousSummarized: true } : rolled;
  }
  const today = count(rolled.today, books, recorded);
  return today === rolled.today && rolled === days ? days : { ...rolled, today };
}

function count(day: Day, books: Books, { fact }: Recorded): Day {
  switch (fact.type) {
    case "house_started":
      return { ...day, starts: day.starts + 1 };
    case "account_opened":
      return { ...day, startEquity: fact.equity, endEquity: fact.equity };
    case "equity_marked":
      return { ...day, endEquity: fact.equity, ...(fact.because === "day" ? { startEquity: fact.equity } : {}) };
    case "signal_raised":
      return { ...day, signals: day.signals + 1 };
    case "intent_denied":
      return { ...day, denied: day.denied + 1 };
    case "order_intended":
      return fact.intent.leg === "entry" ? { ...day, entries: day.entries + 1 } : day;
    case "order_answer_lost":
      return { ...day, unknownOrders: day.unknownOrders + 1 };
    case "fill_received":
      return { ...day, fees: plus(day.fees, fact.feeInQuote) };
    case "position_closed":
      if (fact.reason === "no_fill") return day;
      return { ...day, trades: day.trades + 1, winners: day.winners + (isPositive(fact.pnl) ? 1 : 0), pnl: plus(day.pnl, fact.pnl) };
    case "approval_requested":
      return { ...day, asked: day.asked + 1 };
    case "approval_settled":
      return settled(day, books, fact);
    default:
      return day;
  }
}

function settled(day: Day, books: Books, fact: Extract<Recorded["fact"], { type: "approval_settled" }>): Day {
  const approval = books.approvals[fact.approvalId];
  if (fact.from !== "pending" || approval === undefined) return day;
  const answersMs = fact.to === "approved" || fact.to === "declined" ? [...day.answersMs.slice(-499), fact.settledAt - approval.createdAt] : day.answersMs;
  switch (fact.to) {
    case "approved":
      return { ...day, answersMs, approved: day.approved + 1 };
    case "declined":
      return { ...day, answersMs, declined: day.declined + 1 };
    case "expired":
      return { ...day, expired: day.expired + 1 };
    default:
      return day;
  }
}
