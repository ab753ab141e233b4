/**
 * Looks one order up, in the list where its kind lives, and follows a stop or OCO to the order that it became.
 *
 *   stop NEW ............................ open
 *   stop TRIGGERED, its order found ..... what that order is; its id is a child
 *   stop TRIGGERED, no order yet ........ open for 10 s (KuCoin's lists lag), then rejected (it could not pay)
 *   stop gone, its order found .......... what that order is
 *   nothing found ....................... null
 */
import { fail, ok } from "../../core/result.ts";
import type { OrderRef, Read, VenueOrder } from "../../ports/venue.ts";
import { findChild, type Parent } from "./children.ts";
import { type Fired, orderOfHf, orderOfOco, orderOfStop, stateOfHf } from "./orders.ts";
import { type KucoinParts, venueName } from "./parts.ts";
import { readHfOrder, readOcoDetail, readOcoId, readStop } from "./questions.ts";
import type { HfOrder, OcoDetail } from "./wire.ts";

const waiting = { child: null, state: "open", hasTriggered: false } as const satisfies Fired;
const takenBack = { child: null, state: "canceled", hasTriggered: false } as const satisfies Fired;
/** How long a fired stop may be without an order before we believe that none will come. */
const lagMs = 10_000;

export async function findOrder(parts: KucoinParts, ref: OrderRef): Promise<Read<VenueOrder | null>> {
  switch (ref.kind) {
    case "limit": {
      const found = await readHfOrder(parts, ref.instrumentId, ref.clientOrderId);
      return found.ok ? ok(found.value === null ? null : orderOfHf(found.value)) : found;
    }
    case "stop_limit":
      return await findStop(parts, ref);
    case "oco":
      return await findOco(parts, ref);
    default:
      return ref.kind satisfies never;
  }
}

async function findStop(parts: KucoinParts, ref: OrderRef): Promise<Read<VenueOrder | null>> {
  const found = await readStop(parts, ref);
  if (!found.ok) return found;
  const stop = found.value;
  if (stop?.status === "NEW") return ok(orderOfStop(stop, waiting));
  if (stop !== null && /^CANCEL/.test(stop.status)) return ok(orderOfStop(stop, takenBack));
  const parent: Parent = {
    instrumentId: ref.instrumentId,
    clientOrderId: ref.clientOrderId,
    relatedId: stop?.relatedNo ?? null,
    shape:
      stop === null
        ? null
        : {
            side: stop.side,
            size: stop.size,
            prices: [stop.price ?? null],
            since: stop.stopTriggerTime ?? stop.createdAt,
          },
  };
  const child = await findChild(parts, parent);
  if (!child.ok) return child;
  if (stop === null) return ok(child.value === null ? null : orphanOf(ref, child.value));
  return ok(orderOfStop(stop, firedOf(parts, child.value, stop.stopTriggerTime ?? null)));
}

async function findOco(parts: KucoinParts, ref: OrderRef): Promise<Read<VenueOrder | null>> {
  const found = await readPair(parts, ref);
  if (!found.ok) return found;
  const oco = found.value;
  if (oco === null) return await findOrphan(parts, ref);
  if (oco.status === "NEW") return ok(orderOfOco(oco, waiting));
  if (/^CANCEL/.test(oco.status)) return ok(orderOfOco(oco, takenBack));
  const arm = oco.orders[0];
  const child = await findChild(parts, {
    instrumentId: ref.instrumentId,
    clientOrderId: ref.clientOrderId,
    relatedId: null,
    shape:
      arm === undefined
        ? null
        : { side: arm.side, size: arm.size, prices: oco.orders.map((each) => each.price), since: oco.orderTime },
  });
  if (!child.ok) return child;
  // DONE without an order: the arm fired and its order was refused. TRIGGERED without one: it may still appear.
  const fired = child.value === null && oco.status === "DONE" ? refused : firedOf(parts, child.value, null);
  return ok(orderOfOco(oco, fired));
}

/** KuCoin may have forgotten a fired pair while the order that it became still tells under its name. */
async function findOrphan(parts: KucoinParts, ref: OrderRef): Promise<Read<VenueOrder | null>> {
  const { instrumentId, clientOrderId } = ref;
  const child = await findChild(parts, { instrumentId, clientOrderId, relatedId: null, shape: null });
  if (!child.ok) return child;
  return ok(child.value === null ? null : orphanOf(ref, child.value));
}

/** With KuCoin's own id the pair is one question away; without it, or where that shows no pair of our name, the name is asked for. */
async function readPair(parts: KucoinParts, ref: OrderRef): Promise<Read<OcoDetail | null>> {
  if (ref.venueOrderId !== null) {
    const known = await readOcoDetail(parts, ref.venueOrderId);
    if (!known.ok || known.value?.clientOid === ref.clientOrderId) return known;
  }
  const named = await readOcoId(parts, ref);
  if (!named.ok) return named;
  if (named.value === null) return ok(null);
  const detail = await readOcoDetail(parts, named.value);
  if (!detail.ok || detail.value !== null) return detail;
  const because = "KuCoin knows the pair but not its arms";
  return fail({ kind: "unavailable", venue: venueName, what: `OCO ${ref.clientOrderId}`, because, retryAfterMs: null });
}

const refused = { child: null, state: "rejected", hasTriggered: true } as const satisfies Fired;

function firedOf(parts: KucoinParts, child: HfOrder | null, triggeredAt: number | null): Fired {
  if (child !== null) return { child, state: stateOfHf(child), hasTriggered: true };
  const venueNow = parts.clock.now() + parts.offset.ms;
  return triggeredAt !== null && venueNow - triggeredAt > lagMs
    ? refused
    : { child: null, state: "open", hasTriggered: true };
}

/** What remains of a stop or a pair that KuCoin has forgotten is its order. */
function orphanOf(ref: OrderRef, child: HfOrder): VenueOrder {
  const order = orderOfHf(child);
  return {
    ...order,
    clientOrderId: ref.clientOrderId,
    venueOrderId: ref.venueOrderId ?? child.id,
    kind: ref.kind,
    hasTriggered: true,
    childOrderIds: [child.id],
  };
}
