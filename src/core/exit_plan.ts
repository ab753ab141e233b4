/**
 * The one place that decides how a position is left. Sources (the venue's stop, our own watcher, time, a person, the kill
 * switch) only add exit facts; `decideExit` turns facts and orders into at most one next step. Same inputs, same answer.
 */
import type { BookedOrder } from "./books_orders.ts";
import type { Level } from "./events.ts";
import type { Instrument } from "./instrument.ts";
import {
  floorToStep,
  floorToTick,
  fromBps,
  isAtLeast,
  isAtMost,
  isLess,
  isPositive,
  largest,
  minus,
  movePrice,
  notionalOf,
  type Price,
  type Quantity,
  ratio,
  scale,
} from "./money.ts";
import { isUncertain } from "./order.ts";
import { type ExitReason, outranks, type Position, strongestFact } from "./position.ts";
import { between, type Instant } from "./time.ts";

/** The market as the watcher saw it last; null fields are unknown, and unknown never triggers anything. */
export type ExitView = {
  readonly bid: Price | null;
  /** House time. */
  readonly at: Instant;
  /** Real ms for which the price has been through the stop by more than the offset, without a pause. */
  readonly throughStopMs: number;
  readonly level: Level;
};

/** The local stop is a backup of the venue's: it waits for price to be through by this much, for this long. */
const throughShare = ratio("0.001");
const throughTicks = ratio("2");
export const throughGraceMs = 2_000;

export function isThroughStop(position: Position, bid: Price, instrument: Instrument): boolean {
  const { stopPrice } = position.exitPlan;
  const offset = largest(scale(stopPrice, throughShare), scale(instrument.tickSize, throughTicks));
  return isLess(offset, stopPrice) ? isAtMost(bid, minus(stopPrice, offset)) : false;
}

/** What our own watcher adds to the exit facts at this moment; null = nothing new. */
export function observeExit(
  position: Position,
  view: ExitView,
  protectOrder: BookedOrder | null,
): { readonly reason: ExitReason; readonly note: string } | null {
  if (position.state === "closed" || position.state === "entry" || !isPositive(position.quantity)) return null;
  const has = (reason: ExitReason) => position.exitFacts.some((fact) => fact.kind === reason);
  if (
    (view.level === "flatten" || view.level === "emergency") &&
    position.state === "residual" &&
    !has("kill_flatten")
  ) {
    return { reason: "kill_flatten", note: `a late fill arrived while the house is at ${view.level}` };
  }
  if (position.state === "residual" && !has("external"))
    return { reason: "external", note: "a fill arrived after the position was closed" };
  const { exitPlan, openedAt } = position;
  const isGuardedByVenue =
    position.protection === "placed" && protectOrder !== null && !isUncertain(protectOrder.state);
  if (view.bid !== null && !has("stop") && isAtMost(view.bid, exitPlan.stopPrice)) {
    if (!isGuardedByVenue && position.protection !== "placing")
      return {
        reason: "stop",
        note: `bid ${view.bid} at or under the stop ${exitPlan.stopPrice}; no stop rests at the venue`,
      };
    if (view.throughStopMs >= throughGraceMs)
      return {
        reason: "stop",
        note: `bid ${view.bid} through the stop ${exitPlan.stopPrice} for ${view.throughStopMs} ms and the venue's stop did not close it`,
      };
  }
  const venueHoldsTarget = protectOrder?.intent.shape.orderType === "oco" && isGuardedByVenue;
  if (
    view.bid !== null &&
    exitPlan.targetPrice !== null &&
    !venueHoldsTarget &&
    !has("target") &&
    isAtLeast(view.bid, exitPlan.targetPrice)
  ) {
    return { reason: "target", note: `bid ${view.bid} at or above the target ${exitPlan.targetPrice}` };
  }
  if (
    exitPlan.timeLimitMs !== null &&
    openedAt !== null &&
    !has("time") &&
    between(openedAt, view.at) >= exitPlan.timeLimitMs
  ) {
    return { reason: "time", note: `open for ${Math.round(between(openedAt, view.at) / 60_000)} min` };
  }
  return null;
}

export type ExitStep =
  | { readonly do: "cancel"; readonly clientOrderId: string; readonly because: string }
  | { readonly do: "wait"; readonly because: string }
  | {
      readonly do: "sell";
      readonly reason: ExitReason;
      readonly quantity: Quantity;
      readonly limitPrice: Price;
      readonly attempt: number;
    }
  | { readonly do: "close"; readonly reason: ExitReason; readonly dust: Quantity };

/** How far below the bid an exit may sell, by attempt: 0.5 %, 1 %, 2 %, then 5 %. Never a naked market order. */
const ladder = [50, 100, 200, 500] as const;

export type ExitInput = {
  readonly position: Position;
  /** Orders of this position that may still trade. */
  readonly live: readonly BookedOrder[];
  readonly instrument: Instrument;
  readonly bid: Price | null;
  /** Wall time, to give a triggered venue stop its moment. */
  readonly wallAt: Instant;
};

/** null = nothing asks for an exit. */
export function decideExit(input: ExitInput): ExitStep | null {
  const { position, live, instrument, bid } = input;
  if (position.state === "closed") return null;
  const fact = strongestFact(position.exitFacts);
  if (fact === null) return null;
  const entry = live.find((order) => order.intent.leg === "entry");
  if (entry !== undefined)
    return entry.state === "open" || entry.state === "partial"
      ? { do: "cancel", clientOrderId: entry.clientOrderId, because: fact.kind }
      : { do: "wait", because: `entry ${entry.clientOrderId} is ${entry.state}` };
  const exit = live.find((order) => order.intent.leg === "exit");
  if (exit !== undefined) return stepForLiveExit(exit, fact.kind);
  const protect = live.find((order) => order.intent.leg === "protect");
  if (protect !== undefined) return stepForProtection(protect, fact.kind, input.wallAt);
  const quantity = floorToStep(position.quantity, instrument.stepSize);
  if (isLess(quantity, instrument.quantityMin) || !isPositive(quantity))
    return { do: "close", reason: fact.kind, dust: position.quantity };
  if (bid === null) return { do: "wait", because: "no bid to sell to" };
  const collar = ladder[Math.min(position.attempts.exit, ladder.length - 1)] ?? 500;
  const limitPrice = exitLimit(bid, collar, instrument);
  if (isLess(notionalOf(limitPrice, quantity), instrument.notionalMin))
    return { do: "close", reason: fact.kind, dust: position.quantity };
  return { do: "sell", reason: fact.kind, quantity, limitPrice, attempt: position.attempts.exit + 1 };
}

function stepForLiveExit(exit: BookedOrder, wanted: ExitReason): ExitStep {
  const running = exit.exitReason;
  const mayUpgrade = exit.state === "open" || exit.state === "partial";
  if (running !== null && mayUpgrade && outranks(wanted, running))
    return { do: "cancel", clientOrderId: exit.clientOrderId, because: `${wanted} outranks ${running}` };
  return { do: "wait", because: `exit ${exit.clientOrderId} is ${exit.state}` };
}

function stepForProtection(protect: BookedOrder, wanted: ExitReason, wallAt: Instant): ExitStep {
  const canCancel = protect.state === "open" || protect.state === "partial" || protect.state === "cancel_unknown";
  if (!canCancel) return { do: "wait", because: `protection ${protect.clientOrderId} is ${protect.state}` };
  // A stop that has just triggered is selling for us: taking it away at once would only cost time.
  if (protect.hasTriggered && between(protect.changedAt, wallAt) < throughGraceMs)
    return { do: "wait", because: "the venue's stop is filling" };
  return { do: "cancel", clientOrderId: protect.clientOrderId, because: wanted };
}

function exitLimit(bid: Price, collarBps: number, instrument: Instrument): Price {
  const moved = movePrice(bid, ratio(`-${fromBps(collarBps)}`));
  // Floored to the tick: a sell limit a fraction lower still fills at the best bid, one rounded up might not fill at all.
  return largest(floorToTick(moved, instrument.tickSize), instrument.tickSize);
}

/** The stop that a trailing plan wants now, on tick, never lower than the present one; null = it stays. */
export function trailedStop(
  position: Position,
  bid: Price,
  instrument: Instrument,
): { readonly stopPrice: Price; readonly bestPrice: Price } | null {
  const { trail, stopPrice } = position.exitPlan;
  if (trail === null || position.bestPrice === null) return null;
  const bestPrice = largest(position.bestPrice, bid);
  const wanted = exitLimit(bestPrice, trail.distanceBps, instrument);
  return isAtMost(wanted, stopPrice) ? null : { stopPrice: wanted, bestPrice };
}
