/** The digest that a vote binds to: the hash of every value of the order that the prompt shows, and of the version. */
import { canonicalJson, type Hash } from "./canonical.ts";
import { type OrderIntent, worstNotional } from "./intent.ts";

/** The canonical object; the prompt is rendered from the same intent, so what was hashed is what was seen. */
export function approvalSubjectOf(
  intent: OrderIntent,
  bound: { version: number; strategyConfigHash: string; phase: number },
) {
  const { shape } = intent;
  return {
    kind: "order",
    mode: intent.mode,
    venue: intent.venue,
    account: intent.account,
    instrumentId: intent.instrumentId,
    side: intent.side,
    orderType: shape.orderType,
    reduceOnly: intent.reduceOnly,
    quantity: intent.quantity,
    notional: worstNotional(intent),
    limitPrice: shape.limitPrice,
    ...(shape.orderType === "limit" ? {} : { triggerPrice: shape.triggerPrice }),
    ...(shape.orderType === "oco" ? { armTargetPrice: shape.targetPrice } : {}),
    timeInForce: shape.orderType === "limit" ? shape.timeInForce : null,
    stopPrice: intent.exitPlan?.stopPrice ?? null,
    targetPrice: intent.exitPlan?.targetPrice ?? null,
    trail: intent.exitPlan?.trail ?? null,
    timeLimitMs: intent.exitPlan?.timeLimitMs ?? null,
    strategyId: intent.strategy,
    signalId: intent.signalId,
    strategyConfigHash: bound.strategyConfigHash,
    phase: bound.phase,
    version: bound.version,
  };
}

export function digestOf(
  intent: OrderIntent,
  bound: { version: number; strategyConfigHash: string; phase: number },
  hash: Hash,
): string {
  return hash(canonicalJson(approvalSubjectOf(intent, bound)));
}
