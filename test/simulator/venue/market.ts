/**
 * Prices: a seeded walk that is pulled back to where it began, so that stops and targets are hit in minutes and a day's
 * move stays within bounds. Only sums, products and roots are used, which are the same on every machine.
 */

import type { Instrument } from "../../../src/core/instrument.ts";
import type { Notional, Ratio } from "../../../src/core/money.ts";
import type { Candle } from "../../../src/core/signal.ts";
import { instant } from "../../../src/core/time.ts";
import type { OrderBook } from "../../../src/ports/venue.ts";
import { formatFixed, fromFloat, ONE, toFloat } from "../../../src/practice/fixed.ts";
import type { Chance } from "../contract.ts";
import type { Listing, Quirks } from "./quirks.ts";
import { asPrice, asQuantity, type Bar, type Market, whole } from "./state.ts";

/** Standard deviation of one second; a minute moves about a third of a percent. */
const sigma = 0.0004;
/** Seconds after which half of a distance from the beginning is gone. */
const pullSeconds = 3_600;
const minuteMs = 60_000;
/** What the market remembers of itself; longer candles are put together from these. */
const barMs = 15_000;
const frames: Readonly<Record<string, number>> = {
  "15s": barMs,
  "1m": minuteMs,
  "3m": 3 * minuteMs,
  "5m": 5 * minuteMs,
  "15m": 15 * minuteMs,
  "30m": 30 * minuteMs,
  "1h": 60 * minuteMs,
  "4h": 240 * minuteMs,
  "1d": 1_440 * minuteMs,
};
const pastCount = 600;

export function instrumentOf(quirks: Quirks, listing: Listing): Instrument {
  const [base = "", quote = ""] = listing.symbol.split("/");
  return {
    instrumentId: `${quirks.profile}:${listing.symbol}`,
    venue: quirks.profile,
    symbol: listing.symbol,
    base,
    quote,
    tickSize: asPrice(listing.tick),
    stepSize: asQuantity(listing.step),
    quantityMin: asQuantity(listing.quantityMin),
    quantityMax: asQuantity(listing.quantityMax),
    notionalMin: listing.notionalMin as Notional,
    takerFee: quirks.takerFee as Ratio,
    makerFee: quirks.makerFee as Ratio,
    protection: quirks.protection,
    isTrading: true,
  };
}

export function openMarket(quirks: Quirks, listing: Listing, now: number): Market {
  const market: Market = {
    instrument: instrumentOf(quirks, listing),
    tick: whole(listing.tick),
    step: whole(listing.step),
    anchor: listing.startsAt,
    mid: listing.startsAt,
    last: 0n,
    bid: 0n,
    ask: 0n,
    movedAt: now,
    bars: [],
    pasts: new Map(),
    frozen: null,
    badTick: null,
    haltedUntil: 0,
    payout: null,
  };
  quote(market, now);
  return market;
}

/** About normal, within six. */
function gauss(chance: Chance): number {
  let sum = -6;
  for (let draw = 0; draw < 12; draw += 1) sum += chance.next();
  return sum;
}

const clamp = (mid: number, anchor: number): number => Math.min(Math.max(mid, anchor * 0.6), anchor * 1.6);

/** Lets the market move by what the time since its last move allows, or by a given share (a gap). */
export function move(market: Market, chance: Chance, now: number, gap = 0): void {
  const seconds = Math.min(Math.max(0, now - market.movedAt) / 1_000, 120);
  const pull = ((market.anchor - market.mid) / market.anchor) * Math.min(0.5, seconds / pullSeconds);
  const step = gauss(chance) * sigma * Math.sqrt(seconds);
  market.mid = clamp(market.mid * (1 + step + pull + gap), market.anchor);
  market.movedAt = now;
  quote(market, now);
}

function quote(market: Market, now: number): void {
  const { tick } = market;
  const mid = fromFloat(market.mid, tick);
  const half = fromFloat(market.mid * 0.0001, tick);
  market.bid = mid - half;
  market.ask = mid + half + tick;
  market.last = mid;
  print(market.bars, market.last, now, barMs);
}

function print(bars: Bar[], price: bigint, now: number, lengthMs: number): void {
  const openedAt = Math.floor(now / lengthMs) * lengthMs;
  let bar = bars.at(-1);
  if (bar === undefined) {
    bar = { openedAt, open: price, high: price, low: price, close: price, volume: 0n };
    bars.push(bar);
  }
  // A bar without a trade is told as flat, as venues do.
  while (bar.openedAt < openedAt) {
    const { close }: Bar = bar;
    bar = { openedAt: bar.openedAt + lengthMs, open: close, high: close, low: close, close, volume: 0n };
    bars.push(bar);
  }
  if (price > bar.high) bar.high = price;
  if (price < bar.low) bar.low = price;
  bar.close = price;
  bar.volume += ONE;
}

/** Closed candles, oldest first; null for a timeframe that the venue does not have. */
export function candlesOf(
  market: Market,
  wish: { timeframe: string; count: number; now: number; chance: Chance },
): readonly Candle[] | null {
  const lengthMs = frames[wish.timeframe];
  if (lengthMs === undefined) return null;
  const first = market.bars[0];
  if (first === undefined) return [];
  quote(market, wish.now);
  const began = Math.floor(first.openedAt / lengthMs) * lengthMs;
  let past = market.pasts.get(lengthMs);
  if (past === undefined) {
    past = drawPast(market, { lengthMs, began, chance: wish.chance.fork(`${market.instrument.symbol}${lengthMs}`) });
    market.pasts.set(lengthMs, past);
  }
  const openNow = Math.floor(wish.now / lengthMs) * lengthMs;
  const lived = merge(market.bars, lengthMs).filter((bar) => bar.openedAt < openNow);
  const all = lived.length >= wish.count ? lived : [...past.slice(-(wish.count - lived.length)), ...lived];
  return all.slice(-wish.count).map(candleOf);
}

/** From the beginning backwards, so that the last past candle closes where the lived market opened. */
function drawPast(market: Market, wish: { lengthMs: number; began: number; chance: Chance }): readonly Bar[] {
  const { tick } = market;
  const bars: Bar[] = [];
  const size = sigma * Math.sqrt(Math.min(wish.lengthMs / 1_000, pullSeconds));
  let close = toFloat(market.bars[0]?.open ?? 0n);
  for (let index = 1; index <= pastCount; index += 1) {
    const pull = ((market.anchor - close) / market.anchor) * 0.05;
    const open = clamp(close * (1 + gauss(wish.chance) * size + pull), market.anchor);
    const reach = Math.abs(gauss(wish.chance)) * size * 0.4;
    const [low, high] = open < close ? [open, close] : [close, open];
    bars.push({
      openedAt: wish.began - index * wish.lengthMs,
      open: fromFloat(open, tick),
      high: fromFloat(high * (1 + reach), tick) + tick,
      low: fromFloat(low * (1 - reach), tick),
      close: fromFloat(close, tick),
      volume: ONE * BigInt(wish.chance.int(10, 1_000)),
    });
    close = open;
  }
  return bars.reverse();
}

function merge(bars: readonly Bar[], lengthMs: number): readonly Bar[] {
  if (lengthMs === barMs) return bars;
  const merged: Bar[] = [];
  for (const bar of bars) {
    const openedAt = Math.floor(bar.openedAt / lengthMs) * lengthMs;
    const latest = merged.at(-1);
    if (latest?.openedAt !== openedAt) {
      merged.push({ ...bar, openedAt });
      continue;
    }
    if (bar.high > latest.high) latest.high = bar.high;
    if (bar.low < latest.low) latest.low = bar.low;
    latest.close = bar.close;
    latest.volume += bar.volume;
  }
  return merged;
}

function candleOf(bar: Bar): Candle {
  return {
    openedAt: instant(bar.openedAt),
    open: asPrice(formatFixed(bar.open)),
    high: asPrice(formatFixed(bar.high)),
    low: asPrice(formatFixed(bar.low)),
    close: asPrice(formatFixed(bar.close)),
    volume: asQuantity(formatFixed(bar.volume)),
  };
}

const depth = 10;
/** Quote money that stands at the best price; each further level holds as much again as its number. */
const levelFunds = 20_000n * ONE;

/** Best first. Prices on tick, sizes on step. */
export function levelsOf(market: Market, side: "buy" | "sell"): readonly { price: bigint; size: bigint }[] {
  const best = side === "buy" ? market.bid : market.ask;
  const apart = market.tick * 2n;
  const levels: { price: bigint; size: bigint }[] = [];
  for (let index = 0n; index < BigInt(depth); index += 1n) {
    const price = side === "buy" ? best - apart * index : best + apart * index;
    if (price <= 0n) break;
    const size = (levelFunds * (index + 1n) * ONE) / price;
    levels.push({ price, size: size - (size % market.step) });
  }
  return levels;
}

export function bookOf(market: Market, receivedAt: number): OrderBook {
  const factor = market.badTick?.factor ?? ONE;
  const tell = (side: "buy" | "sell") =>
    levelsOf(market, side).map(({ price, size }) => ({
      price: asPrice(formatFixed((price * factor) / ONE)),
      quantity: asQuantity(formatFixed(size)),
    }));
  return {
    instrumentId: market.instrument.instrumentId,
    bids: tell("buy"),
    asks: tell("sell"),
    receivedAt: instant(receivedAt),
  };
}
