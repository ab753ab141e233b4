/**
 * The protective stop (and target) of a position: what should rest at the venue now, and what to do when it can't.
 * Sized from what is really held; asked again after every fill and every second.
 */
import type { BookedOrder } from "./books_orders.ts";
import { mayAskCancel } from "./exit_plan.ts";
import { type Instrument, limitPriceOnTick, triggerPriceOnTick } from "./instrument.ts";
import type { OrderShape } from "./intent.ts";
import {
  compare,
  floorToStep,
  floorToTick,
  isLess,
  isPositive,
  largest,
  movePrice,
  notionalOf,
  type Price,
  type Quantity,
  ratio,
} from "./money.ts";
import { isUncertain } from "./order.ts";
import type { Position } from "./position.ts";
import { isStopContested } from "./stop_lost.ts";
import { between, type Instant } from "./time.ts";

/** A position may be without a resting stop for this long (real time of an answering venue) before it is closed instead. */
export const unprotectedMaxMs = 10_000;
/** A stop that was taken away for another one has to be back, or the position leaves, within this. */
export const replaceMaxMs = 2_000;
/** How far under its trigger a stop may sell: wide enough to fill in a fast market, narrow enough to never give it away. */
const stopCollar = ratio("-0.01");
/** The second try after a venue has refused the first as out of its price band: as near to the trigger as makes sense. */
const narrowCollar = ratio("-0.001");

export type ProtectionStep =
  | { readonly do: "place"; readonly shape: OrderShape; readonly quantity: Quantity; readonly attempt: number }
  /** The resting order has another size or price than wanted: cancel, read its fills, place anew. */
  | { readonly do: "replace"; readonly clientOrderId: string; readonly because: string }
  | { readonly do: "exit"; readonly because: string }
  | { readonly do: "guard"; readonly because: string }
  | { readonly do: "wait"; readonly because: string };

export type ProtectionInput = {
  readonly position: Position;
  readonly live: readonly BookedOrder[];
  readonly instrument: Instrument;
  readonly bid: Price | null;
  readonly at: Instant;
  /** Refusals after which protection counts as impossible. */
  readonly refusalsMax: number;
  /** Why the venue refused the last one; absent or null = it did not, or nobody remembers. */
  readonly refusedFor?: string | null;
};

/** null = it is as it should be. */
export function decideProtection(input: ProtectionInput): ProtectionStep | null {
  const { position, live, instrument } = input;
  if (position.state === "closed" || position.state === "entry" || position.exitFacts.length > 0) return null;
  const quantity = floorToStep(position.quantity, instrument.stepSize);
  const resting = live.find((order) => order.intent.leg === "protect");
  if (resting !== undefined) return stepForResting(resting, quantity, input);
  if (!isPositive(position.quantity)) return null;
  if (live.some((order) => order.intent.leg === "exit")) return null;
  if (isStopContested(position))
    return guarded(position, "somebody took the stop away twice; a person has to say whether it may stand");
  if (position.protectionRefusals >= input.refusalsMax)
    return { do: "exit", because: `the venue refused the stop ${position.protectionRefusals} times` };
  const entry = live.find((order) => order.intent.leg === "entry" && order.state !== "unknown");
  // An entry that still fills would change the size at once; it gets a moment, never more than the bound.
  if (entry !== undefined && waited(position, input.at) < 1_000)
    return { do: "wait", because: "the entry is still filling" };
  const isDust = !isPositive(quantity) || isLess(quantity, instrument.quantityMin);
  if (isDust) return { do: "exit", because: `${position.quantity} ${instrument.base} is too small to sell` };
  if (instrument.protection === "none") return guarded(position, "this venue has no stop orders");
  return stepAtVenue(quantity, input);
}

function guarded(position: Position, because: string): ProtectionStep | null {
  return position.protection === "local_guard" ? null : { do: "guard", because };
}

function stepAtVenue(quantity: Quantity, { position, instrument, at, refusedFor }: ProtectionInput): ProtectionStep {
  const shape = shapeOf(position, instrument, refusedFor === "price_band" ? narrowCollar : stopCollar);
  if (isLess(notionalOf(shape.limitPrice, quantity), instrument.notionalMin)) {
    return {
      do: "exit",
      because: `${quantity} ${instrument.base} is too small for a stop at ${position.exitPlan.stopPrice}`,
    };
  }
  if (waited(position, at) > patienceOf(position) && position.attempts.protect > 0)
    return { do: "exit", because: `without a stop for ${Math.round(waited(position, at) / 1_000)} s` };
  return { do: "place", shape, quantity, attempt: position.attempts.protect + 1 };
}

/** Where a stop stood before, and the one in its place was refused, nobody waits as long as for a first one. */
function patienceOf({ attempts, protectionRefusals }: Position): number {
  const hasStood = attempts.protect > protectionRefusals;
  return hasStood && protectionRefusals > 0 ? replaceMaxMs : unprotectedMaxMs;
}

function waited(position: Position, at: Instant): number {
  return position.unprotectedSince === null ? 0 : between(position.unprotectedSince, at);
}

function stepForResting(
  resting: BookedOrder,
  quantity: Quantity,
  { position, at, instrument }: ProtectionInput,
): ProtectionStep | null {
  if (isUncertain(resting.state))
    return { do: "wait", because: `protection ${resting.clientOrderId} is ${resting.state}` };
  // The process that asked for the cancel may have died before the wire: the old stop rests, and nobody would ask again.
  if (resting.state === "cancel_pending" && mayAskCancel(resting, at))
    return { do: "replace", clientOrderId: resting.clientOrderId, because: "its cancel got no answer" };
  if (resting.state !== "open" || resting.hasTriggered) return null;
  if (compare(resting.intent.quantity, quantity) !== 0)
    return {
      do: "replace",
      clientOrderId: resting.clientOrderId,
      because: `it covers ${resting.intent.quantity} of ${quantity}`,
    };
  const trigger = "triggerPrice" in resting.intent.shape ? resting.intent.shape.triggerPrice : null;
  if (trigger !== null && compare(trigger, triggerPriceOnTick(instrument, "sell", position.exitPlan.stopPrice)) !== 0)
    return {
      do: "replace",
      clientOrderId: resting.clientOrderId,
      because: `the stop moved to ${position.exitPlan.stopPrice}`,
    };
  return null;
}

/** The worst price at which the stop of a long position may sell. The venue applies its minima at this price, not at the trigger. */
export function stopLimitPrice(stopPrice: Price, instrument: Instrument, collar = stopCollar): Price {
  return largest(floorToTick(movePrice(stopPrice, collar), instrument.tickSize), instrument.tickSize);
}

/** Stop and target as one OCO where the venue has it and both are wanted; else the stop alone, and we watch the target. */
export function shapeOf(position: Position, instrument: Instrument, collar = stopCollar): OrderShape {
  const { targetPrice } = position.exitPlan;
  // The venue's tick may have changed since the plan was made.
  const stopPrice = triggerPriceOnTick(instrument, "sell", position.exitPlan.stopPrice);
  const limitPrice = stopLimitPrice(stopPrice, instrument, collar);
  if (targetPrice !== null && instrument.protection === "oco") {
    return {
      orderType: "oco",
      targetPrice: limitPriceOnTick(instrument, "sell", targetPrice),
      triggerPrice: stopPrice,
      limitPrice,
    };
  }
  return { orderType: "stop_limit", triggerPrice: stopPrice, limitPrice };
}
