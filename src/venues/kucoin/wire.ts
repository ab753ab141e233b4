/**
 * KuCoin's raw answers, field by field as far as we read them (its OpenAPI, 2025-11). Numbers are texts, also those that
 * KuCoin sends bare: the parser keeps their digits. ccxt's own order status is not used: it calls a triggered stop "cancelled".
 */
import { z } from "zod";
import { wireInstant, wireNotional, wirePrice, wireQuantity, wireRatio } from "../_ccxt/wire.ts";

const id = z.string().min(1);
const side = z.enum(["buy", "sell"]);

export const placedOrder = z.object({ orderId: id });

export const symbolInfo = z.object({
  symbol: id,
  baseCurrency: id,
  quoteCurrency: id,
  baseIncrement: wireQuantity,
  priceIncrement: wirePrice,
  baseMinSize: wireQuantity,
  baseMaxSize: wireQuantity,
  quoteMinSize: wireNotional,
  /** The real minimum of an order's value; older answers leave it out. */
  minFunds: wireNotional.nullish(),
  enableTrading: z.boolean(),
  callauctionIsEnabled: z.boolean().nullish(),
});

/** One page of the ledger of the trading account. The sign, where one is told, says what `direction` says. */
export const ledgerRows = z.array(
  z.object({
    id,
    currency: id,
    amount: z
      .union([z.string(), z.number()])
      .transform((text) => String(text).replace(/^-/, ""))
      .pipe(wireQuantity),
    direction: z.enum(["in", "out"]),
  }),
);

/** Empty when nothing is set. */
export const deadManSetting = z.object({
  timeout: z.union([z.number(), z.string()]).transform(Number).nullish(),
  symbols: z.string().nullish(),
});

export const tradeFees = z.array(z.object({ symbol: id, takerFeeRate: wireRatio, makerFeeRate: wireRatio }));

export const accountRows = z.array(
  z.object({ currency: id, type: z.string(), available: wireNotional, holds: wireNotional }),
);

export const keyInfo = z.object({ uid: id, subName: z.string().nullish(), permission: z.string() });

export const hfOrder = z.object({
  id,
  clientOid: z.string().nullish(),
  symbol: id,
  side,
  price: wirePrice.nullish(),
  size: wireQuantity,
  dealSize: wireQuantity,
  dealFunds: wireNotional.nullish(),
  cancelExist: z.boolean(),
  active: z.boolean(),
  createdAt: wireInstant,
});
export type HfOrder = z.infer<typeof hfOrder>;

export const hfOrders = z.array(hfOrder);
export const activeSymbols = z.object({ symbols: z.array(id).nullish() });
export const doneOrders = z.object({ items: z.array(hfOrder) });

export const stopOrder = z.object({
  id,
  clientOid: z.string().nullish(),
  symbol: id,
  side,
  /** "loss", "entry", or "oco" for an arm of an OCO. */
  stop: z.string().nullish(),
  status: z.string(),
  price: wirePrice.nullish(),
  stopPrice: wirePrice.nullish(),
  size: wireQuantity,
  createdAt: wireInstant,
  stopTriggerTime: wireInstant.nullish(),
  relatedNo: z.string().nullish(),
});
export type StopOrder = z.infer<typeof stopOrder>;

export const stopPage = z.object({ totalPage: z.coerce.number().int(), items: z.array(stopOrder) });
/** By client id KuCoin answers a list; by its own id a single order. */
export const stopFound = z.union([z.array(stopOrder), stopOrder.transform((found) => [found])]);

const ocoHead = z.object({
  orderId: id,
  clientOid: z.string().nullish(),
  symbol: id,
  status: z.string(),
  orderTime: wireInstant,
});
export const ocoFound = ocoHead;
export const ocoPage = z.object({ totalPage: z.coerce.number().int(), items: z.array(ocoHead) });
export const ocoDetail = ocoHead.extend({
  orders: z
    .array(z.object({ id, side, price: wirePrice, stopPrice: wirePrice, size: wireQuantity, status: z.string() }))
    .min(1),
});
export type OcoDetail = z.infer<typeof ocoDetail>;

export const fillPage = z.object({
  items: z.array(z.object({ id: z.string().nullish() })),
  lastId: z.string().nullish(),
});
