/**
 * Sends one order to its venue, exactly once. Entries, protection and exits all come through here.
 *
 *   TX1 decide: fence, limits on the newest books, consent consumed ---> order_intended
 *   TX2 arm:    fence, level, price age again -------------------------> order_sending (stamped with the venue's time)
 *   WIRE:       gate held, at most 500 ms after TX2, one POST ---------> (5 s without an answer: order_answer_lost)
 *   TX3 record: acknowledged | rejected | not_sent | answer_lost
 *
 * A row that is only intended was certainly never sent; only `sending` needs the slow proof after a crash. The answer may
 * still come after 5 s: it is recorded then, and the order leaves `unknown` by it.
 */
import type { Books } from "../core/books.ts";
import type { Denial } from "../core/denial.ts";
import type { FactOf } from "../core/events.ts";
import type { OrderIntent } from "../core/intent.ts";
import { mark } from "../core/mark.ts";
import { isLess, type Price, zeroQuantity } from "../core/money.ts";
import type { ExitReason } from "../core/position.ts";
import { addMs, type Instant } from "../core/time.ts";
import type { PlaceAnswer } from "../ports/venue.ts";
import { type Decided, decideOrder } from "./decide_order.ts";
import { dropDrafts } from "./drop_order.ts";
import { keepAnswer } from "./keep_answer.ts";
import { maySend } from "./may_send.ts";
import { measureOffset, venueNow } from "./measure_offset.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { sendTtlMs } from "./send_gate.ts";

/** Real ms after which an unanswered order counts as unknown. */
export const unknownAfterMs = 5_000;

export type SubmitRequest = {
  readonly intent: OrderIntent;
  readonly digest: string;
  /** The approval that this order executes; null for orders that only reduce. */
  readonly approvalId: string | null;
  readonly referencePrice: Price;
  /** Real time after which the price that was judged says nothing any more; null for orders that only reduce. */
  readonly priceValidUntil: Instant | null;
  readonly exitReason: ExitReason | null;
  readonly actor: string;
  /** Judged again inside TX1 on the newest books. Empty = passes. Facts may be added that belong to the same decision. */
  judgeNow(books: Books): { readonly denials: readonly Denial[]; readonly evidence: Readonly<Record<string, string>> };
};

export type Submitted =
  | { readonly outcome: "acknowledged" | "unknown"; readonly clientOrderId: string }
  | {
      readonly outcome: "rejected" | "not_sent";
      readonly clientOrderId: string;
      readonly because: string;
      /** In our words, of a definitive refusal. */
      readonly reason?: FactOf<"order_rejected">["reason"];
      /** The wait that the venue named; nothing is sent before it is over. */
      readonly retryAfterMs?: number | null;
    }
  | { readonly outcome: "denied"; readonly denials: readonly Denial[]; readonly because: string };

export async function submitOrder(needs: Needs, request: SubmitRequest): Promise<Submitted> {
  const decided = await decideOrder(needs, request);
  if ("denials" in decided) return { outcome: "denied", ...decided };
  const armed = await arm(needs, request, decided).catch((error: unknown) => {
    // Whether the row says `intent` or `sending`: nothing was sent. The sweep writes that down as soon as the ledger answers.
    needs.memory.neverSent.add(decided.clientOrderId);
    throw error;
  });
  if (armed === null)
    return { outcome: "not_sent", clientOrderId: decided.clientOrderId, because: "held back before sending" };
  return send(needs, request, decided, armed);
}

/** @returns the stamp and the instant of the commit; null when the order was dropped instead. */
function arm(
  needs: Needs,
  request: SubmitRequest,
  decided: Decided,
): Promise<{ stampedAt: Instant; armedMono: number } | null> {
  const { clientOrderId } = decided;
  const { intent } = request;
  return record<{ stampedAt: Instant } | null>(needs, (books, { wallAt }) => {
    const order = books.orders[clientOrderId];
    if (order?.state !== "intent") return { drafts: [], value: null };
    const because = holdBack(books, request, decided, wallAt);
    if (because !== null) return { drafts: dropDrafts(books, [order], because, wallAt), value: null };
    const stampedAt = venueNow(needs);
    return {
      drafts: [
        draft(
          request.actor,
          { type: "order_sending", clientOrderId, stampedAt, controlVersion: books.house.controlVersion },
          intent.tradeId,
        ),
      ],
      value: { stampedAt },
    };
  }).then((stamp) => (stamp === null ? null : { ...stamp, armedMono: needs.clock.mono() }));
}

/** Asked again at the last moment before the stamp: level, limits, the deadline of the consent and the age of its price. */
function holdBack(books: Books, request: SubmitRequest, decided: Decided, wallAt: Instant): string | null {
  if (request.intent.leg !== "entry") return notHeldAnyMore(books, request.intent);
  if (books.house.level !== "none") return `the house is at ${books.house.level}`;
  if (books.house.controlVersion !== decided.controlVersion)
    return "limits or breakers changed while it was being sent";
  const approval = books.approvals[request.approvalId ?? ""];
  if (approval?.decidedAt != null && wallAt > addMs(approval.decidedAt, approval.execDeadlineMs))
    return "the execution deadline passed";
  if (request.priceValidUntil !== null && wallAt > request.priceValidUntil)
    return "its price grew old before it was sent";
  return null;
}

/** The venue or a person may have sold it since it was decided. */
function notHeldAnyMore(books: Books, { tradeId, quantity }: SubmitRequest["intent"]): string | null {
  const held = books.positions[tradeId]?.quantity ?? zeroQuantity;
  return isLess(held, quantity) ? "what it would sell is not held any more" : null;
}

async function send(
  needs: Needs,
  request: SubmitRequest,
  decided: Decided,
  armed: { stampedAt: Instant; armedMono: number },
): Promise<Submitted> {
  const { clock, gate, ledger, venue } = needs;
  const { clientOrderId, cleared } = decided;
  const isEntry = request.intent.leg === "entry";
  const mayLeave = () =>
    isInTime(clock.mono() - armed.armedMono) && maySend(needs) && (!isEntry || ledger.books().house.level === "none");
  const answer = gate.leave({ orderId: clientOrderId, isEntry, mayLeave }, (mayStillLeave) =>
    venue.placeOrder(cleared, { clientOrderId, stampedAt: armed.stampedAt, mayLeave: mayStillLeave }),
  );
  const stopWaiting = new AbortController();
  const first = await Promise.race([
    answer,
    clock.sleep(unknownAfterMs, stopWaiting.signal).then(() => "late" as const),
  ]);
  stopWaiting.abort();
  const settled = (given: PlaceAnswer | "held_back") => {
    const told = given === "held_back" ? notSent("held back at the gate") : given;
    return keepAnswer(needs, request, {
      clientOrderId,
      answer: told,
      latencyMs: Math.round(clock.mono() - armed.armedMono),
    });
  };
  if (first !== "late") {
    const submitted = await settled(first);
    if (isStale(first)) await resync(needs, clientOrderId);
    return submitted;
  }
  // Listened to before the loss is recorded: that fails while the database is away, and the answer may come all the same.
  void answer
    .then((late) => settled(late))
    .catch((error: unknown) =>
      needs.log.error("A late answer could not be recorded; the resolver will find the order", {
        clientOrderId,
        error: String(error),
      }),
    );
  await settled(lost("no answer within 5 s"));
  return { outcome: "unknown", clientOrderId };
}

/** A process that was frozen after it armed an order wakes up here: what it meant to send is too old. */
function isInTime(sinceArmedMs: number): boolean {
  if (sinceArmedMs <= sendTtlMs) return true;
  mark("C05.too_old_to_leave");
  return false;
}

const isStale = (answer: PlaceAnswer | "held_back"): boolean =>
  answer !== "held_back" && !answer.ok && answer.problem.kind === "rejected" && answer.problem.reason === "stale_stamp";

/** The same request signed anew would be a second send. The clock is asked; a new attempt then goes the whole way, with its own stamp. */
async function resync(needs: Needs, clientOrderId: string): Promise<void> {
  mark("C05.stale_stamp_refused");
  needs.log.warn("The venue refused a stamp; its clock is asked anew before anything else is sent", { clientOrderId });
  await measureOffset(needs);
}

const notSent = (because: string): PlaceAnswer => ({
  ok: false,
  problem: { kind: "not_sent", because, retryAfterMs: null },
});

const lost = (because: string): PlaceAnswer => ({ ok: false, problem: { kind: "unknown_outcome", because } });
