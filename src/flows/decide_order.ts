/**
 * TX1 of an order: in one commit the newest books are judged once more, the consent is used up and the order is intended. Or it
 * ends here, with the reason on record.
 */
import type { Approval } from "../core/approval.ts";
import { type Books, evolveTentatively } from "../core/books.ts";
import { type ClearedIntent, type Consent, clear } from "../core/clearance.ts";
import { clientOrderIdOf } from "../core/client_order_id.ts";
import { type Denial, refusalWords } from "../core/denial.ts";
import type { Fact } from "../core/events.ts";
import { worstNotional } from "../core/intent.ts";
import { zeroQuantity } from "../core/money.ts";
import { addMs, type Instant } from "../core/time.ts";
import type { Draft } from "../ports/ledger.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { settle } from "./request_approval.ts";
import type { SubmitRequest } from "./submit_order.ts";

export type Decided = {
  readonly clientOrderId: string;
  readonly cleared: ClearedIntent;
  /** Of limits and breakers, as they were judged. */
  readonly controlVersion: number;
};
type NotDecided = { readonly denials: readonly Denial[]; readonly because: string };

export function decideOrder(needs: Needs, request: SubmitRequest): Promise<Decided | NotDecided> {
  const { intent, digest, approvalId } = request;
  return record<Decided | NotDecided>(needs, (books, times) => {
    const clientOrderId = clientOrderIdOf(intent, { epoch: books.house.epoch, digest }, needs.vault.sha256);
    const approval = approvalId === null ? null : (books.approvals[approvalId] ?? null);
    const problem = whyNot(books, request, clientOrderId, times.wallAt);
    if (problem !== null) return voided(request, approval, problem, times.wallAt);
    const { denials, evidence } = request.judgeNow(books);
    if (denials.length > 0) {
      const because = denials.map((denial) => denial.code).join(", ");
      return { drafts: refusal(request, approval, denials, times.wallAt), value: { denials, because } };
    }
    const first = approval === null ? [] : [consumed(request, approval, times.wallAt)];
    const consent = consentOf(evolveTentatively(books, first, times), request);
    const cleared = clear(intent, { denials, consent });
    if (!cleared.ok) return { drafts: [], value: { denials: cleared.problem, because: "not cleared" } };
    const facts = intendedFacts(request, { clientOrderId, approval, evidence });
    const drafts = [...first, ...facts.map((fact) => draft(request.actor, fact, intent.tradeId))];
    return { drafts, value: { clientOrderId, cleared: cleared.value, controlVersion: books.house.controlVersion } };
  });
}

/** A consent that can't be executed any more ends with the reason, instead of waiting for ever. */
function voided(request: SubmitRequest, approval: Approval | null, because: string, at: Instant) {
  const settled =
    approval?.state === "approved" ? [settle(approval, { to: "invalidated", by: ["house"], reason: because, at })] : [];
  return {
    drafts: settled.map((fact) => draft("house", fact, request.intent.tradeId)),
    value: { denials: [], because },
  };
}

/** The approval is used up in the transaction that decides the order: nothing else can ever be sent for it. */
function consumed(request: SubmitRequest, approval: Approval, at: Instant): Draft {
  const executing = settle(approval, { to: "executing", by: approval.decidedBy, reason: null, at });
  return draft(request.actor, executing, request.intent.tradeId);
}

function intendedFacts(
  request: SubmitRequest,
  decided: { clientOrderId: string; approval: Approval | null; evidence: Readonly<Record<string, string>> },
): readonly Fact[] {
  const { intent, digest, approvalId, referencePrice, exitReason } = request;
  const { clientOrderId, approval } = decided;
  const evidence = { ...decided.evidence, notional: worstNotional(intent) };
  const approvalVersion = approval?.version ?? null;
  return [
    { type: "intent_cleared", intentId: intent.intentId, approvalId, digest, evidence },
    { type: "order_intended", clientOrderId, intent, digest, approvalId, approvalVersion, referencePrice, exitReason },
  ];
}

/** Reasons that end the wish before any check is asked; null = go on. */
function whyNot(books: Books, request: SubmitRequest, clientOrderId: string, wallAt: Instant): string | null {
  if (books.orders[clientOrderId] !== undefined) return `order ${clientOrderId} was decided before`;
  const { approvalId, intent } = request;
  if (approvalId === null) return intent.reduceOnly ? null : "no approval";
  const approval = books.approvals[approvalId];
  if (approval === undefined || approval.state !== "approved") return `approval is ${approval?.state ?? "gone"}`;
  if (approval.digest !== request.digest) return "the approved order is another one";
  if (approval.decidedAt === null || wallAt > addMs(approval.decidedAt, approval.execDeadlineMs))
    return "the execution deadline passed";
  return null;
}

function refusal(
  request: SubmitRequest,
  approval: Books["approvals"][string] | null,
  denials: readonly Denial[],
  at: Instant,
): readonly Draft[] {
  const { intent } = request;
  const denied: Fact = {
    type: "intent_denied",
    signalId: intent.signalId,
    strategy: intent.strategy,
    instrumentId: intent.instrumentId,
    intent,
    denials,
    stage: "execution",
    notes: [],
  };
  const settled =
    approval === null
      ? []
      : [
          settle(approval, {
            to: "invalidated",
            by: ["house"],
            reason: refusalWords(denials.map(({ code }) => code)),
            at,
          }),
        ];
  return [denied, ...settled].map((fact) => draft("house", fact, intent.tradeId));
}

function consentOf(books: Books, request: SubmitRequest): Consent {
  const approval = request.approvalId === null ? undefined : books.approvals[request.approvalId];
  if (approval !== undefined) return { kind: "approval", approval, digest: request.digest };
  const held = books.positions[request.intent.tradeId]?.quantity;
  return { kind: "reduces", heldQuantity: held ?? zeroQuantity };
}
