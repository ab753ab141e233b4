/**
 * The one place that decides how a position is left. Sources (the venue's stop, our own watcher, time, a person, the kill
 * switch) only add exit facts; `decideExit` turns facts and orders into at most one next step. Same inputs, same answer.
 */
import type { BookedOrder } from "./books_orders.ts";
import type { Level } from "./events.ts";
import type { VenueWindow } from "./flatten_plan.ts";
import type { Instrument } from "./instrument.ts";
import { mark } from "./mark.ts";
import {
  ceilToTick,
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
  plus,
  type Quantity,
  ratio,
  ratioOf,
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

export type Observed = { readonly reason: ExitReason; readonly note: string };

/** What our own watcher adds to the exit facts at this moment; null = nothing new. */
export function observeExit(position: Position, view: ExitView, protectOrder: BookedOrder | null): Observed | null {
  if (position.state === "closed" || position.state === "entry" || !isPositive(position.quantity)) return null;
  const isGuardedByVenue =
    position.protection === "placed" && protectOrder !== null && !isUncertain(protectOrder.state);
  const venueHoldsTarget = protectOrder?.intent.shape.orderType === "oco" && isGuardedByVenue;
  const seen = [
    observeResidual(position, view),
    observeStop(position, view, isGuardedByVenue),
    venueHoldsTarget ? null : observeTarget(position, view),
    observeTime(position, view),
  ];
  return seen.find((one) => one !== null && !position.exitFacts.some((fact) => fact.kind === one.reason)) ?? null;
}

function observeResidual(position: Position, view: ExitView): Observed | null {
  if (position.state !== "residual") return null;
  return view.level === "flatten" || view.level === "emergency"
    ? { reason: "kill_flatten", note: `a late fill arrived while the house is at ${view.level}` }
    : { reason: "external", note: "a fill arrived after the position was closed" };
}

function observeStop(position: Position, view: ExitView, isGuardedByVenue: boolean): Observed | null {
  const { stopPrice } = position.exitPlan;
  if (view.bid === null || !isAtMost(view.bid, stopPrice)) return null;
  if (!isGuardedByVenue && position.protection !== "placing")
    return { reason: "stop", note: `bid ${view.bid} at or under the stop ${stopPrice}; no stop rests at the venue` };
  return view.throughStopMs < throughGraceMs
    ? null
    : {
        reason: "stop",
        note: `bid ${view.bid} through the stop ${stopPrice} for ${view.throughStopMs} ms and the venue's stop did not close it`,
      };
}

function observeTarget({ exitPlan }: Position, { bid }: ExitView): Observed | null {
  const { targetPrice } = exitPlan;
  if (bid === null || targetPrice === null || !isAtLeast(bid, targetPrice)) return null;
  return { reason: "target", note: `bid ${bid} at or above the target ${targetPrice}` };
}

function observeTime({ exitPlan, openedAt }: Position, { at }: ExitView): Observed | null {
  if (exitPlan.timeLimitMs === null || openedAt === null || between(openedAt, at) < exitPlan.timeLimitMs) return null;
  return { reason: "time", note: `open for ${Math.round(between(openedAt, at) / 60_000)} min` };
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
      /** Rests at the touch instead of taking: the venue takes nothing else at the moment. */
      readonly isPassive?: true;
    }
  | { readonly do: "close"; readonly reason: ExitReason; readonly dust: Quantity };

/** How far below the bid an exit may sell, by attempt: 0.5 %, 1 %, 2 %, then 5 %. Never a naked market order. */
export const exitLadderBps = [50, 100, 200, 500] as const;

export type ExitInput = {
  readonly position: Position;
  /** Orders of this position that may still trade. */
  readonly live: readonly BookedOrder[];
  readonly instrument: Instrument;
  readonly bid: Price | null;
  /** For venues that take only resting orders for a while; absent = not known. */
  readonly ask?: Price | null;
  readonly window?: VenueWindow;
  /** All that the venue still has of this asset where that is less than our books say; null or absent = no such finding. */
  readonly atVenue?: Quantity | null;
  /** Wall time, to give a triggered venue stop its moment. */
  readonly wallAt: Instant;
};

/** null = nothing asks for an exit. */
export function decideExit(input: ExitInput): ExitStep | null {
  const { position, live, instrument, bid } = input;
  if (position.state === "closed") return null;
  const fact = strongestFact(position.exitFacts);
  if (fact === null) return null;
  const exit = live.find((order) => order.intent.leg === "exit");
  if (exit !== undefined) return stepForLiveExit(exit, fact.kind, input);
  const entry = live.find((order) => order.intent.leg === "entry");
  if (entry !== undefined && !mayPassUnknownEntry(entry, input, fact.kind))
    return stepForEntry(entry, fact.kind, input);
  const protect = live.find((order) => order.intent.leg === "protect");
  if (protect !== undefined) return stepForProtection(protect, fact.kind, input);
  const held = floorToStep(position.quantity, instrument.stepSize);
  if (isLess(held, instrument.quantityMin) || !isPositive(held)) {
    mark("V42.less_than_a_lot");
    return { do: "close", reason: fact.kind, dust: position.quantity };
  }
  const quantity = whatIsThere(held, input);
  if (quantity === null) return { do: "wait", because: `the account holds none of the ${held} that our books say` };
  if (bid === null) return blindSale(input, fact.kind, quantity);
  if (isLess(notionalOf(bid, quantity), instrument.notionalMin))
    return { do: "close", reason: fact.kind, dust: position.quantity };
  const passive = passiveSale(input, fact.kind, quantity);
  if (passive !== null) return passive;
  const limitPrice = collaredPrice(input, bid, quantity);
  return { do: "sell", reason: fact.kind, quantity, limitPrice, attempt: position.attempts.exit + 1 };
}

/** A position with neither a stop nor a price is left bare for this long before something is done without the price. */
export const blindAfterMs = 2_000;

export function isBareLong({ unprotectedSince }: Position, wallAt: Instant): boolean {
  return unprotectedSince !== null && between(unprotectedSince, wallAt) >= blindAfterMs;
}

const cannotRest: ReadonlySet<ExitReason> = new Set([
  "emergency",
  "kill_flatten",
  "liquidated",
  "stop",
  "protection_failed",
]);

/** A stop could protect it while there is no price; not where the market is through it, or a stop was impossible. */
export const mayRestInstead = (reason: ExitReason): boolean => !cannotRest.has(reason);

/** Without a price the stop's own level is the worst that anybody agreed to: what the venue's stop would have sold at. */
function blindSale(input: ExitInput, reason: ExitReason, quantity: Quantity): ExitStep {
  const { position, instrument, wallAt, window } = input;
  if (mayRestInstead(reason) || !isBareLong(position, wallAt) || (window ?? "open") !== "open")
    return { do: "wait", because: "no bid to sell to" };
  const level = exitLimit(position.exitPlan.stopPrice, 0, instrument);
  if (isLess(notionalOf(level, quantity), instrument.notionalMin))
    return { do: "wait", because: "no bid to sell to, and too little for a sale at the stop" };
  mark("V14.sold_at_the_stop_without_a_price");
  const limitPrice = collaredPrice(input, level, quantity);
  return { do: "sell", reason, quantity, limitPrice, attempt: position.attempts.exit + 1 };
}

/** Never more than the venue has: a sale that would borrow, or only be refused, helps nobody. null = nothing worth selling is there. */
function whatIsThere(held: Quantity, { atVenue, instrument }: ExitInput): Quantity | null {
  if (atVenue == null || isAtLeast(atVenue, held)) return held;
  mark("O04.sized_to_the_wallet");
  const there = floorToStep(atVenue, instrument.stepSize);
  return isPositive(there) && isAtLeast(there, instrument.quantityMin) ? there : null;
}

/** In a window that takes only resting orders the exit waits at the touch; in one that takes none it waits for the window. */
function passiveSale(
  { window, ask, position, instrument }: ExitInput,
  reason: ExitReason,
  quantity: Quantity,
): ExitStep | null {
  if (window === undefined || window === "open") return null;
  if (window !== "post_only") return waitForWindow(window);
  mark("V26.post_only");
  if (ask == null) return { do: "wait", because: "no ask to rest at" };
  const limitPrice = ceilToTick(ask, instrument.tickSize);
  return { do: "sell", reason, quantity, limitPrice, attempt: position.attempts.exit + 1, isPassive: true };
}

function waitForWindow(window: VenueWindow): ExitStep {
  if (window === "closed") mark("V52.waits_for_the_session");
  return { do: "wait", because: `the venue is ${window.replaceAll("_", " ")} at the moment` };
}

/** The venue applies its minimum at the limit: what is worth selling at the bid is not dust because the collar is wide. */
function collaredPrice({ position, instrument }: ExitInput, bid: Price, quantity: Quantity): Price {
  const collar = exitLadderBps[Math.min(position.attempts.exit, exitLadderBps.length - 1)] ?? 500;
  const limitPrice = exitLimit(bid, collar, instrument);
  return isLess(notionalOf(limitPrice, quantity), instrument.notionalMin) ? bid : limitPrice;
}

/** A cancel without an answer for this long (real time) is asked again: its process may have died before the wire. */
export const cancelAgainMs = 5_000;

/** The order works as far as we know, and no cancel of ours is under way. */
export function mayAskCancel(order: BookedOrder, wallAt: Instant): boolean {
  const sinceMs = between(order.changedAt, wallAt);
  if (order.state === "cancel_pending") return sinceMs < 0 || sinceMs >= cancelAgainMs;
  return order.state === "open" || order.state === "partial" || order.state === "cancel_unknown";
}

/** Under a kill, what is held is sold even while nobody knows whether the entry buys more; other exits wait for its answer. */
function mayPassUnknownEntry(
  entry: BookedOrder,
  { position, instrument, bid }: ExitInput,
  wanted: ExitReason,
): boolean {
  const sellable = floorToStep(position.quantity, instrument.stepSize);
  const isWorthSelling =
    bid !== null &&
    isPositive(sellable) &&
    isAtLeast(sellable, instrument.quantityMin) &&
    isAtLeast(notionalOf(bid, sellable), instrument.notionalMin);
  return isKill(wanted) && entry.state === "unknown" && isWorthSelling;
}

export const isKill = (wanted: ExitReason): boolean => wanted === "emergency" || wanted === "kill_flatten";

function stepForEntry(entry: BookedOrder, wanted: ExitReason, { wallAt }: ExitInput): ExitStep {
  // Also because a sale must never meet a buy of our own in the book.
  mark("V49.own_entry_first");
  return mayAskCancel(entry, wallAt)
    ? { do: "cancel", clientOrderId: entry.clientOrderId, because: wanted }
    : { do: "wait", because: `entry ${entry.clientOrderId} is ${entry.state}` };
}

function stepForLiveExit(exit: BookedOrder, wanted: ExitReason, { wallAt, window }: ExitInput): ExitStep {
  const running = exit.exitReason;
  const rests = exit.intent.shape.orderType === "limit" && exit.intent.shape.timeInForce === "gtc";
  if (rests && (window ?? "open") === "open" && mayAskCancel(exit, wallAt))
    return { do: "cancel", clientOrderId: exit.clientOrderId, because: "the venue takes sales again" };
  if (running !== null && mayAskCancel(exit, wallAt) && outranks(wanted, running))
    return { do: "cancel", clientOrderId: exit.clientOrderId, because: `${wanted} outranks ${running}` };
  return { do: "wait", because: `exit ${exit.clientOrderId} is ${exit.state}` };
}

function stepForProtection(protect: BookedOrder, wanted: ExitReason, { bid, wallAt, window }: ExitInput): ExitStep {
  // Where no sale is taken, the stop that rests is all there is: it stays until the venue opens.
  if (window === "closed" || window === "cancel_only") return waitForWindow(window);
  // A kill does not wait for the proof that a lost stop never came to be: it is taken back by its name, seen or not.
  if (protect.state === "unknown" && isKill(wanted) && bid !== null)
    return { do: "cancel", clientOrderId: protect.clientOrderId, because: wanted };
  if (!mayAskCancel(protect, wallAt))
    return { do: "wait", because: `protection ${protect.clientOrderId} is ${protect.state}` };
  // A stop that has just triggered is selling for us: taking it away at once would only cost time.
  if (protect.hasTriggered && between(protect.changedAt, wallAt) < throughGraceMs)
    return { do: "wait", because: "the venue's stop is filling" };
  if (protect.hasTriggered) mark("V16.remainder_of_a_fired_stop");
  // Without a price nothing can be sold in its place, so the stop stays until there is one.
  if (bid === null) return { do: "wait", because: "no bid to sell to; the protection stays" };
  return { do: "cancel", clientOrderId: protect.clientOrderId, because: wanted };
}

export function exitLimit(bid: Price, collarBps: number, instrument: Instrument): Price {
  const moved = movePrice(bid, ratio(`-${fromBps(collarBps)}`));
  // Floored to the tick: a sell limit a fraction lower still fills at the best bid, one rounded up might not fill at all.
  return largest(floorToTick(moved, instrument.tickSize), instrument.tickSize);
}

/** A trailing stop moves in steps of at least this share of its distance. */
const trailStepShare = 0.1;

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
  // Every move cancels a resting stop for a moment: it must be worth that.
  const least = largest(scale(stopPrice, ratioOf((trail.distanceBps * trailStepShare) / 10_000)), instrument.tickSize);
  return isLess(wanted, plus(stopPrice, least)) ? null : { stopPrice: wanted, bestPrice };
}
