/**
 * What of a shared account is ours, for a process that has only the last snapshot and the exchange. Three things are known:
 *
 *   told       what the books held, when they were last compared with the exchange
 *   traded     what was bought and sold since, less what the books had heard of already
 *   resting    what sales of ours hold: nothing of it has been sold, and once their cancel is confirmed it is free for certain
 *
 * Where a stop of ours may have fired, a sale without a name counts as its. Too little sold is told and can be sold by hand;
 * too much cannot be taken back.
 */
import { epochOfClientOrderId } from "./client_order_id.ts";
import { symbolOf } from "./instrument.ts";
import type { Lifeline } from "./lifeline.ts";
import { isAtLeast, largest, minus, plus, type Quantity, smallest, sum, zeroQuantity } from "./money.ts";

/** An order of the account that traded lately, as the exchange tells it. */
export type Deal = {
  readonly venueOrderId: string;
  /** null = it has none, as what a fired stop became. */
  readonly clientOrderId: string | null;
  readonly side: "buy" | "sell";
  /** In its whole life; null = the exchange does not tell. */
  readonly total: Quantity | null;
  /** Units: venue clock, ms. */
  readonly fills: readonly { readonly at: number; readonly quantity: Quantity }[];
};

/** What the account did in one instrument since the comparison and the books have not heard of. Units: base asset. */
export type Traded = {
  readonly boughtByUs: Quantity;
  readonly soldByUs: Quantity;
  /** By orders without a name of ours: what the exchange made of our stops when they fired, and sales of other people. */
  readonly soldByOthers: Quantity;
};

export const nothingTraded: Traded = {
  boughtByUs: zeroQuantity,
  soldByUs: zeroQuantity,
  soldByOthers: zeroQuantity,
};

/** An order that this run followed to its end: its lists may lag, its own answer does not. */
export type Followed = { readonly symbol: string; readonly side: "buy" | "sell"; readonly total: Quantity };

/** Units: venue clock, ms. */
export type Since = {
  /** When the snapshot was written; null = there is none. */
  readonly snapshotAt: number | null;
  /** When its books had last been compared with the exchange; null = nobody knows. */
  readonly comparedAt: number | null;
  readonly begunAt: number;
};

/** A snapshot may have been written before the last fills had reached the house. */
const lagMs = 5_000;
/** A list of fills spans at most seven days. */
export const fillsGoBackMs = 7 * 24 * 3_600_000 - 60_000;

/** From when fills are counted. Without a snapshot nobody knows what was before, so only what happens from now on is. */
export function countedFrom({ snapshotAt, comparedAt, begunAt }: Since): number {
  if (snapshotAt === null) return begunAt - lagMs;
  return (comparedAt === null ? begunAt - fillsGoBackMs : Math.min(snapshotAt, comparedAt)) - lagMs;
}

/** The lists of the exchange do not reach back to it: whether a stop of it has fired meanwhile can't be told any more. */
export function isTooOld({ snapshotAt, comparedAt, begunAt }: Since): boolean {
  return snapshotAt !== null && (comparedAt === null || comparedAt < begunAt - fillsGoBackMs);
}

export type Counting = Since & {
  readonly symbol: string;
  readonly lifeline: Lifeline | null;
  /** What stops of ours became, by the exchange's id. */
  readonly children: ReadonlySet<string>;
  readonly followed: ReadonlyMap<string, Followed>;
};

export function tradedOf(deals: readonly Deal[], counting: Counting): Traded {
  const all = withFollowed(deals, counting);
  const total = (side: "buy" | "sell", isOfUs: boolean) =>
    all
      .filter((deal) => deal.side === side && isOurs(deal, counting) === isOfUs)
      .reduce((told, deal) => plus(told, unheard(deal, counting)), zeroQuantity);
  return { boughtByUs: total("buy", true), soldByUs: total("sell", true), soldByOthers: total("sell", false) };
}

function withFollowed(deals: readonly Deal[], { symbol, followed, begunAt }: Counting): readonly Deal[] {
  const listed = new Set(deals.map((deal) => deal.clientOrderId));
  const missing = [...followed].flatMap(([clientOrderId, { symbol: of, side, total }]): readonly Deal[] =>
    of !== symbol || listed.has(clientOrderId)
      ? []
      : [{ venueOrderId: "", clientOrderId, side, total, fills: [{ at: begunAt, quantity: total }] }],
  );
  return [...deals, ...missing];
}

function isOurs({ venueOrderId, clientOrderId }: Deal, { children, lifeline }: Counting): boolean {
  if (clientOrderId !== null && epochOfClientOrderId(clientOrderId) !== null) return true;
  return children.has(venueOrderId) || bookedOf(lifeline, { venueOrderId, clientOrderId })?.isOthers === false;
}

/** What the books had heard of this order when the snapshot was written; null = nothing, or an older snapshot. */
function bookedOf(lifeline: Lifeline | null, deal: Pick<Deal, "venueOrderId" | "clientOrderId">) {
  const found = [...(lifeline?.orders ?? []), ...(lifeline?.ended ?? [])].find(
    (one) =>
      (deal.clientOrderId !== null && one.clientOrderId === deal.clientOrderId) ||
      (deal.venueOrderId !== "" &&
        (one.venueOrderId === deal.venueOrderId || one.children?.includes(deal.venueOrderId) === true)),
  );
  return found?.filled === undefined ? null : { filled: found.filled, isOthers: found.isOthers === true };
}

/** How much of it the books do not hold yet. */
function unheard(deal: Deal, counting: Counting): Quantity {
  const { lifeline, followed, snapshotAt } = counting;
  const booked = bookedOf(lifeline, deal);
  const told = deal.clientOrderId === null ? undefined : followed.get(deal.clientOrderId)?.total;
  const listed = sum(
    deal.fills.map((fill) => fill.quantity),
    zeroQuantity,
  );
  const whole = largest(deal.total ?? listed, told ?? zeroQuantity);
  // A sale by somebody else of which the books took what was ours: the rest of it was his.
  if (booked?.isOthers === true) return zeroQuantity;
  if (booked !== null) return leftAfter(whole, booked.filled);
  if (told !== undefined) return whole;
  // An older snapshot does not say what its books had heard: a purchase before it stands in it, a sale just before may not.
  const isOldForm = lifeline !== null && lifeline.comparedAt === undefined;
  if (!isOldForm || deal.side === "sell") return listed;
  return sum(
    deal.fills.filter((fill) => fill.at >= (snapshotAt ?? 0)).map((fill) => fill.quantity),
    zeroQuantity,
  );
}

export type Claim = {
  /** Ours to sell, and there. */
  readonly owned: Quantity;
  /** There, and perhaps ours: a person has to look. */
  readonly doubt: Quantity;
};

export type Claiming = Since & {
  readonly symbol: string;
  readonly lifeline: Lifeline | null;
  readonly isDedicated: boolean;
  /** All of the asset that is in the account, free or held. */
  readonly there: Quantity;
  /** What sales of ours hold, or held until their cancel was confirmed. */
  readonly resting: Quantity;
  readonly traded: Traded;
  /** A stop of ours was seen on it, though the snapshot may not know. */
  readonly hadStop?: boolean;
  /** Left the account, or is held by nobody knows whom, beyond what the lists tell: they may lag. Nothing unless told. */
  readonly missing?: Quantity;
};

export function claimOf(about: Claiming): Claim {
  const { there, resting, traded, missing = zeroQuantity } = about;
  if (about.isDedicated) return { owned: there, doubt: zeroQuantity };
  const held = heldOf(about);
  const told = held.reduce((total, position) => plus(total, position.quantity), zeroQuantity);
  const claimed = leftAfter(plus(told, traded.boughtByUs), traded.soldByUs);
  const byFills = isTooOld(about)
    ? zeroQuantity
    : leftAfter(hadStop(about) ? leftAfter(claimed, traded.soldByOthers) : claimed, missing);
  const owned = smallest(there, largest(byFills, resting));
  const unsold = leftAfter(isTooOld(about) ? told : claimed, largest(byFills, resting));
  return { owned, doubt: smallest(leftAfter(there, owned), unsold) };
}

const heldOf = ({ symbol, lifeline }: Claiming) =>
  (lifeline?.positions ?? []).filter((position) => symbolOf(position.instrumentId) === symbol);

function hadStop(about: Claiming): boolean {
  return (
    about.hadStop === true ||
    about.resting !== zeroQuantity ||
    heldOf(about).some((position) => position.protection === "placed") ||
    (about.lifeline?.orders ?? []).some(
      (order) => order.leg === "protect" && symbolOf(order.instrumentId) === about.symbol,
    )
  );
}

/** Base asset of one instrument, before our sales of it were canceled and after. */
export type Holding = { readonly free: Quantity; readonly held: Quantity };

/**
 * What the cancels set free. One that was confirmed says so itself. One that found its order gone proves nothing: that order
 * may have fired, and then its coins are sold, or held by what it became.
 *
 * @returns `freed`: ours for certain; `missing`: sold or still held, and perhaps in no list yet.
 */
export function freedBy(about: {
  /** Freed by confirmed cancels. */
  readonly confirmed: Quantity;
  /** Held by orders that were gone when their cancel came. */
  readonly gone: Quantity;
  readonly before: Holding;
  readonly after: Holding;
  /** What the lists tell of sales in between. */
  readonly sold: Quantity;
}): { readonly freed: Quantity; readonly missing: Quantity } {
  const { confirmed, gone, before, after, sold } = about;
  const left = leftAfter(plus(before.free, before.held), plus(after.free, after.held));
  const released = smallest(gone, leftAfter(leftAfter(before.held, after.held), confirmed));
  const freed = plus(confirmed, leftAfter(released, largest(left, sold)));
  return { freed, missing: plus(leftAfter(left, sold), leftAfter(gone, released)) };
}

export const leftAfter = (left: Quantity, sold: Quantity): Quantity =>
  isAtLeast(sold, left) ? zeroQuantity : minus(left, sold);
