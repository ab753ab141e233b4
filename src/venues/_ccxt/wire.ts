/**
 * The one place where ccxt's words become ours. Three traps live here and nowhere else:
 *
 *   ccxt trade   = our fill
 *   ccxt amount  = our quantity
 *   ccxt cost    = our notional
 *
 * ccxt is told to keep every number as a text, so digits arrive as the venue wrote them.
 */
import { z } from "zod";
import {
  isLess,
  type Notional,
  notional,
  type Price,
  price,
  type Quantity,
  quantity,
  type Ratio,
  ratio,
} from "../../core/money.ts";
import type { Candle } from "../../core/signal.ts";
import { type Instant, instant } from "../../core/time.ts";
import type { Level, VenueFill } from "../../ports/venue.ts";
import { plainDecimal } from "./lossless.ts";

const decimalText = z.string().transform((text, context) => {
  const plain = plainDecimal(text);
  if (plain !== null && /^-?\d{1,20}(\.\d{1,18})?$/.test(plain)) return plain;
  context.addIssue({ code: "custom", message: "is no decimal number of a size that money takes" });
  return z.NEVER;
});
const notNegative = decimalText.refine((text) => !text.startsWith("-"), "must not be negative");

export const wirePrice = notNegative.transform((text): Price => price(text));
export const wireQuantity = notNegative.transform((text): Quantity => quantity(text));
/** A rebate is a negative fee. */
export const wireNotional = decimalText.transform((text): Notional => notional(text));
export const wireRatio = decimalText.transform((text): Ratio => ratio(text));
/** Milliseconds; a value of 16 or more digits is nanoseconds, a value of 10 digits or fewer would be seconds and is refused. */
export const wireInstant = z.union([z.string(), z.number()]).transform((value, context): Instant => {
  const digits = String(value);
  if (/^\d{16,19}$/.test(digits)) return instant(Number.parseInt(digits.slice(0, 13), 10));
  if (/^\d{12,14}$/.test(digits)) return instant(Number.parseInt(digits, 10));
  context.addIssue({ code: "custom", message: "is no time in milliseconds" });
  return z.NEVER;
});

/** ccxt's "trade": one fill of ours. */
const ccxtTrade = z.object({
  order: z.string().min(1),
  side: z.enum(["buy", "sell"]),
  price: wirePrice,
  amount: wireQuantity,
  timestamp: wireInstant,
  takerOrMaker: z.enum(["taker", "maker"]),
  fee: z.object({ cost: wireNotional, currency: z.string().min(1) }),
});

/** @throws ZodError when the trade lacks what a fill needs. */
export function fillOfTrade(trade: unknown, known: { instrumentId: string; venueFillId: string }): VenueFill {
  const read = ccxtTrade.parse(trade);
  return {
    venueFillId: known.venueFillId,
    venueOrderId: read.order,
    instrumentId: known.instrumentId,
    side: read.side,
    price: read.price,
    quantity: read.amount,
    fee: read.fee.cost,
    feeAsset: read.fee.currency,
    liquidity: read.takerOrMaker,
    filledAt: read.timestamp,
  };
}

/** ccxt's OHLCV row: opened (ms), open, high, low, close, volume in base units. */
const ccxtCandle = z.tuple([wireInstant, wirePrice, wirePrice, wirePrice, wirePrice, wireQuantity]);

/** @throws ZodError when a row is not whole. */
export function candlesOfRows(rows: unknown): Candle[] {
  return z
    .array(ccxtCandle)
    .parse(rows)
    .map(([openedAt, open, high, low, close, volume]) => ({ openedAt, open, high, low, close, volume }));
}

/** Raw levels, since ccxt makes floats of them whatever it is told. */
const rawLevel = z.tuple([wirePrice, wireQuantity]).rest(z.unknown());
const rawBook = z
  .object({ bids: z.array(rawLevel), asks: z.array(rawLevel) })
  .refine(({ bids }) => isFalling(bids.map((level) => level[0])), "bids are not best first")
  .refine(({ asks }) => isFalling(asks.map((level) => level[0]).reverse()), "asks are not best first");

/** @throws ZodError when a level is not whole or a side is not best first. */
export function levelsOfBook(book: unknown): { bids: readonly Level[]; asks: readonly Level[] } {
  const read = rawBook.parse(book);
  const levelOf = ([at, size]: readonly [Price, Quantity, ...unknown[]]): Level => ({ price: at, quantity: size });
  return { bids: read.bids.map(levelOf), asks: read.asks.map(levelOf) };
}

function isFalling(prices: readonly Price[]): boolean {
  return prices.every((at, index) => index === 0 || isLess(at, prices[index - 1] ?? at));
}
