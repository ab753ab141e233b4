/** The card of one period, present or over: /report, the review of a week and the report of a month are the same card. */
import type { Card, CardField } from "../core/card.ts";
import { denials } from "../core/denial.ts";
import { equityShown, withPoint } from "../core/equity_curve.ts";
import { cashText } from "../core/facts.ts";
import {
  isMore,
  isPositive,
  isZero,
  minus,
  type Notional,
  ratioBetween,
  showPercent,
  zeroRatio,
} from "../core/money.ts";
import { fileKey, type Period } from "../core/period.ts";
import type { DayShown } from "../core/pnl.ts";
import { drawdownOf, equityOf, exposuresOf, totalExposure } from "../core/portfolio.ts";
import {
  againstTarget,
  type Brought,
  broughtFields,
  namedFields,
  requestsText,
  signedCash,
  startOf,
} from "../core/report_cards.ts";
import { elapsedMs, houseField, type Tally, tallyFields } from "../core/tally.ts";
import { addMs, utcDay } from "../core/time.ts";
import type { AccountSpan, Archive } from "../ports/archive.ts";
import { withPulse } from "./count_pulse.ts";
import { currentLimits } from "./gather_view.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { closesOfMode, currencyOf, openField } from "./read_archive.ts";

export type PeriodWish = {
  readonly period: Period;
  /** Without the mode, which is added. */
  readonly title: string;
  /** What is to be said above the numbers; absent = nothing. */
  readonly lines?: readonly string[];
};

export async function periodCard(needs: Needs, archive: Archive, wish: PeriodWish): Promise<Card> {
  const { period } = wish;
  const { since, until } = period;
  const [closes, allDays, refused, account, tally] = await Promise.all([
    closesOfMode(needs, archive, period),
    archive.days(utcDay(since)),
    archive.refusals(since, until),
    archive.account(since, until),
    archive.tally(since, until).then((tally) => (period.isOver ? tally : withPulse(needs, tally))),
  ]);
  const days = allDays.filter(({ date }) => date <= utcDay(addMs(until, -1)));
  const brought: Brought = { period, closes, startEquity: startOf(days, period) };
  const currency = currencyOf(needs);
  const worth = worthOf(needs, { period, days, account });
  // Money that came or went is neither profit nor loss.
  const earned = minus(worth.end, account.transferred);
  const books = needs.ledger.books();
  return {
    title: `${wish.title} · ${needs.settings.mode.toUpperCase()}`,
    tone: "info",
    lines: wish.lines ?? [],
    fields: [
      ...(days.length === 0 && period.isOver
        ? [{ name: "Equity", value: "nothing is on record of that time" }]
        : worthFields({ end: worth.end, start: brought.startEquity, transferred: account.transferred }, currency)),
      ...(period.kind === "month" ? [{ name: "Return", value: againstTarget(brought.startEquity, earned) }] : []),
      ...broughtFields(brought, currency),
      ...(worth.isNow ? [openField(needs, currency)] : []),
      ...namedFields(brought, currency),
      { name: "Drawdown", value: worth.drawdown },
      ...(worth.isNow ? [exposureField(needs, worth.end, currency)] : []),
      ...countFields(days, tally),
      ...refusedFields(refused),
      houseField(tally, {
        elapsedMs: elapsedMs(period, books.reports.since),
        starts: total(days, (day) => day.starts),
      }),
      ...tallyFields(tally),
    ],
    footer: `Audit head ${books.hash.slice(0, 8)} at fact ${books.seq} · trades as a file: /report ${fileKey(period)}`,
    chart: null,
    ...pictureOf(needs, period),
    file: { kind: "closes", period: fileKey(period) },
  };
}

type Worth = { readonly end: Notional; readonly isNow: boolean; readonly drawdown: string };

type Span = {
  readonly period: Period;
  readonly days: readonly DayShown[];
  readonly account: AccountSpan;
};

/** What the account was worth at the end, and how deep it fell on the way, by every mark on record. */
function worthOf(needs: Needs, { period: { isOver }, days, account: { high, deepest } }: Span): Worth {
  const books = needs.ledger.books();
  const isNow = !isOver;
  const equity = equityOf(books, marksOf(needs.memory));
  const end = isNow ? equity : (days.at(-1)?.endEquity ?? equity);
  if (!isNow)
    return { end, isNow, drawdown: deepest === null ? "no mark is on record" : `deepest ${showPercent(deepest)}` };
  const present = high === null ? zeroRatio : drawdownOf(equity, high);
  const fall = deepest !== null && isMore(deepest, present) ? deepest : present;
  const highest = books.house.account?.equityHigh ?? equity;
  return {
    end,
    isNow,
    drawdown: `now ${showPercent(drawdownOf(equity, highest))}, deepest ${showPercent(fall)}`,
  };
}

/** Of a period that goes on it ends with this moment, as the numbers beside it do. */
function pictureOf(needs: Needs, { since, until, isOver }: Period): Pick<Card, "picture"> {
  const books = needs.ledger.books();
  const marked = (books.days.curve ?? []).filter(({ at }) => at >= since && at < until);
  const present = { at: needs.clock.now(), equity: equityOf(books, marksOf(needs.memory)) };
  const curve = isOver || marked.length === 0 ? marked : withPoint(marked, present);
  const { mode } = needs.settings;
  const equityHigh = books.house.account?.equityHigh ?? curve[0]?.equity;
  if (equityHigh === undefined) return {};
  const { drawdownMax } = currentLimits(needs, books);
  const shown = equityShown(curve, { mode, currency: currencyOf(needs), equityHigh, drawdownMax });
  return shown === null ? {} : { picture: { kind: "equity", ...shown } };
}

type OfAccount = { readonly end: Notional; readonly start: Notional | null; readonly transferred: Notional };

/** What the account is worth and what it has earned since the beginning: money that came or went is neither profit nor loss. */
export function worthFields({ end, start, transferred }: OfAccount, currency: string): readonly CardField[] {
  const earned = minus(end, transferred);
  const change = minus(earned, start ?? earned);
  const share = start !== null && isPositive(start) ? ` · ${showPercent(ratioBetween(change, start))}` : "";
  return [
    { name: "Equity", value: `${cashText(end, currency)}, ${signedCash(change, currency)}${share}` },
    ...(isZero(transferred) ? [] : [{ name: "Paid in and out", value: signedCash(transferred, currency) }]),
  ];
}

export function exposureField(needs: Needs, equity: Notional, currency: string): CardField {
  const exposure = totalExposure(exposuresOf(needs.ledger.books(), marksOf(needs.memory)));
  const share = isPositive(equity) ? ` · ${showPercent(ratioBetween(exposure, equity))}` : "";
  return { name: "Exposure now", value: `${cashText(exposure, currency)}${share}` };
}

const total = (days: readonly DayShown[], countOf: (day: DayShown) => number): number =>
  days.reduce((all, day) => all + countOf(day), 0);

function countFields(days: readonly DayShown[], { medianAnswerMs }: Tally): readonly CardField[] {
  const of = (countOf: (day: DayShown) => number): number => total(days, countOf);
  const asked = {
    asked: of((day) => day.asked),
    approved: of((day) => day.approved),
    declined: of((day) => day.declined),
    expired: of((day) => day.expired),
  };
  return [
    { name: "Approvals", value: requestsText(asked, medianAnswerMs) },
    {
      name: "Signals",
      value: `${of((day) => day.signals)} raised, ${of((day) => day.denied)} denied, ${of((day) => day.entries)} entries`,
    },
    { name: "Unknown orders", value: String(of((day) => day.unknownOrders)) },
  ];
}

const refusedShown = 4;

function refusedFields(refused: readonly { readonly code: string; readonly count: number }[]): readonly CardField[] {
  if (refused.length === 0) return [];
  const texts = refused.slice(0, refusedShown).map(({ code, count }) => `${count} × ${wordsOf(code)}`);
  return [{ name: "Denied most", value: texts.join("; ") }];
}

const wordsOf = (code: string): string =>
  Object.hasOwn(denials, code) ? denials[code as keyof typeof denials].summary : code.replaceAll("_", " ");
