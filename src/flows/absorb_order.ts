/**
 * Takes in what the venue says of one of our orders: its fills first, then its state, then what follows for the position.
 * Idempotent on the fill id; asking twice changes nothing. Fills alone move money: a state without its fills waits for them.
 */
import type { Books } from "../core/books.ts";
import { evolveTentatively } from "../core/books.ts";
import type { BookedOrder } from "../core/books_orders.ts";
import { liveOrderOf } from "../core/books_positions.ts";
import type { Fact } from "../core/events.ts";
import { symbolOf } from "../core/instrument.ts";
import {
  averagePrice,
  compare,
  floorToStep,
  isLess,
  isPositive,
  isZero,
  minus,
  type Notional,
  notionalOf,
  type Price,
  type Quantity,
  zeroNotional,
  zeroQuantity,
} from "../core/money.ts";
import { mayStillTrade } from "../core/order.ts";
import { type ExitReason, type Position, strongestFact } from "../core/position.ts";
import type { Draft } from "../ports/ledger.ts";
import type { VenueFill, VenueOrder } from "../ports/venue.ts";
import { noFill } from "./drop_order.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";

export type Seen = { readonly order: VenueOrder | null; readonly fills: readonly VenueFill[] };

/** @returns true when something new was learned. */
export function absorbOrder(needs: Needs, clientOrderId: string, seen: Seen): Promise<boolean> {
  return record(needs, (books, times) => {
    const order = books.orders[clientOrderId];
    if (order === undefined) return { drafts: [], value: false };
    const drafts: Draft[] = [];
    let now = books;
    const add = (facts: readonly Fact[]) => {
      const more = facts.map((fact) => draft(`venue:${order.intent.venue}`, fact, order.tradeId));
      drafts.push(...more);
      now = evolveTentatively(now, more, times);
    };
    add(traceFacts(order, seen.order));
    add(fillFacts(needs, now, clientOrderId, seen.fills));
    add(triggerFacts(needs, now, clientOrderId, seen.order));
    add(endFacts(now, clientOrderId, seen.order));
    add(positionFacts(needs, now, order.tradeId));
    return { drafts, value: drafts.length > 0 };
  });
}

/** An order of unknown fate that the venue shows is found, with the ids under which its fills will come. */
function traceFacts(order: BookedOrder, seen: VenueOrder | null): readonly Fact[] {
  if (seen === null) return [];
  const isLost = order.state === "unknown" || order.state === "sending" || order.state === "cancel_unknown";
  const hasNews =
    order.venueOrderId !== seen.venueOrderId || seen.childOrderIds.some((id) => !order.childOrderIds.includes(id));
  if (!isLost && !hasNews) return [];
  return [
    {
      type: "order_found",
      clientOrderId: order.clientOrderId,
      venueOrderId: seen.venueOrderId,
      venueState: seen.state,
      childOrderIds: seen.childOrderIds,
    },
  ];
}

function fillFacts(needs: Needs, books: Books, clientOrderId: string, fills: readonly VenueFill[]): readonly Fact[] {
  const order = books.orders[clientOrderId];
  if (order === undefined) return [];
  const ids = new Set([order.venueOrderId, ...order.childOrderIds]);
  return fills
    .filter((fill) => ids.has(fill.venueOrderId) && !order.fillIds.includes(fill.venueFillId))
    .map((fill): Fact => {
      const { venueFillId, price, quantity, fee, feeAsset, liquidity, filledAt } = fill;
      return {
        type: "fill_received",
        clientOrderId,
        venueFillId,
        price,
        quantity,
        fee,
        feeAsset,
        feeInQuote: feeInQuote(needs, order, fill),
        liquidity,
        filledAt,
      };
    });
}

function feeInQuote(needs: Needs, order: BookedOrder, fill: VenueFill): Notional {
  const [base, quote] = symbolOf(order.intent.instrumentId).split("/");
  if (fill.feeAsset === quote) return fill.fee;
  if (fill.feeAsset === base) return notionalOf(fill.price, fill.fee as string as Quantity);
  const mark = marksOf(needs.memory)[`${order.intent.venue}:${fill.feeAsset}/${quote}`];
  return mark === undefined ? zeroNotional : notionalOf(mark, fill.fee as string as Quantity);
}

/** The venue's own stop or target began to sell: that is an exit fact of its own, whichever of us is first. */
function triggerFacts(needs: Needs, books: Books, clientOrderId: string, seen: VenueOrder | null): readonly Fact[] {
  const order = books.orders[clientOrderId];
  if (order === undefined || order.intent.leg !== "protect") return [];
  const facts: Fact[] = [];
  if (seen?.hasTriggered === true && !order.hasTriggered)
    facts.push({ type: "order_triggered", clientOrderId, childOrderIds: seen.childOrderIds });
  const hasTriggered = order.hasTriggered || seen?.hasTriggered === true;
  const isSelling = hasTriggered || isPositive(order.filledQuantity);
  const reason = firedArm(needs, order);
  const position = books.positions[order.tradeId];
  if (!isSelling || position === undefined || position.exitFacts.some((fact) => fact.kind === reason)) return facts;
  const shape = order.intent.shape;
  const level =
    reason === "target" && shape.orderType === "oco"
      ? shape.targetPrice
      : "triggerPrice" in shape
        ? shape.triggerPrice
        : null;
  facts.push({
    type: "exit_triggered",
    positionId: position.positionId,
    reason,
    observedPrice: level,
    source: "venue",
    note: `the ${reason} at the venue fired`,
  });
  return facts;
}

/** A pair tells that it fired, not which of its arms: the price at which it sells does, being near one of them. */
function firedArm(needs: Needs, { intent, filledQuantity, filledNotional }: BookedOrder): ExitReason {
  const { shape, instrumentId } = intent;
  if (shape.orderType !== "oco") return "stop";
  const sold = isPositive(filledQuantity)
    ? averagePrice(filledNotional, filledQuantity)
    : marksOf(needs.memory)[instrumentId];
  if (sold === undefined) return "stop";
  return isLess(minus(shape.targetPrice, sold), minus(sold, shape.triggerPrice)) ? "target" : "stop";
}

/** The end of an order counts only when every fill that the venue reports has arrived. */
function endFacts(books: Books, clientOrderId: string, seen: VenueOrder | null): readonly Fact[] {
  const order = books.orders[clientOrderId];
  if (order === undefined || seen === null || !mayStillTrade(order.state)) return [];
  if (seen.state === "open" || seen.state === "filled" || isLess(order.filledQuantity, seen.filledQuantity)) return [];
  if (seen.state === "rejected")
    return [
      {
        type: "order_rejected",
        clientOrderId,
        code: "venue",
        message: "refused after it was accepted",
        reason: "other",
      },
    ];
  const by =
    order.state === "cancel_pending" || order.state === "cancel_unknown" || isImmediate(order) ? "us" : "venue";
  return [
    {
      type: "order_ended",
      clientOrderId,
      how: seen.state,
      by,
      because: by === "us" ? "as asked" : `the venue says ${seen.state}`,
    },
  ];
}

function isImmediate(order: BookedOrder): boolean {
  return order.intent.shape.orderType === "limit" && order.intent.shape.timeInForce !== "gtc";
}

/** A position whose entry left nothing, or of which everything sellable is sold, is closed. */
function positionFacts(needs: Needs, books: Books, positionId: string): readonly Fact[] {
  const position = books.positions[positionId];
  if (position === undefined || position.state === "closed") return [];
  if (liveOrderOf(books, positionId, "entry") !== null) return [];
  if (isZero(position.boughtQuantity)) return [noFill(positionId)];
  const instrument = needs.memory.instruments.get(position.instrumentId);
  const left = instrument === undefined ? position.quantity : floorToStep(position.quantity, instrument.stepSize);
  const hasSold = isPositive(position.soldQuantity);
  if (!hasSold || isPositive(left) || liveOrderOf(books, positionId, "exit") !== null) return [];
  return [closedFact(position, strongestFact(position.exitFacts)?.kind ?? "external")];
}

export function closedFact(position: Position, reason: ExitReason): Fact {
  const exitPrice: Price | null = isZero(position.soldQuantity)
    ? null
    : averagePrice(position.exitProceeds, position.soldQuantity);
  const fact = position.exitFacts.find((one) => one.kind === reason);
  return {
    type: "position_closed",
    positionId: position.positionId,
    reason,
    pnl: position.realizedPnl,
    fees: position.fees,
    entryPrice: position.entryPrice,
    exitPrice,
    intendedExitPrice: position.intendedExitPrice ?? fact?.observedPrice ?? null,
    dust: compare(position.quantity, zeroQuantity) > 0 ? position.quantity : zeroQuantity,
  };
}
