/** The venue's truth in the shapes that invariants ask for: whose order is whose, what is live, and what is too small to matter. */
import type { Instrument } from "../../../src/core/instrument.ts";
import type { TrueFill, TrueOrder, VenueTruth, WireCreate, WorldView } from "../contract.ts";
import { exact, times } from "./exact.ts";
import type { OrderTrail, Trail } from "./trail.ts";

let known: { readonly venue: VenueTruth; readonly revision: number; readonly orders: readonly TrueOrder[] } | null =
  null;

/** All orders that the venue ever had; read once a revision. */
export function trueOrders({ venue }: WorldView): readonly TrueOrder[] {
  const revision = venue.revision();
  if (known === null || known.venue !== venue || known.revision !== revision)
    known = { venue, revision, orders: venue.orders() };
  return known.orders;
}

/** The order of ours behind an order or a fill of the venue; undefined for somebody else's. */
export function oursBehind(
  trail: Trail,
  seen: Pick<TrueOrder | TrueFill, "clientOrderId" | "venueOrderId">,
): OrderTrail | undefined {
  return trail.orders.get(seen.clientOrderId ?? "") ?? trail.byVenueId.get(seen.venueOrderId);
}

/** Orders at the venue that belong to one of ours: itself, and what a stop became. */
export function trueOrdersOf(view: WorldView, trail: Trail, order: OrderTrail): readonly TrueOrder[] {
  return trueOrders(view).filter((one) => oursBehind(trail, one) === order);
}

type Rules = Pick<WorldView, "instruments" | "venue">;

export function instrumentOf(view: Pick<Rules, "instruments">, symbol: string): Instrument | undefined {
  return view.instruments.find((one) => one.symbol === symbol);
}

/** Too small for the venue to take an order of it, at the price of now. Unknown instruments have no dust. */
export function isDust(view: Rules, symbol: string, size: bigint): boolean {
  if (size <= 0n) return true;
  const instrument = instrumentOf(view, symbol);
  if (instrument === undefined) return false;
  const step = exact(instrument.stepSize);
  const sellable = size - (size % step);
  return (
    sellable <= 0n ||
    sellable < exact(instrument.quantityMin) ||
    times(sellable, exact(view.venue.price(symbol))) < exact(instrument.notionalMin)
  );
}

export const remainingOf = (order: TrueOrder): bigint => exact(order.quantity) - exact(order.filled);

/** A gateway may queue an order before its engine takes it, and the row of the create then changes its verdict. */
const queuedMaxMs = 60_000;

/** Creates that became accepted since the last call; `now` of the view is the time of it. */
export function openAccepted(): (view: WorldView) => readonly WireCreate[] {
  let read = 0;
  let undecided: number[] = [];
  let revision = -1;
  return ({ venue, now }) => {
    const { creates } = venue;
    if (venue.revision() === revision) return [];
    revision = venue.revision();
    const accepted: WireCreate[] = [];
    const later: number[] = [];
    const look = (index: number): void => {
      const create = creates[index];
      if (create?.verdict === "accepted") accepted.push(create);
      else if (create?.verdict === "refused" && now - create.receivedAt < queuedMaxMs) later.push(index);
    };
    for (const index of undecided) look(index);
    for (; read < creates.length; read += 1) look(read);
    undecided = later;
    return accepted;
  };
}

/** Coins that are really there of the base asset of a symbol, free or held: somebody else may have taken some. */
export function coinsOf({ venue }: WorldView, symbol: string): bigint {
  const account = venue.balances()[symbol.split("/")[0] ?? ""];
  return account === undefined ? 0n : exact(account.free) + exact(account.held);
}

/** How long after it left a request may still arrive and be taken: bounded by its stamp where the venue looks at one. */
export const arrivesWithinMs = ({ profile }: WorldView): number =>
  profile === "kucoin" || profile === "binance" ? 3_500 : 31_000;

const answersWithinMs = 1_200;
/** Nobody looked for this long: what went on in between is not known, and counts no more than this. */
const gapMaxMs = 3_000;

/** Whoever could not act for this long gets all of its time anew. */
const awayMs = 2_000;

export type Attention = {
  /** Milliseconds since the last call in which somebody could have done something. */
  readonly passed: number;
  /** Nobody could for a while: what is late now is not yet anybody's fault. */
  readonly isAnew: boolean;
};

/**
 * Somebody could act: a running process with the newest epoch and a way to the store, and a venue that answers it. A venue
 * that told us to stay away gives no answers.
 */
export function openAttention(): (view: WorldView, trail: Trail) => Attention {
  let before: number | null = null;
  let lastAttended: number | null = null;
  return (view, trail) => {
    const passed = before === null ? 0 : Math.min(view.now - before, gapMaxMs);
    before = view.now;
    const isAttended =
      view.venue.answeredWithin(answersWithinMs) &&
      view.processes.some((one) => one.isAlive && !one.isFrozen && one.hasStore && one.epoch === trail.epoch);
    if (!isAttended) return { passed: 0, isAnew: false };
    const isAnew = lastAttended === null || view.now - lastAttended > awayMs + gapMaxMs;
    lastAttended = view.now;
    return { passed, isAnew };
  };
}
