/** What the trail keeps of orders, trades, consents and the house; kept current by trail.ts. */
import type { Fact, FactOf, Level, Recorded } from "../../../src/core/events.ts";
import type { OrderIntent } from "../../../src/core/intent.ts";

export type Look = { readonly trueAt: number; readonly verdict: string; readonly endpoints: number };

export type OrderTrail = {
  readonly id: string;
  readonly intent: OrderIntent;
  readonly fact: Pick<FactOf<"order_intended">, "digest" | "approvalId" | "approvalVersion" | "exitReason">;
  /** Not decided by us: the venue showed it. */
  readonly isAdopted: boolean;
  readonly symbol: string;
  readonly wanted: bigint;
  readonly intendedSeq: number;
  readonly intendedAt: number;
  sent: { readonly seq: number; readonly trueAt: number; readonly stampedAt: number } | null;
  state: string;
  filled: bigint;
  traded: bigint;
  fillIds: Set<string>;
  /** Looks at the venue since the answer was lost. */
  looks: Look[];
  lostAt: number | null;
};

export type TradeTrail = {
  readonly id: string;
  readonly instrumentId: string;
  readonly symbol: string;
  readonly orders: OrderTrail[];
  bought: bigint;
  sold: bigint;
  baseFees: bigint;
  quoteSpent: bigint;
  quoteGot: bigint;
  quoteFees: bigint;
  /** Left the account by a transfer. */
  reduced: bigint;
  exits: { readonly reason: string; readonly seq: number; readonly trueAt: number }[];
  closings: { readonly seq: number; readonly held: bigint; readonly profit: bigint }[];
  isClosed: boolean;
};

export type BreakerTrail = { readonly scope: string; readonly class: "transient" | "sticky"; readonly state: string };

export type ApprovalTrail = {
  readonly request: FactOf<"approval_requested">;
  readonly versions: Map<number, { readonly digest: string; readonly intent: OrderIntent | null }>;
  version: number;
  state: string;
  votes: { readonly fact: FactOf<"vote_cast">; readonly recorded: Recorded; readonly trueAt: number }[];
  approved: {
    readonly by: readonly string[];
    readonly wallAt: number;
    readonly trueAt: number;
    version: number;
  } | null;
  orders: OrderTrail[];
};

export type Told = {
  readonly index: number;
  readonly recorded: Recorded;
  readonly fact: Fact;
  readonly trueAt: number;
  readonly order: OrderTrail | null;
  readonly trade: TradeTrail | null;
  readonly approval: ApprovalTrail | null;
  /** Of the order or the approval, before the fact; `event` is null when the fact moves no state. */
  readonly from: string;
  readonly event: string | null;
  /** null = the law knows no such step. */
  readonly to: string | null;
  /** How the house stood before the fact. */
  readonly level: Level;
  readonly isReady: boolean;
  readonly epoch: number;
  /** By `cause@scope`. */
  readonly breakers: ReadonlyMap<string, BreakerTrail>;
  /** Who else was about when an order was armed; null for every other fact. */
  readonly scene: Scene | null;
};

export type Trail = {
  readonly told: Told[];
  readonly orders: Map<string, OrderTrail>;
  /** Orders by every id under which the venue is known to keep them: the order itself, and what a stop became. */
  readonly byVenueId: Map<string, OrderTrail>;
  readonly trades: Map<string, TradeTrail>;
  readonly approvals: Map<string, ApprovalTrail>;
  readonly levels: { readonly seq: number; readonly trueAt: number; readonly level: Level; readonly actor: string }[];
  readonly starts: {
    readonly epoch: number;
    readonly trueAt: number;
    /** As it is on record; null = it is not. */
    readonly quarantineMs: number | null;
    readyAt: number | null;
  }[];
  readonly deltas: Map<string, bigint>;
  readonly transferIds: Set<string>;
  opening: { readonly equity: bigint; readonly currency: string } | null;
  level: Level;
  isReady: boolean;
  epoch: number;
  breakers: ReadonlyMap<string, BreakerTrail>;
};

/** Who else was about at the moment when an order was armed. */
export type Scene = {
  /** Other orders of the same trade and side that were not settled. */
  readonly rivals: readonly {
    readonly id: string;
    readonly leg: string;
    readonly state: string;
    readonly left: bigint;
  }[];
  /** Units of base that the trade held before it, and had sold. */
  readonly held: bigint;
  /** Everything that was or could become exposure, this order not counted. */
  readonly open: readonly {
    readonly tradeId: string;
    readonly instrumentId: string;
    readonly held: bigint;
    /** Of the unsettled entry, and its worst price. */
    readonly left: bigint;
    readonly worst: string;
    readonly state: string;
  }[];
};

/** Base units that the record holds for this trade. */
export const heldOf = (trade: TradeTrail): bigint => trade.bought - trade.sold - trade.baseFees - trade.reduced;
