/**
 * The only door to a venue. A ClearedIntent can be made nowhere else, so the compiler refuses any code path that sends an
 * order without a passing verdict and either a settled approval of exactly this intent, or a position that it only shrinks.
 */
import type { Approval } from "./approval.ts";
import { assert } from "./assert.ts";
import type { Brand } from "./brand.ts";
import { canonicalJson } from "./canonical.ts";
import type { Denial } from "./denial.ts";
import type { OrderIntent } from "./intent.ts";
import { isAtMost, type Quantity } from "./money.ts";
import { fail, ok, type Result } from "./result.ts";

export type ClearedIntent = Brand<OrderIntent, "ClearedIntent">;

/** Why people (or a named policy) stand behind this intent. Exits need no approval, but they may never grow a position. */
export type Consent =
  | { readonly kind: "approval"; readonly approval: Approval; readonly digest: string }
  | { readonly kind: "reduces"; readonly heldQuantity: Quantity };

/** @throws InvariantError when our own code presents a consent that does not belong to the intent. */
export function clear(
  intent: OrderIntent,
  evidence: { readonly denials: readonly Denial[]; readonly consent: Consent },
): Result<ClearedIntent, readonly Denial[]> {
  if (evidence.denials.length > 0) return fail(evidence.denials);
  const { consent } = evidence;
  if (consent.kind === "approval") {
    const { approval } = consent;
    assert(
      approval.state === "executing",
      `Approval ${approval.approvalId} is ${approval.state}, so nothing may be sent for it`,
    );
    assert(approval.digest === consent.digest, `Approval ${approval.approvalId} was given for another intent`);
    assert(approval.subject.kind === "order", `Approval ${approval.approvalId} is not about an order`);
    // Every value and not only the id: what people saw is what leaves, to the last digit.
    assert(
      canonicalJson(approval.subject.intent) === canonicalJson(intent),
      `Approval ${approval.approvalId} names another intent`,
    );
    return ok(intent as ClearedIntent);
  }
  assert(
    intent.reduceOnly && intent.side === "sell",
    `Intent ${intent.intentId} has no approval and is not reduce-only`,
  );
  assert(
    isAtMost(intent.quantity, consent.heldQuantity),
    `Intent ${intent.intentId} sells ${intent.quantity}, more than the ${consent.heldQuantity} held`,
  );
  return ok(intent as ClearedIntent);
}
