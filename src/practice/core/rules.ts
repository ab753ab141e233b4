/**
 * What can refuse an order, a stop or a pair: the instrument's rules, the price band, the balance, the counts.
 * Looks only; changes nothing.
 */
import { formatFixed, isMultiple, timesDown } from "../fixed.ts";
import type { Instrument } from "../instrument.ts";
import { freeOf } from "./ledger.ts";
import { payAsset } from "./matching.ts";
import { type Core, instrumentFor, type OrderWish, type Side } from "./state.ts";
import { stopHold } from "./stops.ts";

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

const ORDERS_MAX = 200;
export const STOPS_MAX = 20;

const band = (instrument: Instrument, last: bigint, side: Side, price: bigint): Problem | null => {
  const away = timesDown(last, instrument.priceLimitRate);
  if (side === "buy" && price > last + away) return { kind: "price_too_high", limit: formatFixed(last + away) };
  if (side === "sell" && price < last - away) return { kind: "price_too_low", limit: formatFixed(last - away) };
  return null;
};

const checkSize = (instrument: Instrument, size: bigint, price: bigint): Problem | null => {
  if (size < instrument.sizeMin) return { kind: "size_below_min" };
  if (size > instrument.sizeMax) return { kind: "size_above_max" };
  if (!isMultiple(size, instrument.step)) return { kind: "size_increment" };
  return timesDown(price, size) < instrument.fundsMin ? { kind: "funds_below_min" } : null;
};

const checkFunds = (instrument: Instrument, funds: bigint): Problem | null => {
  if (!isMultiple(funds, instrument.fundsStep)) return { kind: "funds_increment" };
  if (funds < instrument.fundsMin) return { kind: "funds_below_min" };
  return funds > instrument.fundsMax ? { kind: "size_above_max" } : null;
};

/** The instrument's rules. `reference` is the price that values a market order. */
export const checkShape = (instrument: Instrument, wish: OrderWish, reference: bigint): Problem | null => {
  if (wish.price !== null && !isMultiple(wish.price, instrument.tick)) return { kind: "price_increment" };
  if (wish.price === 0n) return { kind: "price_too_low", limit: "0" };
  const size = wish.size === null ? null : checkSize(instrument, wish.size, wish.price ?? reference);
  if (size !== null) return size;
  return wish.funds === null ? null : checkFunds(instrument, wish.funds);
};

export const checkCommon = (
  core: Core,
  accountId: string,
  wish: { symbol: string; clientOid: string },
): Problem | null => {
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

/** Waiting stops of an account on a symbol; the legs of pairs count. */
export const waitingOf = (core: Core, accountId: string, symbol: string): number =>
  (core.state.waitingStops.get(symbol) ?? []).filter((id) => core.state.stops.get(id)?.accountId === accountId).length;

/** A pair must lie around the last price: the target on the better side, the stop on the worse one. */
export const checkOco = (wish: OcoWish, instrument: Instrument, last: bigint): Problem | null => {
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

/** One leg of a pair as a plain limit order. */
export const legWish = (wish: OcoWish, price: bigint): OrderWish => ({
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
