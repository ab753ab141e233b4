/** Fills on what we hold that no order of ours made: sold by a person, or by the venue itself. */
import type { Books } from "./books.ts";
import type { BookedOrder } from "./books_orders.ts";
import { ownerOf } from "./identity.ts";
import {
  compare,
  isPositive,
  minus,
  type Quantity,
  quantity,
  ratioBetween,
  scale,
  sum,
  zeroQuantity,
} from "./money.ts";
import type { Position } from "./position.ts";
import type { Planning } from "./reconcile_plan.ts";
import type { SeenFill } from "./snapshot.ts";
import { addMs, between, type Instant, instant } from "./time.ts";

/** Every name under which the venue knows these orders. */
export function namesOf(orders: readonly BookedOrder[]): ReadonlySet<string> {
  return new Set(
    orders.flatMap((order) =>
      [order.clientOrderId, order.venueOrderId, ...order.childOrderIds].filter((name) => name !== null),
    ),
  );
}

/** Where nothing was missing, a sale older than this has been counted or was of somebody's own coins. */
const externalMaxMs = 3_600_000;
/** A sale may be listed this much after the comparison that did not know of it yet. */
const listedLateMs = 60_000;

/**
 * Sales from here on may be of what we hold: an hour back, or as far as the last comparison that left nothing open. That one
 * may be long ago: nobody looked while the house was down or the venue was silent.
 * @param comparedAt house time of that comparison; absent or null = none in this life.
 */
export function salesSince({ house }: Books, at: Instant, comparedAt?: Instant | null): Instant {
  const compared = comparedAt ?? house.comparedUntil ?? at;
  return addMs(at, -Math.max(externalMaxMs, between(compared, at) + listedLateMs));
}

/** What of a sale is not booked yet: one sale by hand may have emptied several positions. */
export function leftOf(books: Books, fill: SeenFill): Quantity {
  const takers = Object.values(books.orders).filter((order) => order.fillIds.includes(fill.venueFillId));
  const parts = takers.map((order) => {
    const [, part] = (order.fillNumbers?.[fill.venueFillId] ?? "").split("|");
    return order.origin !== "external" || part === undefined ? fill.quantity : quantity(part);
  });
  const left = minus(fill.quantity, sum(parts, zeroQuantity));
  return isPositive(left) ? left : zeroQuantity;
}

/** A part of a fill, with its share of the fee. */
export function partOf(fill: SeenFill, part: Quantity): SeenFill {
  if (compare(part, fill.quantity) === 0) return fill;
  return { ...fill, quantity: part, fee: scale(fill.fee, ratioBetween(part, fill.quantity)) };
}

/** Venue time of the first of its fills, which may have come to be known seconds after it happened; a second of grace. */
function boughtAt(orders: readonly BookedOrder[], positionId: string, openedAt: Instant): Instant {
  const entries = orders.filter((order) => order.tradeId === positionId && order.intent.leg === "entry");
  // One that was taken back keeps its numbers; it bought nothing.
  const fills = entries.flatMap((order) => order.fillIds.map((id) => order.fillNumbers?.[id] ?? ""));
  const times = fills.map((numbers) => Number(numbers.split("|")[2])).filter(Number.isFinite);
  return addMs(times.length === 0 ? openedAt : instant(Math.min(...times)), -1_000);
}

export function nobodysSales(
  { books, snapshot, times, comparedAt }: Planning,
  position: Position,
): readonly SeenFill[] {
  if (!isPositive(position.quantity) || position.openedAt === null) return [];
  const orders = Object.values(books.orders);
  const ours = namesOf(orders.filter((order) => order.origin !== "external"));
  const own = new Set(orders.flatMap((order) => (order.tradeId === position.positionId ? order.fillIds : [])));
  // An order of ours whose record was lost brings its own fills when it is adopted.
  const adoptable = new Set(
    (snapshot.open[position.instrumentId] ?? [])
      .filter((one) => ownerOf(one.clientOrderId, books.house.epoch).whose !== "foreign")
      .map((one) => one.venueOrderId),
  );
  const since = Math.max(
    boughtAt(orders, position.positionId, position.openedAt),
    salesSince(books, times.at, comparedAt),
  );
  return (snapshot.fills[position.instrumentId] ?? []).filter(
    (fill) =>
      fill.side === "sell" &&
      fill.filledAt >= since &&
      !ours.has(fill.venueOrderId) &&
      !adoptable.has(fill.venueOrderId) &&
      !own.has(fill.venueFillId) &&
      isPositive(leftOf(books, fill)),
  );
}
