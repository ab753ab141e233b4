/**
 * Price-time matching. The other side of an order is, best price first: orders of other accounts in time order,
 * then the market's own depth at that price.
 *
 *   incoming order --takes--> resting orders and depth;   rest --rests--> book, or is canceled
 *   market print   --crosses--> resting orders fill at their own price, as makers
 */

import { hexOf } from "../chance.ts";
import { dividedDown, floorTo, isMultiple, lesser, ONE, timesDown, timesUp } from "../fixed.ts";
import type { Instrument } from "../instrument.ts";
import { bestOfMarket, marketLevels, takeFromMarket } from "./depth.ts";
import { freeOf, hold, marketGains, pay, receive, release, takeFee } from "./ledger.ts";
import { type Core, type Fill, instrumentFor, type Order, remainingSize, type Side, type State } from "./state.ts";

export const otherSide = (side: Side): Side => (side === "buy" ? "sell" : "buy");

/** What must be set aside for a wish, in the asset it pays with. Market orders by size get what they need as they fill. */
export const holdFor = (
  instrument: Instrument,
  wish: { side: Side; price: bigint | null; size: bigint | null; funds: bigint | null },
): bigint => {
  if (wish.side === "sell") return wish.size ?? 0n;
  if (wish.price !== null && wish.size !== null) {
    const funds = timesUp(wish.price, wish.size);
    return funds + timesUp(funds, instrument.takerFee);
  }
  const funds = wish.funds ?? 0n;
  return funds + timesUp(funds, instrument.takerFee);
};

export const payAsset = (instrument: Instrument, side: Side): string =>
  side === "buy" ? instrument.quote : instrument.base;

const isAcceptable = (order: Order, price: bigint, bound: bigint): boolean => {
  const limit = order.price ?? bound;
  return order.side === "buy" ? price <= limit : price >= limit;
};

/** Market orders stop where the price limit of the instrument would stop a limit order. */
const marketBound = (core: Core, instrument: Instrument, side: Side): bigint => {
  const last = core.state.last.get(instrument.symbol)?.price ?? 0n;
  const away = timesDown(last, instrument.priceLimitRate);
  return side === "buy" ? last + away : last - away;
};

export const activeOn = (state: State, symbol: string): Order[] => {
  const out: Order[] = [];
  for (const id of state.activeOrders.get(symbol) ?? []) {
    const order = state.orders.get(id);
    if (order?.inBook) out.push(order);
  }
  return out;
};

const byPriority =
  (side: Side) =>
  (a: Order, b: Order): number => {
    const difference = (a.price ?? 0n) - (b.price ?? 0n);
    if (difference === 0n) return a.sequence - b.sequence;
    return difference > 0n === (side === "sell") ? 1 : -1;
  };

type Opponent =
  | { kind: "order"; order: Order; price: bigint; size: bigint }
  | { kind: "market"; index: number; price: bigint; size: bigint };

/** Everything an incoming order could meet, best price first; orders before depth at the same price. */
const opponents = (core: Core, order: Order, bound: bigint): Opponent[] => {
  const side = otherSide(order.side);
  const out: Opponent[] = [];
  for (const resting of activeOn(core.state, order.symbol)) {
    if (resting.side !== side || resting.price === null || !isAcceptable(order, resting.price, bound)) continue;
    out.push({ kind: "order", order: resting, price: resting.price, size: remainingSize(resting) ?? 0n });
  }
  out.sort((a, b) => (a.kind === "order" && b.kind === "order" ? byPriority(side)(a.order, b.order) : 0));
  for (const level of marketLevels(core.state, order.symbol, side)) {
    if (!isAcceptable(order, level.price, bound)) break;
    if (level.size > 0n) out.push({ kind: "market", index: level.index, price: level.price, size: level.size });
  }
  // The sort is stable, so orders stay before depth of the same price.
  return out.sort((a, b) => {
    const difference = a.price - b.price;
    if (difference === 0n) return 0;
    return difference > 0n === (side === "sell") ? 1 : -1;
  });
};

/** How much of `size` the order may take at `price`: by its own remainder and by what the account can pay. */
const affordable = (core: Core, order: Order, price: bigint, size: bigint): bigint => {
  const instrument = instrumentFor(core.state, order.symbol);
  const own = remainingSize(order);
  let most = own === null ? size : lesser(own, size);
  if (order.side === "sell") {
    if (order.type === "market") most = lesser(most, order.held + freeOf(core.state, order.accountId, instrument.base));
    return floorTo(most, instrument.step);
  }
  if (order.price !== null) return floorTo(most, instrument.step);
  const budget = order.held + (order.funds === null ? freeOf(core.state, order.accountId, instrument.quote) : 0n);
  let funds = dividedDown(budget, ONE + instrument.takerFee);
  if (order.funds !== null) funds = lesser(funds, order.funds - order.dealFunds);
  return floorTo(lesser(most, dividedDown(funds, price)), instrument.step);
};

interface TradeSide {
  order: Order;
  liquidity: "maker" | "taker";
  counterOrderId: string;
}

/** Moves the money of one side of a trade and writes its fill. */
const settle = (core: Core, side: TradeSide, tradeId: number, price: bigint, size: bigint): Fill => {
  const { state } = core;
  const { order } = side;
  const instrument = instrumentFor(state, order.symbol);
  const funds = timesDown(price, size);
  const feeRate = side.liquidity === "maker" ? instrument.makerFee : instrument.takerFee;
  // Rounded down, so that many small fills never cost more than what was held for the whole.
  const fee = timesDown(funds, feeRate);
  const due = order.side === "buy" ? funds + fee : size;
  const fromHeld = lesser(order.held, due);
  order.held -= fromHeld;
  pay(core, { accountId: order.accountId, asset: payAsset(instrument, order.side), fromHeld, amount: due });
  if (order.side === "buy") receive(core, order.accountId, instrument.base, size);
  else receive(core, order.accountId, instrument.quote, funds - fee);
  takeFee(core, instrument.quote, fee);
  order.dealSize += size;
  order.dealFunds += funds;
  order.fee += fee;
  order.updatedAt = state.now;
  state.counters.fill += 1;
  const fill: Fill = {
    id: state.counters.fill,
    tradeId,
    orderId: order.id,
    counterOrderId: side.counterOrderId,
    accountId: order.accountId,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    liquidity: side.liquidity,
    price,
    size,
    funds,
    fee,
    feeRate,
    stop: order.stop,
    createdAt: state.now,
  };
  state.fills.push(fill);
  core.emit({ kind: "order_matched", order, fill });
  return fill;
};

const nextTradeId = (state: State, symbol: string): number => {
  const id = (state.trades.get(symbol) ?? 0) + 1;
  state.trades.set(symbol, id);
  return id;
};

/** The market takes the opposite of what the account did, without a fee of its own. */
const settleWithMarket = (
  core: Core,
  order: Order,
  liquidity: "maker" | "taker",
  price: bigint,
  size: bigint,
): void => {
  const instrument = instrumentFor(core.state, order.symbol);
  const tradeId = nextTradeId(core.state, order.symbol);
  const counterOrderId = hexOf(`${core.state.seed}/counter/${order.symbol}/${tradeId}`, 24);
  settle(core, { order, liquidity, counterOrderId }, tradeId, price, size);
  const sign = order.side === "buy" ? 1n : -1n;
  marketGains(core, instrument.quote, sign * timesDown(price, size));
  marketGains(core, instrument.base, -sign * size);
};

/** Ends an order: gives back what is held and takes it off the book. */
export const finishOrder = (core: Core, order: Order, cause: "filled" | "canceled"): void => {
  if (!order.isActive) return;
  const { state } = core;
  const instrument = instrumentFor(state, order.symbol);
  if (cause === "canceled") {
    order.wasCanceled = true;
    order.canceledSize += remainingSize(order) ?? 0n;
    if (order.funds !== null) order.canceledFunds = order.funds - order.dealFunds;
  }
  release(core, order.accountId, payAsset(instrument, order.side), order.held);
  order.held = 0n;
  order.isActive = false;
  order.inBook = false;
  order.updatedAt = state.now;
  state.counters.done += 1;
  order.doneSequence = state.counters.done;
  const active = state.activeOrders.get(order.symbol) ?? [];
  state.activeOrders.set(
    order.symbol,
    active.filter((id) => id !== order.id),
  );
  const oco = order.ocoId === null ? undefined : state.ocos.get(order.ocoId);
  if (oco !== undefined) oco.status = "DONE";
  core.emit({ kind: cause === "canceled" ? "order_canceled" : "order_done", order, fill: null });
};

const isFilled = (order: Order, step: bigint): boolean => {
  const size = remainingSize(order);
  return size === null ? false : size < step;
};

/** Keeps two orders of one account apart as the newer one asks. True if the incoming order may go on with this opponent. */
const selfTradeAllows = (core: Core, order: Order, resting: Order): boolean => {
  if (order.selfTrade === "" || order.accountId !== resting.accountId) return true;
  if (order.selfTrade === "DC") {
    const both = lesser(remainingSize(order) ?? 0n, remainingSize(resting) ?? 0n);
    for (const one of [order, resting]) {
      one.canceledSize += both;
      one.wasCanceled = true;
      if (remainingSize(one) === 0n) finishOrder(core, one, "canceled");
    }
    return false;
  }
  if (order.selfTrade !== "CO") finishOrder(core, order, "canceled");
  if (order.selfTrade !== "CN") finishOrder(core, resting, "canceled");
  return false;
};

const trade = (core: Core, order: Order, opponent: Opponent): void => {
  const { state } = core;
  const size = affordable(core, order, opponent.price, opponent.size);
  if (size <= 0n) return;
  if (opponent.kind === "market") {
    takeFromMarket(state, order.symbol, otherSide(order.side), opponent.index, size);
    settleWithMarket(core, order, "taker", opponent.price, size);
    return;
  }
  const resting = opponent.order;
  const tradeId = nextTradeId(state, order.symbol);
  settle(core, { order: resting, liquidity: "maker", counterOrderId: order.id }, tradeId, opponent.price, size);
  settle(core, { order, liquidity: "taker", counterOrderId: resting.id }, tradeId, opponent.price, size);
  if (isFilled(resting, instrumentFor(state, order.symbol).step)) finishOrder(core, resting, "filled");
};

const canFillWhole = (order: Order, found: readonly Opponent[]): boolean => {
  let reachable = 0n;
  let cost = 0n;
  for (const one of found) {
    reachable += one.size;
    cost += timesDown(one.price, one.size);
  }
  return order.size === null ? cost >= (order.funds ?? 0n) : reachable >= order.size;
};

/** A market order by funds is whole when what is left buys nothing more. */
const isSpent = (core: Core, order: Order, instrument: Instrument): boolean => {
  if (order.funds === null || order.dealSize === 0n) return false;
  const last = core.state.last.get(order.symbol)?.price ?? 0n;
  return order.funds - order.dealFunds < timesDown(last, instrument.step);
};

/** What becomes of an order that has taken all it could. */
const settleRest = (core: Core, order: Order, instrument: Instrument): void => {
  if (!order.isActive) return;
  const mayRest = order.type === "limit" && (order.timeInForce === "GTC" || order.timeInForce === "GTT");
  if (isFilled(order, instrument.step) || (!mayRest && isSpent(core, order, instrument)))
    finishOrder(core, order, "filled");
  else if (!mayRest) finishOrder(core, order, "canceled");
  else {
    order.inBook = true;
    core.emit({ kind: "order_opened", order, fill: null });
  }
};

/** Lets a new order take what it can and puts the rest where its time in force says. */
export const enter = (core: Core, order: Order): void => {
  const instrument = instrumentFor(core.state, order.symbol);
  const found = opponents(core, order, marketBound(core, instrument, order.side));
  const isBlocked = order.postOnly ? found.length > 0 : order.timeInForce === "FOK" && !canFillWhole(order, found);
  if (isBlocked) {
    finishOrder(core, order, "canceled");
    return;
  }
  for (const opponent of found) {
    if (!order.isActive || isFilled(order, instrument.step)) break;
    if (opponent.kind === "order" && !selfTradeAllows(core, order, opponent.order)) continue;
    trade(core, order, opponent);
  }
  settleRest(core, order, instrument);
};

/** Fills one resting order from the depth that now crosses it, at its own price. */
const fillFromDepth = (core: Core, order: Order, step: bigint): void => {
  const across = otherSide(order.side);
  for (const level of marketLevels(core.state, order.symbol, across)) {
    if (!isAcceptable(order, level.price, 0n) || isFilled(order, step)) break;
    const size = lesser(remainingSize(order) ?? 0n, level.size);
    if (size <= 0n || !isMultiple(size, step)) continue;
    takeFromMarket(core.state, order.symbol, across, level.index, size);
    settleWithMarket(core, order, "maker", order.price ?? level.price, size);
  }
  if (isFilled(order, step)) finishOrder(core, order, "filled");
};

/** After a print: resting orders that the market's book now crosses fill at their own price, best and oldest first. */
export const sweepResting = (core: Core, symbol: string): void => {
  if ((core.state.activeOrders.get(symbol)?.length ?? 0) === 0) return;
  const { step } = instrumentFor(core.state, symbol);
  for (const side of ["buy", "sell"] as const) {
    const best = bestOfMarket(core.state, symbol, otherSide(side));
    if (best === null) return;
    const resting = activeOn(core.state, symbol).filter((one) => one.side === side && isAcceptable(one, best, 0n));
    for (const order of resting.sort(byPriority(side))) fillFromDepth(core, order, step);
  }
};

/** Sets aside what an order pays with; false when the account has too little. */
export const holdForOrder = (core: Core, order: Order): boolean => {
  const instrument = instrumentFor(core.state, order.symbol);
  const asset = payAsset(instrument, order.side);
  const free = freeOf(core.state, order.accountId, asset);
  const wanted = order.type === "market" ? lesser(free, holdFor(instrument, order)) : holdFor(instrument, order);
  if (wanted > free) return false;
  hold(core, order.accountId, asset, wanted);
  order.held += wanted;
  return true;
};
