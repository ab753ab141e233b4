/** The part of the books about orders: a fold that walks the table of core/order.ts and keeps what the venue told. */
import type { FactOf, ProbeLook, Recorded } from "./events.ts";
import type { OrderIntent } from "./intent.ts";
import {
  isAtLeast,
  isPositive,
  minus,
  type Notional,
  notionalOf,
  type Price,
  plus,
  type Quantity,
  zeroNotional,
  zeroQuantity,
} from "./money.ts";
import { mayStillTrade, type OrderEvent, type OrderState, transition } from "./order.ts";
import type { ExitReason } from "./position.ts";
import type { Instant } from "./time.ts";
import { type Trail, trailAfter } from "./trail.ts";

export type BookedOrder = {
  readonly clientOrderId: string;
  readonly tradeId: string;
  readonly intent: OrderIntent;
  readonly digest: string;
  readonly approvalId: string | null;
  readonly approvalVersion: number | null;
  /** The executable price seen when it was decided: slippage is measured from it. */
  readonly referencePrice: Price;
  /** Why an exit leg sells; null on other legs. */
  readonly exitReason: ExitReason | null;
  readonly state: OrderState;
  /** The states that it went through; absent before the first step. */
  readonly trail?: Trail<OrderState>;
  readonly venueOrderId: string | null;
  readonly childOrderIds: readonly string[];
  readonly hasTriggered: boolean;
  readonly filledQuantity: Quantity;
  readonly filledNotional: Notional;
  readonly fillIds: readonly string[];
  /** Wall time of the last change of state, and venue time of the stamp that TX2 gave. */
  readonly changedAt: Instant;
  readonly stampedAt: Instant | null;
  readonly sentAt: Instant | null;
  /** House time at which it was decided: windows and rates are counted by it. */
  readonly decidedAt: Instant;
  readonly endedAt: Instant | null;
  /** Evidence gathered while unknown. */
  readonly probes: {
    readonly absent: number;
    readonly firstAbsentAt: Instant | null;
    readonly total: number;
    readonly lastAt: Instant | null;
  };
  readonly problem: string | null;
  /** Set when we did not decide it: see `order_adopted`. */
  readonly origin?: "lost_intent" | "external";
  /** Fills that are not final, by id, as they were booked. */
  readonly provisional?: Readonly<Record<string, FactOf<"fill_received">>>;
  /** "price|quantity|time" of every booked fill by id: a repetition must say the same. */
  readonly fillNumbers?: Readonly<Record<string, string>>;
  /** Why its numbers are not believed; a person has to look. */
  readonly suspectedBecause?: string;
  /** How far its doubt was told, and the request to give it up. */
  readonly doubtStage?: FactOf<"order_doubt_aged">["stage"];
  readonly lostRequest?: { readonly by: string; readonly reason: string; readonly dueAt: Instant };
  /** What each endpoint said last, newest look last. */
  readonly looks?: readonly (ProbeLook & { readonly at: Instant })[];
};

type Orders = Readonly<Record<string, BookedOrder>>;

export function evolveOrders(orders: Orders, recorded: Recorded): Orders {
  const { fact } = recorded;
  if (fact.type === "order_intended") return { ...orders, [fact.clientOrderId]: intended(fact, recorded) };
  if (fact.type === "order_adopted")
    return orders[fact.clientOrderId] === undefined
      ? { ...orders, [fact.clientOrderId]: adopted(fact, recorded) }
      : orders;
  if (!("clientOrderId" in fact) || typeof fact.clientOrderId !== "string") return orders;
  const old = orders[fact.clientOrderId];
  if (old === undefined) return orders;
  const next = advance(old, recorded);
  if (next === old) return orders;
  return { ...orders, [old.clientOrderId]: { ...next, trail: trailAfter(old, next.state) } };
}

/** Somebody else's trade is over when we learn of it; an order of ours whose record was lost still works. */
function adopted(fact: FactOf<"order_adopted">, recorded: Recorded): BookedOrder {
  const { clientOrderId, venueOrderId, intent, exitReason, referencePrice, origin, because } = fact;
  const row = {
    clientOrderId,
    intent,
    exitReason,
    referencePrice,
    digest: "",
    approvalId: null,
    approvalVersion: null,
  };
  return {
    ...intended({ type: "order_intended", ...row }, recorded),
    venueOrderId,
    origin,
    state: origin === "external" ? "filled" : "open",
    endedAt: origin === "external" ? recorded.at : null,
    problem: because,
  };
}

function intended(fact: FactOf<"order_intended">, { at, wallAt }: Recorded): BookedOrder {
  const { clientOrderId, intent, digest, approvalId, approvalVersion, referencePrice, exitReason } = fact;
  return {
    clientOrderId,
    tradeId: intent.tradeId,
    intent,
    digest,
    approvalId,
    approvalVersion,
    referencePrice,
    exitReason,
    state: "intent",
    venueOrderId: null,
    childOrderIds: [],
    hasTriggered: false,
    filledQuantity: zeroQuantity,
    filledNotional: zeroNotional,
    fillIds: [],
    changedAt: wallAt,
    stampedAt: null,
    sentAt: null,
    decidedAt: at,
    endedAt: null,
    probes: { absent: 0, firstAbsentAt: null, total: 0, lastAt: null },
    problem: null,
  };
}

function advance(old: BookedOrder, recorded: Recorded): BookedOrder {
  const { fact, wallAt } = recorded;
  switch (fact.type) {
    case "order_dropped":
      return moved({ ...old, problem: fact.because }, "dropped", recorded);
    case "order_sending":
      return moved({ ...old, stampedAt: fact.stampedAt, sentAt: wallAt }, "armed", recorded);
    case "order_acknowledged":
      return moved({ ...old, venueOrderId: fact.venueOrderId }, "acknowledged", recorded);
    case "order_rejected":
      return moved({ ...old, problem: `${fact.code}: ${fact.message}` }, "rejected", recorded);
    case "order_not_sent":
      return moved({ ...old, problem: fact.because }, "not_sent", recorded);
    case "order_answer_lost":
      return moved({ ...undoubted(old), problem: fact.because }, "answer_lost", recorded);
    case "order_found":
      return found(old, fact, recorded);
    case "order_absent":
      return moved({ ...old, problem: fact.because }, "proven_absent", recorded);
    case "order_triggered":
      return { ...old, hasTriggered: true, childOrderIds: fact.childOrderIds, changedAt: wallAt };
    case "order_cancel_requested":
      return moved(old, "cancel_requested", recorded);
    case "order_cancel_lost":
      return moved({ ...old, problem: fact.because }, "cancel_lost", recorded);
    case "order_ended":
      return moved({ ...old, problem: fact.by === "us" ? null : fact.because }, endOf(old, fact), recorded);
    case "order_probed":
      return { ...old, probes: probed(old.probes, fact, wallAt), ...looked(old, fact, wallAt) };
    case "fill_received":
      return filled(old, fact, recorded);
    case "fill_reversed":
      return unfilled(old, fact);
    case "order_suspected":
      return { ...old, suspectedBecause: fact.because };
    case "order_doubt_aged":
      return { ...old, doubtStage: fact.stage };
    case "lost_requested":
      return { ...old, lostRequest: { by: fact.by, reason: fact.reason, dueAt: fact.dueAt } };
    case "lost_withdrawn":
      return withoutRequest(old);
    case "order_declared_lost":
      return moved({ ...withoutRequest(old), problem: fact.reason }, "declared_lost", recorded);
    default:
      return old;
  }
}

/** An ended order opens again only when the venue shows it working; other news of it are names under which its fills come. */
function found(old: BookedOrder, fact: FactOf<"order_found">, recorded: Recorded): BookedOrder {
  const named = { ...old, venueOrderId: fact.venueOrderId, childOrderIds: fact.childOrderIds };
  if (fact.venueState !== "open" && !mayStillTrade(old.state)) return named;
  return moved({ ...named, problem: null }, "found_open", recorded);
}

function endOf(old: BookedOrder, fact: FactOf<"order_ended">): OrderEvent {
  if (fact.how === "expired") return "expired";
  return isPositive(old.filledQuantity) ? "canceled_in_part" : "canceled";
}

/** A fact that the table does not know leaves the state as it is: facts are true, and the assertions look at the rest. */
function moved(order: BookedOrder, event: OrderEvent, { at, wallAt }: Recorded): BookedOrder {
  const next = transition(order.state, event);
  if (!next.ok) return order;
  const endedAt = mayStillTrade(next.value) ? null : (order.endedAt ?? at);
  return { ...order, state: next.value, changedAt: wallAt, endedAt };
}

function filled(old: BookedOrder, fill: FactOf<"fill_received">, recorded: Recorded): BookedOrder {
  // Venues repeat themselves after a reconnect; the fill id makes a repetition harmless.
  if (old.fillIds.includes(fill.venueFillId)) return old;
  const filledQuantity = plus(old.filledQuantity, fill.quantity);
  const grown: BookedOrder = {
    ...old,
    filledQuantity,
    filledNotional: plus(old.filledNotional, notionalOf(fill.price, fill.quantity)),
    fillIds: [...old.fillIds, fill.venueFillId],
    fillNumbers: { ...old.fillNumbers, [fill.venueFillId]: `${fill.price}|${fill.quantity}|${fill.filledAt}` },
    ...(fill.isProvisional === true ? { provisional: { ...old.provisional, [fill.venueFillId]: fill } } : {}),
  };
  return moved(grown, isAtLeast(filledQuantity, old.intent.quantity) ? "filled_in_full" : "filled_in_part", recorded);
}

/** The state stays: what the venue says next decides it, and a real fill follows at once where there is one. */
function unfilled(old: BookedOrder, fact: FactOf<"fill_reversed">): BookedOrder {
  if (!old.fillIds.includes(fact.venueFillId)) return old;
  const { [fact.venueFillId]: _gone, ...provisional } = old.provisional ?? {};
  return {
    ...old,
    filledQuantity: minus(old.filledQuantity, fact.quantity),
    filledNotional: minus(old.filledNotional, notionalOf(fact.price, fact.quantity)),
    fillIds: old.fillIds.filter((id) => id !== fact.venueFillId),
    provisional,
  };
}

/** A new doubt is told and proven from its beginning: looks from before, when it may just have been late in a list, prove nothing. */
function undoubted(order: BookedOrder): BookedOrder {
  const { doubtStage: _told, ...rest } = order;
  return { ...rest, probes: { ...order.probes, absent: 0, firstAbsentAt: null, total: 0 } };
}

function withoutRequest(order: BookedOrder): BookedOrder {
  const { lostRequest: _gone, ...rest } = order;
  return rest;
}

const looksKept = 24;

function looked(old: BookedOrder, fact: FactOf<"order_probed">, at: Instant): Pick<BookedOrder, "looks"> {
  if (fact.looks === undefined) return {};
  return { looks: [...(old.looks ?? []), ...fact.looks.map((look) => ({ ...look, at }))].slice(-looksKept) };
}

function probed(probes: BookedOrder["probes"], fact: FactOf<"order_probed">, at: Instant): BookedOrder["probes"] {
  const total = probes.total + 1;
  if (fact.verdict === "absent") {
    return { total, lastAt: at, absent: probes.absent + 1, firstAbsentAt: probes.firstAbsentAt ?? at };
  }
  // An error proves nothing; a trace of the order starts the proof of absence anew.
  return fact.verdict === "found"
    ? { total, lastAt: at, absent: 0, firstAbsentAt: null }
    : { ...probes, total, lastAt: at };
}
