/** What the simulated venue holds: accounts, orders, fills, the market, and every request that it has seen or that is on its way. */
import type { Instrument } from "../../../src/core/instrument.ts";
import type { Price, Quantity } from "../../../src/core/money.ts";
import type { OrderBook, OrderKind, VenueFill, VenueOrder } from "../../../src/ports/venue.ts";
import { fixed } from "../../../src/practice/fixed.ts";
import type {
  Chance,
  FaultFamily,
  Scheduler,
  TrueFill,
  TrueOrder,
  Weather,
  WireCancel,
  WireCreate,
} from "../contract.ts";
import type { Quirks } from "./quirks.ts";

export type Bar = { openedAt: number; open: bigint; high: bigint; low: bigint; close: bigint; volume: bigint };

export type Market = {
  /** The rules in force now. */
  instrument: Instrument;
  tick: bigint;
  step: bigint;
  readonly anchor: number;
  /** Middle of the market as it drifts; only for drawing the path. */
  mid: number;
  last: bigint;
  bid: bigint;
  ask: bigint;
  movedAt: number;
  readonly bars: Bar[];
  readonly pasts: Map<number, readonly Bar[]>;
  /** A frozen feed goes on telling this book. */
  frozen: { book: OrderBook; at: number; until: number } | null;
  /** One print that never happened: what the feed shows is the truth times this. */
  badTick: { factor: bigint; until: number } | null;
  haltedUntil: number;
  /** Polymarket: what one share pays, once the market is resolved. */
  payout: bigint | null;
};

export type SimOrder = {
  readonly id: string;
  readonly clientOrderId: string | null;
  readonly owner: "ours" | "human";
  readonly symbol: string;
  readonly instrumentId: string;
  readonly kind: OrderKind;
  readonly side: "buy" | "sell";
  readonly quantity: bigint;
  readonly limit: bigint;
  readonly trigger: bigint | null;
  readonly target: bigint | null;
  readonly timeInForce: "gtc" | "ioc" | "fok";
  readonly isProtective: boolean;
  readonly createdAt: number;
  filled: bigint;
  /** Quote money of what is filled. */
  funds: bigint;
  /** Matched here and told as filled, but its settlement is going to fail: in truth it never traded. */
  ghost: bigint;
  state: VenueOrder["state"];
  hasTriggered: boolean;
  /** What is set aside for it: quote for a buy, base for a sell. */
  held: bigint;
  /** Lists and look-ups don't know it before this. */
  visibleAt: number;
  child: SimOrder | null;
  readonly parent: SimOrder | null;
};

export type SimFill = {
  readonly fill: VenueFill;
  readonly visibleAt: number;
  /** Told under another id until then, as a stream without trade ids does. */
  readonly otherIdUntil: number;
  /** Matched, not final before this; 0 = final at once. */
  settlesAt: number;
  /** What becomes of it then. */
  readonly willFail: boolean;
  timesTold: number;
};

export type OnItsWay = {
  readonly clientOrderId: string;
  readonly processId: string;
  /** Until when it could still be accepted, if it arrives at all. */
  readonly couldArrive: boolean;
};

export type VenueState = {
  readonly quirks: Quirks;
  readonly scheduler: Scheduler;
  readonly weather: Weather;
  readonly chanceOf: (family: FaultFamily | "market" | "latency" | "ids" | "happenings") => Chance;
  readonly say: (line: string) => void;
  readonly markets: Map<string, Market>;
  readonly orders: SimOrder[];
  readonly live: Set<SimOrder>;
  /** Arms of fired pairs that the venue forgot to take out of its lists. */
  readonly siblings: Set<SimOrder>;
  /** Orders with a match whose settlement is going to fail. */
  readonly ghosts: Set<SimOrder>;
  readonly byClientId: Map<string, SimOrder[]>;
  readonly accounts: Map<string, { free: bigint; held: bigint }>;
  /** What the rest of the world got from us, per asset; with our accounts it always adds up to what was paid in. */
  readonly outside: Map<string, bigint>;
  readonly fills: SimFill[];
  readonly trueFills: TrueFill[];
  readonly failing: TrueFill[];
  readonly transfers: { readonly at: number; readonly asset: string; readonly amount: string }[];
  readonly creates: WireCreate[];
  readonly cancels: WireCancel[];
  readonly onTheWay: Set<OnItsWay>;
  outageUntil: number;
  /** Requests arrive, answers don't. */
  muteUntil: number;
  busyUntil: number;
  bannedUntil: number;
  /** Questions asked while told to wait. */
  strikes: number;
  /** The key is refused. */
  lockedUntil: number;
  restartUntil: number;
  postOnlyUntil: number;
  cancelOnlyUntil: number;
  disabledUntil: number;
  stopsRefusedUntil: number;
  lastAnswerAt: number;
  isCalm: boolean;
  /** Grows with orders and fills; `ticks` with everything else that changes. */
  revision: number;
  ticks: number;
  nextId: number;
  cachedOrders: { revision: number; orders: readonly TrueOrder[] };
};

/** Whether this family strikes now. `share` scales a rate that is meant per message down to what is meant per act. */
export function strikes(state: VenueState, family: FaultFamily, share = 1): boolean {
  if (state.isCalm) return false;
  const rate = state.weather.rate(family);
  return rate > 0 && state.chanceOf(family).hits(rate * share);
}

export function freshId(state: VenueState, prefix = ""): string {
  state.nextId += 1;
  return `${prefix}${state.chanceOf("ids").int(0x10_00_00_00, 0xff_ff_ff_ff).toString(16)}${state.nextId.toString(16).padStart(8, "0")}`;
}

export function marketOf(state: VenueState, symbol: string): Market {
  const market = state.markets.get(symbol);
  if (market === undefined) throw new Error(`The simulated venue has no market ${symbol}`);
  return market;
}

export const asPrice = (text: string): Price => text as Price;
export const asQuantity = (text: string): Quantity => text as Quantity;

export const whole = (text: string): bigint => fixed(text);
