/**
 * Whether data can be a picture at all. Whoever hands them in has them from a venue or a ledger, so the first thing that is
 * wrong is said as one sentence, and nothing is guessed: a wrong picture is worse than none.
 */

import type { PictureCandle } from "../../core/card_picture.ts";
import type { Side } from "../../core/instrument.ts";
import {
  isDecimalText,
  isLess,
  isMore,
  type Notional,
  type Price,
  type Quantity,
  type Ratio,
  toNumber,
} from "../../core/money.ts";
import type { Instant } from "../../core/time.ts";

/** null = all is well; else what is wrong, which one, and with what value. */
export type Complaint = string | null;

/** The first complaint. Later ones are not even looked for: they may rest on the earlier. */
export function firstOf(...looks: readonly (() => Complaint)[]): Complaint {
  for (const look of looks) {
    const complaint = look();
    if (complaint !== null) return complaint;
  }
  return null;
}

/** The first complaint about one of many. */
export function firstWithin<Item>(items: readonly Item[], look: (item: Item, index: number) => Complaint): Complaint {
  for (const [index, item] of items.entries()) {
    const complaint = look(item, index);
    if (complaint !== null) return complaint;
  }
  return null;
}

type Amount = Price | Notional | Quantity | Ratio;
const quoted = (value: unknown): string => JSON.stringify(String(value).slice(0, 40));

export function amountComplaint(name: string, value: Amount | null): Complaint {
  if (value === null || (typeof value === "string" && isDecimalText(value))) return null;
  return `${name} is no plain number: ${quoted(value)}`;
}

/** null as a price means that there is none. */
export function priceComplaint(name: string, value: Price | null, priceMax?: Price): Complaint {
  const complaint = amountComplaint(name, value);
  if (complaint !== null || value === null) return complaint;
  if (toNumber(value) < 0) return `${name} is below 0: ${value}`;
  return priceMax !== undefined && toNumber(value) > toNumber(priceMax)
    ? `${name} is above the highest price that can be, ${priceMax}: ${value}`
    : null;
}

/** Times of one picture: whole milliseconds that a calendar knows, none earlier (strict: each later) than the one before. */
export function timesComplaint(name: string, times: readonly Instant[], isStrict: boolean): Complaint {
  for (const [index, at] of times.entries()) {
    if (!Number.isInteger(at) || Math.abs(at) > 8e15) return `${name} ${index + 1} has no time: ${quoted(at)}`;
    const before = times[index - 1];
    if (before !== undefined && (at < before || (isStrict && at === before)))
      return `${name} ${index + 1} is ${isStrict ? "not later" : "earlier"} than the one before it`;
  }
  return null;
}

function candleComplaint(candle: PictureCandle, name: string, priceMax?: Price): Complaint {
  const { open, high, low, close } = candle;
  return firstOf(
    () => priceComplaint(`The open ${name}`, open, priceMax),
    () => priceComplaint(`The high ${name}`, high, priceMax),
    () => priceComplaint(`The low ${name}`, low, priceMax),
    () => priceComplaint(`The close ${name}`, close, priceMax),
    () => (isLess(high, open) || isLess(high, close) ? `The high ${name} lies under its body: ${high}` : null),
    () => (isMore(low, open) || isMore(low, close) ? `The low ${name} lies over its body: ${low}` : null),
  );
}

export function candlesComplaint(candles: readonly PictureCandle[], priceMax?: Price): Complaint {
  const complaint = firstWithin(candles, (candle, index) =>
    candleComplaint(candle, `of candle ${index + 1}`, priceMax),
  );
  if (complaint !== null) return complaint;
  return timesComplaint(
    "Candle",
    candles.map(({ openedAt }) => openedAt),
    true,
  );
}

/** A stop that would not lose and a target that would not win are mistakes, and a picture would make them look like plans. */
export function sidesComplaint(order: {
  readonly side: Side;
  readonly entryPrice: Price;
  readonly stopPrice: Price | null;
  readonly targetPrice: Price | null;
}): Complaint {
  const { side, entryPrice, stopPrice, targetPrice } = order;
  const sign = side === "buy" ? 1 : -1;
  const gainAt = (at: Price): number => sign * (toNumber(at) - toNumber(entryPrice));
  const [worse, better] = side === "buy" ? ["below", "above"] : ["above", "below"];
  if (stopPrice !== null && gainAt(stopPrice) >= 0)
    return `The stop ${stopPrice} of a ${side} lies not ${worse} its entry ${entryPrice}`;
  if (targetPrice !== null && gainAt(targetPrice) <= 0)
    return `The target ${targetPrice} of a ${side} lies not ${better} its entry ${entryPrice}`;
  return null;
}
