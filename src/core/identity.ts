/**
 * Whose order is it, and is it the one that we sent? A name alone proves little: some venues let a name be used again, and
 * an old order of the same name must never be taken for a new one.
 */
import type { BookedOrder } from "./books_orders.ts";
import { epochOfClientOrderId } from "./client_order_id.ts";
import { mark } from "./mark.ts";
import { compare } from "./money.ts";
import type { OrderState } from "./order.ts";
import type { SeenOrder } from "./snapshot.ts";
import { isoTime } from "./time.ts";

/** The venue may have stamped it this much before us: two clocks, of which ours was measured. */
const createdBeforeMaxMs = 1_000;

/** An order with our id but another side, size, instrument or age is not the one we sent. @returns null when it is. */
export function identityProblem(order: BookedOrder, seen: SeenOrder): string | null {
  const { intent } = order;
  if (seen.clientOrderId !== null && seen.clientOrderId !== order.clientOrderId)
    return `the venue shows client id ${seen.clientOrderId}`;
  if (seen.side !== intent.side) return `the venue shows a ${seen.side}`;
  if (seen.instrumentId !== intent.instrumentId) return `the venue shows ${seen.instrumentId}`;
  if (compare(seen.quantity, intent.quantity) !== 0)
    return `the venue shows quantity ${seen.quantity}, ours was ${intent.quantity}`;
  if (order.stampedAt !== null && seen.createdAt !== null && seen.createdAt < order.stampedAt - createdBeforeMaxMs) {
    mark("V09.namesake");
    return `the venue's was created at ${isoTime(seen.createdAt)}, before ours was stamped at ${isoTime(order.stampedAt)}`;
  }
  return null;
}

/** States in which nobody has shown yet that what bears the name at the venue is the order that we sent. */
const unproven: ReadonlySet<OrderState> = new Set(["sending", "unknown", "rejected", "abandoned", "absent", "lost"]);

/** Something at the venue bears the name of this order and is not known to be it: nothing of it is booked, nor canceled. */
export function isNamesake(order: BookedOrder, seen: SeenOrder | null): boolean {
  return seen !== null && unproven.has(order.state) && identityProblem(order, seen) !== null;
}

export type Owner =
  | { readonly whose: "ours"; readonly epoch: number }
  /** Our prefix under an epoch that we never had: somebody else trades as us. */
  | { readonly whose: "newer"; readonly epoch: number }
  | { readonly whose: "foreign" };

export function ownerOf(clientOrderId: string | null, ourEpoch: number): Owner {
  const epoch = clientOrderId === null ? null : epochOfClientOrderId(clientOrderId);
  if (epoch === null) return { whose: "foreign" };
  return { whose: epoch > ourEpoch ? "newer" : "ours", epoch };
}
