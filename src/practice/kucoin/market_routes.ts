/** Public market data: time, symbols, tickers, books, candles, prints. Times are market times except /timestamp, the wire time. */
import { DEPTH_LEVELS, marketLevels } from "../core/depth.ts";
import { activeOn } from "../core/matching.ts";
import { instrumentFor, remainingSize, type Side, type State } from "../core/state.ts";
import { dividedDown, floorTo, formatFixed, greater, lesser, ONE, timesDown } from "../fixed.ts";
import type { Instrument } from "../instrument.ts";
import { type Bar, mergeBars } from "../market/source.ts";
import { type Answer, invalid, success } from "./answer.ts";
import { numberOf, textOf } from "./fields.ts";
import type { Call, Route, Skin } from "./route.ts";
import { symbolView } from "./views.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

export const frames: Readonly<Record<string, number>> = {
  "1min": MINUTE,
  "3min": 3 * MINUTE,
  "5min": 5 * MINUTE,
  "15min": 15 * MINUTE,
  "30min": 30 * MINUTE,
  "1hour": HOUR,
  "2hour": 2 * HOUR,
  "4hour": 4 * HOUR,
  "6hour": 6 * HOUR,
  "8hour": 8 * HOUR,
  "12hour": 12 * HOUR,
  "1day": DAY,
  "1week": 7 * DAY,
};

const CANDLES_MAX = 1500;
/** How many candles come when no start is given. */
const CANDLES_DEFAULT = 100;

/** A bar of the source as this exchange saw it, with the jumps that happened in or before it. */
const barAsSeen = (state: State, instrument: Instrument, bar: Bar, frameMs: number): Bar => {
  const shifts = state.shifts.get(instrument.symbol);
  if (shifts === undefined || shifts.length === 0) return bar;
  const before = shifts.filter((shift) => shift.at <= bar.from).at(-1);
  const inside = shifts.filter((shift) => shift.at > bar.from && shift.at < bar.from + frameMs);
  const move = (price: bigint, shift: { times: bigint; per: bigint } | undefined): bigint =>
    shift === undefined ? price : greater(instrument.tick, floorTo((price * shift.times) / shift.per, instrument.tick));
  const seen = {
    ...bar,
    open: move(bar.open, before),
    high: move(bar.high, before),
    low: move(bar.low, before),
    close: move(bar.close, before),
  };
  for (const shift of inside) {
    seen.high = greater(seen.high, shift.times);
    seen.low = lesser(seen.low, shift.times);
    seen.close = move(bar.close, shift);
    seen.high = greater(seen.high, seen.close);
    seen.low = lesser(seen.low, seen.close);
  }
  return seen;
};

/** Candles oldest first, up to what has traded by now. */
export const candlesFor = async (
  skin: Skin,
  symbol: string,
  frameMs: number,
  from: number,
  to: number,
): Promise<Bar[]> => {
  const { state } = skin.house.core;
  const instrument = instrumentFor(state, symbol);
  const upTo = Math.min(to, state.now);
  if (upTo < from) return [];
  const bars = await skin.market.bars({ symbol, frameMs, from, upTo });
  return bars.map((bar) => barAsSeen(state, instrument, bar, frameMs));
};

export interface BookSide {
  price: bigint;
  size: bigint;
}

/** The book as shown: the market's depth plus visible resting orders, best first. */
export const bookSide = (state: State, symbol: string, side: Side, levels: number): BookSide[] => {
  const sizes = new Map<bigint, bigint>();
  for (const level of marketLevels(state, symbol, side)) if (level.size > 0n) sizes.set(level.price, level.size);
  for (const order of activeOn(state, symbol)) {
    if (order.side !== side || order.price === null || order.hidden) continue;
    const remaining = remainingSize(order) ?? 0n;
    const shown = order.iceberg ? lesser(order.visibleSize, remaining) : remaining;
    sizes.set(order.price, (sizes.get(order.price) ?? 0n) + shown);
  }
  const out = [...sizes].map(([price, size]) => ({ price, size }));
  out.sort((a, b) => (a.price === b.price ? 0 : a.price > b.price === (side === "sell") ? 1 : -1));
  return out.slice(0, levels);
};

export interface DayStats {
  open: bigint;
  high: bigint;
  low: bigint;
  last: bigint;
  volume: bigint;
  turnover: bigint;
}

export const dayStats = async (skin: Skin, symbol: string): Promise<DayStats> => {
  const { state } = skin.house.core;
  const last = state.last.get(symbol)?.price ?? 0n;
  const bar = mergeBars(0, await candlesFor(skin, symbol, HOUR, state.now - DAY, state.now));
  if (bar === null) return { open: last, high: last, low: last, last, volume: 0n, turnover: 0n };
  const turnover = timesDown(bar.volume, (bar.high + bar.low) / 2n);
  return {
    open: bar.open,
    high: greater(bar.high, last),
    low: lesser(bar.low, last),
    last,
    volume: bar.volume,
    turnover,
  };
};

const changeRate = (stats: DayStats): string => {
  if (stats.open === 0n) return "0";
  const away = stats.last - stats.open;
  const size = floorTo(dividedDown(away < 0n ? -away : away, stats.open), ONE / 10_000n);
  return away < 0n && size > 0n ? `-${formatFixed(size)}` : formatFixed(size);
};

const best = (state: State, symbol: string, side: Side): BookSide =>
  bookSide(state, symbol, side, 1)[0] ?? { price: 0n, size: 0n };

export const statsView = async (skin: Skin, symbol: string): Promise<Record<string, unknown>> => {
  const { state } = skin.house.core;
  const instrument = instrumentFor(state, symbol);
  const stats = await dayStats(skin, symbol);
  return {
    symbol,
    buy: formatFixed(best(state, symbol, "buy").price),
    sell: formatFixed(best(state, symbol, "sell").price),
    changeRate: changeRate(stats),
    changePrice: formatFixed(stats.last - stats.open),
    high: formatFixed(stats.high),
    low: formatFixed(stats.low),
    vol: formatFixed(stats.volume),
    volValue: formatFixed(stats.turnover),
    last: formatFixed(stats.last),
    averagePrice: formatFixed((stats.high + stats.low) / 2n),
    takerFeeRate: formatFixed(instrument.takerFee),
    makerFeeRate: formatFixed(instrument.makerFee),
    takerCoefficient: "1",
    makerCoefficient: "1",
  };
};

const stateOf = (call: Call): State => call.skin.house.core.state;
const sequence = (state: State, symbol: string): string =>
  String((state.last.get(symbol)?.print ?? 0) * 1000 + state.counters.fill);

const withSymbol = (run: (call: Call, symbol: string) => Answer | Promise<Answer>) => (call: Call) => {
  const symbol = textOf(call.query, "symbol");
  return stateOf(call).instruments.has(symbol) ? run(call, symbol) : invalid("Unsupported trading pair.");
};

const stats = withSymbol(async (call, symbol) =>
  success({ time: stateOf(call).now, ...(await statsView(call.skin, symbol)) }),
);

const allTickers = async (call: Call): Promise<Answer> => {
  const ticker: Record<string, unknown>[] = [];
  const state = stateOf(call);
  for (const symbol of state.instruments.keys()) {
    const view = await statsView(call.skin, symbol);
    const sizes = {
      bestBidSize: formatFixed(best(state, symbol, "buy").size),
      bestAskSize: formatFixed(best(state, symbol, "sell").size),
    };
    ticker.push({ ...view, symbolName: symbol, ...sizes });
  }
  return success({ time: state.now, ticker });
};

export const level1View = (state: State, symbol: string): Record<string, unknown> => {
  const bid = best(state, symbol, "buy");
  const ask = best(state, symbol, "sell");
  return {
    time: state.last.get(symbol)?.at ?? state.now,
    sequence: sequence(state, symbol),
    price: formatFixed(state.last.get(symbol)?.price ?? 0n),
    size: formatFixed(instrumentFor(state, symbol).step),
    bestBid: formatFixed(bid.price),
    bestBidSize: formatFixed(bid.size),
    bestAsk: formatFixed(ask.price),
    bestAskSize: formatFixed(ask.size),
  };
};

const level1 = withSymbol((call, symbol) => success(level1View(stateOf(call), symbol)));

export const bookView = (state: State, symbol: string, levels: number): Record<string, unknown> => {
  const rows = (side: Side) =>
    bookSide(state, symbol, side, levels).map((row) => [formatFixed(row.price), formatFixed(row.size)]);
  return { time: state.now, sequence: sequence(state, symbol), bids: rows("buy"), asks: rows("sell") };
};

const book = (levels: number) => withSymbol((call, symbol) => success(bookView(stateOf(call), symbol, levels)));

export const candleRow = (bar: Bar): string[] => {
  const middle = (bar.high + bar.low) / 2n;
  const prices = [bar.open, bar.close, bar.high, bar.low].map(formatFixed);
  return [
    String(Math.floor(bar.from / 1000)),
    ...prices,
    formatFixed(bar.volume),
    formatFixed(timesDown(bar.volume, middle)),
  ];
};

/** startAt and endAt in seconds, both optional; newest first; at most 1500. The last candle may still be forming. */
const candles = withSymbol(async (call, symbol) => {
  const frameMs = frames[textOf(call.query, "type")];
  if (frameMs === undefined) return invalid("type not in the given range!");
  const endAt = numberOf(call.query, "endAt") ?? 0;
  const to = endAt > 0 ? endAt * 1000 - 1 : stateOf(call).now;
  const startAt = numberOf(call.query, "startAt") ?? 0;
  const wanted =
    startAt > 0
      ? startAt * 1000
      : Math.min(to, stateOf(call).now) - (CANDLES_DEFAULT - 1) * frameMs - (Math.min(to, stateOf(call).now) % frameMs);
  const from = Math.max(wanted, Math.min(to, stateOf(call).now) - CANDLES_MAX * frameMs);
  const bars = await candlesFor(call.skin, symbol, frameMs, from, to);
  return success(bars.reverse().slice(0, CANDLES_MAX).map(candleRow));
});

const histories = withSymbol((call, symbol) => {
  const prints = [...call.skin.recentPrints(symbol)].reverse();
  const rows = prints.map((print, i) => ({
    sequence: String((stateOf(call).last.get(symbol)?.print ?? 0) - i),
    price: formatFixed(print.price),
    size: formatFixed(print.volume),
    side: print.price >= (prints[i + 1]?.price ?? print.price) ? "buy" : "sell",
    time: BigInt(print.at) * 1_000_000n,
  }));
  return success(rows);
});

const symbols = (call: Call): Answer => {
  const market = textOf(call.query, "market");
  const views = [...stateOf(call).instruments.values()].map(symbolView);
  return success(views.filter((view) => market === "" || view["market"] === market));
};

const oneSymbol = (call: Call): Answer => {
  const instrument = stateOf(call).instruments.get(call.path["symbol"] ?? "");
  return instrument === undefined ? invalid("Unsupported trading pair.") : success(symbolView(instrument));
};

const currencies = (call: Call): Answer => {
  const assets = new Set<string>();
  for (const { base, quote } of stateOf(call).instruments.values()) assets.add(base).add(quote);
  const view = (currency: string) => ({
    currency,
    name: currency,
    fullName: currency,
    precision: 8,
    confirms: 1,
    contractAddress: "",
    isMarginEnabled: false,
    isDebitEnabled: false,
    chains: [],
  });
  return success([...assets].map(view));
};

const open = { method: "GET", pool: "public", isPrivate: false, where: "queryMarket" } as const;
const bySymbol = { symbol: { type: "string", isRequired: true } } as const;
const candleFields = {
  ...bySymbol,
  type: { type: "string", isRequired: true },
  startAt: { type: "integer", min: 0 },
  endAt: { type: "integer", min: 0 },
} as const;

export const marketRoutes: readonly Route[] = [
  { ...open, path: "/api/v1/timestamp", weight: 3, run: (call) => success(Math.floor(call.skin.wireNow())) },
  { ...open, path: "/api/v1/status", weight: 3, run: () => success({ status: "open", msg: "" }) },
  { ...open, path: "/api/v2/symbols", weight: 4, query: { market: { type: "string" } }, run: symbols },
  { ...open, path: "/api/v2/symbols/{symbol}", weight: 4, run: oneSymbol },
  { ...open, path: "/api/v3/currencies", weight: 3, run: currencies },
  { ...open, path: "/api/v1/market/stats", weight: 15, query: bySymbol, run: stats },
  { ...open, path: "/api/v1/market/allTickers", weight: 15, run: allTickers },
  { ...open, path: "/api/v1/market/orderbook/level1", weight: 2, query: bySymbol, run: level1 },
  // Clients that ask for n levels send the number along as `limit`.
  {
    ...open,
    path: "/api/v1/market/orderbook/level2_20",
    weight: 2,
    query: bySymbol,
    tolerated: ["limit"],
    run: book(20),
  },
  {
    ...open,
    path: "/api/v1/market/orderbook/level2_100",
    weight: 2,
    query: bySymbol,
    tolerated: ["limit"],
    run: book(100),
  },
  {
    ...open,
    path: "/api/v3/market/orderbook/level2",
    weight: 3,
    pool: "spot",
    isPrivate: true,
    query: bySymbol,
    run: book(DEPTH_LEVELS * 2),
  },
  { ...open, path: "/api/v1/market/candles", weight: 3, query: candleFields, run: candles },
  { ...open, path: "/api/v1/market/histories", weight: 3, query: bySymbol, run: histories },
];
