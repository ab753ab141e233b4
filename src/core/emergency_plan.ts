/** What is ours, how much of it is to be sold, and at which price: pure, and the only place where the emergency process decides. */
import { epochOfClientOrderId } from "./client_order_id.ts";
import { exitLadderBps, exitLimit } from "./exit_plan.ts";
import { type Instrument, symbolOf } from "./instrument.ts";
import type { Lifeline } from "./lifeline.ts";
import {
  compare,
  floorToStep,
  isAtLeast,
  isLess,
  isPositive,
  largest,
  minus,
  notionalOf,
  type Price,
  plus,
  type Quantity,
  smallest,
  zeroNotional,
  zeroQuantity,
} from "./money.ts";

export type OpenOrder = {
  readonly kind: "limit" | "stop_limit" | "oco";
  readonly symbol: string;
  readonly venueOrderId: string;
  readonly clientOrderId: string | null;
  readonly side: "buy" | "sell";
  readonly quantity: Quantity;
};

export type Sale = {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly quantity: Quantity;
  readonly limitPrice: Price;
  /** Venue time, ms, with which the exchange judges whether it came in time. */
  readonly stampedAt: number;
};

export type SaleState =
  | { readonly kind: "working" | "ended"; readonly sold: Quantity }
  | { readonly kind: "refused"; readonly because: string }
  | { readonly kind: "unknown"; readonly because: string }
  | { readonly kind: "absent" };

/** On a dedicated account everything is ours; else what carries our name, or is in the last snapshot of the house. */
export function isOwned(
  order: OpenOrder,
  known: { readonly lifeline: Lifeline | null; readonly isDedicated: boolean },
): boolean {
  if (known.isDedicated) return true;
  const { clientOrderId, venueOrderId } = order;
  if (clientOrderId !== null && epochOfClientOrderId(clientOrderId) !== null) return true;
  return (known.lifeline?.orders ?? []).some(
    (one) => one.clientOrderId === clientOrderId || one.venueOrderId === venueOrderId,
  );
}

export type Holding = { readonly free: Quantity; readonly held: Quantity };

/** What the account did in one instrument since the snapshot, as the exchange tells it. Units: base asset. */
export type Traded = {
  readonly boughtByUs: Quantity;
  readonly soldByUs: Quantity;
  /** By orders without a name of ours: what the exchange made of our stops when they fired, and sales of other people. */
  readonly soldByOthers: Quantity;
};

export const nothingTraded: Traded = {
  boughtByUs: zeroQuantity,
  soldByUs: zeroQuantity,
  soldByOthers: zeroQuantity,
};

/**
 * How much of one instrument is ours to sell. On a shared account never more than the snapshot and what traded since, or our
 * own resting sales, prove, and never more than is there: coins of somebody else are not touched. Where a stop of ours was,
 * a sale without a name counts as its: too little sold is told and can be sold by hand, too much cannot be taken back.
 */
export function ownedQuantity(about: {
  readonly symbol: string;
  readonly holding: Holding;
  readonly ownSells: readonly OpenOrder[];
  readonly traded: Traded;
  readonly lifeline: Lifeline | null;
  readonly isDedicated: boolean;
}): Quantity {
  const { symbol, lifeline, ownSells, traded } = about;
  const there = plus(about.holding.free, about.holding.held);
  if (about.isDedicated) return there;
  const held = (lifeline?.positions ?? []).filter((position) => symbolOf(position.instrumentId) === symbol);
  const told = held.reduce((sum, position) => plus(sum, position.quantity), traded.boughtByUs);
  const resting = ownSells.reduce((sum, order) => plus(sum, order.quantity), zeroQuantity);
  const hadStop =
    resting !== zeroQuantity ||
    held.some((position) => position.protection === "placed") ||
    (lifeline?.orders ?? []).some((order) => order.leg === "protect" && symbolOf(order.instrumentId) === symbol);
  const sold = hadStop ? plus(traded.soldByUs, traded.soldByOthers) : traded.soldByUs;
  return smallest(there, leftAfter(largest(told, resting), sold));
}

/** What of it is still ours once its resting sales are canceled: one of them may have traded before the cancel came. */
export function ownedAfterCancel(
  before: { readonly quantity: Quantity; readonly traded: Traded },
  now: { readonly traded: Traded; readonly there: Quantity },
): Quantity {
  const all = ({ soldByUs, soldByOthers }: Traded) => plus(soldByUs, soldByOthers);
  return smallest(now.there, leftAfter(before.quantity, leftAfter(all(now.traded), all(before.traded))));
}

/** Sales of an earlier run that were written down and whose end was not: one of them may still be on its way. */
export function unsettledSales(
  lines: readonly { readonly step: string; readonly about: Readonly<Record<string, string>> }[],
): readonly { readonly symbol: string; readonly clientOrderId: string }[] {
  const settled = new Set(
    lines.filter(({ step }) => step === "sold" || step === "refused").map(({ about }) => about["clientOrderId"]),
  );
  return lines
    .filter(({ step, about }) => step === "selling" && !settled.has(about["clientOrderId"]))
    .map(({ about }) => ({ symbol: about["symbol"] ?? "", clientOrderId: about["clientOrderId"] ?? "" }));
}

export type Target = {
  readonly instrument: Instrument;
  readonly quantity: Quantity;
  readonly isProtected: boolean;
  readonly bid: Price | null;
  /** What had traded when the quantity was decided. */
  readonly traded: Traded;
};

/** What has no stop first, then what is worth most; the name decides between equals. */
export function byRisk(targets: readonly Target[]): readonly Target[] {
  const worth = ({ bid, quantity }: Target) => (bid === null ? zeroNotional : notionalOf(bid, quantity));
  return [...targets].sort(
    (left, right) =>
      Number(left.isProtected) - Number(right.isProtected) ||
      compare(worth(right), worth(left)) ||
      left.instrument.symbol.localeCompare(right.instrument.symbol),
  );
}

/** The next rung of the ladder for what is left; null = what is left is too small to sell. */
export function nextSale(
  instrument: Instrument,
  left: Quantity,
  at: { readonly bid: Price; readonly tries: number },
): { readonly quantity: Quantity; readonly limitPrice: Price } | null {
  const quantity = floorToStep(left, instrument.stepSize);
  const isTooSmall =
    !isPositive(quantity) ||
    isLess(quantity, instrument.quantityMin) ||
    isLess(notionalOf(at.bid, quantity), instrument.notionalMin);
  if (isTooSmall) return null;
  const collar = exitLadderBps[Math.min(at.tries, exitLadderBps.length - 1)] ?? 500;
  const limit = exitLimit(at.bid, collar, instrument);
  // The venue applies its minimum at the limit.
  return { quantity, limitPrice: isAtLeast(notionalOf(limit, quantity), instrument.notionalMin) ? limit : at.bid };
}

export const leftAfter = (left: Quantity, sold: Quantity): Quantity =>
  isAtLeast(sold, left) ? zeroQuantity : minus(left, sold);
