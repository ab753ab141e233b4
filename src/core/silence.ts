/** What a request that nobody answered would have brought, followed at the price that its position could have been sold for. */
import type { Approval } from "./approval.ts";
import type { FactOf } from "./events.ts";
import { isAtLeast, isAtMost, minus, notionalOf, type Price, plus, type Ratio, scale } from "./money.ts";
import { addMs, between, hour, type Instant } from "./time.ts";

/** Longer than this nobody would still say that silence cost it. */
export const followedMs = hour;

/**
 * @param bid what a sale would fetch now. @returns null while neither stop, target nor time is reached; the pnl is after the
 * fees of both sides.
 */
export function silenceValue(
  approval: Pick<Approval, "approvalId" | "subject" | "createdAt">,
  bid: Price,
  at: { readonly wallAt: Instant; readonly takerFee: Ratio },
): FactOf<"silence_valued"> | null {
  const { subject, approvalId, createdAt } = approval;
  if (subject.kind !== "order" || subject.intent.exitPlan === null) return null;
  const { intent, terms } = subject;
  const { stopPrice, targetPrice, timeLimitMs } = subject.intent.exitPlan;
  const endsAt = addMs(createdAt, Math.min(timeLimitMs ?? followedMs, followedMs));
  const how = isAtMost(bid, stopPrice)
    ? "stop"
    : targetPrice !== null && isAtLeast(bid, targetPrice)
      ? "target"
      : between(endsAt, at.wallAt) >= 0
        ? "time"
        : null;
  if (how === null) return null;
  const paid = notionalOf(terms.quotedPrice, intent.quantity);
  const fetched = notionalOf(bid, intent.quantity);
  const fees = plus(scale(paid, at.takerFee), scale(fetched, at.takerFee));
  return {
    type: "silence_valued",
    approvalId,
    instrumentId: intent.instrumentId,
    entryPrice: terms.quotedPrice,
    exitPrice: bid,
    how,
    pnl: minus(minus(fetched, paid), fees),
  };
}
