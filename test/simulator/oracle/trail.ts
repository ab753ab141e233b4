/**
 * What the facts say, read once and kept beside them: for every fact the order and the trade that it is about, the state
 * before and after by the oracle's own law, and how the house stood at that moment. All invariants read this one trail.
 *
 *   facts --read--> Told[] (one a fact)  +  orders, trades, approvals, levels as they are now
 */
import type { Fact, FactOf, Recorded } from "../../../src/core/events.ts";
import type { WorldView } from "../contract.ts";
import { exact, times } from "./exact.ts";
import { nextOrderState, orderEventOf } from "./order_law.ts";
import { sceneOf } from "./scene.ts";
import { type ApprovalTrail, heldOf, type Look, type OrderTrail, type TradeTrail, type Trail } from "./trail_shapes.ts";

export type { ApprovalTrail, BreakerTrail, OrderTrail, Told, TradeTrail, Trail } from "./trail_shapes.ts";
export { heldOf } from "./trail_shapes.ts";

function emptyTrail(): Trail {
  return {
    told: [],
    orders: new Map(),
    byVenueId: new Map(),
    trades: new Map(),
    approvals: new Map(),
    levels: [],
    starts: [],
    deltas: new Map(),
    transferIds: new Set(),
    opening: null,
    level: "none",
    isReady: false,
    epoch: 0,
    breakers: new Map(),
  };
}

let latest: { readonly first: Recorded | undefined; readonly trail: Trail } | null = null;

/** The trail of this run, brought up to date. All invariants of one run share it. */
export function trailOf(view: WorldView): Trail {
  const first = view.facts[0];
  if (latest === null || latest.first !== first || first === undefined || latest.trail.told.length > view.facts.length)
    latest = { first, trail: emptyTrail() };
  const { trail } = latest;
  for (let index = trail.told.length; index < view.facts.length; index += 1) {
    const recorded = view.facts[index];
    if (recorded !== undefined) read(trail, recorded, { index, trueAt: view.durableAt[index] ?? view.now });
  }
  return trail;
}

function read(trail: Trail, recorded: Recorded, at: { index: number; trueAt: number }): void {
  const { fact } = recorded;
  if (fact.type === "order_intended" || fact.type === "order_adopted") addOrder(trail, fact, recorded, at.trueAt);
  if (fact.type === "approval_requested") addApproval(trail, fact);
  const order = "clientOrderId" in fact ? (trail.orders.get(fact.clientOrderId ?? "") ?? null) : null;
  const tradeId = "positionId" in fact ? fact.positionId : (order?.intent.tradeId ?? "");
  const trade = trail.trades.get(tradeId) ?? null;
  const approval = "approvalId" in fact ? (trail.approvals.get(fact.approvalId ?? "") ?? null) : null;
  const { level, isReady, epoch, breakers } = trail;
  const scene = fact.type === "order_sending" && order !== null ? sceneOf(trail, order) : null;
  const moved = order === null ? approvalStep(approval, fact) : orderStep(trail, order, recorded, at.trueAt);
  if (trade !== null) tradeStep(trade, fact, at.trueAt, recorded.seq);
  if (approval !== null) decideStep(approval, recorded, at.trueAt);
  houseStep(trail, recorded, at.trueAt);
  const stood = { level, isReady, epoch, breakers, scene };
  trail.told.push({ ...at, recorded, fact, order, trade, approval, ...moved, ...stood });
}

function addOrder(
  trail: Trail,
  fact: FactOf<"order_intended"> | FactOf<"order_adopted">,
  { seq }: Recorded,
  trueAt: number,
): void {
  const { intent, clientOrderId } = fact;
  if (trail.orders.has(clientOrderId)) return;
  const symbol = intent.instrumentId.slice(intent.instrumentId.indexOf(":") + 1);
  const isAdopted = fact.type === "order_adopted";
  const bound = isAdopted ? { digest: "", approvalId: null, approvalVersion: null, exitReason: fact.exitReason } : fact;
  const order: OrderTrail = {
    id: clientOrderId,
    intent,
    fact: bound,
    isAdopted,
    symbol,
    wanted: exact(intent.quantity),
    intendedSeq: seq,
    intendedAt: trueAt,
    sent: null,
    state: isAdopted ? (fact.origin === "external" ? "filled" : "open") : "intent",
    filled: 0n,
    traded: 0n,
    fillIds: new Set(),
    looks: [],
    lostAt: null,
  };
  trail.orders.set(clientOrderId, order);
  if (isAdopted) trail.byVenueId.set(fact.venueOrderId, order);
  const sums = { bought: 0n, sold: 0n, baseFees: 0n, quoteSpent: 0n, quoteGot: 0n, quoteFees: 0n, reduced: 0n };
  const lists = { orders: [], exits: [], closings: [], isClosed: false };
  const trade: TradeTrail = trail.trades.get(intent.tradeId) ?? {
    id: intent.tradeId,
    instrumentId: intent.instrumentId,
    symbol,
    ...lists,
    ...sums,
  };
  trade.orders.push(order);
  trail.trades.set(intent.tradeId, trade);
  if (bound.approvalId !== null) trail.approvals.get(bound.approvalId)?.orders.push(order);
}

function addApproval(trail: Trail, request: FactOf<"approval_requested">): void {
  const intent = request.subject.kind === "order" ? request.subject.intent : null;
  const versions = new Map([[1, { digest: request.digest, intent }]]);
  const fresh = { version: 1, state: "pending", votes: [], approved: null, orders: [] };
  if (!trail.approvals.has(request.approvalId))
    trail.approvals.set(request.approvalId, { request, versions, ...fresh });
}

type Step = { readonly from: string; readonly event: string | null; readonly to: string | null };
const still = (state: string): Step => ({ from: state, event: null, to: state });

function orderStep(trail: Trail, order: OrderTrail, { fact, seq }: Recorded, trueAt: number): Step {
  const from = order.state;
  if (fact.type === "fill_received" || fact.type === "fill_reversed") takeFill(trail, order, fact);
  if (fact.type === "order_sending") order.sent = { seq, trueAt, stampedAt: fact.stampedAt };
  if (fact.type === "order_acknowledged" || fact.type === "order_found") trail.byVenueId.set(fact.venueOrderId, order);
  if (fact.type === "order_found" || fact.type === "order_triggered")
    for (const id of fact.childOrderIds) trail.byVenueId.set(id, order);
  if (fact.type === "order_answer_lost") [order.lostAt, order.looks] = [trueAt, []];
  if (fact.type === "order_probed") order.looks.push(lookOf(fact, trueAt));
  const event = orderEventOf(fact, order);
  if (event === null) return still(from);
  const to = nextOrderState(from, event);
  order.state = to ?? from;
  return { from, event, to };
}

/** Each list counts by what it said itself, where that is on record; one that failed spoils the whole look. */
function lookOf(fact: FactOf<"order_probed">, trueAt: number): Look {
  const said = fact.looks?.filter((look) => look.verdict === "absent").map((look) => look.endpoint) ?? fact.endpoints;
  const hasFailed = fact.looks?.some((look) => look.verdict === "error") === true;
  return { trueAt, verdict: fact.verdict, endpoints: hasFailed ? 0 : new Set(said).size };
}

function takeFill(trail: Trail, order: OrderTrail, fill: FactOf<"fill_received"> | FactOf<"fill_reversed">): void {
  const isReversal = fill.type === "fill_reversed";
  if (order.fillIds.has(fill.venueFillId) !== isReversal) return;
  if (isReversal) order.fillIds.delete(fill.venueFillId);
  else order.fillIds.add(fill.venueFillId);
  const way = isReversal ? -1n : 1n;
  const [size, fee] = [way * exact(fill.quantity), way * exact(fill.fee)];
  const money = times(exact(fill.price), size);
  const [base = "", quote = ""] = order.symbol.split("/");
  order.filled += size;
  order.traded += money;
  const sign = order.intent.side === "buy" ? 1n : -1n;
  const move = (asset: string, by: bigint) => trail.deltas.set(asset, (trail.deltas.get(asset) ?? 0n) + by);
  move(base, sign * size);
  move(quote, -sign * money);
  move(fill.feeAsset, -fee);
  const trade = trail.trades.get(order.intent.tradeId);
  if (trade === undefined) return;
  trade.isClosed = false;
  if (sign > 0n) [trade.bought, trade.quoteSpent] = [trade.bought + size, trade.quoteSpent + money];
  else [trade.sold, trade.quoteGot] = [trade.sold + size, trade.quoteGot + money];
  if (fill.feeAsset === base) trade.baseFees += fee;
  else trade.quoteFees += way * exact(fill.feeInQuote);
}

function tradeStep(trade: TradeTrail, fact: Fact, trueAt: number, seq: number): void {
  if (fact.type === "exit_triggered") trade.exits.push({ reason: fact.reason, seq, trueAt });
  // "It would trigger at once" is no refusal of a stop: the market is through it, so it has fired.
  const isFired = fact.type === "order_rejected" && fact.reason === "would_trigger";
  if (isFired && isProtection(trade, fact.clientOrderId)) trade.exits.push({ reason: "stop", seq, trueAt });
  if (fact.type === "position_reduced") trade.reduced += exact(fact.quantity);
  if (fact.type !== "position_closed") return;
  trade.isClosed = true;
  const profit = trade.quoteGot - trade.quoteSpent - trade.quoteFees;
  trade.closings.push({ seq, held: heldOf(trade), profit });
}

const isProtection = (trade: TradeTrail, id: string): boolean =>
  trade.orders.some((order) => order.id === id && order.intent.leg === "protect");

function approvalStep(approval: ApprovalTrail | null, fact: Fact): Step {
  if (approval === null || fact.type !== "approval_settled") return still(approval?.state ?? "");
  return { from: approval.state, event: `to ${fact.to}`, to: fact.to };
}

function decideStep(approval: ApprovalTrail, recorded: Recorded, trueAt: number): void {
  const { fact, wallAt } = recorded;
  if (fact.type === "approval_revised") {
    const intent = fact.subject.kind === "order" ? fact.subject.intent : null;
    approval.versions.set(fact.version, { digest: fact.digest, intent });
    approval.version = fact.version;
  }
  if (fact.type === "vote_cast") approval.votes.push({ fact, recorded, trueAt });
  if (fact.type !== "approval_settled") return;
  approval.state = fact.to;
  if (fact.to === "approved") approval.approved = { by: fact.by, wallAt, trueAt, version: fact.version };
}

function houseStep(trail: Trail, { fact, seq, actor }: Recorded, trueAt: number): void {
  switch (fact.type) {
    case "house_started":
      [trail.isReady, trail.epoch] = [false, fact.epoch];
      trail.starts.push({
        epoch: fact.epoch,
        trueAt,
        quarantineMs: fact.takeover?.quarantineMs ?? null,
        readyAt: null,
      });
      return;
    case "house_ready": {
      trail.isReady = true;
      const start = trail.starts.at(-1);
      if (start !== undefined) start.readyAt ??= trueAt;
      return;
    }
    case "house_stopped":
      trail.isReady = false;
      return;
    case "level_changed":
      trail.level = fact.to;
      trail.levels.push({ seq, trueAt, level: fact.to, actor });
      return;
    case "breaker_opened":
    case "breaker_degraded":
    case "breaker_half_opened":
    case "breaker_closed":
      trail.breakers = breakersAfter(trail.breakers, fact);
      return;
    case "account_opened":
      trail.opening = { equity: exact(fact.equity), currency: fact.currency };
      return;
    case "transfer_recorded":
      transferStep(trail, fact);
      return;
    default:
  }
}

type BreakerFact = Extract<Fact, { type: `breaker_${"opened" | "degraded" | "half_opened" | "closed"}` }>;

function breakersAfter(before: Trail["breakers"], fact: BreakerFact): Trail["breakers"] {
  const key = `${fact.cause}@${fact.scope}`;
  const standing = before.get(key);
  const after = new Map(before);
  const { scope } = fact;
  if (fact.type === "breaker_closed") after.delete(key);
  else if (fact.type === "breaker_half_opened") {
    if (standing !== undefined) after.set(key, { ...standing, state: "half_open" });
  } else if (fact.type === "breaker_opened" || standing === undefined || standing.state === "degraded") {
    const kind = standing?.class === "sticky" ? "sticky" : fact.class;
    after.set(key, { scope, class: kind, state: fact.type === "breaker_opened" ? "open" : "degraded" });
  }
  return after;
}

function transferStep(trail: Trail, fact: FactOf<"transfer_recorded">): void {
  if (fact.recordId !== "unexplained" && trail.transferIds.has(fact.recordId)) return;
  trail.transferIds.add(fact.recordId);
  if (fact.explains !== undefined) return;
  const by = fact.direction === "in" ? exact(fact.amount) : -exact(fact.amount);
  trail.deltas.set(fact.asset, (trail.deltas.get(fact.asset) ?? 0n) + by);
}
