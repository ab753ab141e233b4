/**
 * Finds out what became of orders whose answer was lost. Never sends anything, never decides by a counter alone: an order is
 * absent only after the venue's own late-arrival bound, on three looks at two independent lists over at least ten seconds.
 */
import type { Books } from "../core/books.ts";
import type { BookedOrder } from "../core/books_orders.ts";
import type { Fact } from "../core/events.ts";
import { symbolOf } from "../core/instrument.ts";
import { compare } from "../core/money.ts";
import { addMs, between, type Instant } from "../core/time.ts";
import type { VenueOrder } from "../ports/venue.ts";
import { absorbOrder } from "./absorb_order.ts";
import { dropAbandoned, noFill } from "./drop_order.ts";
import { readFills, refOf } from "./follow_order.ts";
import { tendPosition } from "./manage_exit.ts";
import { venueNow } from "./measure_offset.ts";
import type { Needs } from "./needs.ts";
import { isQuarantined } from "./quarantine.ts";
import { draft, record, recordFacts } from "./record.ts";
import { settle } from "./request_approval.ts";
import { unknownAfterMs } from "./submit_order.ts";

/** Seconds between probes of one order, then every 60 s for ever. */
const scheduleMs = [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 60_000] as const;
const absentProbesMin = 3;
const absentSpanMs = 10_000;

export async function resolveUnknowns(needs: Needs): Promise<void> {
  await dropAbandoned(needs);
  await settleNeverSent(needs);
  await markLost(needs);
  // What the last process sent may still arrive: nothing is concluded before that is over.
  if (isQuarantined(needs)) return;
  const due = Object.values(needs.ledger.books().orders).filter(
    (order) => order.state === "unknown" && isDue(needs, order),
  );
  await Promise.all(
    due.map((order) => needs.locks.tryRun(`unknown:${order.clientOrderId}`, () => probe(needs, order))),
  );
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
      (order) => order.state === "sending" && between(order.changedAt, wallAt) > unknownAfterMs * 2,
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

/** Once the venue can no longer accept the order late, looks are this close, so that the proof takes seconds and not minutes. */
const provingEveryMs = 5_000;
const provingLooks = 4;

function isDue(needs: Needs, order: BookedOrder): boolean {
  const scheduled = scheduleMs[Math.min(order.probes.total, scheduleMs.length - 1)] ?? 60_000;
  const isProving = isPastArrival(needs, order) && order.probes.absent < provingLooks;
  const wait = isProving ? Math.min(scheduled, provingEveryMs) : scheduled;
  return between(order.probes.lastAt ?? order.changedAt, needs.clock.wall()) >= wait;
}

/** The venue's late-arrival bound has passed. Both sides in venue time: the stamp was, so the present is put on its clock too. */
function isPastArrival(needs: Needs, order: BookedOrder): boolean {
  const deadAt = addMs(order.stampedAt ?? order.changedAt, needs.venueDefinition.capabilities.absentAfterMs);
  return venueNow(needs) >= deadAt;
}

async function probe(needs: Needs, order: BookedOrder): Promise<void> {
  const symbol = symbolOf(order.intent.instrumentId);
  const [byId, open, fills] = await Promise.all([
    needs.venue.findOrder(refOf(order)),
    needs.venue.openOrders(symbol),
    readFills(needs, order),
  ]);
  if (!byId.ok || !open.ok || fills === null) {
    const because = [
      ...[byId, open].flatMap((read) => (read.ok ? [] : [read.problem.because])),
      ...(fills === null ? ["the fills could not be read"] : []),
    ].join("; ");
    return recordFacts(
      needs,
      "house",
      [
        {
          type: "order_probed",
          clientOrderId: order.clientOrderId,
          verdict: "error",
          endpoints: ["by_client_id", "open_orders", "fills"],
          because,
        },
      ],
      order.tradeId,
    );
  }
  const listed = open.value.find((one) => one.clientOrderId === order.clientOrderId);
  const found = byId.value ?? listed ?? null;
  if (found !== null) return bind(needs, order, found, fills);
  await countAbsence(needs, order);
}

async function bind(
  needs: Needs,
  order: BookedOrder,
  found: VenueOrder,
  fills: Parameters<typeof absorbOrder>[2]["fills"],
): Promise<void> {
  const mismatch = identityProblem(order, found);
  const probed: Fact = {
    type: "order_probed",
    clientOrderId: order.clientOrderId,
    verdict: mismatch === null ? "found" : "error",
    endpoints: ["by_client_id", "open_orders"],
    because: mismatch ?? `the venue says ${found.state}`,
  };
  await recordFacts(needs, "house", [probed], order.tradeId);
  if (mismatch !== null) return;
  await absorbOrder(needs, order.clientOrderId, { order: found, fills });
  await settleExecution(needs, order, "executed", null);
  await tendPosition(needs, order.tradeId);
}

/** An order with our id but another side, size or age is not the one we sent: it stays unknown and a person is told. */
function identityProblem(order: BookedOrder, found: VenueOrder): string | null {
  if (found.clientOrderId !== null && found.clientOrderId !== order.clientOrderId)
    return `the venue shows client id ${found.clientOrderId}`;
  if (found.side !== order.intent.side) return `the venue shows a ${found.side}`;
  if (found.instrumentId !== order.intent.instrumentId) return `the venue shows ${found.instrumentId}`;
  if (compare(found.quantity, order.intent.quantity) !== 0)
    return `the venue shows quantity ${found.quantity}, ours was ${order.intent.quantity}`;
  return null;
}

async function countAbsence(needs: Needs, order: BookedOrder): Promise<void> {
  const { clientOrderId, tradeId } = order;
  const wall = needs.clock.wall();
  if (!isPastArrival(needs, order)) {
    return recordFacts(
      needs,
      "house",
      [
        {
          type: "order_probed",
          clientOrderId,
          verdict: "error",
          endpoints: ["by_client_id", "open_orders", "fills"],
          because: "not seen yet; it may still arrive",
        },
      ],
      tradeId,
    );
  }
  await recordFacts(
    needs,
    "house",
    [
      {
        type: "order_probed",
        clientOrderId,
        verdict: "absent",
        endpoints: ["by_client_id", "open_orders", "fills"],
        because: "no list of the venue shows it",
      },
    ],
    tradeId,
  );
  const now = needs.ledger.books().orders[clientOrderId];
  const { absent, firstAbsentAt } = now?.probes ?? order.probes;
  if (
    now?.state !== "unknown" ||
    absent < absentProbesMin ||
    firstAbsentAt === null ||
    between(firstAbsentAt, wall) < absentSpanMs
  )
    return;
  await recordFacts(
    needs,
    "house",
    [
      {
        type: "order_absent",
        clientOrderId,
        probes: absent,
        because: `${absent} looks at three lists over ${Math.round(between(firstAbsentAt, wall) / 1_000)} s`,
      },
      ...(order.intent.leg === "entry" ? [noFill(tradeId)] : []),
    ],
    tradeId,
  );
  await settleExecution(needs, order, "exec_failed", "not sent: the venue never had it");
  await tendPosition(needs, tradeId);
}

function settleExecution(
  needs: Needs,
  order: BookedOrder,
  to: "executed" | "exec_failed",
  reason: string | null,
): Promise<void> {
  return record(needs, (books, { wallAt }) => {
    const approval = order.approvalId === null ? undefined : books.approvals[order.approvalId];
    if (approval?.state !== "exec_unknown") return { drafts: [], value: undefined };
    return {
      drafts: [draft("house", settle(approval, { to, by: ["house"], reason, at: wallAt }), order.tradeId)],
      value: undefined,
    };
  });
}
