/**
 * Gathers what the checks judge from. Reads go to the venue first; then, with the newest books, a pure step makes the view:
 * so the same outside facts can be judged again inside the transaction that acts on them.
 */

import type { Books } from "../core/books.ts";
import { effectiveBreaker, type Place } from "../core/breaker.ts";
import { approversOf } from "../core/consent.ts";
import type { Instrument } from "../core/instrument.ts";
import { mark } from "../core/mark.ts";
import {
  absolute,
  isMore,
  isPositive,
  largest,
  minus,
  type Notional,
  type Ratio,
  ratioBetween,
  smallest,
  zeroNotional,
} from "../core/money.ts";
import { mayStillTrade } from "../core/order.ts";
import { drawdownOf, equityOf, exposuresOf } from "../core/portfolio.ts";
import { limitsOf } from "../core/profiles.ts";
import type { Limits, RiskView } from "../core/risk_view.ts";
import type { Candle, Signal } from "../core/signal.ts";
import { day, type Instant, utcDay } from "../core/time.ts";
import type { OrderBook } from "../ports/venue.ts";
import { bookAge } from "./book_age.ts";
import { limitControls } from "./limit_controls.ts";
import { isTimeUnconfirmed, marketNow, venueClockUncertainty } from "./measure_offset.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { marketOf, paceOf } from "./pace_and_market.ts";
import { readCandles } from "./read_candles.ts";
import { takeBook } from "./take_book.ts";

/** Facts from outside the house, read for one decision. null = could not be read. */
export type Outside = {
  readonly book: OrderBook | null;
  readonly freeQuote: Notional | null;
  readonly candles: readonly Candle[] | null;
  readonly volatility: RiskView["volatility"];
};

export async function readOutside(needs: Needs, instrument: Instrument): Promise<Outside> {
  const [book, balances, candles, volatility] = await Promise.all([
    needs.venue.orderBook(instrument.symbol),
    needs.venue.balances(),
    readCandles(needs, instrument.symbol),
    readVolatility(needs, instrument),
  ]);
  const believed = book.ok ? takeBook(needs, book.value) : null;
  const quote = balances.ok ? balances.value.find((balance) => balance.asset === instrument.quote) : undefined;
  return {
    book: believed ?? (book.ok ? await secondLook(needs, instrument) : null),
    freeQuote: balances.ok ? (quote?.free ?? zeroNotional) : null,
    candles: candles.ok ? candles.value : null,
    volatility,
  };
}

/** A price far off the last ones is asked for once more: a second one like it is the market, and a single one was the feed. */
const secondLookMs = 300;

async function secondLook(needs: Needs, instrument: Instrument): Promise<OrderBook | null> {
  await needs.clock.sleep(secondLookMs);
  const again = await needs.venue.orderBook(instrument.symbol);
  return again.ok ? takeBook(needs, again.value) : null;
}

async function readVolatility(needs: Needs, instrument: Instrument): Promise<RiskView["volatility"]> {
  const { settings } = needs;
  const symbol = settings.volatilitySymbol ?? instrument.symbol;
  const candles = await readCandles(needs, symbol);
  const move = candles.ok ? dayMove(candles.value, settings.timeframeMs) : null;
  return move === null
    ? null
    : { move, instrumentId: `${instrument.venue}:${symbol}`, isProxy: settings.volatilitySymbol === null };
}

/** Largest distance of the newest close from any close within the last 24 h, as a share. null with fewer than two candles. */
export function dayMove(candles: readonly Candle[], timeframeMs: number): Ratio | null {
  const window = candles.slice(-Math.max(2, Math.ceil(day / timeframeMs) + 1));
  const last = window.at(-1);
  if (last === undefined || window.length < 2) return null;
  // The furthest close is the lowest or the highest one: what lies between them moved less.
  const closes = window.map((candle) => candle.close).filter(isPositive);
  const [first, ...rest] = closes;
  if (first === undefined) return null;
  const furthest = [smallest(first, ...rest), largest(first, ...rest)];
  const moves = furthest.map((close) => absolute(ratioBetween(minus(last.close, close), close)));
  return moves.reduce((most, move) => (isMore(move, most) ? move : most));
}

export function currentLimits(needs: Pick<Needs, "settings">, books: Books): Limits {
  const { settings } = needs;
  return limitsOf(settings.profile, {
    mode: settings.mode,
    usdRate: settings.usdRate,
    overrides: settings.overrides,
    controls: limitControls(books.house.controls),
  });
}

/** The view of one intent from outside facts and the newest books. Pure but for the memory of marks and the two clocks. */
export function viewOf(
  needs: Needs,
  books: Books,
  about: { instrument: Instrument; outside: Outside; signal: Signal | null; strategy: string; tradeId?: string },
): RiskView {
  const held = about.tradeId === undefined ? undefined : books.positions[about.tradeId]?.quantity;
  const { instrument, outside, signal } = about;
  const { settings, clock, memory } = needs;
  const at = clock.now();
  const streak = books.strategies[about.strategy]?.stopsInRow[instrument.instrumentId];
  return {
    at,
    limits: currentLimits(needs, books),
    mode: settings.mode,
    tradingState: tradingStateOf(books),
    isReady: books.house.isReady && !memory.isStopping && !memory.isFenced,
    venueClock: { uncertaintyMs: venueClockUncertainty(needs), isConfirmed: !isTimeUnconfirmed(needs) },
    ...breakersOf(books, settings.isAccountShared === true, {
      instrumentId: instrument.instrumentId,
      venue: instrument.venue,
      account: settings.account,
      strategy: about.strategy,
    }),
    ...(settings.approvals.policy === "ask"
      ? {
          proposalsLately: proposalsOf(books, about.strategy, clock.wall()),
          consent: { ...settings.approvals, approvers: approversOf(books) },
        }
      : {}),
    instrument,
    allowedInstruments: allowList(books, "allowed_instruments"),
    allowedStrategies: allowList(books, "allowed_strategies"),
    signal,
    newestCandle: newestCandleOf(needs, outside),
    candles: outside.candles,
    quote: quoteOf(needs, outside.book),
    ...moneyOf(needs, books, about.tradeId !== undefined),
    freeQuote: outside.freeQuote,
    balanceGap: books.house.balanceGap,
    tradesLastMinute: entries(books).filter((order) => at - order.decidedAt < 60_000).length,
    ordersThisWindow: entries(books).filter(
      (order) =>
        order.intent.instrumentId === instrument.instrumentId &&
        windowOf(order.decidedAt, settings.timeframeMs) === windowOf(at, settings.timeframeMs),
    ).length,
    volatility: outside.volatility,
    restricted: settings.restricted,
    ...declaredOf(needs, books, about.strategy, at),
    ...paceOf(books, instrument.instrumentId, clock.wall()),
    ...marketOf(outside, settings.timeframeMs, at),
    ...(held === undefined ? {} : { sellableQuantity: held }),
    ...stopSlotsOf(needs, books, instrument.instrumentId),
    losingStreak: { stops: streak?.stops ?? 0, lastAt: streak?.lastAt ?? null },
  };
}

function newestCandleOf(needs: Needs, { candles }: Outside): RiskView["newestCandle"] {
  const newest = candles?.at(-1);
  if (newest === undefined) return null;
  const { timeframeMs, cycleMs } = needs.settings;
  return { openedAt: newest.openedAt, timeframeMs, cycleMs, marketAt: marketNow(needs) };
}

type Money = Pick<
  RiskView,
  "equity" | "equityHigh" | "drawdown" | "dayPnl" | "dayStartEquity" | "sessionPnl" | "sessionStartEquity" | "exposures"
>;

/** An exit is judged by none of these sums, so one that can't be computed must never hold it back. */
function moneyOf({ memory }: Needs, books: Books, isExit: boolean): Money {
  const account = books.house.account;
  const marks = marksOf(memory);
  const sum = <Value>(compute: () => Value, otherwise: Value): Value =>
    isExit ? orElse(compute, otherwise) : compute();
  const equity = sum(() => equityOf(books, marks), account?.equityLast ?? zeroNotional);
  const { equityHigh, dayStartEquity, sessionStartEquity } = account ?? {
    equityHigh: equity,
    dayStartEquity: equity,
    sessionStartEquity: equity,
  };
  return {
    equity,
    equityHigh,
    drawdown: drawdownOf(equity, equityHigh),
    dayPnl: minus(equity, dayStartEquity),
    dayStartEquity,
    sessionPnl: minus(equity, sessionStartEquity),
    sessionStartEquity,
    exposures: sum(() => exposuresOf(books, marks), []),
  };
}

/** The older of two ages counts: since we received it, and since the venue made it; a frozen feed is received anew all the time. */
function quoteOf({ clock, memory }: Needs, book: OrderBook | null): RiskView["quote"] {
  const bid = book?.bids[0]?.price;
  const ask = book?.asks[0]?.price;
  if (book === null || bid === undefined || ask === undefined) return null;
  return { bid, ask, ageMs: bookAge(book, clock.wall(), memory.venueOffsetMs) };
}

function orElse<Value>(compute: () => Value, otherwise: Value): Value {
  try {
    return compute();
  } catch {
    mark("D05.sums_fail_at_an_exit");
    return otherwise;
  }
}

/** An entry whose stop is still to come takes a place as well. */
function stopSlotsOf(needs: Needs, books: Books, instrumentId: string): Pick<RiskView, "stopSlots"> {
  const max = needs.venueDefinition.capabilities.maxStops;
  if (max === undefined) return {};
  const here = Object.values(books.orders).filter(
    (order) => order.intent.instrumentId === instrumentId && mayStillTrade(order.state),
  );
  return { stopSlots: { used: here.filter((order) => order.intent.leg !== "exit").length, max } };
}

export function tradingStateOf(books: Books): RiskView["tradingState"] {
  if (books.house.level === "flatten" || books.house.level === "emergency") return "halted";
  if (books.house.controls["trading_mode"] === "off") return "reducing";
  if (books.house.level === "pause" || Object.keys(books.house.safeMode).length > 0) return "reducing";
  const isOpen = Object.values(books.house.breakers).some(
    (breaker) => breaker.scope === "global" && breaker.state === "open",
  );
  return isOpen ? "reducing" : "active";
}

function declaredOf(
  { strategies }: Pick<Needs, "strategies">,
  books: Books,
  strategy: string,
  at: Instant,
): Pick<RiskView, "declared"> {
  const limits = strategies.find((one) => one.name === strategy)?.declares;
  if (limits === undefined) return {};
  const today = entries(books).filter(
    (order) => order.intent.strategy === strategy && utcDay(order.decidedAt) === utcDay(at),
  );
  return { declared: { limits, entriesToday: today.length } };
}

const windowOf = (at: number, lengthMs: number): number => Math.floor(at / lengthMs);

const entries = (books: Books) =>
  Object.values(books.orders).filter((order) => order.intent.leg === "entry" && order.state !== "abandoned");

function proposalsOf(books: Books, strategy: string, wall: number): number {
  return Object.values(books.approvals).filter(
    ({ subject, createdAt }) =>
      subject.kind === "order" && subject.intent.strategy === strategy && wall - createdAt < 300_000,
  ).length;
}

/** Orders of others beside which we would trade; they go when the orders go, so no breaker has to be reset. */
function foreignOrders({ house }: Books, instrumentId: string): readonly { scope: string; cause: string }[] {
  return house.foreign?.[instrumentId] === undefined
    ? []
    : [{ scope: `symbol:${instrumentId}`, cause: "foreign_orders" }];
}

/** The breakers that stop this intent, and whether it may go as the one that tries a half open one. */
function breakersOf(books: Books, isShared: boolean, place: Place): Pick<RiskView, "openBreakers" | "canary"> {
  const { state, standing } = effectiveBreaker(books.house.breakers, place);
  const trying = standing.filter((breaker) => breaker.state === "half_open");
  return {
    openBreakers: [
      ...standing.filter((breaker) => breaker.state === "open"),
      ...(isShared ? [] : foreignOrders(books, place.instrumentId)),
    ],
    canary: state !== "half_open" ? "none" : trying.some((breaker) => breaker.canary !== null) ? "taken" : "free",
  };
}

function allowList(books: Books, name: string): readonly string[] | null {
  const text = books.house.controls[name];
  return text === undefined ? null : text.split(",").map((item) => item.trim());
}

/** True when what the view says of the whole account lets an entry be thought of at all. */
export function riskNotes(view: RiskView): readonly string[] {
  return view.volatility?.isProxy === true
    ? [`No BTC in this market: the 24 h move of ${view.volatility.instrumentId} is watched instead`]
    : [];
}
