/** Fills on what we hold that no order of ours made: sold by a person, or by the venue itself. */
import type { BookedOrder } from "./books_orders.ts";
import { ownerOf } from "./identity.ts";
import { isPositive } from "./money.ts";
import type { Position } from "./position.ts";
import type { Planning } from "./reconcile_plan.ts";
import type { SeenFill } from "./snapshot.ts";
import { addMs, between } from "./time.ts";

/** Every name under which the venue knows these orders. */
export function namesOf(orders: readonly BookedOrder[]): ReadonlySet<string> {
  return new Set(
    orders.flatMap((order) =>
      [order.clientOrderId, order.venueOrderId, ...order.childOrderIds].filter((name) => name !== null),
    ),
  );
}

/** Older than this, a sale has been counted or was of somebody's own coins. */
const externalMaxMs = 3_600_000;

export function nobodysSales({ books, snapshot, times }: Planning, position: Position): readonly SeenFill[] {
  if (!isPositive(position.quantity) || position.openedAt === null) return [];
  const orders = Object.values(books.orders);
  const ours = namesOf(orders.filter((order) => order.origin !== "external"));
  const booked = new Set(orders.flatMap((order) => order.fillIds));
  // An order of ours whose record was lost brings its own fills when it is adopted.
  const adoptable = new Set(
    (snapshot.open[position.instrumentId] ?? [])
      .filter((one) => ownerOf(one.clientOrderId, books.house.epoch).whose !== "foreign")
      .map((one) => one.venueOrderId),
  );
  const since = addMs(position.openedAt, -1_000);
  return (snapshot.fills[position.instrumentId] ?? []).filter(
    (fill) =>
      fill.side === "sell" &&
      fill.filledAt >= since &&
      between(fill.filledAt, times.at) <= externalMaxMs &&
      !ours.has(fill.venueOrderId) &&
      !adoptable.has(fill.venueOrderId) &&
      !booked.has(fill.venueFillId),
  );
}
