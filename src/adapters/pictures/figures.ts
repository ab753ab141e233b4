/** Numbers and times as they stand in a picture: exact where they are prices of an order, short everywhere else. Pure. */
import {
  absolute,
  compare,
  decimalsOf,
  isNegative,
  isZero,
  minus,
  type Notional,
  notional,
  type Price,
  type Ratio,
  ratioBetween,
  ratioOf,
  showAmount,
  showPercent,
} from "../../core/money.ts";
import { day, type Instant, isoTime } from "../../core/time.ts";

/** More digits than these nobody compares at a glance; an average price may have 18 places. */
const digitsMax = 9;

/**
 * How many places all prices of one picture are shown with: as many as the finest of them needs, yet at most nine digits
 * from the first one that counts. 0.00000123 keeps its eight places. An average, which has any number of places, adds two.
 */
export function placesFor(prices: readonly Price[], average: Price | null = null): number {
  const exact = Math.max(0, ...prices.map(decimalsOf));
  const finest = average === null ? exact : Math.max(exact, Math.min(decimalsOf(average), exact + 2));
  const largest = prices.reduce<Price | null>(
    (best, one) => (best === null || compare(one, best) > 0 ? one : best),
    null,
  );
  if (largest === null) return finest;
  const [whole = "0", part = ""] = largest.split(".");
  const leading = whole === "0" ? part.length - part.replace(/^0+/, "").length : -whole.length;
  return Math.max(0, Math.min(finest, digitsMax + leading));
}

/** ("64210.5", 2) is "64,210.50"; cut, never rounded up. */
export function priceFigure(at: Price, places: number): string {
  return showAmount(at, places);
}

/** The distance from one price to another as people read it: "+4.6 %", "−0.25 %". */
export function distanceFigure(from: Price, to: Price): string {
  return isZero(from) ? "" : shareFigure(ratioBetween(minus(to, from), from));
}

/** A share with its sign: "+4.56 %", "−1.90 %", "0.00 %"; from 100 % on without places, from 10,000 % on only that it is so much. */
export function shareFigure(share: Ratio): string {
  const size = absolute(share);
  const isBelow = isNegative(share);
  if (compare(size, ratioOf(100)) >= 0) return isBelow ? "< −9999 %" : "> +9999 %";
  return signed(showPercent(size, compare(size, ratioOf(1)) >= 0 ? 0 : 2), isBelow);
}

/** Money with its sign: "+123.45", "−0.07", "0.00". Cut, so a gain is never flattered. */
export function gainFigure(amount: Notional): string {
  return signed(showAmount(absolute(amount), moneyPlaces(amount)), isNegative(amount));
}

/** "10,342.10"; from a million on without places, below one with six, or the picture would show 0.00. */
export function moneyFigure(amount: Notional): string {
  return `${isNegative(amount) ? "−" : ""}${showAmount(absolute(amount), moneyPlaces(amount))}`;
}

function moneyPlaces(amount: Notional): number {
  const size = absolute(amount);
  if (compare(size, notional("1000000")) >= 0) return 0;
  return isZero(size) || compare(size, notional("0.1")) >= 0 ? 2 : 6;
}

/** Nothing but zeros has no sign: a tiny loss is shown as 0.00, never as a gain. */
const signed = (words: string, isBelow: boolean): string => {
  if (!/[1-9]/.test(words)) return words;
  return `${isBelow ? "−" : "+"}${words}`;
};

/** How much is won for one that is risked, with one place, cut: "2.4". null when nothing is risked. */
export function multipleFigure(order: {
  readonly entry: Price;
  readonly stop: Price;
  readonly target: Price;
}): string | null {
  const risk = absolute(minus(order.entry, order.stop));
  return isZero(risk) ? null : showAmount(ratioBetween(absolute(minus(order.target, order.entry)), risk), 1);
}

/** 60000 is "1m", 14400000 is "4h", as people name candles. */
export function timeframeFigure(ms: number): string {
  const units = [
    { unit: "w", ms: 7 * day },
    { unit: "d", ms: day },
    { unit: "h", ms: 3_600_000 },
    { unit: "m", ms: 60_000 },
    { unit: "s", ms: 1_000 },
  ] as const;
  const fitting = units.find((one) => ms >= one.ms && ms % one.ms === 0);
  return fitting === undefined ? `${ms}ms` : `${ms / fitting.ms}${fitting.unit}`;
}

/** How long something lasts, in its two largest units: "3 d 4 h", "18 min". */
export function lengthFigure(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  const [days, hours, rest] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60), minutes % 60];
  if (days > 0) return hours === 0 ? `${days} d` : `${days} d ${hours} h`;
  if (hours > 0) return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
  return `${rest} min`;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A time as the ends of an axis need it: the shorter what it spans, the finer. UTC. */
export function timeFigure(at: Instant, spanMs: number): string {
  const iso = isoTime(at);
  const month = months[Number(iso.slice(5, 7)) - 1] ?? "";
  const date = `${Number(iso.slice(8, 10))} ${month}`;
  if (spanMs >= 300 * day) return `${month} ${iso.slice(0, 4)}`;
  return spanMs >= 12 * day ? date : `${date} ${iso.slice(11, 16)}`;
}
