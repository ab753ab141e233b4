/**
 * The market's own book around the last price: levels drawn from (seed, symbol, print), less what was taken
 * since the print. It gives way when it is eaten and is fresh again after the next print.
 */
import { hashText, unitOf } from "../chance.ts";
import { ceilTo, fixed, floorTo, greater, ONE, timesDown } from "../fixed.ts";
import { instrumentFor, type Side, type State, type Taken } from "./state.ts";

export const DEPTH_LEVELS = 100;
/** Between best bid and best ask, and between levels: one tick, or this share of the price if larger. */
const SPREAD = fixed("0.0001");
const GAP = fixed("0.00004");

export interface Level {
  index: number;
  price: bigint;
  /** Base asset still there; may be 0. */
  size: bigint;
}

const takenOf = (state: State, symbol: string, print: number): Taken => {
  let taken = state.taken.get(symbol);
  if (taken === undefined || taken.print !== print) {
    taken = { print, bids: [], asks: [] };
    state.taken.set(symbol, taken);
  }
  return taken;
};

const hashes = new Map<string, number>();

/** The hash is asked for with every print; it only depends on two texts. */
const depthHash = (seed: string, symbol: string): number => {
  const name = `${seed}/${symbol}/depth`;
  let hash = hashes.get(name);
  if (hash === undefined) {
    hash = hashText(name);
    hashes.set(name, hash);
  }
  return hash;
};

/** Best price of the market's own book; null while there is no price. */
export const bestOfMarket = (state: State, symbol: string, side: Side): bigint | null => {
  const last = state.last.get(symbol);
  if (last === undefined) return null;
  const { tick } = instrumentFor(state, symbol);
  const spread = greater(tick, ceilTo(timesDown(last.price, SPREAD), tick));
  // The last trade was at one of the two best prices; which one is a coin.
  const lastWasBid = unitOf(depthHash(state.seed, symbol), last.print) < 0.5;
  const bestBid = lastWasBid ? last.price : last.price - spread;
  return side === "buy" ? bestBid : bestBid + spread;
};

/** Side of the book: "buy" are the bids, highest first; "sell" the asks, lowest first. */
export function* marketLevels(state: State, symbol: string, side: Side): Generator<Level> {
  const last = state.last.get(symbol);
  const best = bestOfMarket(state, symbol, side);
  if (last === undefined || best === null) return;
  const { tick, step, depthFunds } = instrumentFor(state, symbol);
  const hash = depthHash(state.seed, symbol);
  const gap = greater(tick, floorTo(timesDown(last.price, GAP), tick));
  const taken = takenOf(state, symbol, last.print)[side === "buy" ? "bids" : "asks"];
  const base = (depthFunds * ONE) / last.price;
  for (let index = 0; index < DEPTH_LEVELS; index += 1) {
    const away = gap * BigInt(index);
    const price = side === "buy" ? best - away : best + away;
    if (price <= 0n) return;
    const share = BigInt(Math.floor(300 + 1400 * unitOf(hash, last.print * 2 + (side === "buy" ? 1 : 0), index)));
    const full = greater(step, floorTo((base * share) / 1000n, step));
    yield { index, price, size: full - (taken[index] ?? 0n) };
  }
}

export const takeFromMarket = (state: State, symbol: string, side: Side, index: number, size: bigint): void => {
  const last = state.last.get(symbol);
  if (last === undefined) return;
  const taken = takenOf(state, symbol, last.print)[side === "buy" ? "bids" : "asks"];
  for (let i = taken.length; i <= index; i += 1) taken[i] = 0n;
  taken[index] = (taken[index] ?? 0n) + size;
};
