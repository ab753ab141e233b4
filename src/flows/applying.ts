/** What a commit that takes in the venue's word needs besides that word: prices, rules, times, and how a consent ends with its order. */
import type { Books } from "../core/books.ts";
import type { Fact } from "../core/events.ts";
import type { Applying } from "../core/reconcile_plan.ts";
import type { Instant } from "../core/time.ts";
import type { Times } from "../ports/ledger.ts";
import { dropFacts } from "./drop_order.ts";
import { marketNow } from "./measure_offset.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { settle } from "./request_approval.ts";
import { absentSpanOf } from "./steady.ts";

export function applyingFor(needs: Needs, times: Times): Applying {
  return {
    ...times,
    marks: marksOf(needs.memory),
    instruments: needs.memory.instruments,
    absentSpanMs: (order) => absentSpanOf(needs, order),
    marketAt: marketNow(needs),
    endConsent: (books, clientOrderId, outcome, because) =>
      consentFacts(books, clientOrderId, { outcome, because, at: times.wallAt }),
    drop: (books, clientOrderId) => {
      const order = books.orders[clientOrderId];
      return order === undefined ? [] : dropFacts(books, order, "it was decided but never armed", times.wallAt);
    },
  };
}

function consentFacts(
  books: Books,
  clientOrderId: string,
  end: { readonly outcome: "executed" | "failed"; readonly because: string; readonly at: Instant },
): readonly Fact[] {
  const approval = books.approvals[books.orders[clientOrderId]?.approvalId ?? ""];
  if (approval?.state !== "exec_unknown" && approval?.state !== "executing") return [];
  const to = end.outcome === "executed" ? "executed" : "exec_failed";
  return [settle(approval, { to, by: ["house"], reason: end.outcome === "executed" ? null : end.because, at: end.at })];
}
