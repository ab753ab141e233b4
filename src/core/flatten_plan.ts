/**
 * What a flatten does next, from what is known at this moment: a pure function, asked again every round, so that a crash, a
 * new leader or a venue that came back changes nothing but the input. Orders it names are canceled, positions it names are
 * sold by the one position loop, in this order: without protection first, then by what they may lose.
 */
import type { BookedOrder } from "./books_orders.ts";
import { mark } from "./mark.ts";
import {
  compare,
  isPositive,
  type Notional,
  notionalOf,
  type Price,
  type Ratio,
  scale,
  zeroNotional,
} from "./money.ts";
import { mayStillTrade } from "./order.ts";
import type { Position } from "./position.ts";

/** What the venue takes at the moment. */
export type VenueWindow = "open" | "post_only" | "cancel_only" | "closed";

export type FlattenInput = {
  readonly isConfirmed: boolean;
  readonly positions: readonly Position[];
  readonly orders: readonly BookedOrder[];
  readonly marks: Readonly<Record<string, Price>>;
  /** Recent move of an instrument as a share; one that is not known counts as 1, the most restless. */
  readonly volatility: Readonly<Record<string, Ratio>>;
  readonly venue: { readonly isReachable: boolean; readonly window: VenueWindow };
};

export type FlattenPlan = {
  readonly step: "halting" | "selling" | "waiting_venue" | "verifying";
  readonly because: string;
  /** Entries to take back now, by client order id. */
  readonly cancel: readonly string[];
  /** Positions to sell now, in this order. */
  readonly sell: readonly string[];
  /** Orders whose fate is unknown: the resolver works on them, and nothing is verified before it has ended. */
  readonly unknown: readonly string[];
  /** What is in the way of being flat, in words that name each. */
  readonly left: readonly string[];
};

export function planFlatten(input: FlattenInput): FlattenPlan {
  const { orders, positions, venue, isConfirmed } = input;
  const live = orders.filter((order) => mayStillTrade(order.state));
  const entries = live.filter((order) => order.intent.leg === "entry" && order.state !== "unknown");
  const unknown = live.filter((order) => order.state === "unknown").map((order) => order.clientOrderId);
  const held = positions.filter((position) => position.state !== "closed" && isHeld(position));
  const left = leftOf(held, live);
  if (unknown.length > 0) mark("K02.not_flat_while_a_fate_is_unknown");
  if (!venue.isReachable || venue.window === "closed") return waiting(input, { unknown, left });
  const cancel = entries.map((order) => order.clientOrderId);
  if (venue.window === "cancel_only") {
    mark("V27.cancel_only");
    const because = "the venue takes cancels only; its stops stay, and selling goes on when it opens";
    return { step: "waiting_venue", because, cancel, sell: [], unknown, left };
  }
  if (!isConfirmed) return { step: "halting", because: "waits for a confirming tap", cancel, sell: [], unknown, left };
  const sell = [...held].sort(byRisk(input));
  const isFlat = left.length === 0;
  return {
    step: isFlat ? "verifying" : "selling",
    because: isFlat ? "nothing of ours is left in the books" : `${left.length} left`,
    cancel,
    sell: sell.map((position) => position.positionId),
    unknown,
    left,
  };
}

/** Nothing is sent to a venue that does not answer; the stops that rest there go on protecting. */
function waiting(
  { venue, isConfirmed }: FlattenInput,
  known: { unknown: readonly string[]; left: readonly string[] },
): FlattenPlan {
  mark("V32.venue_outage");
  const because = venue.isReachable
    ? "the venue has switched trading off, cancels too"
    : "the venue does not answer; its stops stay, and it is asked again every 5 s";
  return { step: isConfirmed ? "waiting_venue" : "halting", because, cancel: [], sell: [], ...known };
}

function leftOf(held: readonly Position[], live: readonly BookedOrder[]): readonly string[] {
  return [
    ...held.map((position) => `${position.positionId}: ${position.quantity} held`),
    ...live.map((order) => `${order.clientOrderId}: ${order.intent.leg} ${order.state}`),
  ];
}

const isHeld = (position: Position): boolean => isPositive(position.quantity);

/** Unprotected first; then what may move the most money; the name decides between equals, so that the order is the same everywhere. */
function byRisk(input: FlattenInput): (left: Position, right: Position) => number {
  return (left, right) => {
    const bare = Number(right.protection !== "placed") - Number(left.protection !== "placed");
    if (bare !== 0) return bare;
    const byMoney = compare(riskOf(right, input), riskOf(left, input));
    return byMoney !== 0 ? byMoney : left.positionId.localeCompare(right.positionId);
  };
}

function riskOf(position: Position, { marks, volatility }: FlattenInput): Notional {
  const at = marks[position.instrumentId] ?? position.entryPrice;
  if (at === null) return zeroNotional;
  const worth = notionalOf(at, position.quantity);
  const moves = volatility[position.instrumentId];
  return moves === undefined ? worth : scale(worth, moves);
}

/** Requests that closing one position takes at most when nothing goes wrong: cancel, look, book, sell, look, fills, and as much for a second rung. */
const requestsPerPosition = 12;
/** Questions of one look at one instrument: its plain orders, pairs, stops and fills. */
const requestsPerLook = 4;

/**
 * The longest that a flatten may take at a venue that allows `perSecond` requests, answers within `latencyMs` and, once,
 * makes us wait `retryAfterMs`: what the drill compares itself with. Units: real ms.
 */
export function flattenBoundMs(about: {
  readonly positions: number;
  readonly instruments: number;
  readonly perSecond: number;
  readonly latencyMs: number;
  readonly retryAfterMs: number;
}): number {
  const requests = about.positions * requestsPerPosition + 2 * about.instruments * requestsPerLook;
  const share = 0.3;
  // Even if everybody else uses all that is not reserved for this lane.
  const paced = (requests / (about.perSecond * share)) * 1_000;
  return Math.ceil(paced + 12 * about.latencyMs + about.retryAfterMs + 2_000);
}
