/** I01: one consent, one order. What the venue accepted is counted, not what the house meant to send. */
import type { Invariant, TrueFill, Violation, WireCreate } from "../contract.ts";
import { exact, text } from "./exact.ts";
import { type Trail, trailOf } from "./trail.ts";
import { openAccepted, oursBehind } from "./truth.ts";
import { openCursor, violated } from "./verdict.ts";

export const noDuplicateExposure: Invariant = {
  id: "I01",
  name: "NoDuplicateExposure",
  statement:
    "For each intent digest at most one venue order is ever live or filled, no name is sent twice, and the fills of one approval never exceed what was approved",
  open() {
    const creates = openCursor();
    const accepted = openAccepted();
    const fills = openCursor();
    const byName = new Map<string, WireCreate[]>();
    const byDigest = new Map<string, string>();
    const byApproval = new Map<string, bigint>();
    return {
      check(view) {
        const freshCreates = creates(view.venue.creates);
        const freshFills = fills(view.venue.fills);
        const taken = accepted(view);
        if (freshCreates.length + taken.length + freshFills.length === 0) return [];
        const trail = trailOf(view);
        return [
          ...freshCreates.flatMap((create) => sentTwice(byName, create)),
          ...taken.flatMap((create) => sameDigest(trail, byDigest, create)),
          ...freshFills.flatMap((fill) => beyondConsent(trail, byApproval, fill)),
        ];
      },
    };
  },
};

/** A request that the venue's own clock fence refused was stamped anew through TX2; every other repetition is a resend. */
function sentTwice(byName: Map<string, WireCreate[]>, create: WireCreate): readonly Violation[] {
  const before = byName.get(create.clientOrderId) ?? [];
  byName.set(create.clientOrderId, [...before, create]);
  const isExcused = before.every((one) => one.verdict === "stale_stamp" && one.stampedAt < create.stampedAt);
  if (isExcused && before.length <= 1) return [];
  return [
    violated("I01", "one client order id was sent to the venue more than once", {
      clientOrderId: create.clientOrderId,
      times: before.length + 1,
      verdicts: [...before, create].map((one) => one.verdict).join(", "),
      processes: [...before, create].map((one) => one.processId).join(", "),
    }),
  ];
}

function sameDigest(trail: Trail, byDigest: Map<string, string>, create: WireCreate): readonly Violation[] {
  const order = trail.orders.get(create.clientOrderId);
  if (order === undefined) return [];
  const keys = [`digest ${order.fact.digest}`];
  if (order.fact.approvalId !== null) keys.push(`approval ${order.fact.approvalId}`);
  return keys.flatMap((key) => {
    const first = byDigest.get(key);
    byDigest.set(key, first ?? create.clientOrderId);
    if (first === undefined || first === create.clientOrderId) return [];
    return [violated("I01", "two accepted orders stand for one consent", { key, first, second: create.clientOrderId })];
  });
}

function beyondConsent(trail: Trail, byApproval: Map<string, bigint>, fill: TrueFill): readonly Violation[] {
  const order = oursBehind(trail, fill);
  const approvalId = order?.fact.approvalId ?? null;
  if (order === undefined || approvalId === null) return [];
  const filled = (byApproval.get(approvalId) ?? 0n) + exact(fill.quantity);
  byApproval.set(approvalId, filled);
  const approval = trail.approvals.get(approvalId);
  const approved = approval?.versions.get(order.fact.approvalVersion ?? -1)?.intent?.quantity;
  if (approved !== undefined && filled <= exact(approved)) return [];
  return [
    violated("I01", "more was filled than was approved", {
      approvalId,
      approved: approved ?? "nothing",
      filled: text(filled),
    }),
  ];
}
