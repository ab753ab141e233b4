/**
 * Takes in what the venue says of one of our orders: its names, its fills, that its stop fired, its end, and what follows
 * for the position. Facts only; asking twice gives nothing the second time. Fills alone move money: a state without its
 * fills waits for them.
 */
import { contradiction, excess, fillFacts } from "./absorb_fills.ts";
import { type Books, evolveTentatively } from "./books.ts";
import type { BookedOrder } from "./books_orders.ts";
import { liveOrderOf, ordersOf } from "./books_positions.ts";
import { breakerFacts } from "./breaker_facts.ts";
import type { Fact } from "./events.ts";
import { isNamesake } from "./identity.ts";
import type { Instrument } from "./instrument.ts";
import { mark } from "./mark.ts";
import {
  averagePrice,
  floorToStep,
  isLess,
  isPositive,
  isZero,
  minus,
  type Price,
  zeroNotional,
  zeroQuantity,
} from "./money.ts";
import { mayStillTrade } from "./order.ts";
import { type ExitReason, type Position, strongestFact } from "./position.ts";
import type { SeenFill, SeenOrder } from "./snapshot.ts";
import { stopLostFacts } from "./stop_lost.ts";
import type { Instant } from "./time.ts";

export type Seen = { readonly order: SeenOrder | null; readonly fills: readonly SeenFill[] };

export type AbsorbContext = {
  /** Newest prices, by instrument. */
  readonly marks: Readonly<Record<string, Price>>;
  readonly instruments: ReadonlyMap<string, Instrument>;
  /** Real ms between the first and the newest look that found nothing of an order; absent = as its wall times say. */
  readonly absentSpanMs?: (order: BookedOrder) => number;
  /** The order's own numbers were ahead of the list of fills for long enough. */
  readonly mayProvision?: boolean;
  /** House time, put right by how far the clock of this machine is off; absent = `at`. Dates a fill that the venue hasn't dated. */
  readonly marketAt?: Instant;
};
export type Times = { readonly at: Instant; readonly wallAt: Instant };
/** A fact with the one who told it: a draft of the ledger. */
export type Told = {
  readonly actor: string;
  readonly tradeId: string | null;
  readonly causedBy: null;
  readonly fact: Fact;
};

export function absorb(
  books: Books,
  clientOrderId: string,
  seen: Seen,
  context: AbsorbContext & Times,
): readonly Told[] {
  const order = books.orders[clientOrderId];
  if (order === undefined) return [];
  if (isNamesake(order, seen.order)) return absorb(books, clientOrderId, { ...seen, order: null }, context);
  const told: Told[] = [];
  let now = books;
  const add = (facts: readonly Fact[]) => {
    const more = facts.map((fact) => ({
      actor: `venue:${order.intent.venue}`,
      tradeId: order.tradeId,
      causedBy: null,
      fact,
    }));
    told.push(...more);
    now = evolveTentatively(now, more, context);
  };
  const current = () => now.orders[clientOrderId] ?? order;
  add(traceFacts(order, seen.order, context));
  add(suspicionFacts(now, current(), seen));
  const before = current();
  if (before.state === "sending" && seen.fills.length > 0) mark("V24.fill_before_its_answer");
  add(
    fillFacts(before, seen.order, seen.fills, {
      marks: context.marks,
      mayProvision: context.mayProvision ?? false,
      at: context.marketAt ?? context.at,
    }),
  );
  add(excessFacts(now, before, current()));
  add(noLongerFlat(now, before, current()));
  add(triggerFacts(now, current(), seen.order, context));
  add(endFacts(now, current(), seen.order, context));
  add(positionFacts(now, order.tradeId, context));
  return told;
}

/** An order of unknown fate that the venue shows is found, with the ids under which its fills will come. */
function traceFacts(order: BookedOrder, seen: SeenOrder | null, { wallAt }: Times): readonly Fact[] {
  if (seen === null) return [];
  if (isOvertaken(order, seen, wallAt)) {
    mark("N09.older_state_ignored");
    return [];
  }
  const isLost = order.state === "unknown" || order.state === "sending" || order.state === "cancel_unknown";
  const isLateLive = !mayStillTrade(order.state) && order.state !== "filled" && seen.state === "open";
  const hasNews =
    order.venueOrderId !== seen.venueOrderId || seen.childOrderIds.some((id) => !order.childOrderIds.includes(id));
  if (!isLost && !hasNews && !isLateLive) return [];
  if (order.state === "cancel_pending" || order.state === "cancel_unknown") mark("V19.asked_instead_of_believed");
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

/** No answer is under way for longer than this. */
const onTheWayMs = 15_000;
const endedByVenue: ReadonlySet<string> = new Set(["canceled", "partial_canceled", "expired"]);

/** The venue has said that it ended, and an answer from before that came in later: it says nothing about now. */
function isOvertaken(order: BookedOrder, seen: SeenOrder, wallAt: Instant): boolean {
  const agoMs = wallAt - order.changedAt;
  return seen.state === "open" && endedByVenue.has(order.state) && agoMs >= 0 && agoMs < onTheWayMs;
}

/** Numbers that contradict each other change no money: the order is suspect, and its instrument takes no entry. */
function suspicionFacts(books: Books, order: BookedOrder, seen: Seen): readonly Fact[] {
  const suspected = contradiction(order, seen.order, seen.fills);
  if (suspected === null) return [];
  return [suspected, ...breakerFacts(books, { order, cause: "contradicting_fill", evidence: suspected.evidence })];
}

function excessFacts(books: Books, before: BookedOrder, after: BookedOrder): readonly Fact[] {
  const found = excess(before, after);
  if (found === null) return [];
  return breakerFacts(books, {
    order: after,
    cause: found.cause,
    evidence: { order: after.clientOrderId, what: found.said },
  });
}

/** What an entry brings after everything was verified flat has to be sold: the proof is void with the fill, whoever sells it. */
function noLongerFlat({ house }: Books, before: BookedOrder, after: BookedOrder): readonly Fact[] {
  const { kill } = house;
  const hasBought = after.intent.leg === "entry" && isLess(before.filledQuantity, after.filledQuantity);
  if (kill === null || kill.verifiedAt === null || kill.step === "halted" || !hasBought) return [];
  mark("K02.selling_again");
  const left = [`${after.tradeId}: ${minus(after.filledQuantity, before.filledQuantity)} came late`];
  const because = "a late fill has to be sold";
  return [{ type: "flatten_step", procedureId: kill.procedureId, step: "selling", because, left }];
}

/** The venue's own stop or target began to sell: that is an exit fact of its own, whichever of us is first. */
function triggerFacts(
  books: Books,
  order: BookedOrder,
  seen: SeenOrder | null,
  { marks }: AbsorbContext,
): readonly Fact[] {
  if (order.intent.leg !== "protect") return [];
  const facts: Fact[] = [];
  if (seen?.hasTriggered === true && !order.hasTriggered)
    facts.push({ type: "order_triggered", clientOrderId: order.clientOrderId, childOrderIds: seen.childOrderIds });
  const hasTriggered = order.hasTriggered || seen?.hasTriggered === true;
  const isSelling = hasTriggered || isPositive(order.filledQuantity);
  const reason = firedArm(order, marks);
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
function firedArm({ intent, filledQuantity, filledNotional }: BookedOrder, marks: AbsorbContext["marks"]): ExitReason {
  const { shape, instrumentId } = intent;
  if (shape.orderType !== "oco") return "stop";
  const sold = isPositive(filledQuantity) ? averagePrice(filledNotional, filledQuantity) : marks[instrumentId];
  if (sold === undefined) return "stop";
  return isLess(minus(shape.targetPrice, sold), minus(sold, shape.triggerPrice)) ? "target" : "stop";
}

/** The end of an order counts only when every fill that the venue reports has arrived. */
function endFacts(books: Books, order: BookedOrder, seen: SeenOrder | null, { wallAt }: Times): readonly Fact[] {
  if (seen === null || !mayStillTrade(order.state)) return [];
  if (seen.state === "open" || seen.state === "filled" || isLess(order.filledQuantity, seen.filledQuantity)) return [];
  const { clientOrderId } = order;
  if (seen.state === "rejected") {
    const message = "refused after it was accepted";
    return [{ type: "order_rejected", clientOrderId, code: "venue", message, reason: "other" }];
  }
  const isOurs = order.state === "cancel_pending" || order.state === "cancel_unknown" || isImmediate(order);
  const because = isOurs ? "as asked" : `the venue says ${seen.state}`;
  if (isPositive(order.filledQuantity)) mark("V15.part_filled_rest_taken_back");
  const end: Fact = { type: "order_ended", clientOrderId, how: seen.state, by: isOurs ? "us" : "venue", because };
  return isOurs ? [end] : [end, ...stopLostFacts(books, order, wallAt)];
}

function isImmediate(order: BookedOrder): boolean {
  return order.intent.shape.orderType === "limit" && order.intent.shape.timeInForce !== "gtc";
}

/** A position whose entry left nothing, or of which everything sellable is sold, is closed. */
export function positionFacts(
  books: Books,
  positionId: string,
  { instruments }: Pick<AbsorbContext, "instruments">,
): readonly Fact[] {
  const position = books.positions[positionId];
  if (position === undefined || position.state === "closed") return [];
  if (liveOrderOf(books, positionId, "entry") !== null) return [];
  if (isZero(position.boughtQuantity) && isZero(position.soldQuantity)) return [noFill(positionId)];
  const instrument = instruments.get(position.instrumentId);
  const left = instrument === undefined ? position.quantity : floorToStep(position.quantity, instrument.stepSize);
  const hasSold = isPositive(position.soldQuantity) || isZero(position.quantity);
  if (!hasSold || isPositive(left) || liveOrderOf(books, positionId, "exit") !== null) return [];
  return [closedFact(position, soldBecause(books, position) ?? strongestFact(position.exitFacts)?.kind ?? "external")];
}

/** The reason of the order that sold most of it: a stop that was faster than the kill switch is a stop. null = no order of ours sold. */
export function soldBecause(books: Books, { positionId, exitFacts }: Position): ExitReason | null {
  const sellers = ordersOf(books, positionId).filter(
    ({ intent, filledQuantity }) => intent.leg !== "entry" && isPositive(filledQuantity),
  );
  const [first, ...rest] = sellers;
  if (first === undefined) return null;
  const most = rest.reduce((best, one) => (isLess(one.filledQuantity, best.filledQuantity) ? best : one), first);
  const reason = most.intent.leg === "exit" ? most.exitReason : firedArm(most, {});
  const strongest = strongestFact(exitFacts)?.kind;
  if (reason !== null && strongest !== undefined && reason !== strongest) mark("K04.reason_of_the_order_that_sold");
  return reason;
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
    dust: isPositive(position.quantity) ? position.quantity : zeroQuantity,
  };
}

/** The entry certainly left nothing: its position never came to be. */
export function noFill(positionId: string): Fact {
  return {
    type: "position_closed",
    positionId,
    reason: "no_fill",
    pnl: zeroNotional,
    fees: zeroNotional,
    entryPrice: null,
    exitPrice: null,
    intendedExitPrice: null,
    dust: zeroQuantity,
  };
}
