/**
 * What is particular about each venue, as data: windows for stamps, wording of refusals, how fees are taken, what rests
 * where. Sources: the venues' public documentation; bounds are the documented ones, delays are chosen inside of them.
 */
import type { PlaceProblem } from "../../../src/ports/venue.ts";
import type { QuirkProfile } from "../contract.ts";

type Refusal = Extract<PlaceProblem, { kind: "rejected" }>["reason"];
export type Said = { readonly code: string; readonly message: string };

export type Listing = {
  readonly symbol: string;
  readonly startsAt: number;
  readonly tick: string;
  readonly step: string;
  readonly quantityMin: string;
  readonly quantityMax: string;
  readonly notionalMin: string;
};

export type Quirks = {
  readonly profile: QuirkProfile;
  readonly protection: "oco" | "stop" | "none";
  readonly absentAfterMs: number;
  readonly feeIn: "quote" | "received";
  readonly takerFee: string;
  readonly makerFee: string;
  /** A plain order that arrives later than this after its stamp is refused; null = the venue has no such limit. */
  readonly stampWindowMs: number | null;
  /** The same for stops and pairs, which only have the limit of the signed header. */
  readonly stopStampWindowMs: number | null;
  /** How far ahead of the venue's clock a stamp may be. */
  readonly aheadMs: number;
  /** A request that is late on the way arrives at most this long after it left. */
  readonly latestArrivalMs: number;
  /** The venue looks at the stamp again before its engine, which may then take up to this long. */
  readonly engineMs: number;
  /** "ever": a client id counts for good. "open": it is free again once its order is done. */
  readonly remembersIds: "ever" | "open";
  /** A cancel is only a request: it takes effect this much later even in fair weather. */
  readonly cancelMs: readonly [number, number];
  /** A fired stop becomes its order this much later even in fair weather. */
  readonly triggerMs: readonly [number, number];
  /** A match is only final after this long, and may fail until then; null = a fill is a fill. */
  readonly settlesMs: readonly [number, number] | null;
  /** Stops and pairs are taken while the instrument does not trade; they wait. */
  readonly takesStopsInHalts: boolean;
  /** Whether deposits and withdrawals can be asked for. */
  readonly listsTransfers: boolean;
  readonly stopSlots: number | null;
  /** Prices further than this share from the last are refused. */
  readonly band: string | null;
  readonly immediateRemainder: "canceled" | "expired";
  readonly listings: readonly Listing[];
  readonly says: Readonly<Record<Refusal, Said>>;
  readonly saysDuplicate: string;
};

const crypto = (size: { quantityMin: string; notionalMin: string }): readonly Listing[] => [
  { symbol: "SOL/USDT", startsAt: 150, tick: "0.01", step: "0.001", quantityMax: "100000", ...size },
  { symbol: "ETH/USDT", startsAt: 2_400, tick: "0.01", step: "0.0001", quantityMax: "10000", ...size },
  { symbol: "BTC/USDT", startsAt: 64_000, tick: "0.1", step: "0.00001", quantityMax: "1000", ...size },
];

const kucoin: Quirks = {
  profile: "kucoin",
  protection: "oco",
  absentAfterMs: 16_000,
  feeIn: "quote",
  takerFee: "0.001",
  makerFee: "0.001",
  stampWindowMs: 3_000,
  stopStampWindowMs: 5_000,
  aheadMs: 5_000,
  latestArrivalMs: 30_000,
  engineMs: 0,
  remembersIds: "ever",
  cancelMs: [10, 120],
  triggerMs: [5, 300],
  settlesMs: null,
  takesStopsInHalts: true,
  listsTransfers: true,
  stopSlots: null,
  band: "0.2",
  immediateRemainder: "canceled",
  listings: crypto({ quantityMin: "0.00001", notionalMin: "0.1" }),
  saysDuplicate: "400100 clientOid duplicated",
  says: {
    increment: { code: "400100", message: "Price increment invalid." },
    too_small: { code: "600100", message: "Funds below the minimum requirement." },
    balance: { code: "200004", message: "Balance insufficient!" },
    price_band: { code: "400760", message: "order price is out of the allowed range" },
    would_trigger: { code: "400100", message: "The relationship of the prices for the orders is not correct." },
    instrument: { code: "900001", message: "Unsupported trading pair." },
    permission: { code: "400007", message: "Require more permission" },
    other: { code: "200003", message: "Too many orders" },
    stale_stamp: { code: "400100", message: "clientTimestamp + allowMaxTimeWindow is before the gateway's time" },
  },
};

const binance: Quirks = {
  profile: "binance",
  protection: "oco",
  absentAfterMs: 14_000,
  feeIn: "received",
  takerFee: "0.001",
  makerFee: "0.001",
  stampWindowMs: 3_000,
  stopStampWindowMs: 3_000,
  aheadMs: 1_000,
  latestArrivalMs: 30_000,
  engineMs: 10_000,
  remembersIds: "open",
  cancelMs: [0, 0],
  triggerMs: [0, 5],
  settlesMs: null,
  takesStopsInHalts: false,
  listsTransfers: true,
  stopSlots: 5,
  band: "0.1",
  immediateRemainder: "expired",
  listings: crypto({ quantityMin: "0.00001", notionalMin: "5" }),
  saysDuplicate: "-2010 Duplicate order sent.",
  says: {
    increment: { code: "-1013", message: "Filter failure: PRICE_FILTER" },
    too_small: { code: "-1013", message: "Filter failure: NOTIONAL" },
    balance: { code: "-2010", message: "Account has insufficient balance for requested action." },
    price_band: { code: "-1013", message: "Filter failure: PERCENT_PRICE_BY_SIDE" },
    would_trigger: { code: "-2010", message: "Stop price would trigger immediately." },
    instrument: { code: "-1121", message: "Invalid symbol." },
    permission: { code: "-2015", message: "Invalid API-key, IP, or permissions for action." },
    other: { code: "-1013", message: "Filter failure: MAX_NUM_ALGO_ORDERS" },
    stale_stamp: { code: "-1021", message: "Timestamp for this request is outside of the recvWindow." },
  },
};

const alpaca: Quirks = {
  profile: "alpaca",
  protection: "stop",
  absentAfterMs: 60_000,
  feeIn: "received",
  takerFee: "0.0025",
  makerFee: "0.0015",
  stampWindowMs: null,
  stopStampWindowMs: null,
  aheadMs: 5_000,
  latestArrivalMs: 45_000,
  engineMs: 0,
  remembersIds: "ever",
  cancelMs: [0, 60],
  triggerMs: [0, 50],
  settlesMs: null,
  takesStopsInHalts: true,
  listsTransfers: false,
  stopSlots: null,
  band: null,
  immediateRemainder: "canceled",
  listings: crypto({ quantityMin: "0.0001", notionalMin: "10" }),
  saysDuplicate: "40010001 client_order_id must be unique",
  says: {
    increment: { code: "42210000", message: "sub-penny increment does not fulfill minimum pricing criteria" },
    too_small: { code: "40310000", message: "cost basis must be >= minimal amount of order 10" },
    balance: { code: "40310000", message: "insufficient buying power" },
    price_band: { code: "42210000", message: "limit price is out of range" },
    would_trigger: { code: "42210000", message: "stop price must be less than current price" },
    instrument: { code: "42210000", message: "market is closed or halted" },
    permission: { code: "40310100", message: "trade denied due to pattern day trading protection" },
    other: { code: "42210000", message: "invalid order type" },
    stale_stamp: { code: "42210000", message: "unprocessable" },
  },
};

const polymarket: Quirks = {
  profile: "polymarket",
  protection: "none",
  absentAfterMs: 70_000,
  feeIn: "quote",
  takerFee: "0.001",
  makerFee: "0",
  stampWindowMs: null,
  stopStampWindowMs: null,
  aheadMs: 5_000,
  latestArrivalMs: 50_000,
  engineMs: 0,
  remembersIds: "ever",
  cancelMs: [0, 40],
  triggerMs: [0, 0],
  settlesMs: [1_000, 6_000],
  takesStopsInHalts: true,
  listsTransfers: true,
  stopSlots: null,
  band: null,
  immediateRemainder: "canceled",
  listings: [
    {
      symbol: "RAINYES/USDT",
      startsAt: 0.42,
      tick: "0.001",
      step: "0.01",
      quantityMin: "5",
      quantityMax: "1000000",
      notionalMin: "1",
    },
    {
      symbol: "CUPYES/USDT",
      startsAt: 0.61,
      tick: "0.001",
      step: "0.01",
      quantityMin: "5",
      quantityMax: "1000000",
      notionalMin: "1",
    },
  ],
  saysDuplicate: "INVALID_ORDER_DUPLICATED",
  says: {
    increment: { code: "400", message: "INVALID_ORDER_MIN_TICK_SIZE: breaks minimum tick size rule" },
    too_small: { code: "400", message: "INVALID_ORDER_MIN_SIZE: size lower than the minimum" },
    balance: { code: "400", message: "INVALID_ORDER_NOT_ENOUGH_BALANCE: not enough balance / allowance" },
    price_band: { code: "400", message: "price must be between the tick and one less the tick" },
    would_trigger: { code: "400", message: "order crosses book" },
    instrument: { code: "400", message: "the market is resolved or not accepting orders" },
    permission: { code: "401", message: "Unauthorized/Invalid api key" },
    other: { code: "400", message: "there are no stop orders here" },
    stale_stamp: { code: "400", message: "INVALID_ORDER_EXPIRATION" },
  },
};

export const quirksOf: Readonly<Record<QuirkProfile, Quirks>> = { kucoin, binance, alpaca, polymarket };
