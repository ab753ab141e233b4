/** The part of the books about positions: what our orders and their fills made of the market's promises. */
import type { Books } from "./books.ts";
import type { BookedOrder } from "./books_orders.ts";
import type { FactOf, FactType, Recorded } from "./events.ts";
import { isAtLeast, isPositive, isZero, plus, zeroNotional, zeroQuantity } from "./money.ts";
import { mayStillTrade } from "./order.ts";
import type { Position } from "./position.ts";
import { bought, reduced, sold, unbought, unsold } from "./position_money.ts";
import { reopenedByFill, returnOf, stepped, withExitFact } from "./position_steps.ts";
import { trailAfter } from "./trail.ts";

type Positions = Readonly<Record<string, Position>>;

export function evolvePositions(books: Books, recorded: Recorded): Positions {
  const { fact } = recorded;
  const { positions } = books;
  if (fact.type === "order_intended") return withLeg(positions, fact, recorded);
  if (fact.type === "order_adopted") return withAdopted(books, fact);
  if (fact.type === "breaker_closed" && fact.cause === "stop_lost") return withStopsAgain(positions, fact.scope);
  // Asked first: a fact about a position may name the order that it is about.
  if ("positionId" in fact) {
    const position = positions[fact.positionId];
    return position === undefined ? positions : put(positions, position, afterPositionFact(position, recorded));
  }
  if (!("clientOrderId" in fact)) return positions;
  const order = books.orders[fact.clientOrderId];
  const position = order === undefined ? undefined : positions[order.tradeId];
  if (order === undefined || position === undefined) return positions;
  return put(positions, position, afterOrderFact(position, order, recorded));
}

function put(positions: Positions, old: Position, next: Position): Positions {
  if (next === old) return positions;
  return { ...positions, [old.positionId]: { ...next, trail: trailAfter(old, next.state) } };
}

function withLeg(
  positions: Positions,
  { intent, referencePrice }: FactOf<"order_intended">,
  { wallAt }: Recorded,
): Positions {
  const old = positions[intent.tradeId];
  if (intent.leg === "entry") {
    if (old !== undefined || intent.exitPlan === null) return positions;
    return { ...positions, [intent.tradeId]: opening(intent, intent.exitPlan, referencePrice) };
  }
  if (old === undefined) return positions;
  if (intent.leg === "protect") {
    return {
      ...positions,
      [intent.tradeId]: { ...old, protection: "placing", attempts: { ...old.attempts, protect: intent.attempt } },
    };
  }
  return put(positions, old, {
    ...stepped(old, "exit_sent"),
    intendedExitPrice: old.intendedExitPrice ?? referencePrice,
    unprotectedSince: old.unprotectedSince ?? wallAt,
    attempts: { ...old.attempts, exit: intent.attempt },
  });
}

/** An order that we did not decide asks for nothing: it has its place in the story, and its fills will count. */
function withAdopted({ positions, orders }: Books, fact: FactOf<"order_adopted">): Positions {
  const { intent, referencePrice } = fact;
  const old = positions[intent.tradeId];
  if (orders[fact.clientOrderId] !== undefined) return positions;
  if (old === undefined) {
    if (intent.leg !== "entry" || intent.exitPlan === null) return positions;
    return { ...positions, [intent.tradeId]: opening(intent, intent.exitPlan, referencePrice) };
  }
  if (intent.leg === "entry") return positions;
  const { protect, exit } = old.attempts;
  const attempts = intent.leg === "protect" ? { protect: intent.attempt, exit } : { protect, exit: intent.attempt };
  return { ...positions, [intent.tradeId]: { ...(intent.leg === "protect" ? placed(old) : old), attempts } };
}

/** A person has looked at why the stop kept disappearing: we may place one again. */
function withStopsAgain(positions: Positions, scope: string): Positions {
  const entries = Object.entries(positions).map(([id, position]) =>
    scope === `symbol:${position.instrumentId}` && position.stopsLostAt !== undefined
      ? ([id, { ...position, stopsLostAt: [] }] as const)
      : ([id, position] as const),
  );
  return entries.every(([id, position]) => positions[id] === position) ? positions : Object.fromEntries(entries);
}

function opening(
  intent: FactOf<"order_intended">["intent"],
  exitPlan: Position["exitPlan"],
  reference: Position["intendedEntryPrice"],
): Position {
  return {
    positionId: intent.tradeId,
    instrumentId: intent.instrumentId,
    account: intent.account,
    mode: intent.mode,
    strategy: intent.strategy,
    direction: "long",
    state: "entry",
    protection: "none",
    exitPlan,
    bestPrice: null,
    quantity: zeroQuantity,
    boughtQuantity: zeroQuantity,
    soldQuantity: zeroQuantity,
    entryCost: zeroNotional,
    entryPrice: null,
    exitProceeds: zeroNotional,
    fees: zeroNotional,
    realizedPnl: zeroNotional,
    intendedEntryPrice: reference,
    intendedExitPrice: null,
    exitFacts: [],
    exitReason: null,
    openedAt: null,
    unprotectedSince: null,
    closedAt: null,
    hasDust: false,
    attempts: { protect: 0, exit: 0 },
    protectionRefusals: 0,
  };
}

function afterOrderFact(position: Position, order: BookedOrder, recorded: Recorded): Position {
  const { fact, wallAt } = recorded;
  const { leg } = order.intent;
  if (fact.type === "fill_received") {
    if (order.fillIds.includes(fact.venueFillId)) return position;
    return leg === "entry" ? afterPurchase(position, order, fact, recorded) : afterSale(position, order, fact, wallAt);
  }
  if (fact.type === "fill_reversed") {
    if (!order.fillIds.includes(fact.venueFillId)) return position;
    if (leg === "entry") return unbought(position, order, fact);
    const unsettled = unsold(position, order, fact);
    return fact.supersededBy === null ? reopenedByFill(unsettled) : unsettled;
  }
  // Of a closed position only money is news.
  if (position.state === "closed" || leg === "entry") return position;
  return leg === "protect" ? afterProtectFact(position, order, recorded) : afterExitFact(position, recorded);
}

function afterProtectFact(position: Position, order: BookedOrder, recorded: Recorded): Position {
  const { fact, wallAt } = recorded;
  switch (fact.type) {
    case "order_acknowledged":
      return placed(position);
    case "order_found":
      // The venue may also show an order that has ended: its names are news, but nothing rests.
      return fact.venueState === "open" ? placed(position) : position;
    case "order_rejected":
    case "order_not_sent":
    case "order_dropped":
    case "order_absent":
    case "order_ended":
      return afterRefusal(unprotected(position, isRefusal(fact), wallAt), order, recorded);
    case "order_answer_lost":
      return { ...position, protection: "local_guard", unprotectedSince: position.unprotectedSince ?? wallAt };
    default:
      return position;
  }
}

/** "Too little balance" says that coins are missing, not that a stop is impossible: what is there is counted first. */
function isRefusal(fact: Recorded["fact"]): boolean {
  return fact.type === "order_rejected" && fact.reason !== "balance";
}

const exitEnds: ReadonlySet<FactType> = new Set([
  "order_rejected",
  "order_not_sent",
  "order_dropped",
  "order_absent",
  "order_ended",
]);

function afterExitFact(position: Position, { fact }: Recorded): Position {
  const isBack = exitEnds.has(fact.type) && position.state === "exit_pending";
  return isBack ? stepped(position, returnOf(position)) : position;
}

function placed(position: Position): Position {
  return { ...position, protection: "placed", unprotectedSince: null, protectionRefusals: 0 };
}

/** "It would trigger at once" is no refusal of the stop: the market is through it, so the stop has fired. */
function afterRefusal(position: Position, order: BookedOrder, { fact, at }: Recorded): Position {
  const hasFired =
    fact.type === "order_rejected" &&
    fact.reason === "would_trigger" &&
    !position.exitFacts.some((known) => known.kind === "stop");
  if (!hasFired || isZero(position.quantity)) return position;
  const observedPrice = "triggerPrice" in order.intent.shape ? order.intent.shape.triggerPrice : null;
  return withExitFact(position, { kind: "stop", observedPrice, at, source: "venue" });
}

function afterPurchase(
  position: Position,
  order: BookedOrder,
  fill: FactOf<"fill_received">,
  { at, wallAt }: Recorded,
): Position {
  return {
    ...bought(reopenedByFill(position), order, fill),
    bestPrice: position.bestPrice ?? fill.price,
    openedAt: position.openedAt ?? at,
    unprotectedSince: position.unprotectedSince ?? wallAt,
  };
}

function afterSale(
  position: Position,
  order: BookedOrder,
  fill: FactOf<"fill_received">,
  wallAt: Recorded["wallAt"],
): Position {
  const next = sold(reopenedByFill(position), order, fill);
  const isExitDone =
    order.intent.leg === "exit" && isAtLeast(plus(order.filledQuantity, fill.quantity), order.intent.quantity);
  return isExitDone && next.state === "exit_pending" && isPositive(next.quantity)
    ? { ...stepped(next, returnOf(next)), unprotectedSince: next.unprotectedSince ?? wallAt }
    : next;
}

function unprotected(position: Position, wasRefused: boolean, wallAt: Recorded["wallAt"]): Position {
  if (isZero(position.quantity)) return { ...position, protection: "none", unprotectedSince: null };
  return {
    ...position,
    protection: "none",
    unprotectedSince: position.unprotectedSince ?? wallAt,
    protectionRefusals: wasRefused ? position.protectionRefusals + 1 : position.protectionRefusals,
  };
}

function afterPositionFact(position: Position, { fact, at, wallAt }: Recorded): Position {
  switch (fact.type) {
    case "stop_lost":
      return { ...position, stopsLostAt: [...(position.stopsLostAt ?? []), wallAt].slice(-8) };
    case "position_reduced":
      return reduced(position, fact);
    case "position_protected":
      return {
        ...position,
        protection: fact.protection,
        unprotectedSince: fact.protection === "placed" ? null : position.unprotectedSince,
      };
    case "exit_triggered":
      return withExitFact(position, { kind: fact.reason, observedPrice: fact.observedPrice, at, source: fact.source });
    case "stop_moved":
      return { ...position, bestPrice: fact.bestPrice, exitPlan: { ...position.exitPlan, stopPrice: fact.stopPrice } };
    case "position_closed":
      return {
        ...stepped(position, "all_gone"),
        protection: "none",
        unprotectedSince: null,
        exitReason: fact.reason === "no_fill" ? null : fact.reason,
        realizedPnl: fact.pnl,
        ...(fact.reason === "no_fill" ? {} : { counted: { pnl: fact.pnl, fees: fact.fees } }),
        intendedExitPrice: fact.intendedExitPrice,
        closedAt: at,
        hasDust: !isZero(fact.dust),
      };
    default:
      return position;
  }
}

/** Orders of one position, newest decision last. */
export function ordersOf(books: Books, positionId: string): readonly BookedOrder[] {
  return Object.values(books.orders).filter((order) => order.tradeId === positionId);
}

/** The order of a leg that may still trade; at most one by the rules of manage_exit. */
export function liveOrderOf(books: Books, positionId: string, leg: BookedOrder["intent"]["leg"]): BookedOrder | null {
  return ordersOf(books, positionId).find((order) => order.intent.leg === leg && mayStillTrade(order.state)) ?? null;
}

/** How many of the newest exit orders in a row the venue refused or never got. */
export function refusedExits(books: Books, positionId: string): number {
  const exits = ordersOf(books, positionId)
    .filter((order) => order.intent.leg === "exit")
    .sort((left, right) => right.intent.attempt - left.intent.attempt);
  const first = exits.findIndex((order) => order.state !== "rejected" && order.state !== "abandoned");
  return first === -1 ? exits.length : first;
}
