/**
 * Everything that can be asked of the exchange, as values that a journal can hold: one command in, one answer or one
 * named problem out. A refused command changes nothing, not even a counter.
 */
import { greater, isMultiple } from "../fixed.ts";
import type { Instrument } from "../instrument.ts";
import type { Tick } from "../market/source.ts";
import { deposit, freeOf, release } from "./ledger.ts";
import { enter, finishOrder, holdForOrder, payAsset } from "./matching.ts";
import {
  checkCommon,
  checkOco,
  checkOrder,
  checkShape,
  legWish,
  type OcoWish,
  type Problem,
  STOPS_MAX,
  waitingOf,
} from "./rules.ts";
import {
  type Core,
  instrumentFor,
  type Oco,
  type Order,
  type OrderWish,
  type Stop,
  type StopDirection,
} from "./state.ts";
import { addStop, bearOrder, dropOco, dropStop, holdForStop, nextOrderId, nextStopId, stopHold } from "./stops.ts";
import { applyTick, fireReached, moveTo } from "./walk.ts";

export type Command =
  | { do: "open_account"; accountId: string }
  | { do: "deposit"; accountId: string; asset: string; amount: bigint; isListed?: boolean }
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

export type Outcome = { ok: true; id: string } | { ok: false; problem: Problem };

const done = (id: string): Outcome => ({ ok: true, id });
const refuse = (problem: Problem): Outcome => ({ ok: false, problem });

const place = (core: Core, accountId: string, wish: OrderWish): Outcome => {
  const problem = checkOrder(core, accountId, wish);
  if (problem !== null) return refuse(problem);
  const order = bearOrder(core, accountId, wish, { stop: "", ocoId: null });
  holdForOrder(core, order);
  enter(core, order);
  fireReached(core, wish.symbol);
  return done(order.id);
};

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

const placeOco = (core: Core, accountId: string, wish: OcoWish): Outcome => {
  const common = checkCommon(core, accountId, wish);
  if (common !== null) return refuse(common);
  const { state } = core;
  const instrument = instrumentFor(state, wish.symbol);
  const last = state.last.get(wish.symbol)?.price ?? 0n;
  const problem = checkOco(wish, instrument, last);
  if (problem !== null) return refuse(problem);
  if (waitingOf(core, accountId, wish.symbol) + 2 > STOPS_MAX) return refuse({ kind: "too_many_orders" });
  const dearest = greater(wish.price, wish.limitPrice);
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

const cancelStops = (core: Core, stopIds: readonly string[]): Outcome => {
  for (const id of stopIds) {
    const stop = core.state.stops.get(id);
    const oco = stop?.ocoId ? core.state.ocos.get(stop.ocoId) : undefined;
    // The legs of a pair stand and fall together.
    if (oco !== undefined) dropOco(core, oco, "CANCELLED");
    else if (stop !== undefined) dropStop(core, stop);
  }
  return done("");
};

const cancelOco = (core: Core, ocoId: string): Outcome => {
  const oco = core.state.ocos.get(ocoId);
  if (oco === undefined || oco.status !== "NEW") return refuse({ kind: "not_found" });
  dropOco(core, oco, "CANCELLED");
  return done(ocoId);
};

const openAccount = (core: Core, accountId: string): Outcome => {
  const { accounts } = core.state;
  if (!accounts.has(accountId)) accounts.set(accountId, { id: accountId, balances: new Map() });
  return done(accountId);
};

const payIn = (
  core: Core,
  { accountId, asset, amount, isListed = false }: Extract<Command, { do: "deposit" }>,
): Outcome => {
  if (freeOf(core.state, accountId, asset) + amount < 0n) return refuse({ kind: "balance" });
  deposit(core, accountId, asset, amount);
  if (isListed) list(core, { accountId, asset, amount });
  return done(asset);
};

const list = ({ state }: Core, moved: { accountId: string; asset: string; amount: bigint }): void => {
  state.transfers ??= [];
  const id = String(254_062_248_000_000 + state.transfers.length);
  state.transfers.push({ id, at: state.now, ...moved });
};

const setInstrument = (core: Core, symbol: string, change: Partial<Instrument>): Outcome => {
  const instrument = core.state.instruments.get(symbol);
  if (instrument === undefined) return refuse({ kind: "unknown_symbol" });
  Object.assign(instrument, change);
  return done(symbol);
};

/** Carries out one command at the state's time. */
export const apply = (core: Core, command: Command): Outcome => {
  switch (command.do) {
    case "open_account":
      return openAccount(core, command.accountId);
    case "deposit":
      return payIn(core, command);
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
      return cancelStops(core, command.stopIds);
    case "cancel_oco":
      return cancelOco(core, command.ocoId);
    case "jump":
      return jump(core, command.symbol, command.price);
    case "tick":
      applyTick(core, command.tick);
      return done("");
    case "set_instrument":
      return setInstrument(core, command.symbol, command.change);
  }
};
