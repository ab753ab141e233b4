/**
 * The order that a fired stop or OCO became. KuCoin does not document how the two are linked, so three ways are tried,
 * the surest first, and a likeness counts only when it is the only one:
 *
 *   1. an order with the client id of its parent
 *   2. the order that the stop names as related
 *   3. the one order of the same side, size and price, made since the trigger, with no client id of another decision of ours
 */

import { epochOfClientOrderId } from "../../core/client_order_id.ts";
import type { Side } from "../../core/instrument.ts";
import type { Price, Quantity } from "../../core/money.ts";
import { fail, ok } from "../../core/result.ts";
import { addMs, type Instant } from "../../core/time.ts";
import type { Read } from "../../ports/venue.ts";
import { type KucoinParts, venueName } from "./parts.ts";
import { readActive, readById, readDone, readHfOrder } from "./questions.ts";
import type { HfOrder } from "./wire.ts";

export type Parent = {
  readonly instrumentId: string;
  readonly clientOrderId: string;
  readonly relatedId: string | null;
  readonly shape: {
    readonly side: Side;
    readonly size: Quantity;
    readonly prices: readonly (Price | null)[];
    readonly since: Instant;
  } | null;
};

export async function findChild(parts: KucoinParts, parent: Parent): Promise<Read<HfOrder | null>> {
  const named = await readHfOrder(parts, parent.instrumentId, parent.clientOrderId);
  if (!named.ok || named.value !== null) return named;
  if (parent.relatedId !== null) {
    const related = await readById(parts, parent.instrumentId, parent.relatedId);
    if (!related.ok || related.value !== null) return related;
  }
  return parent.shape === null ? ok(null) : await findAlike(parts, parent, parent.shape);
}

async function findAlike(
  parts: KucoinParts,
  parent: Parent,
  shape: NonNullable<Parent["shape"]>,
): Promise<Read<HfOrder | null>> {
  const active = await readActive(parts, parent.instrumentId);
  if (!active.ok) return active;
  const done = await readDone(parts, parent.instrumentId, addMs(shape.since, -1_000));
  if (!done.ok) return done;
  const alike = [...active.value, ...done.value].filter(
    (order) =>
      order.side === shape.side &&
      order.size === shape.size &&
      shape.prices.includes(order.price ?? null) &&
      order.createdAt >= shape.since - 1_000 &&
      (order.clientOid == null || epochOfClientOrderId(order.clientOid) === null),
  );
  if (new Set(alike.map((order) => order.id)).size <= 1) return ok(alike[0] ?? null);
  const because = "several orders could be what it became; a person has to look at KuCoin's order history";
  return fail({
    kind: "unavailable",
    venue: venueName,
    what: `the order of stop ${parent.clientOrderId}`,
    because,
    retryAfterMs: null,
  });
}
