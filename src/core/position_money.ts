/** The money of one position: how a fill enters it, and how one that did not come to be leaves it again. */
import type { BookedOrder } from "./books_orders.ts";
import type { FactOf } from "./events.ts";
import { symbolOf } from "./instrument.ts";
import {
  averagePrice,
  isPositive,
  isZero,
  minus,
  notionalOf,
  plus,
  type Quantity,
  ratioBetween,
  scale,
  zeroNotional,
  zeroQuantity,
} from "./money.ts";
import type { Position } from "./position.ts";

const isBaseFee = (order: BookedOrder, fill: FactOf<"fill_received" | "fill_reversed">): boolean =>
  fill.feeAsset === symbolOf(order.intent.instrumentId).split("/")[0];

/** Proceeds, less the cost of the share that was sold, less all fees so far. */
export function profitOf({
  soldQuantity,
  boughtQuantity,
  entryCost,
  exitProceeds,
  fees,
}: Position): Position["realizedPnl"] {
  const cost = isZero(boughtQuantity) ? zeroNotional : scale(entryCost, ratioBetween(soldQuantity, boughtQuantity));
  return minus(minus(exitProceeds, cost), fees);
}

/**
 * A fee in base makes what was bought smaller, so its price is taken out of the cost: it stands in `fees`, and a profit
 * must not pay it twice.
 */
export function bought(position: Position, order: BookedOrder, fill: FactOf<"fill_received">): Position {
  const net = isBaseFee(order, fill) ? minus(fill.quantity, fill.fee as string as Quantity) : fill.quantity;
  const boughtQuantity = plus(position.boughtQuantity, net);
  const next = {
    ...position,
    boughtQuantity,
    quantity: minus(boughtQuantity, position.soldQuantity),
    entryCost: plus(position.entryCost, notionalOf(fill.price, net)),
    entryPrice: averagePrice(
      plus(order.filledNotional, notionalOf(fill.price, fill.quantity)),
      plus(order.filledQuantity, fill.quantity),
    ),
    fees: plus(position.fees, fill.feeInQuote),
  };
  return isZero(position.soldQuantity) ? next : { ...next, realizedPnl: profitOf(next) };
}

/** The mirror of `bought`: a fill that was not final did not come to be. */
export function unbought(position: Position, order: BookedOrder, fill: FactOf<"fill_reversed">): Position {
  const net = isBaseFee(order, fill) ? minus(fill.quantity, fill.fee as string as Quantity) : fill.quantity;
  const boughtQuantity = minus(position.boughtQuantity, net);
  const left = minus(order.filledQuantity, fill.quantity);
  const next = {
    ...position,
    boughtQuantity,
    quantity: minus(boughtQuantity, position.soldQuantity),
    entryCost: minus(position.entryCost, notionalOf(fill.price, net)),
    entryPrice: isPositive(left)
      ? averagePrice(minus(order.filledNotional, notionalOf(fill.price, fill.quantity)), left)
      : null,
    fees: minus(position.fees, fill.feeInQuote),
  };
  return isZero(position.soldQuantity) ? next : { ...next, realizedPnl: profitOf(next) };
}

export function sold(position: Position, order: BookedOrder, fill: FactOf<"fill_received">): Position {
  // A sale that pays its fee in base leaves less of what was bought.
  const feeInBase = isBaseFee(order, fill) ? (fill.fee as string as Quantity) : zeroQuantity;
  const grown = {
    ...position,
    boughtQuantity: minus(position.boughtQuantity, feeInBase),
    entryCost: minus(position.entryCost, notionalOf(fill.price, feeInBase)),
    soldQuantity: plus(position.soldQuantity, fill.quantity),
    exitProceeds: plus(position.exitProceeds, notionalOf(fill.price, fill.quantity)),
    fees: plus(position.fees, fill.feeInQuote),
  };
  return { ...grown, quantity: minus(grown.boughtQuantity, grown.soldQuantity), realizedPnl: profitOf(grown) };
}

/** The mirror of `sold`. */
export function unsold(position: Position, order: BookedOrder, fill: FactOf<"fill_reversed">): Position {
  const feeInBase = isBaseFee(order, fill) ? (fill.fee as string as Quantity) : zeroQuantity;
  const shrunk = {
    ...position,
    boughtQuantity: plus(position.boughtQuantity, feeInBase),
    entryCost: plus(position.entryCost, notionalOf(fill.price, feeInBase)),
    soldQuantity: minus(position.soldQuantity, fill.quantity),
    exitProceeds: minus(position.exitProceeds, notionalOf(fill.price, fill.quantity)),
    fees: minus(position.fees, fill.feeInQuote),
  };
  const realizedPnl = isZero(shrunk.soldQuantity) ? zeroNotional : profitOf(shrunk);
  return { ...shrunk, quantity: minus(shrunk.boughtQuantity, shrunk.soldQuantity), realizedPnl };
}

/** Coins that left by a transfer take their share of the cost with them; nothing was earned by it. */
export function reduced(position: Position, fact: FactOf<"position_reduced">): Position {
  const boughtQuantity = minus(position.boughtQuantity, fact.quantity);
  const cost = position.entryPrice === null ? zeroNotional : notionalOf(position.entryPrice, fact.quantity);
  return {
    ...position,
    boughtQuantity,
    quantity: minus(boughtQuantity, position.soldQuantity),
    entryCost: minus(position.entryCost, cost),
  };
}
