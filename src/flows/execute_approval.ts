/** Turns one approved request into its order: price and risk are judged again on fresh facts, then it goes through the one door, once. */
import type { Approval } from "../core/approval.ts";
import { type Instrument, marketPinOf } from "../core/instrument.ts";
import { mark } from "../core/mark.ts";
import { fromBps, isAtLeast, isMore } from "../core/money.ts";
import { adverseDrift, executablePrice } from "../core/quote.ts";
import { addMs } from "../core/time.ts";
import { judge } from "../define/check.ts";
import { followOrder } from "./follow_order.ts";
import { type Outside, readOutside, viewOf } from "./gather_view.ts";
import { otherAccount } from "./judge_request.ts";
import { tendPosition } from "./manage_exit.ts";
import type { Needs } from "./needs.ts";
import { signalBehind } from "./plan_entry.ts";
import { draft, record } from "./record.ts";
import { settle } from "./request_approval.ts";
import { submitOrder } from "./submit_order.ts";

/** @param known outside facts that were read for the tap that approved; used only while their quote is young enough. */
export async function executeApproval(needs: Needs, approvalId: string, known: Outside | null = null): Promise<void> {
  // Whoever finds it under way leaves it: a sweep that waited here would keep everything else that is due from its turn.
  await needs.locks.tryRun(`approval:${approvalId}`, async () => {
    const approval = needs.ledger.books().approvals[approvalId];
    if (approval?.state !== "approved") return mark("R08.consent_already_used");
    if (approval.subject.kind !== "order") return;
    const { intent, terms } = approval.subject;
    const instrument = needs.memory.instruments.get(intent.instrumentId);
    const misfit = marketProblem(intent.instrumentId, terms.market, instrument);
    if (instrument === undefined || misfit !== null) return invalidate(needs, approval, misfit ?? "");
    const outside = await outsideFor(needs, instrument, known);
    const drift = driftProblem(needs, approval, outside);
    if (drift !== null) return invalidate(needs, approval, drift);
    const submitted = await submitOrder(needs, {
      intent,
      digest: approval.digest,
      approvalId,
      referencePrice: terms.quotedPrice,
      priceValidUntil:
        outside.book === null ? null : addMs(outside.book.receivedAt, needs.settings.approvals.quoteTtlMs),
      exitReason: null,
      actor: approval.decidedBy[0] ?? "house",
      judgeNow: (books) => {
        // Its own promise is not exposure beside itself: the approved request is what becomes the order.
        const others = {
          ...books,
          approvals: { ...books.approvals, [approvalId]: { ...approval, state: "executing" as const } },
        };
        const view = viewOf(needs, others, {
          instrument,
          outside,
          signal: signalBehind(intent, terms),
          strategy: intent.strategy,
        });
        return {
          denials: judge(intent, view, needs.checks),
          evidence: {
            quotedPrice: terms.quotedPrice,
            quoteAgeMs: String(view.quote?.ageMs ?? -1),
            equity: view.equity,
            freeQuote: view.freeQuote ?? "unknown",
          },
        };
      },
    });
    if (submitted.outcome !== "acknowledged") return;
    await followOrder(needs, submitted.clientOrderId);
    await tendPosition(needs, intent.tradeId);
  });
}

/** The venue may not list it any more, or list another kind of market under the same name. */
function marketProblem(
  instrumentId: string,
  pinned: string | undefined,
  instrument: Instrument | undefined,
): string | null {
  if (instrument === undefined) return `${instrumentId} is not known at the venue`;
  if (pinned === undefined || pinned === marketPinOf(instrument)) return null;
  mark("G05.market_changed");
  return `${instrumentId} is another market now than the one approved`;
}

function outsideFor(needs: Needs, instrument: Instrument, known: Outside | null): Promise<Outside> {
  return known !== null && isFresh(needs, known) ? Promise.resolve(known) : readOutside(needs, instrument);
}

function isFresh(needs: Needs, outside: Outside): boolean {
  return outside.book !== null && needs.clock.wall() - outside.book.receivedAt < needs.settings.approvals.quoteTtlMs;
}

/** The approved version stands for its price band only. */
function driftProblem(needs: Needs, approval: Approval, outside: Outside): string | null {
  if (approval.subject.kind !== "order") return null;
  if (outside.book === null) return "no fresh price at execution";
  const { intent, terms } = approval.subject;
  const now = executablePrice(outside.book, intent.side, intent.quantity);
  if (now === null) return "the order book is too thin for this size";
  const drift = adverseDrift(intent.side, terms.quotedPrice, now);
  if (isMore(drift, fromBps(approval.hardBps)))
    return `the price moved to ${now}, beyond the hard band of ${approval.hardBps} bps`;
  return isAtLeast(intent.shape.limitPrice, now)
    ? otherAccount(needs, needs.ledger.books(), approval, outside)
    : `the price moved to ${now}, past the worst price ${intent.shape.limitPrice}`;
}

export function invalidate(needs: Needs, approval: Approval, reason: string): Promise<void> {
  return record(needs, (books, { wallAt }) => {
    const now = books.approvals[approval.approvalId];
    if (now?.state !== "approved" && now?.state !== "pending") return { drafts: [], value: undefined };
    return {
      drafts: [draft("house", settle(now, { to: "invalidated", by: ["house"], reason, at: wallAt }), now.tradeId)],
      value: undefined,
    };
  });
}
