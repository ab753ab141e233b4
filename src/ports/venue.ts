/**
 * A venue as the flows see it. One implementation a venue speaks its real wire protocol; nothing here throws for what a
 * venue or a network does: every answer says what is known, and `unknown_outcome` never pretends.
 */
import type { ClearedIntent } from "../core/clearance.ts";
import type { Instrument } from "../core/instrument.ts";
import type { Price, Quantity } from "../core/money.ts";
import type { Result } from "../core/result.ts";
import type { Candle } from "../core/signal.ts";
import type { OrderKind, SeenBalance, SeenFill, SeenOrder, SeenTransfer } from "../core/snapshot.ts";
import type { Instant } from "../core/time.ts";

/** A read that failed is Unavailable, never 0, [] or flat. `retryAfterMs` is set when the venue named a wait. */
export type Unavailable = {
  readonly kind: "unavailable";
  readonly venue: string;
  readonly what: string;
  readonly because: string;
  readonly retryAfterMs: number | null;
  /** banned: stay away until `retryAfterMs` has passed, whatever the question. key: our key or one of its rights is refused. */
  readonly trouble?: "banned" | "key";
};
export type Read<Value> = Result<Value, Unavailable>;

export type PlaceProblem =
  /** The venue states it did not accept the order. Final for this client order id. */
  | {
      readonly kind: "rejected";
      readonly code: string;
      readonly message: string;
      readonly reason:
        | "increment"
        | "too_small"
        | "balance"
        | "price_band"
        | "would_trigger"
        /** The stamp was too old or too new: our idea of the venue's time is wrong, or the request came late. */
        | "stale_stamp"
        | "instrument"
        | "permission"
        | "other";
    }
  /** A duplicate client order id: proof that an earlier attempt landed. Never send again; look it up. */
  | { readonly kind: "exists"; readonly message: string }
  /** No byte left, or the venue states it did not process it (rate limit). Nothing can be working. */
  | { readonly kind: "not_sent"; readonly because: string; readonly retryAfterMs: number | null }
  /** It left us and no usable answer came: the order may exist. Look it up; never send it again. */
  | { readonly kind: "unknown_outcome"; readonly because: string };

/** The exact request that would leave for the venue: method, address and body to the last character. Holds no secret. */
export type RehearsedRequest = { readonly method: string; readonly url: string; readonly body: string };

/** `rehearsed`: nothing left for the live host; this is what would have, and the order is simulated (DRY_RUN). */
export type PlaceAnswer = Result<
  { readonly venueOrderId: string; readonly rehearsed?: RehearsedRequest },
  PlaceProblem
>;

export type { OrderKind } from "../core/snapshot.ts";
/** Enough to find an order at the venue; `venueOrderId` is null while we never learned it. */
export type OrderRef = {
  readonly clientOrderId: string;
  readonly venueOrderId: string | null;
  readonly instrumentId: string;
  readonly kind: OrderKind;
  /** The venue's id of the order that a fired stop or pair became, which may bear no name of ours. Absent or null = none is known. */
  readonly firedAs?: string | null;
};

/** What a venue showed, in the words of the core: it judges them. */
export type VenueOrder = SeenOrder;
export type VenueFill = SeenFill;
export type VenueTransfer = SeenTransfer;

export type Level = { readonly price: Price; readonly quantity: Quantity };
/** Best first on both sides. `receivedAt` is wall time at our door, `age` is measured from it. */
/** The words of every problem that began with a redirect: whoever sends us elsewhere is not the venue. */
export const redirected = "the host answered with a redirect, which is never followed";

export type OrderBook = {
  readonly instrumentId: string;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly receivedAt: Instant;
  /** When the venue made it, by its own clock; absent or null where it does not say. */
  readonly madeAt?: Instant | null;
};

export type Balance = SeenBalance;

export type KeyRights = { readonly accountId: string; readonly mayTrade: boolean; readonly mayWithdraw: boolean };

/** Armed by whoever set it last: unless he sets it again in time, the venue cancels the orders of these symbols (none named = of all). */
export type DeadMan = { readonly seconds: number; readonly symbols: readonly string[] };

export type PlaceWire = {
  readonly clientOrderId: string;
  readonly stampedAt: Instant;
  /** Asked at the moment before the first byte, without waiting; no = nothing is written and the answer is not_sent. Absent = yes. */
  readonly mayLeave?: () => boolean;
};

export type CancelWire = Partial<Pick<PlaceWire, "stampedAt" | "mayLeave">>;

export interface Venue {
  readonly name: string;
  /** Venue clock in ms, real time. */
  time(): Promise<Read<Instant>>;
  /** Loads and checks instruments. @returns only those asked for; a missing one is Unavailable with its name. */
  instruments(symbols: readonly string[]): Promise<Read<readonly Instrument[]>>;
  keyRights(): Promise<Read<KeyRights>>;
  balances(): Promise<Read<readonly Balance[]>>;
  /** Closed candles only, oldest first, at most `count`. */
  candles(symbol: string, request: { timeframe: string; count: number }): Promise<Read<readonly Candle[]>>;
  orderBook(symbol: string): Promise<Read<OrderBook>>;
  /**
   * One POST, one attempt, no retry. `stampedAt` is the venue time of TX2 with which the request is signed, so that a
   * delayed request is refused by the venue itself. Resolves within about 10 s of real time whatever the wire does.
   */
  placeOrder(intent: ClearedIntent, wire: PlaceWire): Promise<PlaceAnswer>;
  /** Everything of placeOrder but the request itself, which is caught and told instead. Absent = this venue can't rehearse. */
  rehearseOrder?(intent: ClearedIntent, wire: PlaceWire): Promise<Result<RehearsedRequest, PlaceProblem>>;
  /**
   * Asks for a cancel. `accepted` only means the request was taken: look the order up for the truth. Stamped with the venue time
   * of its row where it is given, so that a venue which looks at stamps refuses one that comes too late.
   */
  cancelOrder(ref: OrderRef, wire?: CancelWire): Promise<Result<"accepted" | "already_done", PlaceProblem>>;
  /** An order of anybody by the venue's own id, for a fill that no order of ours explains. Absent = this venue can't be asked. */
  orderById?(venueOrderId: string, symbol: string): Promise<Read<VenueOrder | null>>;
  /** null = the venue states that it knows no such order; absence is proven by the flow, not by one answer. */
  findOrder(ref: OrderRef): Promise<Read<VenueOrder | null>>;
  /** Every open order of ours and of others on this account: plain, stop and OCO lists. */
  openOrders(symbol: string): Promise<Read<readonly VenueOrder[]>>;
  /** The same for every instrument of the account in one question. Absent = this venue is asked instrument by instrument. */
  allOpenOrders?(): Promise<Read<readonly VenueOrder[]>>;
  /** Fills of one instrument since a venue time, oldest first. */
  fills(symbol: string, since: Instant): Promise<Read<readonly VenueFill[]>>;
  /** Completed deposits and withdrawals since a venue time. Absent = this venue cannot be asked, and no transfer is ever assumed. */
  transfers?(since: Instant): Promise<Read<readonly VenueTransfer[]>>;
  /** The dead-man switch of the account; null = none is set. Absent = this venue has none. It is never set by us. */
  deadMan?(): Promise<Read<DeadMan | null>>;
  /** What it takes at the moment, where it has such states; absent = everything, always. Answerable without waiting. */
  window?(): "open" | "post_only" | "cancel_only" | "closed";
  /** Resolves when our pace lets the next order leave, and keeps that place for it; asked before the order is stamped. Absent = at once. */
  whenFree?(): Promise<void>;
  stop(): Promise<void>;
}
