/**
 * The matching engine: takes orders in, fills them against the market, fires stops and pairs, takes orders back.
 * The other side is always the market's depth around the price; orders of one account never meet each other.
 *
 *   limit ── takes what crosses ── rests ── filled as maker when the market comes
 *   stop / pair ── waits ── fires ──> a child order, whose fills are the parent's
 */

import type { Notional } from "../../../src/core/money.ts";
import { instant } from "../../../src/core/time.ts";
import { floorTo, formatFixed, lesser, timesDown } from "../../../src/practice/fixed.ts";
import type { TrueFill } from "../contract.ts";
import { hold, holdFor, release, settle } from "./accounts.ts";
import type { Wish } from "./admission.ts";
import { levelsOf } from "./market.ts";
import {
  asPrice,
  asQuantity,
  freshId,
  type Market,
  marketOf,
  type SimFill,
  type SimOrder,
  strikes,
  type VenueState,
  whole,
} from "./state.ts";

export function takeIn(state: VenueState, wish: Wish, owner: SimOrder["owner"], visibleAt: number): SimOrder {
  const order: SimOrder = {
    ...wish,
    id: freshId(state, wish.kind === "limit" ? "" : "vs8"),
    instrumentId: marketOf(state, wish.symbol).instrument.instrumentId,
    owner,
    createdAt: state.scheduler.now(),
    filled: 0n,
    funds: 0n,
    ghost: 0n,
    state: "open",
    hasTriggered: false,
    held: 0n,
    visibleAt,
    child: null,
    parent: null,
  };
  register(state, order);
  hold(state, order, holdFor(order, { feeIn: state.quirks.feeIn, takerFee: whole(state.quirks.takerFee) }));
  if (order.kind === "limit") enter(state, marketOf(state, order.symbol), order);
  return order;
}

function register(state: VenueState, order: SimOrder): void {
  state.orders.push(order);
  state.live.add(order);
  state.revision += 1;
  if (order.clientOrderId === null || order.parent !== null) return;
  const known = state.byClientId.get(order.clientOrderId);
  if (known === undefined) state.byClientId.set(order.clientOrderId, [order]);
  else known.push(order);
}

export const remaining = (order: SimOrder): bigint => order.quantity - order.filled - order.ghost;

/** A plain order meets the book: it takes what crosses, and rests or ends as its time in force says. */
function enter(state: VenueState, market: Market, order: SimOrder): void {
  const crossing = levelsOf(market, order.side === "buy" ? "sell" : "buy").filter(({ price }) =>
    order.side === "buy" ? price <= order.limit : price >= order.limit,
  );
  let most = remaining(order);
  const depth = crossing.reduce((sum, level) => sum + level.size, 0n);
  if (order.timeInForce === "fok" && depth < most) most = 0n;
  if (order.owner === "ours" && order.timeInForce !== "fok" && strikes(state, "partial_fills"))
    most = shareOf(
      most,
      state.chanceOf("partial_fills").pick(order.parent === null ? [375, 375, 100, 0] : [40, 375]),
      market.step,
    );
  for (const level of crossing) {
    if (most <= 0n) break;
    const size = lesser(level.size, most);
    fill(state, order, { price: level.price, quantity: size, liquidity: "taker" });
    most -= size;
  }
  if (order.state === "open" && order.timeInForce !== "gtc") end(state, order, state.quirks.immediateRemainder);
}

const shareOf = (size: bigint, thousandths: number, step: bigint): bigint =>
  floorTo((size * BigInt(thousandths)) / 1_000n, step);

export type Trade = {
  readonly price: bigint;
  readonly quantity: bigint;
  readonly liquidity: "maker" | "taker";
  readonly isLiquidation?: boolean;
  readonly isPayout?: boolean;
};

export function fill(state: VenueState, order: SimOrder, trade: Trade): void {
  const { step } = marketOf(state, order.symbol);
  // Two of the crowd on the other side share it: two fills, each of which is told in its own time.
  const half = floorTo(trade.quantity / 2n, step);
  if (order.owner === "ours" && half > 0n && half < trade.quantity && strikes(state, "split_fills")) {
    fill(state, order, { ...trade, quantity: half });
    fill(state, order, { ...trade, quantity: trade.quantity - half });
    return;
  }
  if (state.quirks.settlesMs !== null && order.owner === "ours" && strikes(state, "fill_quirks", 0.5)) {
    haunt(state, order, trade);
    return;
  }
  const { quirks } = state;
  const feeRate = whole(trade.liquidity === "maker" ? quirks.makerFee : quirks.takerFee);
  const { fee, feeAsset } = settle(state, order, { ...trade, feeRate });
  order.filled += trade.quantity;
  order.funds += timesDown(trade.price, trade.quantity);
  if (order.parent !== null) order.parent.filled += trade.quantity;
  record(state, order, trade, { fee, feeAsset });
  if (remaining(order) === 0n) end(state, order, "filled");
}

/** A match that will not settle: told for up to 50 s as pending, then as failed. The funds stay held meanwhile. */
function haunt(state: VenueState, order: SimOrder, trade: Trade): void {
  const ms = state.chanceOf("fill_quirks").pick([5_000, 20_000, 50_000]);
  order.ghost += trade.quantity;
  const told = tell(state, order, trade, { fee: 0n, feeAsset: marketOf(state, order.symbol).instrument.quote });
  state.failing.push(trueFill(order, told));
  state.fills.push({ ...told, settlesAt: state.scheduler.now() + ms, willFail: true });
  state.ghosts.add(order);
  state.say(`a match of ${order.clientOrderId ?? order.id} is going to fail in ${ms} ms`);
  state.scheduler.after(ms, "venue: a settlement fails", () => layGhost(state, order));
  if (remaining(order) === 0n) leaveBook(state, order, "filled");
}

/** The match is undone: what it held comes back, and the order is done without it. */
export function layGhost(state: VenueState, order: SimOrder): void {
  if (!state.ghosts.delete(order)) return;
  order.ghost = 0n;
  if (order.state === "filled" && order.filled < order.quantity) order.state = "canceled";
  if (order.state !== "open") release(state, order, 0);
  state.revision += 1;
}

/** Writes the fill into truth at once, and into what the venue tells when its own clearing has caught up. */
export function record(
  state: VenueState,
  order: Pick<SimOrder, "id" | "symbol" | "side" | "clientOrderId">,
  trade: Trade,
  charged: { fee: bigint; feeAsset: string },
): void {
  const told = tell(state, order, trade, charged);
  const { side, price, quantity } = told.fill;
  const { clientOrderId, symbol } = order;
  state.trueFills.push(trueFill(order, told));
  state.fills.push(told);
  state.revision += 1;
  state.say(`fill ${side} ${quantity} ${symbol} at ${price} of ${clientOrderId ?? order.id}`);
}

function trueFill({ clientOrderId, symbol }: Pick<SimOrder, "clientOrderId" | "symbol">, { fill }: SimFill): TrueFill {
  const { venueFillId, venueOrderId, side, price, quantity, fee, feeAsset, filledAt: at } = fill;
  return { venueFillId, venueOrderId, clientOrderId, symbol, side, price, quantity, fee, feeAsset, at };
}

/** The fill as the venue will tell it: at once, late, under another id first, or not final yet. */
function tell(
  state: VenueState,
  order: Pick<SimOrder, "id" | "symbol" | "side" | "clientOrderId">,
  trade: Trade,
  charged: { fee: bigint; feeAsset: string },
): SimFill {
  const now = state.scheduler.now();
  const chance = state.chanceOf("fill_quirks");
  const quirk = strikes(state, "fill_quirks") ? chance.int(0, 1) : null;
  const [least, most] = state.quirks.settlesMs ?? [0, 0];
  const fill = {
    venueFillId: freshId(state, "t"),
    venueOrderId: order.id,
    instrumentId: marketOf(state, order.symbol).instrument.instrumentId,
    side: order.side,
    price: asPrice(formatFixed(trade.price)),
    quantity: asQuantity(formatFixed(trade.quantity)),
    fee: formatFixed(charged.fee) as Notional,
    feeAsset: charged.feeAsset,
    liquidity: trade.liquidity,
    filledAt: instant(now),
  };
  return {
    fill: {
      ...fill,
      ...(trade.isLiquidation === true ? { isLiquidation: true } : {}),
      ...(trade.isPayout === true ? { isPayout: true } : {}),
    },
    visibleAt: quirk === 0 ? now + chance.int(100, 4_000) : now,
    otherIdUntil: quirk === 1 ? now + chance.int(500, 5_000) : 0,
    settlesAt: most === 0 ? 0 : now + state.chanceOf("latency").int(least, most),
    willFail: false,
    timesTold: 0,
  };
}

/** The end of an order; what it still holds comes back, late where the venue clears slowly. */
export function end(state: VenueState, order: SimOrder, how: SimOrder["state"], releaseLateMs = 0): void {
  if (order.state !== "open") return;
  leaveBook(state, order, how);
  if (order.ghost === 0n) release(state, order, releaseLateMs);
}

function leaveBook(state: VenueState, order: SimOrder, how: SimOrder["state"]): void {
  order.state = how;
  state.live.delete(order);
  if (order.parent !== null) order.parent.state = how;
  state.revision += 1;
}

/** After the market moved: fires what was waiting for this price and fills what rests there. */
export function sweepMarket(state: VenueState, market: Market): void {
  if (market.haltedUntil > state.scheduler.now() || !market.instrument.isTrading) return;
  for (const order of [...state.live]) {
    if (order.symbol !== market.instrument.symbol || order.state !== "open") continue;
    if (order.kind === "limit") crossResting(state, market, order);
    else if (!order.hasTriggered) fireIfReached(state, market, order);
  }
}

function crossResting(state: VenueState, market: Market, order: SimOrder): void {
  const isReached = order.side === "buy" ? market.ask <= order.limit : market.bid >= order.limit;
  if (!isReached) return;
  const isPartial = order.owner === "ours" && strikes(state, "partial_fills");
  const part = isPartial ? shareOf(remaining(order), 400, market.step) : remaining(order);
  if (part > 0n) fill(state, order, { price: order.limit, quantity: part, liquidity: "maker" });
}

function fireIfReached(state: VenueState, market: Market, order: SimOrder): void {
  const isStop =
    order.trigger !== null && (order.side === "sell" ? market.last <= order.trigger : market.last >= order.trigger);
  if (isStop) {
    fire(state, order, order.limit);
    return;
  }
  const { target } = order;
  if (target === null) return;
  const isTarget = order.side === "sell" ? market.bid >= target : market.ask <= target;
  if (!isTarget) return;
  fire(state, order, target);
  if (strikes(state, "async_cancel")) leaveSibling(state, order);
}

/** The other arm of a pair stays in the lists for a while. Its coins are sold, so it could not sell any more. */
function leaveSibling(state: VenueState, pair: SimOrder): void {
  const arm: SimOrder = {
    ...pair,
    id: freshId(state, "vs8"),
    clientOrderId: null,
    kind: "stop_limit",
    target: null,
    held: 0n,
  };
  Object.assign(arm, { hasTriggered: false, child: null });
  state.siblings.add(arm);
  state.say(`the other arm of ${pair.clientOrderId ?? pair.id} is not canceled at once`);
  const ms = state.chanceOf("async_cancel").pick([2_000, 15_000, 60_000]);
  state.scheduler.after(ms, "venue: the other arm of a pair is canceled", () => state.siblings.delete(arm));
}

/** The waiting order fires; its child appears a moment later and trades as a plain order. */
export function fire(state: VenueState, order: SimOrder, limit: bigint): void {
  order.hasTriggered = true;
  state.revision += 1;
  state.say(`${order.kind} ${order.clientOrderId ?? order.id} fires`);
  const [least, most] = state.quirks.triggerMs;
  const waitMs = state.isCalm ? 0 : state.chanceOf("latency").int(least, most);
  const bear = (): void => {
    if (order.state !== "open" || order.child !== null) return;
    const child: SimOrder = {
      ...order,
      id: freshId(state),
      kind: "limit",
      limit,
      trigger: null,
      target: null,
      timeInForce: "gtc",
      createdAt: state.scheduler.now(),
      filled: 0n,
      funds: 0n,
      ghost: 0n,
      child: null,
      parent: order,
    };
    order.held = 0n;
    order.child = child;
    // The parent is done as a waiting order; what it became is found through its child.
    state.live.delete(order);
    register(state, child);
    enter(state, marketOf(state, order.symbol), child);
  };
  if (waitMs === 0) bear();
  else state.scheduler.after(waitMs, "venue: a fired stop becomes an order", bear);
}
