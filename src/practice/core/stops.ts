/**
 * Stops and OCO pairs: what waits for a price.
 *
 *   NEW --last crosses stopPrice--> TRIGGERED (an order is born)      NEW --cancel--> CANCELLED
 *
 * An OCO pair is two stops that share one hold: "entry"-like for the target, "loss"-like for the stop (mirrored for
 * a buy). The first to fire cancels its brother before its order enters, so both can never fill.
 */
import { hexOf } from "../chance.ts";
import { lesser } from "../fixed.ts";
import { freeOf, hold, release } from "./ledger.ts";
import { enter, holdFor, holdForOrder, payAsset } from "./matching.ts";
import {
  type Core,
  instrumentFor,
  type Oco,
  type Order,
  type OrderWish,
  type State,
  type Stop,
  type StopDirection,
} from "./state.ts";

const BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz";

/** 24 hex digits: seconds, a part of the seed, a counter. The look of the venue's ids, drawn from the seed. */
export const nextOrderId = (state: State): string => {
  state.counters.order += 1;
  const seconds = Math.floor(state.now / 1000)
    .toString(16)
    .padStart(8, "0")
    .slice(-8);
  const count = state.counters.order.toString(16).padStart(6, "0").slice(-6);
  return seconds + hexOf(`${state.seed}/order`, 10) + count;
};

export const nextStopId = (state: State): string => {
  state.counters.stop += 1;
  const hash = hexOf(`${state.seed}/stop/${state.counters.stop}`, 32);
  let text = "";
  for (let i = 0; i < 16; i += 1) text += BASE36[Number.parseInt(hash.slice(i * 2, i * 2 + 2), 16) % 36];
  return `vs8${text}${state.counters.stop.toString(36).padStart(5, "0")}`;
};

/** A fresh order for a wish; not yet held for, not yet entered. */
export const bearOrder = (
  core: Core,
  accountId: string,
  wish: OrderWish,
  origin: { stop: "" | StopDirection; ocoId: string | null },
): Order => {
  const { state } = core;
  const id = nextOrderId(state);
  const order: Order = {
    ...wish,
    id,
    accountId,
    sequence: state.counters.order,
    createdAt: state.now,
    updatedAt: state.now,
    isActive: true,
    inBook: false,
    cancelRequested: false,
    wasCanceled: false,
    dealSize: 0n,
    dealFunds: 0n,
    fee: 0n,
    canceledSize: 0n,
    canceledFunds: 0n,
    held: 0n,
    doneSequence: 0,
    stop: origin.stop,
    ocoId: origin.ocoId,
  };
  state.orders.set(id, order);
  state.clientOids.set(`${accountId}/${wish.clientOid}`, id);
  const active = state.activeOrders.get(wish.symbol) ?? [];
  state.activeOrders.set(wish.symbol, [...active, id]);
  return order;
};

export const waitingOn = (state: State, symbol: string): Stop[] => {
  const out: Stop[] = [];
  for (const id of state.waitingStops.get(symbol) ?? []) {
    const stop = state.stops.get(id);
    if (stop !== undefined) out.push(stop);
  }
  return out;
};

const stopWaiting = (state: State, stop: Stop): void => {
  const waiting = state.waitingStops.get(stop.wish.symbol) ?? [];
  state.waitingStops.set(
    stop.wish.symbol,
    waiting.filter((id) => id !== stop.id),
  );
};

export const addStop = (core: Core, stop: Stop): void => {
  core.state.stops.set(stop.id, stop);
  const waiting = core.state.waitingStops.get(stop.wish.symbol) ?? [];
  core.state.waitingStops.set(stop.wish.symbol, [...waiting, stop.id]);
  core.emit({ kind: "stop_opened", stop });
};

/** Takes a waiting stop away and gives back what it held. */
export const dropStop = (core: Core, stop: Stop): void => {
  if (stop.status !== "NEW") return;
  stop.status = "CANCELLED";
  stopWaiting(core.state, stop);
  const instrument = instrumentFor(core.state, stop.wish.symbol);
  release(core, stop.accountId, payAsset(instrument, stop.wish.side), stop.held);
  stop.held = 0n;
  core.emit({ kind: "stop_canceled", stop });
};

/** What a stop sets aside while it waits; market stops by size of a buy are valued at the stop price. */
export const stopHold = (core: Core, wish: OrderWish, stopPrice: bigint): bigint => {
  const instrument = instrumentFor(core.state, wish.symbol);
  return holdFor(instrument, { ...wish, price: wish.price ?? (wish.funds === null ? stopPrice : null) });
};

export const dropOco = (core: Core, oco: Oco, status: "CANCELLED" | "TRIGGERED"): void => {
  if (oco.status !== "NEW") return;
  oco.status = status;
  const instrument = instrumentFor(core.state, oco.symbol);
  release(core, oco.accountId, payAsset(instrument, oco.side), oco.held);
  oco.held = 0n;
  for (const id of [oco.limitLegId, oco.stopLegId]) {
    const leg = core.state.stops.get(id);
    if (leg !== undefined) dropStop(core, leg);
  }
};

export const isFired = (stop: Stop, last: bigint): boolean =>
  stop.direction === "loss" ? last <= stop.stopPrice : last >= stop.stopPrice;

/**
 * Turns a stop into an order. What it held is freed and taken again by the order in the same breath, so nobody
 * gets between. Too little money (only where stops hold nothing): the stop is TRIGGERED and no order is born.
 */
export const fire = (core: Core, stop: Stop): void => {
  const { state } = core;
  const oco = stop.ocoId === null ? undefined : state.ocos.get(stop.ocoId);
  stop.status = "TRIGGERED";
  stop.triggeredAt = state.now;
  stopWaiting(state, stop);
  const instrument = instrumentFor(state, stop.wish.symbol);
  if (oco !== undefined) dropOco(core, oco, "TRIGGERED");
  release(core, stop.accountId, payAsset(instrument, stop.wish.side), stop.held);
  stop.held = 0n;
  const asset = payAsset(instrument, stop.wish.side);
  const needed = holdFor(instrument, stop.wish);
  const canPay =
    stop.wish.type === "market"
      ? freeOf(state, stop.accountId, asset) > 0n
      : freeOf(state, stop.accountId, asset) >= needed;
  if (!canPay) {
    if (oco !== undefined) oco.status = "DONE";
    core.emit({ kind: "stop_triggered", stop });
    return;
  }
  const order = bearOrder(core, stop.accountId, stop.wish, { stop: stop.direction, ocoId: stop.ocoId });
  stop.orderId = order.id;
  core.emit({ kind: "stop_triggered", stop });
  holdForOrder(core, order);
  enter(core, order);
};

/** Holds the money of a new stop; false when the account has too little. */
export const holdForStop = (core: Core, accountId: string, wish: OrderWish, amount: bigint): boolean => {
  const asset = payAsset(instrumentFor(core.state, wish.symbol), wish.side);
  if (freeOf(core.state, accountId, asset) < amount) return false;
  hold(core, accountId, asset, lesser(amount, freeOf(core.state, accountId, asset)));
  return true;
};
