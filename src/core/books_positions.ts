/** The part of the books about positions: what our orders and their fills made of the market's promises. */
import type { Books } from "./books.ts";
import type { BookedOrder } from "./books_orders.ts";
import type { FactOf, Recorded } from "./events.ts";
import { averagePrice, isZero, minus, notionalOf, plus, type Quantity, ratioBetween, scale, zeroNotional, zeroQuantity } from "./money.ts";
import { mayStillTrade } from "./order.ts";
import { type ExitReason, type Position, type PositionState, strongestFact } from "./position.ts";

type Positions = Readonly<Record<string, Position>>;

export function evolvePositions(books: Books, recorded: Recorded): Positions {
  const { fact } = recorded;
  const { positions } = books;
  if (fact.type === "order_intended") return withLeg(positions, fact, recorded);
  if ("clientOrderId" in fact && typeof fact.clientOrderId === "string") {
    const order = books.orders[fact.clientOrderId];
    const position = order === undefined ? undefined : positions[order.tradeId];
    if (order === undefined || position === undefined) return positions;
    return put(positions, position, afterOrderFact(position, order, recorded));
  }
  if (!("positionId" in fact)) return positions;
  const position = positions[fact.positionId];
  return position === undefined ? positions : put(positions, position, afterPositionFact(position, recorded));
}

function put(positions: Positions, old: Position, next: Position): Positions {
  return next === old ? positions : { ...positions, [old.positionId]: next };
}

function withLeg(positions: Positions, { intent, referencePrice }: FactOf<"order_intended">, { wallAt }: Recorded): Positions {
  const old = positions[intent.tradeId];
  if (intent.leg === "entry") {
    if (old !== undefined || intent.exitPlan === null) return positions;
    return { ...positions, [intent.tradeId]: opening(intent, intent.exitPlan, referencePrice) };
  }
  if (old === undefined) return positions;
  if (intent.leg === "protect") {
    return { ...positions, [intent.tradeId]: { ...old, protection: "placing", attempts: { ...old.attempts, protect: intent.attempt } } };
  }
  const intendedExitPrice = old.intendedExitPrice ?? referencePrice;
  const unprotectedSince = old.unprotectedSince ?? wallAt;
  return { ...positions, [intent.tradeId]: { ...old, state: "exit_pending", intendedExitPrice, unprotectedSince, attempts: { ...old.attempts, exit: intent.attempt } } };
}

function opening(intent: FactOf<"order_intended">["intent"], exitPlan: Position["exitPlan"], reference: Position["intendedEntryPrice"]): Position {
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
  switch (fact.type) {
    case "fill_received":
      if (order.fillIds.includes(fact.venueFillId)) return position;
      return leg === "entry" ? bought(position, order, fact, recorded) : sold(position, fact);
    case "order_acknowledged":
    case "order_found":
      return leg === "protect" ? { ...position, protection: "placed", unprotectedSince: null, protectionRefusals: 0 } : position;
    case "order_rejected":
    case "order_not_sent":
    case "order_dropped":
    case "order_absent":
    case "order_ended":
      if (leg === "protect") return unprotected(position, fact.type === "order_rejected", wallAt);
      return leg === "exit" && position.state === "exit_pending" ? { ...position, state: triggerStateOf(position) } : position;
    case "order_answer_lost":
      return leg === "protect" ? { ...position, protection: "local_guard", unprotectedSince: position.unprotectedSince ?? wallAt } : position;
    default:
      return position;
  }
}

function bought(position: Position, order: BookedOrder, fill: FactOf<"fill_received">, { at, wallAt }: Recorded): Position {
  const base = order.intent.instrumentId.split(":")[1]?.split("/")[0];
  const net = fill.feeAsset === base ? minus(fill.quantity, fill.fee as string as Quantity) : fill.quantity;
  const boughtQuantity = plus(position.boughtQuantity, net);
  const entryCost = plus(position.entryCost, notionalOf(fill.price, fill.quantity));
  const gross = plus(order.filledQuantity, fill.quantity);
  return {
    ...position,
    state: position.state === "entry" ? "monitoring" : position.state === "closed" ? "residual" : position.state,
    quantity: plus(position.quantity, net),
    boughtQuantity,
    entryCost,
    entryPrice: averagePrice(entryCost, gross),
    bestPrice: position.bestPrice ?? fill.price,
    fees: plus(position.fees, fill.feeInQuote),
    openedAt: position.openedAt ?? at,
    unprotectedSince: position.unprotectedSince ?? wallAt,
  };
}

function sold(position: Position, fill: FactOf<"fill_received">): Position {
  const soldQuantity = plus(position.soldQuantity, fill.quantity);
  const exitProceeds = plus(position.exitProceeds, notionalOf(fill.price, fill.quantity));
  const fees = plus(position.fees, fill.feeInQuote);
  const left = minus(position.boughtQuantity, soldQuantity);
  const share = isZero(position.boughtQuantity) ? null : ratioBetween(soldQuantity, position.boughtQuantity);
  const cost = share === null ? zeroNotional : scale(position.entryCost, share);
  return { ...position, soldQuantity, exitProceeds, fees, quantity: left, realizedPnl: minus(minus(exitProceeds, cost), fees) };
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

const stateOfReason: Readonly<Record<ExitReason, PositionState>> = {
  emergency: "exit_requested",
  kill_flatten: "exit_requested",
  external: "exit_requested",
  protection_failed: "exit_requested",
  stop: "stop_triggered",
  expiry: "expiry",
  operator: "exit_requested",
  target: "tp_triggered",
  signal: "exit_requested",
  time: "exit_requested",
};

function triggerStateOf(position: Position): PositionState {
  const strongest = strongestFact(position.exitFacts);
  return strongest === null ? "monitoring" : stateOfReason[strongest.kind];
}

function afterPositionFact(position: Position, { fact, at }: Recorded): Position {
  switch (fact.type) {
    case "position_protected":
      return { ...position, protection: fact.protection, unprotectedSince: fact.protection === "placed" ? null : position.unprotectedSince };
    case "exit_triggered": {
      const exitFacts = [...position.exitFacts, { kind: fact.reason, observedPrice: fact.observedPrice, at, source: fact.source }];
      const next = { ...position, exitFacts };
      return position.state === "exit_pending" || position.state === "closed" ? next : { ...next, state: triggerStateOf(next) };
    }
    case "stop_moved":
      return { ...position, bestPrice: fact.bestPrice, exitPlan: { ...position.exitPlan, stopPrice: fact.stopPrice } };
    case "position_closed":
      return {
        ...position,
        state: "closed",
        protection: "none",
        unprotectedSince: null,
        exitReason: fact.reason === "no_fill" ? null : fact.reason,
        realizedPnl: fact.pnl,
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
