/** Rows 1 to 15: our orders, one by one, against what the venue shows of them. */
import { absorb } from "./absorb.ts";
import type { BookedOrder } from "./books_orders.ts";
import { isPastArrival, isProvenAbsent } from "./doubt.ts";
import { identityProblem } from "./identity.ts";
import { mark } from "./mark.ts";
import { isAtLeast, isLess, isMore, minus, plus } from "./money.ts";
import { mayStillTrade } from "./order.ts";
import type { PlanItem, Planning, Wish } from "./reconcile_plan.ts";
import { matrix, quietMs, type Row } from "./reconcile_rows.ts";
import type { SeenFill, SeenOrder } from "./snapshot.ts";
import { between } from "./time.ts";

/** Longer than any sender waits between deciding and arming. */
const abandonedAfterMs = 5_000;
/** Longer than the wire is waited for. */
const sendingMaxMs = 10_000;

type Look = {
  readonly order: BookedOrder;
  readonly seen: SeenOrder | null;
  /** The venue was asked by name and knows none. */
  readonly isDenied: boolean;
  readonly fills: readonly SeenFill[];
};

export function planOrders(planning: Planning): readonly PlanItem[] {
  return Object.values(planning.books.orders).flatMap((order) => {
    const look = lookAt(planning, order);
    return look === null ? intentItem(planning, order) : itemsOf(planning, look);
  });
}

/** @returns null when its instrument could not be read: nothing is concluded from that. */
function lookAt({ snapshot }: Planning, order: BookedOrder): Look | null {
  const { instrumentId } = order.intent;
  const open = snapshot.open[instrumentId];
  const fills = snapshot.fills[instrumentId];
  if (open == null || fills == null) return null;
  const named = snapshot.byName[order.clientOrderId];
  if (named === "failed") return null;
  const names = new Set([order.clientOrderId, order.venueOrderId].filter((name) => name !== null));
  const listed = open.find((one) => names.has(one.clientOrderId ?? "") || names.has(one.venueOrderId)) ?? null;
  return { order, seen: named ?? listed, isDenied: named === null && listed === null, fills };
}

/** A sale of ours that the venue denies just now may be the very one that its list shows under a name we don't know. */
export function isSaleOutOfSight(planning: Planning, instrumentId: string): boolean {
  return Object.values(planning.books.orders).some(
    (order) =>
      order.intent.instrumentId === instrumentId &&
      order.intent.side === "sell" &&
      mayStillTrade(order.state) &&
      lookAt(planning, order)?.isDenied === true,
  );
}

const intentItem = (planning: Planning, order: BookedOrder): readonly PlanItem[] =>
  order.state === "intent" ? itemsOf(planning, { order, seen: null, isDenied: false, fills: [] }) : [];

function itemsOf(planning: Planning, look: Look): readonly PlanItem[] {
  const { order, seen } = look;
  const age = between(order.changedAt, planning.times.wallAt);
  switch (order.state) {
    case "intent":
      return age > abandonedAfterMs
        ? [{ row: 1, about: order.clientOrderId, wish: null, does: "drop", clientOrderId: order.clientOrderId }]
        : [];
    case "sending":
    case "unknown":
      return order.state === "sending" && age <= sendingMaxMs ? [] : doubtful(planning, look);
    case "open":
    case "partial":
      return seen === null ? missing(planning, look) : working(planning, look, seen);
    case "cancel_pending":
    case "cancel_unknown":
      return seen === null ? missing(planning, look) : absorbItem(planning, look, 13);
    default:
      return ended(planning, look);
  }
}

function doubtful(planning: Planning, look: Look): readonly PlanItem[] {
  const { order, seen } = look;
  const { clientOrderId } = order;
  const ask: Wish = { do: "ask", clientOrderId };
  if (seen !== null) {
    return identityProblem(order, seen) === null
      ? absorbItem(planning, look, 2)
      : [{ row: 3, about: clientOrderId, wish: ask, does: "wish" }];
  }
  const { times, snapshot, rules } = planning;
  const isPast = isPastArrival(order, rules, { wallAt: times.wallAt, venueAt: snapshot.venueAt });
  if (isPast && isProvenAbsent(order, times.wallAt, planning.context.absentSpanMs?.(order)))
    return [{ row: 5, about: clientOrderId, wish: null, does: "end_absent", clientOrderId }];
  return [{ row: 4, about: clientOrderId, wish: ask, does: "wish" }];
}

function working(planning: Planning, look: Look, seen: SeenOrder): readonly PlanItem[] {
  const { order } = look;
  const { clientOrderId, intent } = order;
  if (isLess(seen.filledQuantity, order.filledQuantity)) {
    if (order.suspectedBecause !== undefined || !isSure(planning, 8, look)) return [];
    const numbers = { ours: order.filledQuantity, theirs: seen.filledQuantity };
    return [{ row: 8, about: clientOrderId, wish: null, does: "suspect", clientOrderId, ...numbers }];
  }
  if (seen.state === "filled") return filledItem(planning, look, 9);
  if (seen.state === "open")
    return isMore(seen.filledQuantity, order.filledQuantity) || seen.hasTriggered
      ? filledItem(planning, look, 7)
      : absorbItem(planning, look, 6);
  const isOthers = intent.leg === "protect" && seen.state === "canceled";
  return filledItem(planning, look, isOthers ? 11 : 10);
}

/** Where the list of fills is behind the order for two snapshots, what is missing is booked provisionally. */
function filledItem(planning: Planning, look: Look, row: 7 | 9 | 10 | 11): readonly PlanItem[] {
  const { order, seen } = look;
  const listed = absorbed(planning, look, false);
  const isBehind = seen !== null && !isAtLeast(listed.filled, seen.filledQuantity);
  const mayProvision = isBehind && planning.sure.confirm(row, keyOf(order, "fills"), 2);
  return absorbItem(planning, look, row, mayProvision);
}

function missing(planning: Planning, look: Look): readonly PlanItem[] {
  const { order, isDenied } = look;
  const { clientOrderId } = order;
  const ask: Wish = { do: "ask", clientOrderId };
  // Its fills may be listed while it is in no list any more.
  const late = absorbItem(planning, look, 12);
  if (late.length > 0) return late;
  if (!isDenied) return [{ row: 12, about: clientOrderId, wish: ask, does: "wish" }];
  return isSure(planning, 12, look)
    ? [{ row: 12, about: clientOrderId, wish: null, does: "doubt", clientOrderId }]
    : [{ row: 12, about: clientOrderId, wish: ask, does: "wish" }];
}

function ended(planning: Planning, look: Look): readonly PlanItem[] {
  const { order, seen } = look;
  // One that was given up or proven absent may have no other name than ours: what it did is found through the order itself.
  const mayBeNamed = order.state === "lost" || order.state === "absent";
  const isNamed = mayBeNamed && seen !== null && identityProblem(order, seen) === null;
  const fills = absorbItem(planning, isNamed ? look : { ...look, seen: null }, 15);
  if (isNamed && fills.length > 0) mark(order.state === "lost" ? "V11.lost_and_found" : "V02.absent_and_found");
  if (fills.length > 0) return fills;
  const isLive = seen?.state === "open" && order.state !== "filled" && !mayStillTrade(order.state);
  if (!isLive || !isSure(planning, 14, look)) return [];
  return absorbItem(planning, look, 14);
}

function isSure({ sure, times }: Planning, row: Row, { order }: Look): boolean {
  const isQuiet = !matrix[row].isQuiet || between(order.changedAt, times.wallAt) >= quietMs;
  return isQuiet && sure.confirm(row, keyOf(order));
}

const keyOf = ({ intent, clientOrderId }: BookedOrder, what = "order"): string =>
  `${intent.instrumentId}|${clientOrderId}|${what}`;

/** Nothing new in it = no item. */
function absorbItem(planning: Planning, look: Look, row: Row, mayProvision = false): readonly PlanItem[] {
  const { order, seen, fills } = look;
  if (absorbed(planning, look, mayProvision).count === 0) return [];
  const { clientOrderId, tradeId } = order;
  const own = fills.filter((fill) => isOf(order, seen, fill));
  const wish: Wish = { do: "tend", positionId: tradeId };
  return [{ row, about: clientOrderId, wish, does: "absorb", clientOrderId, seen, fills: own, mayProvision }];
}

function isOf(order: BookedOrder, seen: SeenOrder | null, fill: SeenFill): boolean {
  const ids = [order.venueOrderId, seen?.venueOrderId, ...order.childOrderIds, ...(seen?.childOrderIds ?? [])];
  return ids.includes(fill.venueOrderId);
}

function absorbed({ books, context, times }: Planning, { order, seen, fills }: Look, mayProvision: boolean) {
  const told = absorb(books, order.clientOrderId, { order: seen, fills }, { ...context, ...times, mayProvision });
  const filled = told.reduce(
    (sum, { fact }) =>
      fact.type === "fill_received"
        ? plus(sum, fact.quantity)
        : fact.type === "fill_reversed"
          ? minus(sum, fact.quantity)
          : sum,
    order.filledQuantity,
  );
  return { count: told.length, filled };
}
