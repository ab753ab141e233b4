/** Forms an order that may only shrink a position, and sends it through the one path of every order. */
import type { OrderIntent } from "../core/intent.ts";
import type { Price } from "../core/money.ts";
import type { ExitReason, Position } from "../core/position.ts";
import { judge } from "../define/check.ts";
import { viewOf } from "./gather_view.ts";
import type { Needs } from "./needs.ts";
import { type Submitted, submitOrder } from "./submit_order.ts";

export type ReducingPart = Pick<OrderIntent, "leg" | "attempt" | "quantity" | "shape">;

/** An order that may only shrink the position. */
export function reducing(needs: Needs, position: Position, part: ReducingPart): OrderIntent {
  const { instrumentId, account, mode, strategy, positionId } = position;
  const venue = instrumentId.slice(0, instrumentId.indexOf(":"));
  return {
    intentId: needs.ids.next("int"),
    tradeId: positionId,
    mode,
    venue,
    account,
    instrumentId,
    side: "sell",
    reduceOnly: true,
    exitPlan: null,
    strategy,
    signalId: null,
    ...part,
  };
}

/** Through the one path of every order. @returns what became of it; null when our own checks denied it or nothing is known of the instrument. */
export async function submitReducing(
  needs: Needs,
  intent: OrderIntent,
  how: { referencePrice: Price; exitReason: ExitReason | null },
): Promise<Exclude<Submitted, { outcome: "denied" }> | null> {
  const instrument = needs.memory.instruments.get(intent.instrumentId);
  if (instrument === undefined) return null;
  const digest = needs.vault.sha256(
    `${intent.tradeId}|${intent.leg}|${intent.attempt}|${intent.quantity}|${JSON.stringify(intent.shape)}`,
  );
  const book = needs.memory.books.get(intent.instrumentId) ?? null;
  const outside = { book, freeQuote: null, candles: null, volatility: null };
  const submitted = await submitOrder(needs, {
    intent,
    digest,
    approvalId: null,
    priceValidUntil: null,
    ...how,
    actor: "house",
    judgeNow: (books) => ({
      denials: judge(
        intent,
        viewOf(needs, books, { instrument, outside, signal: null, strategy: intent.strategy, tradeId: intent.tradeId }),
        needs.checks,
      ),
      evidence: {},
    }),
  });
  if (submitted.outcome !== "denied") return submitted;
  needs.log.error("A reduce-only order was denied by our own checks", {
    tradeId: intent.tradeId,
    leg: intent.leg,
    because: submitted.because,
  });
  return null;
}
