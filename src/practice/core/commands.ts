/**
 * Everything that can be asked of the exchange, as values that a journal can hold: one command in, one answer or one
 * named problem out. A refused command changes nothing, not even a counter.
 */
import { formatFixed, isMultiple, timesDown } from "../fixed.ts";
import type { Instrument } from "../instrument.ts";
import type { Tick } from "../market/source.ts";
import { deposit, freeOf, release } from "./ledger.ts";
import { enter, finishOrder, holdForOrder, payAsset } from "./matching.ts";
import {
  type Core,
  instrumentFor,
  type Oco,
  type Order,
  type OrderWish,
  type Side,
  type Stop,
  type StopDirection,
} from "./state.ts";
import { addStop, bearOrder, dropOco, dropStop, holdForStop, nextOrderId, nextStopId, stopHold } from "./stops.ts";
import { applyTick, fireReached, moveTo } from "./walk.ts";

export interface OcoWish {
  clientOid: string;
  symbol: string;
  side: Side;
  size: bigint;
  price: bigint;
  stopPrice: bigint;
  limitPrice: bigint;
  remark: string;
}

export type Command =
  | { do: "open_account"; accountId: string }
  | { do: "deposit"; accountId: string; asset: string; amount: bigint }
  | { do: "place"; accountId: string; wish: OrderWish }
  | { do: "place_stop"; accountId: string; wish: OrderWish; direction: StopDirection; stopPrice: bigint }
  | { do: "place_oco"; accountId: string; wish: OcoWish }
  /** Asks for cancels; `finish_cancels` carries them out. */
  | { do: "request_cancel"; orderIds: string[] }
  | { do: "finish_cancels" }
  | { do: "cancel_part"; orderId: string; size: bigint }
  | { do: "cancel_stops"; stopIds: string[] }
  | { do: "cancel_oco"; ocoId: string }
  | { do: "jump"; symbol: string; price: bigint }
  | { do: "tick"; tick: Tick }
  | { do: "set_instrument"; symbol: string; change: Partial<Instrument> };

export type Problem =
  | {
      kind:
        | "unknown_symbol"
        | "not_trading"
        | "no_price"
        | "price_increment"
        | "stop_price_increment"
        | "size_increment"
        | "funds_increment";
    }
  | {
      kind:
        | "size_below_min"
        | "size_above_max"
        | "funds_below_min"
        | "balance"
        | "duplicate_client_oid"
        | "too_many_orders"
        | "oco_relation"
        | "not_found";
    }
  | { kind: "price_too_high" | "price_too_low"; limit: string };

export type Outcome = { ok: true; id: string } | { ok: false; problem: Problem };

const done = (id: string): Outcome => ({ ok: true, id });
const refuse = (problem: Problem): Outcome => ({ ok: false, problem });

const ORDERS_MAX = 200;
const STOPS_MAX = 20;

const band = (instrument: Instrument, last: bigint, side: Side, price: bigint): Problem | null => {
  const away = timesDown(last, instrument.priceLimitRate);
  if (side === "buy" && price > last + away) return { kind: "price_too_high", limit: formatFixed(last + away) };
  if (side === "sell" && price < last - away) return { kind: "price_too_low", limit: formatFixed(last - away) };
  return null;
};

/** The instrument's rules. `reference` is the price that values a market order and centres the price band. */
const checkShape = (instrument: Instrument, wish: OrderWish, reference: bigint): Problem | null => {
  if (wish.price !== null && !isMultiple(wish.price, instrument.tick)) return { kind: "price_increment" };
  if (wish.price !== null && wish.price === 0n) return { kind: "price_too_low", limit: "0" };
  if (wish.size !== null) {
    if (wish.size < instrument.sizeMin) return { kind: "size_below_min" };
    if (wish.size > instrument.sizeMax) return { kind: "size_above_max" };
    if (!isMultiple(wish.size, instrument.step)) return { kind: "size_increment" };
    if (timesDown(wish.price ?? reference, wish.size) < instrument.fundsMin) return { kind: "funds_below_min" };
  }
  if (wish.funds !== null) {
    if (!isMultiple(wish.funds, instrument.fundsStep)) return { kind: "funds_increment" };
    if (wish.funds < instrument.fundsMin) return { kind: "funds_below_min" };
    if (wish.funds > instrument.fundsMax) return { kind: "size_above_max" };
  }
  return null;
};

const checkCommon = (core: Core, accountId: string, wish: { symbol: string; clientOid: string }): Problem | null => {
  const instrument = core.state.instruments.get(wish.symbol);
  if (instrument === undefined) return { kind: "unknown_symbol" };
  if (!instrument.isTrading) return { kind: "not_trading" };
  if (!core.state.last.has(wish.symbol)) return { kind: "no_price" };
  if (core.state.clientOids.has(`${accountId}/${wish.clientOid}`)) return { kind: "duplicate_client_oid" };
  return null;
};

const canPayMarket = (
  core: Core,
  accountId: string,
  wish: OrderWish,
  instrument: Instrument,
  last: bigint,
): boolean => {
  const free = freeOf(core.state, accountId, payAsset(instrument, wish.side));
  const whole = wish.side === "sell" ? (wish.size ?? 0n) : (wish.funds ?? timesDown(last, wish.size ?? 0n));
  if (core.switches.marketOverBalance === "refuse") return free >= whole;
  // Something must be possible: one step to sell, or the smallest order to buy.
  return wish.side === "sell"
    ? free >= instrument.step
    : free >= instrument.fundsMin && free > timesDown(last, instrument.step);
};

/** All that can refuse an order, in the venue's order; null if it may be placed. Changes nothing: also the answer of a test order. */
export const checkOrder = (core: Core, accountId: string, wish: OrderWish): Problem | null => {
  const common = checkCommon(core, accountId, wish);
  if (common !== null) return common;
  const instrument = instrumentFor(core.state, wish.symbol);
  const last = core.state.last.get(wish.symbol)?.price ?? 0n;
  const shape = checkShape(instrument, wish, last);
  if (shape !== null) return shape;
  const outside = wish.price === null ? null : band(instrument, last, wish.side, wish.price);
  if (outside !== null) return outside;
  const own = (core.state.activeOrders.get(wish.symbol) ?? []).filter(
    (id) => core.state.orders.get(id)?.accountId === accountId,
  );
  if (own.length >= ORDERS_MAX) return { kind: "too_many_orders" };
  if (wish.type === "market") return canPayMarket(core, accountId, wish, instrument, last) ? null : { kind: "balance" };
  const free = freeOf(core.state, accountId, payAsset(instrument, wish.side));
  return free >= stopHold(core, wish, 0n) ? null : { kind: "balance" };
};

const place = (core: Core, accountId: string, wish: OrderWish): Outcome => {
  const problem = checkOrder(core, accountId, wish);
  if (problem !== null) return refuse(problem);
  const order = bearOrder(core, accountId, wish, { stop: "", ocoId: null });
  holdForOrder(core, order);
  enter(core, order);
  fireReached(core, wish.symbol);
  return done(order.id);
};

const waitingOf = (core: Core, accountId: string, symbol: string): number =>
  (core.state.waitingStops.get(symbol) ?? []).filter((id) => core.state.stops.get(id)?.accountId === accountId).length;

const placeStop = (
  core: Core,
  accountId: string,
  command: { wish: OrderWish; direction: StopDirection; stopPrice: bigint },
): Outcome => {
  const { wish, direction, stopPrice } = command;
  const common = checkCommon(core, accountId, wish);
  if (common !== null) return refuse(common);
  const instrument = instrumentFor(core.state, wish.symbol);
  if (stopPrice === 0n || !isMultiple(stopPrice, instrument.tick)) return refuse({ kind: "stop_price_increment" });
  const shape = checkShape(instrument, wish, stopPrice);
  if (shape !== null) return refuse(shape);
  if (waitingOf(core, accountId, wish.symbol) >= STOPS_MAX) return refuse({ kind: "too_many_orders" });
  const amount = core.switches.stopsHoldFunds ? stopHold(core, wish, stopPrice) : 0n;
  if (!holdForStop(core, accountId, wish, amount)) return refuse({ kind: "balance" });
  const id = nextStopId(core.state);
  core.state.clientOids.set(`${accountId}/${wish.clientOid}`, id);
  addStop(core, {
    id,
    accountId,
    sequence: core.state.counters.stop,
    wish,
    direction,
    stopPrice,
    status: "NEW",
    createdAt: core.state.now,
    triggeredAt: null,
    orderId: null,
    held: amount,
    ocoId: null,
  });
  fireReached(core, wish.symbol);
  return done(id);
};

/** A pair must lie around the last price: the target on the better side, the stop on the worse one. */
const checkOco = (wish: OcoWish, instrument: Instrument, last: bigint): Problem | null => {
  for (const price of [wish.price, wish.limitPrice])
    if (price === 0n || !isMultiple(price, instrument.tick)) return { kind: "price_increment" };
  if (wish.stopPrice === 0n || !isMultiple(wish.stopPrice, instrument.tick)) return { kind: "stop_price_increment" };
  const isAround =
    wish.side === "sell" ? wish.price > last && last > wish.stopPrice : wish.price < last && last < wish.stopPrice;
  if (!isAround) return { kind: "oco_relation" };
  for (const price of [wish.price, wish.limitPrice]) {
    const shape = checkShape(instrument, { ...legWish(wish, price), clientOid: wish.clientOid }, last);
    if (shape !== null) return shape;
  }
  return null;
};

const legWish = (wish: OcoWish, price: bigint): OrderWish => ({
  clientOid: wish.clientOid,
  symbol: wish.symbol,
  side: wish.side,
  type: "limit",
  price,
  size: wish.size,
  funds: null,
  timeInForce: "GTC",
  postOnly: false,
  cancelAfter: null,
  selfTrade: "",
  remark: wish.remark,
  tags: "",
  hidden: false,
  iceberg: false,
  visibleSize: 0n,
});

const placeOco = (core: Core, accountId: string, wish: OcoWish): Outcome => {
  const common = checkCommon(core, accountId, wish);
  if (common !== null) return refuse(common);
  const { state } = core;
  const instrument = instrumentFor(state, wish.symbol);
  const last = state.last.get(wish.symbol)?.price ?? 0n;
  const problem = checkOco(wish, instrument, last);
  if (problem !== null) return refuse(problem);
  if (waitingOf(core, accountId, wish.symbol) + 2 > STOPS_MAX) return refuse({ kind: "too_many_orders" });
  const dearest = wish.price > wish.limitPrice ? wish.price : wish.limitPrice;
  const amount = stopHold(core, legWish(wish, dearest), 0n);
  if (!holdForStop(core, accountId, legWish(wish, dearest), amount)) return refuse({ kind: "balance" });
  const ocoId = nextOrderId(state);
  const legOf = (price: bigint, stopPrice: bigint, direction: StopDirection): Stop => {
    const id = nextStopId(state);
    const sequence = state.counters.stop;
    const common = {
      id,
      accountId,
      sequence,
      wish: legWish(wish, price),
      direction,
      stopPrice,
      status: "NEW" as const,
    };
    return { ...common, createdAt: state.now, triggeredAt: null, orderId: null, held: 0n, ocoId };
  };
  const isSell = wish.side === "sell";
  const limitLeg = legOf(wish.price, wish.price, isSell ? "entry" : "loss");
  const stopLeg = legOf(wish.limitPrice, wish.stopPrice, isSell ? "loss" : "entry");
  const { clientOid, symbol, side, size, remark } = wish;
  const words = {
    clientOid,
    symbol,
    side,
    size,
    remark,
    status: "NEW" as const,
    createdAt: state.now,
    sequence: state.counters.order,
  };
  const oco: Oco = { id: ocoId, accountId, ...words, limitLegId: limitLeg.id, stopLegId: stopLeg.id, held: amount };
  state.ocos.set(ocoId, oco);
  state.clientOids.set(`${accountId}/${wish.clientOid}`, ocoId);
  addStop(core, limitLeg);
  addStop(core, stopLeg);
  return done(ocoId);
};

const requestCancel = (core: Core, orderIds: readonly string[]): Outcome => {
  for (const id of orderIds) {
    const order = core.state.orders.get(id);
    if (order?.isActive) order.cancelRequested = true;
  }
  return done("");
};

const finishCancels = (core: Core): Outcome => {
  for (const ids of [...core.state.activeOrders.values()]) {
    for (const id of ids) {
      const order = core.state.orders.get(id);
      if (order?.cancelRequested) finishOrder(core, order, "canceled");
    }
  }
  return done("");
};

const cancelPart = (core: Core, orderId: string, size: bigint): Outcome => {
  const order: Order | undefined = core.state.orders.get(orderId);
  if (order === undefined || !order.isActive || order.size === null || order.price === null)
    return refuse({ kind: "not_found" });
  const instrument = instrumentFor(core.state, order.symbol);
  if (!isMultiple(size, instrument.step) || size === 0n) return refuse({ kind: "size_increment" });
  const remaining = order.size - order.dealSize - order.canceledSize;
  if (size >= remaining) finishOrder(core, order, "canceled");
  else {
    order.canceledSize += size;
    order.wasCanceled = true;
    order.updatedAt = core.state.now;
    const needed = stopHold(core, { ...order, size: remaining - size }, 0n);
    if (order.held > needed) release(core, order.accountId, payAsset(instrument, order.side), order.held - needed);
    if (order.held > needed) order.held = needed;
  }
  return done(orderId);
};

const jump = (core: Core, symbol: string, price: bigint): Outcome => {
  const instrument = core.state.instruments.get(symbol);
  if (instrument === undefined) return refuse({ kind: "unknown_symbol" });
  if (price === 0n || !isMultiple(price, instrument.tick)) return refuse({ kind: "price_increment" });
  const source = core.market.opening(core.state.now).find((tick) => tick.symbol === symbol);
  const shifts = core.state.shifts.get(symbol) ?? [];
  if (source !== undefined)
    core.state.shifts.set(symbol, [...shifts, { at: core.state.now, times: price, per: source.price }]);
  moveTo(core, symbol, price, core.state.now, false);
  core.emit({ kind: "print", symbol, at: core.state.now, price, volume: instrument.step });
  return done(symbol);
};

/** Carries out one command at the state's time. */
export const apply = (core: Core, command: Command): Outcome => {
  const { state } = core;
  switch (command.do) {
    case "open_account":
      if (!state.accounts.has(command.accountId))
        state.accounts.set(command.accountId, { id: command.accountId, balances: new Map() });
      return done(command.accountId);
    case "deposit":
      if (freeOf(state, command.accountId, command.asset) + command.amount < 0n) return refuse({ kind: "balance" });
      deposit(core, command.accountId, command.asset, command.amount);
      return done(command.asset);
    case "place":
      return place(core, command.accountId, command.wish);
    case "place_stop":
      return placeStop(core, command.accountId, command);
    case "place_oco":
      return placeOco(core, command.accountId, command.wish);
    case "request_cancel":
      return requestCancel(core, command.orderIds);
    case "finish_cancels":
      return finishCancels(core);
    case "cancel_part":
      return cancelPart(core, command.orderId, command.size);
    case "cancel_stops":
      for (const id of command.stopIds) {
        const stop = state.stops.get(id);
        const oco = stop?.ocoId ? state.ocos.get(stop.ocoId) : undefined;
        // The legs of a pair stand and fall together.
        if (oco !== undefined) dropOco(core, oco, "CANCELLED");
        else if (stop !== undefined) dropStop(core, stop);
      }
      return done("");
    case "cancel_oco": {
      const oco = state.ocos.get(command.ocoId);
      if (oco === undefined || oco.status !== "NEW") return refuse({ kind: "not_found" });
      dropOco(core, oco, "CANCELLED");
      return done(oco.id);
    }
    case "jump":
      return jump(core, command.symbol, command.price);
    case "tick":
      applyTick(core, command.tick);
      return done("");
    case "set_instrument": {
      const instrument = state.instruments.get(command.symbol);
      if (instrument === undefined) return refuse({ kind: "unknown_symbol" });
      Object.assign(instrument, command.change);
      return done(command.symbol);
    }
  }
};
