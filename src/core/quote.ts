/** What a size would really trade at now: the order book walked, and how far that is from what was quoted. */
import type { Side } from "./instrument.ts";
import {
  averagePrice,
  compare,
  isMore,
  isZero,
  minus,
  type Notional,
  notionalOf,
  type Price,
  plus,
  type Quantity,
  type Ratio,
  ratioBetween,
  smallest,
  zeroNotional,
  zeroQuantity,
} from "./money.ts";

export type BookLevel = { readonly price: Price; readonly quantity: Quantity };
export type BookSides = { readonly bids: readonly BookLevel[]; readonly asks: readonly BookLevel[] };

/** Size-weighted price of taking `size` from the book; null when the book is too thin or empty. */
export function executablePrice(book: BookSides, side: Side, size: Quantity): Price | null {
  let left = size;
  let money: Notional = zeroNotional;
  for (const level of side === "buy" ? book.asks : book.bids) {
    if (isZero(left)) break;
    const taken = smallest(left, level.quantity);
    money = plus(money, notionalOf(level.price, taken));
    left = minus(left, taken);
  }
  return isZero(left) && !isZero(size) ? averagePrice(money, size) : null;
}

/** The price moved by this share of the old one, positive when it is worse for the side that trades. */
export function adverseDrift(side: Side, quoted: Price, now: Price): Ratio {
  const worse = side === "buy" ? minus(now, quoted) : minus(quoted, now);
  return ratioBetween(worse, quoted);
}

/** (ask - bid) / bid as a share; null when a side is empty or the book is crossed. */
export function spreadOf(book: BookSides): Ratio | null {
  const bid = book.bids[0]?.price;
  const ask = book.asks[0]?.price;
  if (bid === undefined || ask === undefined || isZero(bid) || isMore(bid, ask)) return null;
  return ratioBetween(minus(ask, bid), bid);
}

/** Quantity on the side that would be taken, up to and including a worst price. */
export function depthWithin(book: BookSides, side: Side, worst: Price): Quantity {
  const levels = side === "buy" ? book.asks : book.bids;
  const within = levels.filter((level) =>
    side === "buy" ? compare(level.price, worst) <= 0 : compare(level.price, worst) >= 0,
  );
  return within.reduce((total, level) => plus(total, level.quantity), zeroQuantity);
}
