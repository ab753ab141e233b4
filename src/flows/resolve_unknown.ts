/**
 * Finds out what became of orders whose answer was lost. Never sends anything, never decides by a counter alone: an order is
 * absent only after the venue's own late-arrival bound, on three looks at two independent lists over at least ten seconds.
 */
import type { Books } from "../core/books.ts";
import type { BookedOrder } from "../core/books_orders.ts";
import { breakerFacts } from "../core/breaker_facts.ts";
import {
  absentProbesMin,
  absentSpanMs,
  type DoubtTimes,
  isPastArrival,
  isProbeDue,
  stageDue,
  verdictOf,
} from "../core/doubt.ts";
import { type Account, heldUnseen, isSomebodyElses, movedMoney, strangeFills } from "../core/doubt_money.ts";
import type { Fact, ProbeLook } from "../core/events.ts";
import { isKill } from "../core/exit_plan.ts";
import { identityProblem } from "../core/identity.ts";
import { symbolOf } from "../core/instrument.ts";
import { mark } from "../core/mark.ts";
import { absentFacts } from "../core/reconcile_tell.ts";
import { addMs, between, type Instant } from "../core/time.ts";
import type { Balance, VenueFill, VenueOrder } from "../ports/venue.ts";
import { absorbOrder } from "./absorb_order.ts";
import { applyingFor } from "./applying.ts";
import { dropAbandoned, noFill } from "./drop_order.ts";
import { readFills, refOf } from "./follow_order.ts";
import { giveUpDue } from "./give_up_order.ts";
import { tendPosition } from "./manage_exit.ts";
import { venueNow } from "./measure_offset.ts";
import type { Needs } from "./needs.ts";
import { isQuarantined } from "./quarantine.ts";
import { draft, record } from "./record.ts";
import { settle } from "./request_approval.ts";
import { absentSpanOf, noteAbsence, steadyOrder } from "./steady.ts";
import { unknownAfterMs } from "./submit_order.ts";

export async function resolveUnknowns(needs: Needs): Promise<void> {
  await dropAbandoned(needs);
  await settleNeverSent(needs);
  await markLost(needs);
  await tellAges(needs);
  await giveUpDue(needs);
  // What the last process sent may still arrive: nothing is concluded before that is over.
  if (isQuarantined(needs)) return;
  const due = Object.values(needs.ledger.books().orders).filter(
    (order) =>
      order.state === "unknown" &&
      isProbeDue(unproven(needs, order), needs.venueDefinition.capabilities, timesOf(needs), isAwaited(needs, order)),
  );
  await Promise.all(
    due.map((order) => needs.locks.tryRun(`unknown:${order.clientOrderId}`, () => probe(needs, order))),
  );
}

/** Its position is to be left, and may not be while something of unknown fate could sell the same coins. */
function isAwaited({ ledger }: Needs, { tradeId }: BookedOrder): boolean {
  const position = ledger.books().positions[tradeId];
  return position !== undefined && position.state !== "closed" && position.exitFacts.length > 0;
}

/** Looks of another life do not make the proof; until this one has looked for long enough, it goes on as if it had just begun. */
function unproven(needs: Needs, order: BookedOrder): BookedOrder {
  const steady = steadyOrder(needs, order);
  if (absentSpanOf(needs, order) >= absentSpanMs) return steady;
  return { ...steady, probes: { ...steady.probes, absent: Math.min(steady.probes.absent, absentProbesMin) } };
}

/** Orders whose arming failed here: this process knows that it wrote no byte, so no proof of absence is needed. */
async function settleNeverSent(needs: Needs): Promise<void> {
  const { neverSent } = needs.memory;
  if (neverSent.size === 0) return;
  const ids = [...neverSent];
  await record(needs, (books, { wallAt }) => {
    const sending = ids.flatMap((id) => books.orders[id] ?? []).filter((order) => order.state === "sending");
    const drafts = sending.flatMap((order) =>
      notSentFacts(books, order, wallAt).map((fact) => draft("house", fact, order.tradeId)),
    );
    return { drafts, value: undefined };
  });
  for (const id of ids) neverSent.delete(id);
}

function notSentFacts(books: Books, order: BookedOrder, at: Instant): readonly Fact[] {
  const because = "the database was away before it could be sent";
  const approval = books.approvals[order.approvalId ?? ""];
  const facts: Fact[] = [{ type: "order_not_sent", clientOrderId: order.clientOrderId, because, retryAfterMs: null }];
  if (approval?.state === "executing" || approval?.state === "exec_unknown")
    facts.push(settle(approval, { to: "exec_failed", by: ["house"], reason: because, at }));
  if (order.intent.leg === "entry") facts.push(noFill(order.tradeId));
  return facts;
}

/** An order still `sending` long after its POST (a crash, a frozen process) is unknown. */
function markLost(needs: Needs): Promise<void> {
  return record(needs, (books, { wallAt }) => {
    const stuck = Object.values(books.orders).filter(
      (order) => order.state === "sending" && between(steadyOrder(needs, order).changedAt, wallAt) > unknownAfterMs * 2,
    );
    return {
      drafts: stuck.flatMap((order) =>
        lostFacts(books.approvals[order.approvalId ?? ""], order, wallAt).map((fact) =>
          draft("house", fact, order.tradeId),
        ),
      ),
      value: undefined,
    };
  });
}

/** What a lost answer means for the order and for the approval that it executes. */
export function lostFacts(
  approval: Parameters<typeof settle>[0] | undefined,
  order: BookedOrder,
  at: number,
): readonly Fact[] {
  const lost: Fact = {
    type: "order_answer_lost",
    clientOrderId: order.clientOrderId,
    because: "the process ended or froze before the answer came",
  };
  return approval?.state === "executing"
    ? [lost, settle(approval, { to: "exec_unknown", by: ["house"], reason: "no answer from the venue", at })]
    : [lost];
}

function timesOf(needs: Needs): DoubtTimes {
  return { wallAt: needs.clock.wall(), venueAt: venueNow(needs) };
}

type Looked = {
  readonly looks: readonly ProbeLook[];
  readonly found: VenueOrder | null;
  readonly fills: readonly VenueFill[];
  readonly because: string;
};

async function probe(needs: Needs, order: BookedOrder): Promise<void> {
  // By the time before the looks: what was answered before the bound proves nothing, however late the last list came.
  const isPast = isPastArrival(order, needs.venueDefinition.capabilities, timesOf(needs));
  const lookedMono = needs.clock.mono();
  const looked = await lookEverywhere(needs, order);
  const mismatch = looked.found === null ? null : identityProblem(order, looked.found);
  const verdict = mismatch === null ? verdictOf(looked.looks, isPast) : "error";
  const because =
    mismatch ?? (verdict === "error" && looked.because === "" ? "not seen yet; it may still arrive" : looked.because);
  const { clientOrderId, tradeId } = order;
  const endpoints = looked.looks.map((look) => look.endpoint);
  const probed: Fact = { type: "order_probed", clientOrderId, verdict, endpoints, because, looks: looked.looks };
  await record(needs, (books) => {
    const now = books.orders[clientOrderId];
    if (now?.state !== "unknown") return { drafts: [], value: undefined };
    const facts = [probed, ...(mismatch === null ? [] : namesakeFacts(now, mismatch))];
    return { drafts: facts.map((fact) => draft("house", fact, tradeId)), value: undefined };
  });
  const after = needs.ledger.books().orders[clientOrderId];
  if (verdict === "absent" && after !== undefined) noteAbsence(needs, after);
  if (looked.found !== null && mismatch === null) return bind(needs, order, looked.found, looked.fills);
  if (verdict === "absent") await endForgotten(needs, order, lookedMono);
  await endWhenProven(needs, order);
}

/** Four witnesses: its name, all open lists, the fills since it was stamped, and the money that it would have moved. */
async function lookEverywhere(needs: Needs, order: BookedOrder): Promise<Looked> {
  const symbol = symbolOf(order.intent.instrumentId);
  const [byId, open, fills, balances] = await Promise.all([
    needs.venue.findOrder(refOf(order)),
    needs.venue.openOrders(symbol),
    readFills(needs, order),
    needs.venue.balances(),
  ]);
  const listed = open.ok ? open.value.find((one) => one.clientOrderId === order.clientOrderId) : undefined;
  const found = (byId.ok ? byId.value : null) ?? listed ?? null;
  // What speaks for it although no list shows it; of no interest once it is found.
  const { strange, moved } =
    found === null
      ? await whatSpeaksForIt(needs, order, {
          fills,
          balances: balances.ok ? balances.value : null,
          open: open.ok ? open.value : null,
        })
      : { strange: null, moved: null };
  const unread = [byId, open, balances].flatMap((read) => (read.ok ? [] : [read.problem.because]));
  if (fills === null) unread.push("the fills could not be read");
  const look = (endpoint: string, witness: Witness): ProbeLook => ({
    endpoint,
    venueAt: venueNow(needs),
    verdict: witness.isSeen === true ? "found" : witness.value === null || witness.isOdd === true ? "error" : "absent",
    responseHash: witness.value === null ? null : needs.vault.sha256(JSON.stringify(witness.value)),
  });
  return {
    found,
    fills: fills ?? [],
    because:
      found === null
        ? [...unread, strange, moved].filter((said) => said !== null).join("; ")
        : `the venue says ${found.state}`,
    looks: [
      look("by_client_id", { value: byId.ok ? [byId.value] : null, isSeen: byId.ok && byId.value !== null }),
      look("open_orders", { value: open.ok ? open.value : null, isSeen: listed !== undefined }),
      look("fills", { value: fills, isOdd: strange !== null }),
      look("balances", { value: balances.ok ? balances.value : null, isOdd: moved !== null }),
    ],
  };
}

type Read = {
  readonly fills: readonly VenueFill[] | null;
  readonly balances: readonly Balance[] | null;
  readonly open: readonly VenueOrder[] | null;
};
type Speaks = { readonly strange: string | null; readonly moved: string | null };

async function whatSpeaksForIt(needs: Needs, order: BookedOrder, { fills, balances, open }: Read): Promise<Speaks> {
  const account = await askWhose(needs, order, fills ?? []);
  const strange = fills === null ? null : strangeSaid(strangeFills(needs.ledger.books(), order, account));
  if (balances === null) return { strange, moved: null };
  const unseen = open === null ? null : heldUnseen(order, { open, balances });
  return { strange, moved: unseen ?? (await moneyProblem(needs, order, { ...account, balances })) };
}

function strangeSaid(fills: readonly VenueFill[]): string | null {
  return fills.length === 0
    ? null
    : `a fill that no order explains: ${fills.map((fill) => fill.venueFillId).join(", ")}`;
}

/** null = it was not read. */
type Witness = { readonly value: unknown; readonly isSeen?: boolean; readonly isOdd?: boolean };

/** More orders than these are never asked about in one look. */
const askedMax = 5;

/** A strange fill may be this order's although no list shows it, or a stranger's: the venue is asked whose order it was. */
async function askWhose(needs: Needs, order: BookedOrder, fills: readonly VenueFill[]): Promise<Account> {
  const account = { fills, stampedAt: marketStamp(needs, order) };
  const strange = [...new Set(strangeFills(needs.ledger.books(), order, account).map((fill) => fill.venueOrderId))];
  const { venue } = needs;
  if (strange.length === 0 || venue.orderById === undefined) return account;
  const symbol = symbolOf(order.intent.instrumentId);
  const others = new Set<string>();
  for (const venueOrderId of strange.slice(0, askedMax)) {
    const seen = await venue.orderById(venueOrderId, symbol);
    if (seen.ok && seen.value !== null && isSomebodyElses(order, seen.value)) others.add(venueOrderId);
  }
  if (others.size > 0) mark("V11.strange_fill_is_somebody_elses");
  return { ...account, others };
}

/** Cash that moved is looked into before it is believed: trades on other instruments, or from before, may have moved it. */
async function moneyProblem(needs: Needs, order: BookedOrder, account: Accounted): Promise<string | null> {
  const books = needs.ledger.books();
  const first = movedMoney(books, order, account);
  if (first === null) return null;
  const comparedAt = books.house.cashGap?.at ?? order.decidedAt;
  const since = addMs(Math.min(comparedAt, order.decidedAt) as Instant, -1_000);
  const symbols = [...new Set([...needs.memory.instruments.values()].map((one) => one.symbol))];
  const read = await Promise.all(symbols.map((symbol) => needs.venue.fills(symbol, since)));
  const fills = [...account.fills, ...read.flatMap((each) => (each.ok ? each.value : []))];
  return movedMoney(books, order, { ...account, fills });
}

type Accounted = Parameters<typeof movedMoney>[2];

/** Fills are dated in market time, which is the venue's own where time runs as fast as everywhere. */
function marketStamp(needs: Needs, order: BookedOrder): Instant {
  return needs.clock.speed === 1 ? (order.stampedAt ?? order.decidedAt) : order.decidedAt;
}

/** A namesake is no news the second time: a person is called once. */
function namesakeFacts(order: BookedOrder, because: string): readonly Fact[] {
  const { clientOrderId } = order;
  if (order.suspectedBecause !== undefined) return [];
  return [{ type: "order_suspected", clientOrderId, because, evidence: { order: clientOrderId, what: because } }];
}

async function bind(needs: Needs, order: BookedOrder, found: VenueOrder, fills: readonly VenueFill[]): Promise<void> {
  if (found.state === "filled") mark("V01.filled_behind_a_lost_answer");
  await absorbOrder(needs, order.clientOrderId, { order: found, fills });
  await tendPosition(needs, order.tradeId);
}

/** Order, consent and position end in one commit. */
async function endWhenProven(needs: Needs, order: BookedOrder): Promise<void> {
  const hasEnded = await record(needs, (books, times) => {
    const now = books.orders[order.clientOrderId];
    const facts = now === undefined ? [] : absentFacts(books, now, applyingFor(needs, times));
    return { drafts: facts.map((fact) => draft("house", fact, order.tradeId)), value: facts.length > 0 };
  });
  if (hasEnded) await tendPosition(needs, order.tradeId);
}

/**
 * A stop that the venue had acknowledged and has forgotten holds up no kill: it said that there is nothing to take back, and
 * a whole look after that found no order, no fill, no coins that something holds and no cash that moved. Its lists may lag
 * all the same; what it sells then comes late and is booked, and the coins that the kill has sold can't be sold twice.
 */
async function endForgotten(needs: Needs, { clientOrderId }: BookedOrder, lookedMono: number): Promise<void> {
  const said = needs.memory.nothingToCancel.get(clientOrderId);
  if (said === undefined || said.saidMono >= lookedMono) return;
  const hasEnded = await record(needs, (books) => {
    const order = books.orders[clientOrderId];
    const isSame = order?.state === "unknown" && order.changedAt === said.unknownSince;
    if (!isSame || order.intent.leg !== "protect" || order.venueOrderId === null || !isKilled(books, order))
      return { drafts: [], value: null };
    mark("V12.forgotten_stop_holds_up_no_kill");
    const because = "the venue has nothing of it to take back, no list shows it, and its coins are free";
    const ended: Fact = { type: "order_ended", clientOrderId, how: "canceled", by: "us", because };
    return { drafts: [draft("house", ended, order.tradeId)], value: order.tradeId };
  });
  needs.memory.nothingToCancel.delete(clientOrderId);
  if (hasEnded !== null) await tendPosition(needs, hasEnded);
}

const isKilled = ({ positions }: Books, { tradeId }: BookedOrder): boolean =>
  positions[tradeId]?.exitFacts.some((fact) => isKill(fact.kind)) ?? false;

/** The age of a doubt wakes people, and at last stops entries at the venue; it never ends the doubt. */
function tellAges(needs: Needs): Promise<void> {
  return record(needs, (books, { wallAt }) => {
    const doubtful = Object.values(books.orders).filter((order) => order.state === "unknown");
    const drafts = doubtful.flatMap((order) =>
      ageFacts(books, steadyOrder(needs, order), wallAt).map((fact) => draft("house", fact, order.tradeId)),
    );
    return { drafts, value: undefined };
  });
}

function ageFacts(books: Books, order: BookedOrder, wallAt: Instant): readonly Fact[] {
  const due = stageDue(order, wallAt);
  if (due === null) return [];
  const { clientOrderId, intent } = order;
  const aged: Fact = { type: "order_doubt_aged", clientOrderId, ...due };
  if (due.stage === "page") mark("V11.operator_called_with_evidence");
  if (due.stage !== "breaker") return [aged];
  const evidence = { order: clientOrderId, seconds: String(Math.round(due.ageMs / 1_000)) };
  return [aged, ...breakerFacts(books, { scope: `venue:${intent.venue}`, cause: "unknown_order", evidence })];
}
