/** Looks an order up at the venue until it is settled, and cancels one: every answer is absorbed, a silent venue is left to the next round. */

import type { BookedOrder } from "../core/books_orders.ts";
import { epochOfClientOrderId } from "../core/client_order_id.ts";
import type { Fact } from "../core/events.ts";
import { cancelAgainMs } from "../core/exit_plan.ts";
import { isNamesake } from "../core/identity.ts";
import { symbolOf } from "../core/instrument.ts";
import { mark } from "../core/mark.ts";
import { isAtLeast, isMore, sum, zeroQuantity } from "../core/money.ts";
import { isUncertain, mayStillTrade } from "../core/order.ts";
import { addMs, between } from "../core/time.ts";
import type { CancelWire, OrderRef, VenueFill, VenueOrder } from "../ports/venue.ts";
import { absorbOrder } from "./absorb_order.ts";
import { maySend } from "./may_send.ts";
import { venueNow } from "./measure_offset.ts";
import type { Needs } from "./needs.ts";
import { isQuarantined } from "./quarantine.ts";
import { draft, record, recordFacts } from "./record.ts";
import { steadyOrder } from "./steady.ts";
import { within } from "./within.ts";

export function refOf(order: BookedOrder): OrderRef {
  return {
    clientOrderId: order.clientOrderId,
    venueOrderId: order.venueOrderId,
    instrumentId: order.intent.instrumentId,
    kind: order.intent.shape.orderType,
  };
}

/** Fills are asked for from a little before the order was stamped, since clocks differ. */
const fillsBeforeMs = 60_000;

/** One look. @returns true when the venue answered everything. */
export async function lookUp(needs: Needs, clientOrderId: string): Promise<boolean> {
  return (await lookOnce(needs, clientOrderId)) !== "silent";
}

/** @returns what the venue said: nothing, something of this order, or that its name belongs to another one. */
async function lookOnce(needs: Needs, clientOrderId: string): Promise<"silent" | "told" | "namesake"> {
  const order = needs.ledger.books().orders[clientOrderId];
  if (order === undefined) return "told";
  const found = await needs.venue.findOrder(refOf(order));
  if (!found.ok) return "silent";
  if (isNamesake(order, found.value)) return "namesake";
  // Nothing traded since the last look: the list of fills has nothing new to say.
  const hasTraded = found.value !== null && isMore(found.value.filledQuantity, order.filledQuantity);
  const fills = hasTraded || found.value === null ? await readFills(needs, order) : [];
  if (fills === null) return "silent";
  const mayProvision = isBehindLong(needs, order, found.value, fills);
  await absorbOrder(needs, clientOrderId, { order: found.value, fills, mayProvision });
  await noteTrace(needs, clientOrderId, found.value !== null);
  return "told";
}

/** The list of fills may be behind the order for this long before what is missing is booked provisionally. */
const fillsLagMs = 2_000;

/** A venue that hangs for one question must not keep a position from its next step for longer than this (real ms). */
const answerMaxMs = 3_000;

/** One look that waits for no answer that hangs; what comes later is absorbed all the same. */
export async function lookBriefly(needs: Needs, clientOrderId: string): Promise<void> {
  await within(needs.clock, answerMaxMs, lookUp(needs, clientOrderId));
}

/** The order says more was traded than it and its listed fills account for, at a look of 2 s ago and at this one. */
function isBehindLong(
  { memory, clock }: Needs,
  order: BookedOrder,
  found: VenueOrder | null,
  fills: readonly VenueFill[],
): boolean {
  const ids = [order.venueOrderId, found?.venueOrderId, ...order.childOrderIds, ...(found?.childOrderIds ?? [])];
  const news = fills.filter((fill) => ids.includes(fill.venueOrderId) && !order.fillIds.includes(fill.venueFillId));
  const listed = sum([order.filledQuantity, ...news.map((fill) => fill.quantity)], zeroQuantity);
  if (found === null || isAtLeast(listed, found.filledQuantity)) {
    memory.fillsBehind.delete(order.clientOrderId);
    return false;
  }
  const since = memory.fillsBehind.get(order.clientOrderId) ?? clock.mono();
  memory.fillsBehind.set(order.clientOrderId, since);
  return clock.mono() - since >= fillsLagMs;
}

/** Looks without a trace, over at least this long, after which an order that we held for working is unknown. */
const missingLooks = 3;
const missingSpanMs = 6_000;
const missingEveryMs = 3_000;

/**
 * An order that the venue knew once and shows nowhere any more is not silently taken for working: after three looks over ten
 * seconds it is unknown, people are told, and the resolver proves what became of it.
 */
async function noteTrace(needs: Needs, clientOrderId: string, wasFound: boolean): Promise<void> {
  const order = needs.ledger.books().orders[clientOrderId];
  if (order === undefined || !mayStillTrade(order.state) || order.state === "unknown") return;
  const { absent, firstAbsentAt, lastAt } = steadyOrder(needs, order).probes;
  if (wasFound ? absent === 0 : lastAt !== null && between(lastAt, needs.clock.wall()) < missingEveryMs) return;
  const facts: Fact[] = [
    {
      type: "order_probed",
      clientOrderId,
      verdict: wasFound ? "found" : "absent",
      endpoints: ["by_client_id", "fills"],
      because: wasFound ? "the venue shows it again" : "the venue shows it nowhere",
    },
  ];
  const isGone =
    !wasFound &&
    absent + 1 >= missingLooks &&
    firstAbsentAt !== null &&
    between(firstAbsentAt, needs.clock.wall()) >= missingSpanMs;
  if (isGone) facts.push({ type: "order_answer_lost", clientOrderId, because: "the venue does not know it any more" });
  await recordFacts(needs, "house", facts, order.tradeId);
}

/** Fills are dated in market time, which is house time. @returns null when the venue did not answer. */
export async function readFills(needs: Needs, order: BookedOrder): Promise<readonly VenueFill[] | null> {
  const fills = await needs.venue.fills(
    symbolOf(order.intent.instrumentId),
    addMs(order.decidedAt, -fillsBeforeMs * needs.clock.speed),
  );
  return fills.ok ? fills.value : null;
}

/** One hanging answer must not keep a position from its next step for longer than this. */
const followMaxMs = 4_000;
const waitsMs = [0, 40, 80, 150, 300, 500, 1_000, 1_500] as const;

/** Follows an order that should settle at once (IOC, a cancel) for a few seconds. @returns true when it is settled. */
export async function followOrder(needs: Needs, clientOrderId: string): Promise<boolean> {
  const until = needs.clock.mono() + followMaxMs;
  for (const waitMs of waitsMs) {
    if (needs.clock.mono() > until) return false;
    if (waitMs > 0) await needs.clock.sleep(waitMs);
    // Whoever else learns the truth meanwhile (the reconcile) ends the waiting as well.
    if (isSettledNow(needs, clientOrderId)) return true;
    await within(needs.clock, Math.max(1, until - needs.clock.mono()), lookUp(needs, clientOrderId));
    if (isSettledNow(needs, clientOrderId)) return true;
  }
  return false;
}

function isSettledNow({ ledger }: Needs, clientOrderId: string): boolean {
  const order = ledger.books().orders[clientOrderId];
  if (order === undefined || !mayStillTrade(order.state)) return true;
  return isAtLeast(order.filledQuantity, order.intent.quantity);
}

/**
 * Asked before an order is canceled whose fate is not known: nothing is taken away from somebody else whose order bears its
 * name. Where none is shown a cancel by our own name can meet no other, and may be faster than the venue's lists.
 */
async function isOursToCancel(needs: Needs, order: BookedOrder): Promise<boolean> {
  const said = await lookOnce(needs, order.clientOrderId);
  const isDoubted = said === "namesake" || (said === "silent" && order.suspectedBecause !== undefined);
  if (isDoubted) mark("V09.namesake_is_not_canceled");
  return !isDoubted;
}

/** An order of unknown fate is taken back by its name every few seconds, not at every visit. */
function wasJustAsked({ memory, clock }: Needs, { clientOrderId, state }: BookedOrder): boolean {
  if (state !== "unknown") return false;
  const last = memory.cancelAskedMono.get(clientOrderId);
  if (last !== undefined && clock.mono() - last < cancelAgainMs) return true;
  memory.cancelAskedMono.set(clientOrderId, clock.mono());
  return false;
}

/** No cancel leaves in the quarantine; only a stop that this process placed itself may give way to a larger one. */
function mustWait(needs: Needs, { intent, clientOrderId }: BookedOrder, isReplaced: boolean): boolean {
  if (!isQuarantined(needs)) return false;
  const isOwn = epochOfClientOrderId(clientOrderId) === needs.ledger.books().house.epoch;
  return !(isReplaced && isOwn && intent.leg === "protect");
}

/**
 * Cancels one order and reads what became of it. A lost answer leaves `cancel_unknown`: the next round asks before it acts.
 * @param isReplaced another stop takes its place at once: that waits for no quarantine, since protection never does.
 */
export async function cancelOrder(
  needs: Needs,
  clientOrderId: string,
  because: string,
  isReplaced = false,
): Promise<boolean> {
  const order = needs.ledger.books().orders[clientOrderId];
  if (order === undefined || !mayStillTrade(order.state)) return true;
  if (!maySend(needs) || mustWait(needs, order, isReplaced) || wasJustAsked(needs, order)) return false;
  if (isUncertain(order.state) && !(await isOursToCancel(needs, order))) return false;
  const seen = needs.ledger.books().orders[clientOrderId];
  if (seen === undefined || !mayStillTrade(seen.state)) return true;
  if (isKeptForGood(needs, seen)) return false;
  const asked = await noteRequest(needs, clientOrderId, because);
  if (asked === null) return true;
  const { order: fresh, wire } = asked;
  // A stop that has fired is an ordinary order at the venue, and is canceled as one.
  const ref = fresh.hasTriggered ? firedRef(fresh) : refOf(fresh);
  const answer = await within(needs.clock, cancelLostMs, needs.venue.cancelOrder(ref, wire));
  if (answer === "late") await cancelLost(needs, clientOrderId, "no answer within 5 s");
  // Of one that no list shows there is nothing to follow: the resolver looks for it.
  if (fresh.state === "unknown") return noteNothingThere(needs, fresh, answer);
  const isSettled = await followOrder(needs, clientOrderId);
  if (isSettled) return true;
  if (answer !== "late") await cancelLost(needs, clientOrderId, whyNot(answer));
  return false;
}

/** That there is nothing to take back proves no end by itself, since an index may lag; the resolver weighs it. @returns false. */
function noteNothingThere(
  { memory, clock }: Needs,
  { clientOrderId, changedAt }: BookedOrder,
  answer: Cancelled | "late",
): false {
  const isSame = memory.nothingToCancel.get(clientOrderId)?.unknownSince === changedAt;
  if (answer !== "late" && answer.ok && answer.value === "already_done" && !isSame)
    memory.nothingToCancel.set(clientOrderId, { unknownSince: changedAt, saidMono: clock.mono() });
  return false;
}

type Asked = { readonly order: BookedOrder; readonly wire: CancelWire };

/**
 * Every cancel has its row before its byte, also one that moves the order nowhere. Decided on the books that take it: an
 * earlier request of unknown fate may have landed meanwhile. @returns null when the order has ended.
 */
function noteRequest(needs: Needs, clientOrderId: string, because: string): Promise<Asked | null> {
  return record<Asked | null>(needs, (books) => {
    const order = books.orders[clientOrderId];
    if (order === undefined || !mayStillTrade(order.state)) return { drafts: [], value: null };
    const { state, tradeId, venueOrderId, intent } = order;
    const isNews = state === "open" || state === "partial" || state === "cancel_unknown";
    const fact: Fact = isNews
      ? { type: "order_cancel_requested", clientOrderId, because }
      : { type: "cancel_leaving", clientOrderId, venueOrderId, instrumentId: intent.instrumentId, because };
    return { drafts: [draft("house", fact, tradeId)], value: { order, wire: wireOf(needs) } };
  });
}

/**
 * Asked while the row is written: it leaves with the time of its row, and not at all when this process stood still until it
 * counts as lost, or may not send any more.
 */
function wireOf(needs: Needs): CancelWire {
  const decidedMono = needs.clock.mono();
  const isInTime = () => {
    if (needs.clock.mono() - decidedMono <= cancelLostMs) return true;
    mark("C05.cancel_too_old_to_leave");
    return false;
  };
  return { stampedAt: venueNow(needs), mayLeave: () => maySend(needs) && isInTime() };
}

/** An order with a name of ours that the books do not know: taken back by its name, on record like every other. */
export async function cancelUnbooked(needs: Needs, order: VenueOrder, because: string): Promise<void> {
  if (!maySend(needs) || isQuarantined(needs)) return;
  const { venueOrderId, instrumentId, kind } = order;
  const clientOrderId = order.clientOrderId ?? "";
  const fact: Fact = { type: "cancel_leaving", clientOrderId, venueOrderId, instrumentId, because };
  const wire = await record(needs, () => ({ drafts: [draft("house", fact)], value: wireOf(needs) }));
  await needs.venue.cancelOrder({ clientOrderId, venueOrderId, instrumentId, kind }, wire);
}

/** A house that stops takes no stop away any more: nobody would be there to sell, or to place it again. */
function isKeptForGood({ memory }: Needs, { intent, state }: BookedOrder): boolean {
  if (!memory.isStopping || intent.leg !== "protect") return false;
  const wasBegun = state === "cancel_pending" || state === "cancel_unknown";
  if (!wasBegun) mark("X23.stops_stay");
  return !wasBegun;
}

/** Its venue's id where it is known: the venue may have given what the stop became a name of its own. */
function firedRef(order: BookedOrder): OrderRef {
  const firedAs = order.childOrderIds.at(-1) ?? null;
  if (firedAs !== null) mark("V16.canceled_by_its_childs_id");
  return { ...refOf(order), kind: "limit", firedAs };
}

/** Real ms after which an unanswered cancel counts as of unknown fate; what it did is then asked for. */
const cancelLostMs = 5_000;

type Cancelled = Awaited<ReturnType<Needs["venue"]["cancelOrder"]>>;

function whyNot(answer: Cancelled): string {
  if (answer.ok) return "the cancel was taken but the order still shows as open";
  return "because" in answer.problem ? answer.problem.because : answer.problem.message;
}

function cancelLost(needs: Needs, clientOrderId: string, because: string): Promise<void> {
  return record(needs, (books) => {
    // Meanwhile it may have become unknown, or ended: then the cancel is no news any more.
    const order = books.orders[clientOrderId];
    const told: Fact = { type: "order_cancel_lost", clientOrderId, because };
    return {
      drafts: order?.state === "cancel_pending" ? [draft("house", told, order.tradeId)] : [],
      value: undefined,
    };
  });
}
