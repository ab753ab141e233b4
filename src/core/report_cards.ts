/** What /pnl and /report say: one fact a line, money beside percent. Percent is of what the account was worth when the period began. */

import type { CardField } from "./card.ts";
import { cashText, lengthText } from "./facts.ts";
import { symbolOf } from "./instrument.ts";
import { isMore, isPositive, minus, type Notional, ratio, ratioBetween, showPercent } from "./money.ts";
import type { Period } from "./period.ts";
import { type DayShown, type Outcome, outcomeOf, outcomesBy, type TradeClosed } from "./pnl.ts";
import { isoTime, utcDay } from "./time.ts";

/** What one period brought, and what the account was worth when it began; null = nothing is on record of before. */
export type Brought = {
  readonly period: Period;
  readonly closes: readonly TradeClosed[];
  readonly startEquity: Notional | null;
};

/** A message of Discord takes 25 fields; these leave room for the others. */
const namesMax = 6;

export const signedCash = (amount: Notional, currency: string): string =>
  `${isPositive(amount) ? "+" : ""}${cashText(amount, currency)}`;

function withShare(amount: Notional, { startEquity }: Pick<Brought, "startEquity">, currency: string): string {
  const share =
    startEquity !== null && isPositive(startEquity) ? ` · ${showPercent(ratioBetween(amount, startEquity))}` : "";
  return `${signedCash(amount, currency)}${share}`;
}

const tradesText = ({ trades, winners }: Outcome): string =>
  trades === 0 ? "no trades" : `${trades} trade${trades === 1 ? "" : "s"} (${winners} won)`;

type Asked = { readonly asked: number; readonly approved: number; readonly declined: number; readonly expired: number };

/** What became of the requests of a period: those that neither a person nor silence ended were taken back, or stand still. */
export function requestsText({ asked, approved, declined, expired }: Asked, medianMs: number | null): string {
  const others = asked - approved - declined - expired;
  return [
    `${asked} asked, ${approved} approved, ${declined} declined, ${expired} expired`,
    ...(others > 0 ? [`${others} withdrawn or still open`] : []),
    ...(medianMs === null ? [] : [`median answer ${lengthText(medianMs)}`]),
  ].join(", ");
}

/** Two lines: after fees with the number of trades, and before fees with the fees. */
export function broughtFields(brought: Brought, currency: string): readonly CardField[] {
  const outcome = outcomeOf(brought.closes);
  const { title } = brought.period;
  const net = `${withShare(outcome.net, brought, currency)}, ${tradesText(outcome)}`;
  if (brought.closes.length === 0) return [{ name: title, value: net }];
  const gross = `${signedCash(outcome.gross, currency)}, fees ${cashText(outcome.fees, currency)}`;
  return [
    { name: title, value: net },
    { name: `${title}, before fees`, value: gross },
  ];
}

/** One line a strategy, then one line an instrument; the many that don't fit are one line. */
export function namedFields(brought: Brought, currency: string): readonly CardField[] {
  const lineOf = (name: string, outcome: Outcome): CardField => ({
    name,
    value: `${withShare(outcome.net, brought, currency)}, fees ${cashText(outcome.fees, currency)}, ${tradesText(outcome)}`,
  });
  const linesBy = (nameOf: (close: TradeClosed) => string): readonly CardField[] => {
    const named = outcomesBy(brought.closes, nameOf);
    if (named.length <= namesMax) return named.map(([name, outcome]) => lineOf(name, outcome));
    // The largest sums matter, whichever way they went.
    const shown = [...named]
      .sort(([, left], [, right]) => (isMore(unsigned(left.net), unsigned(right.net)) ? -1 : 1))
      .slice(0, namesMax - 1);
    const names = new Set(shown.map(([name]) => name));
    const rest = brought.closes.filter((close) => !names.has(nameOf(close)));
    return [
      ...shown.map(([name, outcome]) => lineOf(name, outcome)),
      lineOf(`${named.length - shown.length} others`, outcomeOf(rest)),
    ];
  };
  return [...linesBy(({ strategy }) => strategy), ...linesBy(({ instrumentId }) => symbolOf(instrumentId))];
}

const unsigned = (amount: Notional): Notional => (amount.startsWith("-") ? (amount.slice(1) as Notional) : amount);

/** What the account was worth when the first day on record of this period began. */
export const startOf = (days: readonly DayShown[], period: Period): Notional | null =>
  days.find(({ date }) => date >= utcDay(period.since))?.startEquity ?? null;

/** What a month should bring. */
const monthTarget = { from: ratio("0.03"), to: ratio("0.05") } as const;

export function againstTarget(start: Notional | null, now: Notional): string {
  if (start === null || !isPositive(start)) return "nothing to compare with yet";
  const brought = ratioBetween(minus(now, start), start);
  const place = isMore(monthTarget.from, brought) ? "below" : isMore(brought, monthTarget.to) ? "above" : "within";
  return `${showPercent(brought)}, ${place} the target of 3 to 5 %`;
}

const csvHead =
  "closed_at,opened_at,trade_id,mode,strategy,instrument,reason,quantity,entry_price,exit_price,gross,fees,net,currency,correction";

/** One line a close, RFC 4180, times in UTC with milliseconds. A correction adds to an earlier close of the same trade. */
export function closesCsv(closes: readonly TradeClosed[], currency: string): string {
  const lines = closes.map((close) => {
    const { gross, fees, net } = outcomeOf([close]);
    return [
      isoTime(close.closedAt),
      close.openedAt === null ? "" : isoTime(close.openedAt),
      close.tradeId,
      close.mode,
      close.strategy,
      symbolOf(close.instrumentId),
      close.reason,
      close.quantity,
      close.entryPrice ?? "",
      close.exitPrice ?? "",
      gross,
      fees,
      net,
      currency,
      close.before === null ? "no" : "yes",
    ]
      .map(csvCell)
      .join(",");
  });
  return [csvHead, ...lines, ""].join("\r\n");
}

/** A name that a spreadsheet would run as a formula is text; an amount below zero stays a number. */
export function csvCell(text: string): string {
  const isFormula = /^[=+@\t\r-]/.test(text) && !/^-?[\d.]+$/.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
