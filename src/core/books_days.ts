/** The part of the books that the daily summary reads: what the present UTC day and the one before brought. */
import type { Books } from "./books.ts";
import type { Severity } from "./card.ts";
import type { EquityPoint } from "./card_picture.ts";
import { withPoint } from "./equity_curve.ts";
import type { FactOf, Recorded } from "./events.ts";
import { mark } from "./mark.ts";
import { isPositive, minus, type Notional, plus, zeroNotional } from "./money.ts";
import { beginsDay, utcDay } from "./time.ts";

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
  /** Requests that expired and whose worth is known by now; absent = none. */
  readonly silence?: { readonly count: number; readonly pnl: Notional };
  /** What its processes counted of themselves; absent = nothing yet. */
  readonly pulse?: Omit<FactOf<"pulse_counted">, "type">;
  /** Alerts that fired, by severity; absent = none. */
  readonly alerts?: Readonly<Record<Severity, number>>;
};

export type DayBooks = {
  readonly today: Day;
  readonly previous: Day | null;
  readonly isPreviousSummarized: boolean;
  /** What the account was worth lately, oldest first; absent before the first mark. A drawdown that an owner forgave begins it anew. */
  readonly curve?: readonly EquityPoint[];
};

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
  const { at, fact } = recorded;
  const days = evolveCounts(books, recorded);
  if (fact.type !== "equity_marked" && fact.type !== "account_opened") return days;
  const isAnew = fact.type === "account_opened" || fact.because === "rebased";
  const curve = withPoint(isAnew ? [] : (days.curve ?? []), { at, equity: fact.equity });
  const isDay = fact.type === "equity_marked" && fact.because === "day";
  // The first mark of a day is what the account was worth when the day before was over.
  const isEnd = isDay && days.previous !== null && !days.isPreviousSummarized;
  return { ...days, curve, ...(isEnd ? { previous: { ...days.previous, endEquity: fact.equity } } : {}) };
}

function evolveCounts(books: Books, recorded: Recorded): DayBooks {
  const { days } = books;
  const isNew = beginsDay(days.today.date, recorded.at);
  if (days.today.date !== "" && isNew) mark("C07.utc_day_begins");
  const rolled = !isNew
    ? days
    : {
        ...days,
        today: emptyDay(utcDay(recorded.at), books.house.account?.equityLast ?? zeroNotional),
        previous: days.today.date === "" ? null : days.today,
        isPreviousSummarized: days.today.date === "",
      };
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
    case "fill_reversed":
      return { ...day, fees: minus(day.fees, fact.feeInQuote) };
    case "position_closed":
      return closed(day, books, fact);
    case "silence_valued":
      return {
        ...day,
        silence: { count: (day.silence?.count ?? 0) + 1, pnl: plus(day.silence?.pnl ?? zeroNotional, fact.pnl) },
      };
    case "pulse_counted":
      return { ...day, pulse: together(day.pulse, fact) };
    case "alert_fired": {
      const before = day.alerts ?? { critical: 0, warning: 0, info: 0 };
      return { ...day, alerts: { ...before, [fact.severity]: before[fact.severity] + 1 } };
    }
    case "approval_requested":
      return { ...day, asked: day.asked + 1 };
    case "approval_settled":
      return settled(day, books, fact);
    default:
      return day;
  }
}

function together(before: Day["pulse"], { upMs, judged, broken, pings, pingsMissed }: NonNullable<Day["pulse"]>) {
  return {
    upMs: upMs + (before?.upMs ?? 0),
    judged: judged + (before?.judged ?? 0),
    broken: broken + (before?.broken ?? 0),
    pings: pings + (before?.pings ?? 0),
    pingsMissed: pingsMissed + (before?.pingsMissed ?? 0),
  };
}

/** A position that a late fill reopened closes twice: it is one trade, and only what is new of its profit is added. */
function closed(day: Day, books: Books, fact: FactOf<"position_closed">): Day {
  if (fact.reason === "no_fill") return day;
  const before = books.positions[fact.positionId]?.counted;
  if (before !== undefined) return { ...day, pnl: plus(day.pnl, minus(fact.pnl, before.pnl)) };
  return {
    ...day,
    trades: day.trades + 1,
    winners: day.winners + (isPositive(fact.pnl) ? 1 : 0),
    pnl: plus(day.pnl, fact.pnl),
  };
}

function settled(day: Day, books: Books, fact: Extract<Recorded["fact"], { type: "approval_settled" }>): Day {
  const approval = books.approvals[fact.approvalId];
  if (fact.from !== "pending" || approval === undefined) return day;
  const isAnswered =
    (fact.to === "approved" || fact.to === "declined") && !fact.by.some((who) => who.startsWith("policy:"));
  const answersMs = isAnswered ? [...day.answersMs.slice(-499), fact.settledAt - approval.createdAt] : day.answersMs;
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
