/** The digest of an order computed a second time, from the documented list of fields and not from the house's code. */
import { createHash } from "node:crypto";
import type { OrderIntent } from "../../../src/core/intent.ts";
import { exact, text, times } from "./exact.ts";

export const sha256 = (of: string): string => createHash("sha256").update(of).digest("hex");

/** JSON with sorted keys and without gaps. */
export function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  fields.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${fields.map(([key, inner]) => `${JSON.stringify(key)}:${sortedJson(inner)}`).join(",")}}`;
}

export function ownDigest(intent: OrderIntent, bound: { version: number; configHash: string }): string {
  const { shape, exitPlan } = intent;
  return sha256(
    sortedJson({
      kind: "order",
      mode: intent.mode,
      venue: intent.venue,
      account: intent.account,
      instrumentId: intent.instrumentId,
      side: intent.side,
      orderType: shape.orderType,
      reduceOnly: intent.reduceOnly,
      quantity: intent.quantity,
      notional: text(times(exact(shape.limitPrice), exact(intent.quantity))),
      limitPrice: shape.limitPrice,
      triggerPrice: "triggerPrice" in shape ? shape.triggerPrice : undefined,
      armTargetPrice: shape.orderType === "oco" ? shape.targetPrice : undefined,
      timeInForce: shape.orderType === "limit" ? shape.timeInForce : null,
      stopPrice: exitPlan?.stopPrice ?? null,
      targetPrice: exitPlan?.targetPrice ?? null,
      trail: exitPlan?.trail ?? null,
      timeLimitMs: exitPlan?.timeLimitMs ?? null,
      strategyId: intent.strategy,
      signalId: intent.signalId,
      strategyConfigHash: bound.configHash,
      phase: 1,
      version: bound.version,
    }),
  );
}
