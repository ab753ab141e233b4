/** What is ours, how much of it is to be sold, and at which price: pure, and the only place where the emergency process decides. */
import { epochOfClientOrderId } from "./client_order_id.ts";
import { leftAfter } from "./emergency_claim.ts";
import { exitLadderBps, exitLimit } from "./exit_plan.ts";
import { type Instrument, symbolOf } from "./instrument.ts";
import type { Lifeline } from "./lifeline.ts";
import {
  compare,
  floorToStep,
  isAtLeast,
  isLess,
  isPositive,
  notionalOf,
  type Price,
  type Quantity,
  smallest,
  zeroNotional,
} from "./money.ts";

export type OpenOrder = {
  readonly kind: "limit" | "stop_limit" | "oco";
  readonly symbol: string;
  readonly venueOrderId: string;
  readonly clientOrderId: string | null;
  readonly side: "buy" | "sell";
  /** What of it has not traded. */
  readonly quantity: Quantity;
};

/** What a cancel came to. Only the first says what became of the order: an order that is gone may have traded. */
export type CancelEnd =
  | {
      readonly kind: "canceled";
      /** What it did not trade, and no longer holds. */
      readonly freed: Quantity;
      /** Traded in its whole life. */
      readonly traded: Quantity;
    }
  | { readonly kind: "gone" };

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

/** On a dedicated account everything is ours; else what carries our name, is in the last snapshot, or is what a stop of it became. */
export function isOwned(
  order: OpenOrder,
  known: {
    readonly lifeline: Lifeline | null;
    readonly isDedicated: boolean;
    readonly children: ReadonlySet<string>;
  },
): boolean {
  if (known.isDedicated) return true;
  const { clientOrderId, venueOrderId } = order;
  if (known.children.has(venueOrderId)) return true;
  if (clientOrderId !== null && epochOfClientOrderId(clientOrderId) !== null) return true;
  return (known.lifeline?.orders ?? []).some(
    (one) =>
      one.clientOrderId === clientOrderId ||
      one.venueOrderId === venueOrderId ||
      one.children?.includes(venueOrderId) === true,
  );
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

/** One position's part of what is sold of an instrument; null = no position of the snapshot. */
export type Part = { readonly position: Lifeline["positions"][number] | null; readonly quantity: Quantity };

/** Each position's own, so that the books of the house can take each sale in; what is beyond them goes with the last. */
export function partsOf(lifeline: Lifeline | null, symbol: string, owned: Quantity): readonly Part[] {
  const held = (lifeline?.positions ?? []).filter((position) => symbolOf(position.instrumentId) === symbol);
  if (held.length === 0) return [{ position: null, quantity: owned }];
  let left = owned;
  const parts = held.map((position, index) => {
    const quantity = index === held.length - 1 ? left : smallest(left, position.quantity);
    left = leftAfter(left, quantity);
    return { position, quantity };
  });
  return parts.filter((part) => isPositive(part.quantity));
}

/** Whether so little of it is dust, whatever is bid: told, it would only keep people busy. */
export function isWorthSelling(instrument: Instrument, left: Quantity, bid: Price | null): boolean {
  if (bid !== null) return nextSale(instrument, left, { bid, tries: 0 }) !== null;
  const quantity = floorToStep(left, instrument.stepSize);
  return isPositive(quantity) && isAtLeast(quantity, instrument.quantityMin);
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
