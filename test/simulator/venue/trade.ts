/** The writing half of the port: an order and a cancel, as the venue receives them, with the stamps and ids it looks at. */
import type { ClearedIntent } from "../../../src/core/clearance.ts";
import { symbolOf } from "../../../src/core/instrument.ts";
import { fail, ok } from "../../../src/core/result.ts";
import type { CancelWire, OrderRef, PlaceAnswer, PlaceProblem, PlaceWire, Venue } from "../../../src/ports/venue.ts";
import { parseFixed } from "../../../src/practice/fixed.ts";
import type { WireCreate } from "../contract.ts";
import { admit, refusal, type Wish } from "./admission.ts";
import { end, fill, fire, remaining, takeIn } from "./engine.ts";
import { marketOf, type SimOrder, strikes, type VenueState } from "./state.ts";
import { travel } from "./wire.ts";

type CancelAnswer = Awaited<ReturnType<Venue["cancelOrder"]>>;
type Arrived = {
  readonly wish: Wish;
  readonly stampedAt: number;
  readonly note: (verdict: WireCreate["verdict"]) => void;
};

const unknown = (because: string) => fail<PlaceProblem>({ kind: "unknown_outcome", because });
const notSent = (because: string, retryAfterMs: number | null) =>
  fail<PlaceProblem>({ kind: "not_sent", because, retryAfterMs });

export function place(
  state: VenueState,
  processId: string,
  intent: ClearedIntent,
  wire: PlaceWire,
): Promise<PlaceAnswer> {
  if (wire.mayLeave?.() === false) return Promise.resolve(notSent("held back before the first byte", null));
  const wish = wishOf(intent, wire.clientOrderId);
  if (wish === null) return Promise.resolve(notSent("a number of the order is no plain decimal", null));
  const windowMs = windowOf(state, wish);
  const acceptedUntil = windowMs === null ? null : wire.stampedAt + windowMs;
  return travel<PlaceAnswer>(state, {
    label: `create ${wire.clientOrderId}`,
    processId,
    isWrite: true,
    lost: unknown,
    unsent: notSent,
    locked: () => fail(refusal(state, "permission")),
    create: { clientOrderId: wire.clientOrderId, acceptedUntil },
    work: (reply) => {
      const note = noter(state, processId, intent, wire);
      receive(state, { wish, stampedAt: wire.stampedAt, note }, processId, reply);
    },
  });
}

const windowOf = (state: VenueState, wish: Pick<Wish, "kind">): number | null =>
  wish.kind === "limit" ? state.quirks.stampWindowMs : state.quirks.stopStampWindowMs;

function wishOf(intent: ClearedIntent, clientOrderId: string): Wish | null {
  const { shape } = intent;
  const quantity = parseFixed(intent.quantity);
  const limit = parseFixed(shape.limitPrice);
  const trigger = "triggerPrice" in shape ? parseFixed(shape.triggerPrice) : null;
  const target = shape.orderType === "oco" ? parseFixed(shape.targetPrice) : null;
  const isBroken = shape.orderType !== "limit" && (trigger === null || (shape.orderType === "oco" && target === null));
  if (quantity === null || limit === null || isBroken) return null;
  return {
    clientOrderId,
    symbol: symbolOf(intent.instrumentId),
    kind: shape.orderType,
    side: intent.side,
    quantity,
    limit,
    trigger,
    target,
    timeInForce: shape.orderType === "limit" ? shape.timeInForce : "gtc",
    isProtective: intent.leg === "protect",
  };
}

/** One row per create in the wire log; a second verdict on the same arrival replaces the first. */
function noter(state: VenueState, processId: string, intent: ClearedIntent, wire: PlaceWire): Arrived["note"] {
  const { shape } = intent;
  const index = state.creates.length;
  const row = {
    receivedAt: state.scheduler.now(),
    clientOrderId: wire.clientOrderId,
    symbol: symbolOf(intent.instrumentId),
    side: intent.side,
    quantity: intent.quantity as string,
    price: shape.limitPrice as string,
    triggerPrice: "triggerPrice" in shape ? (shape.triggerPrice as string) : null,
    stampedAt: wire.stampedAt as number,
    processId,
  };
  state.creates.push({ ...row, verdict: "refused" });
  return (verdict) => {
    state.creates[index] = { ...row, verdict };
    state.revision += 1;
    state.say(`create ${row.clientOrderId} ${row.side} ${row.quantity} ${row.symbol} at ${row.price}: ${verdict}`);
  };
}

type Reply = (answer: PlaceAnswer, waitMs?: number) => void;

function receive(state: VenueState, arrived: Arrived, processId: string, reply: Reply): void {
  const early = gateProblem(state, arrived);
  if (early !== null) {
    reply(fail(early));
    return;
  }
  if (state.quirks.engineMs === 0 || !strikes(state, "answer_late")) {
    engine(state, arrived, reply);
    return;
  }
  // Queued: the stamp is looked at again before the engine, which then may take longer than the venue waits to answer.
  const chance = state.chanceOf("answer_late");
  const way = { clientOrderId: arrived.wish.clientOrderId ?? "", processId, couldArrive: true };
  state.onTheWay.add(way);
  state.scheduler.after(chance.int(0, 2_500), "venue: the engine's queue", () => {
    const late = staleProblem(state, arrived);
    if (late !== null) {
      state.onTheWay.delete(way);
      return reply(fail(late));
    }
    const engineMs = chance.pick([200, 2_000, 9_000, state.quirks.engineMs]);
    if (engineMs === state.quirks.engineMs) reply(unknown("-1007: Timeout waiting for response from backend server."));
    state.scheduler.after(engineMs, "venue: the engine takes an order", () => {
      state.onTheWay.delete(way);
      engine(state, arrived, engineMs === state.quirks.engineMs ? () => undefined : reply);
    });
  });
}

function staleProblem(state: VenueState, { wish, stampedAt, note }: Arrived): PlaceProblem | null {
  const windowMs = windowOf(state, wish);
  const now = state.scheduler.now();
  if (windowMs === null || (stampedAt + windowMs >= now && stampedAt <= now + state.quirks.aheadMs)) return null;
  note("stale_stamp");
  return refusal(state, "stale_stamp");
}

function gateProblem(state: VenueState, arrived: Arrived): PlaceProblem | null {
  const { wish, note } = arrived;
  const now = state.scheduler.now();
  if (now < state.disabledUntil || now < state.cancelOnlyUntil) {
    note("refused");
    return refusal(state, "other", "503: trading is currently cancel-only");
  }
  const stale = staleProblem(state, arrived);
  if (stale !== null) return stale;
  return duplicate(state, wish, note);
}

function duplicate(state: VenueState, wish: Wish, note: Arrived["note"]): PlaceProblem | null {
  const known = state.byClientId.get(wish.clientOrderId ?? "") ?? [];
  const counts = state.quirks.remembersIds === "ever" ? known : known.filter((one) => isWorking(one));
  if (counts.length === 0) return null;
  note("duplicate");
  return { kind: "exists", message: state.quirks.saysDuplicate };
}

export const isWorking = (order: SimOrder): boolean =>
  order.child === null ? order.state === "open" : order.child.state === "open";

function engine(state: VenueState, { wish, note }: Arrived, reply: Reply): void {
  const twice = duplicate(state, wish, note);
  if (twice !== null) {
    reply(fail(twice));
    return;
  }
  const market = state.markets.get(wish.symbol);
  const problem = market === undefined ? refusal(state, "instrument") : admit(state, market, wish);
  if (problem !== null) {
    note("refused");
    reply(fail(problem));
    return;
  }
  note("accepted");
  const order = takeIn(state, wish, "ours", state.scheduler.now() + indexLag(state));
  reply(ok({ venueOrderId: order.id }));
}

/** Up to three minutes in which look-ups and lists don't know an order that lives and fills. */
function indexLag(state: VenueState): number {
  if (!strikes(state, "index_lag")) return 0;
  return state.chanceOf("index_lag").pick([500, 2_000, 10_000, 60_000, 180_000]);
}

export function cancel(
  state: VenueState,
  processId: string,
  ref: OrderRef,
  wire: CancelWire = {},
): Promise<CancelAnswer> {
  if (wire.mayLeave?.() === false) return Promise.resolve(notSent("held back before the first byte", null));
  return travel<CancelAnswer>(state, {
    label: `cancel ${ref.clientOrderId}`,
    processId,
    isWrite: true,
    lost: unknown,
    unsent: notSent,
    locked: () => fail(refusal(state, "permission")),
    create: null,
    work: (reply) => reply(takeCancel(state, processId, ref, wire)),
  });
}

function takeCancel(state: VenueState, processId: string, ref: OrderRef, { stampedAt }: CancelWire): CancelAnswer {
  const order = cancelable(state, ref);
  // The time in the header is looked at with every signed request, also where an order has a narrower window of its own.
  const windowMs = state.quirks.stopStampWindowMs;
  const isStale = windowMs !== null && stampedAt !== undefined && stampedAt + windowMs < state.scheduler.now();
  const verdict = order === null || isStale ? "refused" : "accepted";
  const venueOrderId = order?.id ?? ref.venueOrderId ?? "";
  state.cancels.push({
    receivedAt: state.scheduler.now(),
    clientOrderId: ref.clientOrderId,
    venueOrderId,
    processId,
    verdict,
  });
  state.revision += 1;
  if (state.scheduler.now() < state.disabledUntil)
    return fail(refusal(state, "other", "503: trading is disabled, cancels included"));
  if (isStale) return fail(refusal(state, "stale_stamp"));
  if (order === null) return ok("already_done");
  state.say(`cancel ${ref.clientOrderId} is taken`);
  const [least, most] = state.quirks.cancelMs;
  let waitMs = state.isCalm ? least : state.chanceOf("latency").int(least, most);
  if (strikes(state, "async_cancel")) waitMs = state.chanceOf("async_cancel").pick([300, 1_500, 5_000, 5_000, -1]);
  if (strikes(state, "cancel_race")) race(state, order);
  if (waitMs < 0) return ok("accepted"); // Taken and forgotten: the order goes on working.
  const take = (): void => takeBack(state, order);
  if (waitMs === 0) take();
  else state.scheduler.after(waitMs, "venue: a cancel takes effect", take);
  return ok("accepted");
}

/** Waiting stops and pairs are in lists of their own; a fired one is canceled as the plain order that it became. */
function cancelable(state: VenueState, ref: OrderRef): SimOrder | null {
  for (const order of state.byClientId.get(ref.clientOrderId) ?? []) {
    const meant = ref.kind === "limit" ? (order.child ?? order) : order;
    if (meant.kind === ref.kind && meant.state === "open" && !(meant.kind !== "limit" && meant.hasTriggered))
      return meant;
  }
  return null;
}

function takeBack(state: VenueState, order: SimOrder): void {
  if (order.state !== "open" || (order.kind !== "limit" && order.hasTriggered)) return;
  const lateMs = strikes(state, "balance_lag") ? state.chanceOf("balance_lag").pick([400, 1_200, 2_500]) : 0;
  end(state, order, "canceled", lateMs);
}

/** While the cancel is on its way through the venue, the order trades: in part or whole, or the stop fires. */
function race(state: VenueState, order: SimOrder): void {
  const market = marketOf(state, order.symbol);
  if (order.kind !== "limit") {
    fire(state, order, order.limit);
    return;
  }
  const half = remaining(order) / 2n;
  const isWhole = state.chanceOf("cancel_race").hits(0.6);
  const part = half - (half % market.step);
  const quantity = isWhole || part === 0n ? remaining(order) : part;
  fill(state, order, { price: order.limit, quantity, liquidity: "maker" });
}
