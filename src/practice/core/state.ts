/**
 * Everything the practice exchange remembers, as plain data: accounts, orders, stops, OCO pairs, fills.
 *
 * The state changes in two ways only: market prints (`core/walk.ts`) and commands (`core/commands.ts`).
 * Both are pure functions of state and input, so a journal of commands plus the same market gives the same state.
 */
import type { Instrument } from "../instrument.ts";
import type { MarketSource } from "../market/source.ts";
import type { Switches } from "../switches.ts";

export type Side = "buy" | "sell";
export type OrderType = "limit" | "market";
export type TimeInForce = "GTC" | "GTT" | "IOC" | "FOK";
export type SelfTradePrevention = "" | "DC" | "CO" | "CN" | "CB";

/** Words that an order carries along and that decide nothing. */
export interface OrderNotes {
  remark: string;
  tags: string;
  hidden: boolean;
  iceberg: boolean;
  visibleSize: bigint;
}

/** What an account asks for. Absent numbers are null; a market order has size or funds, never both. */
export interface OrderWish extends OrderNotes {
  clientOid: string;
  symbol: string;
  side: Side;
  type: OrderType;
  price: bigint | null;
  size: bigint | null;
  funds: bigint | null;
  timeInForce: TimeInForce;
  postOnly: boolean;
  /** Seconds of market time a GTT order lives; null otherwise. */
  cancelAfter: number | null;
  selfTrade: SelfTradePrevention;
}

export interface Order extends OrderWish {
  id: string;
  accountId: string;
  /** Rising number over all orders: time priority. */
  sequence: number;
  createdAt: number;
  updatedAt: number;
  isActive: boolean;
  inBook: boolean;
  cancelRequested: boolean;
  /** True once some part was canceled. */
  wasCanceled: boolean;
  dealSize: bigint;
  dealFunds: bigint;
  fee: bigint;
  canceledSize: bigint;
  canceledFunds: bigint;
  /** What is still set aside for it, in the quote asset of a buy or the base asset of a sell. */
  held: bigint;
  /** Rising number in the order in which orders ended; 0 while active. */
  doneSequence: number;
  /** "" or the direction of the stop it came from. */
  stop: "" | StopDirection;
  ocoId: string | null;
}

export type StopDirection = "loss" | "entry";
export type StopStatus = "NEW" | "TRIGGERED" | "CANCELLED";

export interface Stop {
  id: string;
  accountId: string;
  sequence: number;
  /** The order that is placed when the stop fires. */
  wish: OrderWish;
  direction: StopDirection;
  stopPrice: bigint;
  status: StopStatus;
  createdAt: number;
  triggeredAt: number | null;
  /** Order born from it, or null. */
  orderId: string | null;
  held: bigint;
  ocoId: string | null;
}

export type OcoStatus = "NEW" | "TRIGGERED" | "DONE" | "CANCELLED";

/** Two stops that hold one amount together; the first to fire cancels the other. */
export interface Oco {
  id: string;
  accountId: string;
  clientOid: string;
  symbol: string;
  side: Side;
  size: bigint;
  status: OcoStatus;
  createdAt: number;
  sequence: number;
  remark: string;
  limitLegId: string;
  stopLegId: string;
  held: bigint;
}

export interface Fill {
  /** Rising over the whole exchange. */
  id: number;
  /** Rising per symbol. */
  tradeId: number;
  orderId: string;
  counterOrderId: string;
  accountId: string;
  symbol: string;
  side: Side;
  type: OrderType;
  liquidity: "maker" | "taker";
  price: bigint;
  size: bigint;
  funds: bigint;
  fee: bigint;
  feeRate: bigint;
  stop: "" | StopDirection;
  createdAt: number;
}

export interface Balance {
  free: bigint;
  held: bigint;
}

export interface Account {
  id: string;
  balances: Map<string, Balance>;
}

export interface Last {
  price: bigint;
  at: number;
  /** Rising per symbol; the market's own book is redrawn with each print. */
  print: number;
}

/** What the market's own book has given since the last print, by level. */
export interface Taken {
  print: number;
  bids: bigint[];
  asks: bigint[];
}

export interface Shift {
  at: number;
  times: bigint;
  per: bigint;
}

/** Money that came (or, negative, went), as the venue's list of an account tells it. */
export interface Transfer {
  id: string;
  accountId: string;
  asset: string;
  amount: bigint;
  at: number;
}

export interface State {
  seed: string;
  /** Market time up to which everything has happened, ms. */
  now: number;
  counters: { order: number; stop: number; fill: number; done: number };
  trades: Map<string, number>;
  accounts: Map<string, Account>;
  /** The other side of every trade with the market; may be negative. */
  marketGains: Map<string, bigint>;
  fees: Map<string, bigint>;
  deposited: Map<string, bigint>;
  /** Money from and to outside that the venue lists, oldest first; absent in journals of before there were such lists. */
  transfers?: Transfer[];
  last: Map<string, Last>;
  taken: Map<string, Taken>;
  orders: Map<string, Order>;
  stops: Map<string, Stop>;
  ocos: Map<string, Oco>;
  fills: Fill[];
  /** account/clientOid of every order, stop and OCO pair ever accepted. */
  clientOids: Map<string, string>;
  /** Ids of active orders and of waiting stops, in time order, per symbol. */
  activeOrders: Map<string, string[]>;
  waitingStops: Map<string, string[]>;
  /** Price factors since jumps, as fractions, oldest first; see `jump` in core/commands.ts. The last one is in force. */
  shifts: Map<string, Shift[]>;
  instruments: Map<string, Instrument>;
}

/** Told after each change, for streams and for visibility faults. */
export type CoreEvent =
  | { kind: "order_opened" | "order_matched" | "order_canceled" | "order_done"; order: Order; fill: Fill | null }
  | { kind: "stop_opened" | "stop_triggered" | "stop_canceled"; stop: Stop }
  | { kind: "balance"; accountId: string; asset: string; balance: Balance; relation: string }
  | { kind: "print"; symbol: string; at: number; price: bigint; volume: bigint };

export interface Core {
  state: State;
  market: MarketSource;
  switches: Switches;
  emit(event: CoreEvent): void;
}

export const emptyState = (seed: string, now: number, instruments: readonly Instrument[]): State => ({
  seed,
  now,
  counters: { order: 0, stop: 0, fill: 0, done: 0 },
  trades: new Map(),
  accounts: new Map(),
  marketGains: new Map(),
  fees: new Map(),
  deposited: new Map(),
  last: new Map(),
  taken: new Map(),
  orders: new Map(),
  stops: new Map(),
  ocos: new Map(),
  fills: [],
  clientOids: new Map(),
  activeOrders: new Map(),
  waitingStops: new Map(),
  shifts: new Map(),
  instruments: new Map(instruments.map((one) => [one.symbol, { ...one }])),
});

/** Remaining base size of an order; null when it was given as funds. */
export const remainingSize = (order: Order): bigint | null =>
  order.size === null ? null : order.size - order.dealSize - order.canceledSize;

export const instrumentFor = (state: State, symbol: string): Instrument => {
  const instrument = state.instruments.get(symbol);
  if (instrument === undefined) throw new Error(`practice: no instrument ${symbol}; the caller must check it first`);
  return instrument;
};
