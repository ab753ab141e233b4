/** Shapes of the venue's answers, field by field as in KuCoin's OpenAPI (venues/kucoin-openapi). All numbers are texts. */
import type { Fill, Oco, Order, Stop } from "../core/state.ts";
import { formatFixed, timesDown } from "../fixed.ts";
import type { Instrument } from "../instrument.ts";

const text = (value: bigint | null): string => (value === null ? "0" : formatFixed(value));

/** Stop and OCO answers write 20 places: "50000.00000000000000000000". */
const padded = (value: bigint | null): string => {
  const [whole, fraction = ""] = text(value).split(".");
  return `${whole}.${fraction.padEnd(20, "0")}`;
};

/** What an order is worth: its funds, or price x size of a limit order. */
const fundsOf = (order: Order): bigint => {
  if (order.funds !== null) return order.funds;
  return order.price === null || order.size === null ? 0n : timesDown(order.price, order.size);
};

const orNull = (value: string): string | null => (value === "" ? null : value);

export const orderView = (order: Order, instrument: Instrument): Record<string, unknown> => {
  const remaining = order.size === null || !order.isActive ? 0n : order.size - order.dealSize - order.canceledSize;
  const canceledFunds = order.funds === null ? timesDown(order.price ?? 0n, order.canceledSize) : order.canceledFunds;
  const remainingFunds = fundsOf(order) === 0n ? 0n : fundsOf(order) - order.dealFunds - canceledFunds;
  return {
    id: order.id,
    symbol: order.symbol,
    opType: "DEAL",
    type: order.type,
    side: order.side,
    price: text(order.price),
    size: text(order.size),
    funds: text(fundsOf(order)),
    dealSize: text(order.dealSize),
    dealFunds: text(order.dealFunds),
    fee: text(order.fee),
    feeCurrency: instrument.quote,
    stp: orNull(order.selfTrade),
    timeInForce: order.timeInForce,
    postOnly: order.postOnly,
    hidden: order.hidden,
    iceberg: order.iceberg,
    visibleSize: text(order.visibleSize),
    cancelAfter: order.cancelAfter ?? 0,
    channel: "API",
    clientOid: order.clientOid,
    remark: orNull(order.remark),
    tags: orNull(order.tags),
    cancelExist: order.wasCanceled,
    createdAt: order.createdAt,
    lastUpdatedAt: order.updatedAt,
    tradeType: "TRADE",
    inOrderBook: order.inBook,
    cancelledSize: text(order.canceledSize),
    cancelledFunds: text(canceledFunds),
    remainSize: text(remaining),
    remainFunds: text(remainingFunds),
    tax: "0",
    active: order.isActive,
  };
};

export const fillView = (fill: Fill, instrument: Instrument): Record<string, unknown> => ({
  id: fill.id,
  symbol: fill.symbol,
  tradeId: fill.tradeId,
  orderId: fill.orderId,
  counterOrderId: fill.counterOrderId,
  side: fill.side,
  liquidity: fill.liquidity,
  forceTaker: false,
  price: text(fill.price),
  size: text(fill.size),
  funds: text(fill.funds),
  fee: text(fill.fee),
  feeRate: text(fill.feeRate),
  feeCurrency: instrument.quote,
  stop: fill.stop,
  tradeType: "TRADE",
  taxRate: "0",
  tax: "0",
  type: fill.type,
  createdAt: fill.createdAt,
});

export const stopView = (stop: Stop, instrument: Instrument, userId: string): Record<string, unknown> => ({
  id: stop.id,
  symbol: stop.wish.symbol,
  userId,
  status: stop.status,
  type: stop.wish.type,
  side: stop.wish.side,
  price: padded(stop.wish.price),
  size: padded(stop.wish.size),
  funds: stop.wish.funds === null ? null : padded(stop.wish.funds),
  stp: orNull(stop.wish.selfTrade),
  timeInForce: stop.wish.timeInForce,
  cancelAfter: stop.wish.cancelAfter ?? -1,
  postOnly: stop.wish.postOnly,
  hidden: stop.wish.hidden,
  iceberg: stop.wish.iceberg,
  visibleSize: stop.wish.iceberg ? padded(stop.wish.visibleSize) : null,
  channel: "API",
  clientOid: stop.wish.clientOid,
  remark: stop.wish.remark,
  tags: orNull(stop.wish.tags),
  orderTime: BigInt(stop.createdAt) * 1_000_000n,
  domainId: "kucoin",
  tradeSource: "USER",
  tradeType: "TRADE",
  feeCurrency: instrument.quote,
  takerFeeRate: padded(instrument.takerFee),
  makerFeeRate: padded(instrument.makerFee),
  createdAt: stop.createdAt,
  stop: stop.ocoId === null ? stop.direction : "oco",
  stopTriggerTime: stop.triggeredAt ?? null,
  stopPrice: padded(stop.stopPrice),
});

/** The list tells a little more than the query for one. */
export const stopListView = (stop: Stop, instrument: Instrument, userId: string): Record<string, unknown> => ({
  ...stopView(stop, instrument, userId),
  relatedNo: stop.ocoId,
  limitPrice: null,
  pop: null,
  activateCondition: null,
});

export const ocoView = (oco: Oco): Record<string, unknown> => ({
  orderId: oco.id,
  symbol: oco.symbol,
  clientOid: oco.clientOid,
  orderTime: oco.createdAt,
  status: oco.status,
});

export const ocoLegView = (leg: Stop): Record<string, unknown> => ({
  id: leg.id,
  symbol: leg.wish.symbol,
  side: leg.wish.side,
  price: padded(leg.wish.price),
  stopPrice: padded(leg.stopPrice),
  size: padded(leg.wish.size),
  status: leg.status,
});

export const symbolView = (instrument: Instrument): Record<string, unknown> => ({
  symbol: instrument.symbol,
  name: instrument.symbol,
  baseCurrency: instrument.base,
  quoteCurrency: instrument.quote,
  feeCurrency: instrument.quote,
  market: instrument.quote === "BTC" ? "BTC" : "USDS",
  baseMinSize: text(instrument.sizeMin),
  quoteMinSize: text(instrument.fundsMin),
  baseMaxSize: text(instrument.sizeMax),
  quoteMaxSize: text(instrument.fundsMax),
  baseIncrement: text(instrument.step),
  quoteIncrement: text(instrument.fundsStep),
  priceIncrement: text(instrument.tick),
  priceLimitRate: text(instrument.priceLimitRate),
  minFunds: text(instrument.fundsMin),
  isMarginEnabled: false,
  enableTrading: instrument.isTrading,
  feeCategory: 1,
  makerFeeCoefficient: "1.00",
  takerFeeCoefficient: "1.00",
  st: false,
  callauctionIsEnabled: false,
  callauctionPriceFloor: null,
  callauctionPriceCeiling: null,
  callauctionFirstStageStartTime: null,
  callauctionSecondStageStartTime: null,
  callauctionThirdStageStartTime: null,
  tradingStartTime: null,
});
