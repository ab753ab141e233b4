/** Messages of the streams, as in KuCoin's WebSocket OpenAPI. Prices as texts, except in the snapshot, where the venue sends numbers. */

import { hexOf } from "../chance.ts";
import type { Balance, CoreEvent, Fill, Order, Stop } from "../core/state.ts";
import { formatFixed, toFloat } from "../fixed.ts";
import type { Instrument } from "../instrument.ts";
import type { DayStats } from "./market_routes.ts";

const nanoseconds = (ms: number): bigint => BigInt(Math.floor(ms)) * 1_000_000n;

type OrderKind = Extract<CoreEvent, { order: Order }>["kind"];

const words: Readonly<Record<OrderKind, { type: string; status: string }>> = {
  order_opened: { type: "open", status: "open" },
  order_matched: { type: "match", status: "match" },
  order_canceled: { type: "canceled", status: "done" },
  order_done: { type: "filled", status: "done" },
};

export const orderChange = (kind: OrderKind, order: Order, fill: Fill | null): Record<string, unknown> => {
  const size = order.size ?? 0n;
  const remaining = order.size === null || !order.isActive ? 0n : size - order.dealSize - order.canceledSize;
  return {
    clientOid: order.clientOid,
    orderId: order.id,
    orderTime: order.createdAt,
    orderType: order.type,
    originSize: formatFixed(size),
    size: formatFixed(size),
    filledSize: formatFixed(order.dealSize),
    remainSize: formatFixed(remaining),
    remainFunds: formatFixed(order.funds === null ? 0n : order.funds - order.dealFunds),
    canceledSize: formatFixed(order.canceledSize),
    price: order.price === null ? undefined : formatFixed(order.price),
    side: order.side,
    symbol: order.symbol,
    ts: nanoseconds(order.updatedAt),
    ...words[kind],
    ...(fill === null ? {} : matchPart(fill)),
  };
};

const matchPart = (fill: Fill): Record<string, unknown> => ({
  liquidity: fill.liquidity,
  feeType: fill.liquidity === "maker" ? "makerFee" : "takerFee",
  matchPrice: formatFixed(fill.price),
  matchSize: formatFixed(fill.size),
  tradeId: String(fill.tradeId),
});

export const stopChange = (
  kind: "stop_opened" | "stop_triggered" | "stop_canceled",
  stop: Stop,
  now: number,
): Record<string, unknown> => ({
  orderId: stop.id,
  orderPrice: formatFixed(stop.wish.price ?? 0n),
  orderType: "stop",
  side: stop.wish.side,
  size: formatFixed(stop.wish.size ?? 0n),
  stop: stop.ocoId === null ? stop.direction : stop.direction === "loss" ? "l_l_o" : "e_l_o",
  stopPrice: formatFixed(stop.stopPrice),
  symbol: stop.wish.symbol,
  tradeType: "TRADE",
  type: kind === "stop_opened" ? "open" : kind === "stop_canceled" ? "cancel" : "match",
  createdAt: stop.createdAt,
  ts: nanoseconds(now),
});

export interface BalanceChange {
  accountId: string;
  asset: string;
  before: Balance;
  after: Balance;
  relation: string;
  number: number;
  now: number;
}

export const balanceChange = (change: BalanceChange): Record<string, unknown> => {
  const { before, after } = change;
  return {
    accountId: hexOf(`${change.accountId}/${change.asset}`, 24),
    currency: change.asset,
    total: formatFixed(after.free + after.held),
    available: formatFixed(after.free),
    hold: formatFixed(after.held),
    availableChange: formatFixed(after.free - before.free),
    holdChange: formatFixed(after.held - before.held),
    relationContext: { symbol: "", orderId: "" },
    relationEvent: change.relation,
    relationEventId: String(change.number),
    time: String(change.now),
  };
};

export const candleUpdate = (symbol: string, row: readonly string[], now: number): Record<string, unknown> => ({
  symbol,
  candles: row,
  time: nanoseconds(now),
});

export const matchPrint = (
  symbol: string,
  price: bigint,
  volume: bigint,
  number: number,
  at: number,
): Record<string, unknown> => ({
  makerOrderId: hexOf(`maker/${symbol}/${number}`, 24),
  takerOrderId: hexOf(`taker/${symbol}/${number}`, 24),
  price: formatFixed(price),
  size: formatFixed(volume),
  sequence: String(number),
  tradeId: String(number),
  side: number % 2 === 0 ? "buy" : "sell",
  symbol,
  time: nanoseconds(at).toString(),
  type: "match",
});

/** The snapshot is for showing, so floats are what the venue sends here. */
export const snapshot = (
  instrument: Instrument,
  stats: DayStats,
  touch: { bid: bigint; ask: bigint },
  number: number,
  now: number,
): Record<string, unknown> => {
  const change = toFloat(stats.last - stats.open);
  const rate = stats.open === 0n ? 0 : Math.round((change / toFloat(stats.open)) * 10_000) / 10_000;
  const numbers = {
    changePrice: change,
    changeRate: rate,
    high: toFloat(stats.high),
    low: toFloat(stats.low),
    open: toFloat(stats.open),
    vol: toFloat(stats.volume),
    volValue: toFloat(stats.turnover),
  };
  const data = {
    ...numbers,
    askSize: 1,
    bidSize: 1,
    averagePrice: (toFloat(stats.high) + toFloat(stats.low)) / 2,
    baseCurrency: instrument.base,
    quoteCurrency: instrument.quote,
    board: 1,
    mark: 0,
    buy: toFloat(touch.bid),
    sell: toFloat(touch.ask),
    close: toFloat(stats.last),
    lastTradedPrice: toFloat(stats.last),
    datetime: now,
    makerCoefficient: 1,
    takerCoefficient: 1,
    makerFeeRate: toFloat(instrument.makerFee),
    takerFeeRate: toFloat(instrument.takerFee),
    marginTrade: false,
    market: instrument.quote,
    markets: [instrument.quote],
    marketChange1h: numbers,
    marketChange4h: numbers,
    marketChange24h: numbers,
    siteTypes: ["kucoin"],
    sort: 100,
    symbol: instrument.symbol,
    symbolCode: instrument.symbol,
    trading: instrument.isTrading,
  };
  return { sequence: String(number), data };
};
