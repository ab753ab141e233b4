/**
 * Walks the market from the state's time to a later one: prints move the last price, fire stops in the order in
 * which the price passed them, fill resting orders, and GTT orders end when their time is over.
 *
 *      print A ----------x-------x------> print B
 *                        stop 1  stop 2       a continuous step stops at each trigger on the way;
 *                                             a jump goes to B first and fires everything there
 */
import { floorTo, greater } from "../fixed.ts";
import type { Tick } from "../market/source.ts";
import { finishOrder, sweepResting } from "./matching.ts";
import { type Core, instrumentFor, type Stop } from "./state.ts";
import { fire, isFired, waitingOn } from "./stops.ts";

/** A chain of stops that keep firing one another ends here; real books end long before. */
const FIRE_ROUNDS = 50;

const setLast = (core: Core, symbol: string, price: bigint, at: number): void => {
  const before = core.state.last.get(symbol);
  core.state.last.set(symbol, { price, at, print: (before?.print ?? 0) + 1 });
};

/** Price of the market as this exchange sees it: the source's price times the factor of the last jump. */
export const shifted = (core: Core, symbol: string, price: bigint): bigint => {
  const shift = core.state.shifts.get(symbol)?.at(-1);
  if (shift === undefined) return price;
  const { tick } = instrumentFor(core.state, symbol);
  return greater(tick, floorTo((price * shift.times) / shift.per, tick));
};

/** Fires every waiting stop that the last price has reached, oldest first. */
export const fireReached = (core: Core, symbol: string): void => {
  for (let round = 0; round < FIRE_ROUNDS; round += 1) {
    const last = core.state.last.get(symbol);
    if (last === undefined) return;
    const reached = waitingOn(core.state, symbol).filter((stop) => isFired(stop, last.price));
    if (reached.length === 0) return;
    for (const stop of reached) if (stop.status === "NEW") fire(core, stop);
  }
};

/** The nearest trigger strictly between two prices in the direction of travel; null if the way is free. */
const nearestTrigger = (stops: readonly Stop[], from: bigint, to: bigint): bigint | null => {
  let nearest: bigint | null = null;
  for (const stop of stops) {
    const at = stop.stopPrice;
    const lies =
      to < from
        ? stop.direction === "loss" && at < from && at > to
        : stop.direction === "entry" && at > from && at < to;
    if (lies && (nearest === null || (to < from ? at > nearest : at < nearest))) nearest = at;
  }
  return nearest;
};

const arrive = (core: Core, symbol: string, price: bigint, at: number): void => {
  setLast(core, symbol, price, at);
  sweepResting(core, symbol);
  fireReached(core, symbol);
};

/** Moves the last price to `price`, through every trigger on the way when the move is continuous. */
export const moveTo = (core: Core, symbol: string, price: bigint, at: number, isContinuous: boolean): void => {
  if (isContinuous) {
    for (let round = 0; round < FIRE_ROUNDS; round += 1) {
      const last = core.state.last.get(symbol)?.price ?? price;
      const trigger = nearestTrigger(waitingOn(core.state, symbol), last, price);
      if (trigger === null) break;
      arrive(core, symbol, trigger, at);
    }
  }
  arrive(core, symbol, price, at);
};

const expire = (core: Core, upTo: number): void => {
  for (const ids of core.state.activeOrders.values()) {
    for (const id of ids) {
      const order = core.state.orders.get(id);
      if (order === undefined || order.cancelAfter === null) continue;
      if (order.createdAt + order.cancelAfter * 1000 <= upTo) finishOrder(core, order, "canceled");
    }
  }
};

export const applyTick = (core: Core, tick: Tick): void => {
  if (!core.state.instruments.has(tick.symbol)) return;
  core.state.now = Math.max(core.state.now, tick.at);
  expire(core, core.state.now);
  const price = shifted(core, tick.symbol, tick.price);
  moveTo(core, tick.symbol, price, tick.at, tick.isContinuous);
  core.emit({ kind: "print", symbol: tick.symbol, at: tick.at, price, volume: tick.volume });
};

/** Lets market time pass. A time in the past changes nothing: market time never goes back. */
export const advance = (core: Core, upTo: number): void => {
  if (upTo <= core.state.now) return;
  for (const tick of core.market.ticks(core.state.now, upTo)) applyTick(core, tick);
  core.state.now = upTo;
  expire(core, upTo);
};
