/**
 * TX3 of an order: what the venue answered goes on record, once, for the order and for the approval that it executes; into the
 * local journal where the database can't take it.
 */
import type { Approval } from "../core/approval.ts";
import type { Fact } from "../core/events.ts";
import type { OrderIntent } from "../core/intent.ts";
import { mark } from "../core/mark.ts";
import type { Instant } from "../core/time.ts";
import type { Level, PlaceAnswer, RehearsedRequest } from "../ports/venue.ts";
import { described, type Outcome } from "./answer_meaning.ts";
import { noFill } from "./drop_order.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { settle } from "./request_approval.ts";
import type { SubmitRequest, Submitted } from "./submit_order.ts";

type Answered = { readonly clientOrderId: string; readonly answer: PlaceAnswer; readonly latencyMs: number };
type Asked = Pick<SubmitRequest, "intent" | "approvalId">;

/** A definite answer that the database can't take now goes to the local journal: nobody else will ever tell it again. */
export async function keepAnswer(needs: Needs, request: Asked, answered: Answered): Promise<Submitted> {
  try {
    return await settleAnswer(needs, request, answered);
  } catch (error) {
    const isDefinite = answered.answer.ok || answered.answer.problem.kind !== "unknown_outcome";
    if (isDefinite) {
      mark("P03.answer_journaled");
      needs.journal.write({ kind: "venue_answer", tradeId: request.intent.tradeId, ...answered });
    }
    throw error;
  }
}

/** Records what the venue said. An order that is settled already stays as it is, so that this may be repeated. */
export function settleAnswer(needs: Needs, request: Asked, answered: Answered): Promise<Submitted> {
  const { intent } = request;
  const { clientOrderId, answer: told, latencyMs } = answered;
  return record(needs, (books, { wallAt }) => {
    const order = books.orders[clientOrderId];
    const isOpenQuestion = order?.state === "sending" || order?.state === "unknown";
    const outcome = described(told, clientOrderId, latencyMs);
    if (!isOpenQuestion || (order.state === "unknown" && outcome.fact.type === "order_answer_lost"))
      return { drafts: [], value: outcome.value };
    if (order.state === "unknown") mark("N05.late_answer_settles_it_once");
    const approval = books.approvals[request.approvalId ?? ""];
    const failed = intent.leg === "entry" && outcome.execution === "exec_failed" ? [noFill(intent.tradeId)] : [];
    const rehearsed = told.ok ? rehearsalFacts(needs, intent, { clientOrderId, rehearsed: told.value.rehearsed }) : [];
    const facts = [outcome.fact, ...rehearsed, ...executionFacts(approval, outcome, wallAt), ...failed];
    return { drafts: facts.map((fact) => draft("house", fact, intent.tradeId)), value: outcome.value };
  });
}

/** DRY_RUN keeps the very request that did not leave, and the book that it would have met. */
function rehearsalFacts(
  needs: Needs,
  { instrumentId }: OrderIntent,
  { clientOrderId, rehearsed }: { clientOrderId: string; rehearsed: RehearsedRequest | undefined },
): readonly Fact[] {
  if (rehearsed === undefined) return [];
  const book = needs.memory.books.get(instrumentId);
  const best = (levels: readonly Level[] = []) => levels.slice(0, 5).map((one) => `${one.price} x ${one.quantity}`);
  return [{ type: "order_rehearsed", clientOrderId, ...rehearsed, bids: best(book?.bids), asks: best(book?.asks) }];
}

/** What the answer means for the approval that the order executes. */
function executionFacts(approval: Approval | undefined, outcome: Outcome, at: Instant): readonly Fact[] {
  const isUnderWay = approval?.state === "executing" || approval?.state === "exec_unknown";
  if (!isUnderWay || approval.state === outcome.execution) return [];
  const reason = outcome.execution === "executed" ? null : outcome.text;
  return [settle(approval, { to: outcome.execution, by: ["house"], reason, at })];
}
