/**
 * Applies a reconcile plan, each item in a commit of its own, decided again on the newest books: a process that dies in
 * between leaves a part of the plan, and the next one plans the rest.
 */
import type { Books } from "../core/books.ts";
import type { Fact } from "../core/events.ts";
import { mark } from "../core/mark.ts";
import { type Applying, type PlanItem, toldBy } from "../core/reconcile_plan.ts";
import type { Instant } from "../core/time.ts";
import type { Times } from "../ports/ledger.ts";
import { startCancel } from "./cancel_strays.ts";
import { dropFacts } from "./drop_order.ts";
import { startVisit } from "./manage_exit.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { record } from "./record.ts";
import { settle } from "./request_approval.ts";

export function applyingFor(needs: Needs, times: Times): Applying {
  return {
    ...times,
    marks: marksOf(needs.memory),
    instruments: needs.memory.instruments,
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

/** @returns how many items recorded something. */
export async function applyPlan(needs: Needs, items: readonly PlanItem[]): Promise<number> {
  let recorded = 0;
  for (const item of items) {
    if (needs.memory.isFenced || needs.memory.isStopping) return recorded;
    if (item.does === "wish") continue;
    mark("X16.plan_applied_item_by_item");
    const count = await record(needs, (books, times) => {
      const drafts = toldBy(item, books, applyingFor(needs, times));
      return { drafts, value: drafts.length };
    });
    if (count > 0) {
      recorded += 1;
      needs.log.info("The venue's truth was taken in", { row: item.row, about: item.about, does: item.does });
    }
  }
  return recorded;
}

/** Hands what needs the wire to the loops that own it; each visit runs behind the lock of its position. */
export function startWishes(needs: Needs, items: readonly PlanItem[]): void {
  const positions = new Set<string>();
  for (const { wish } of items) {
    if (wish?.do === "tend") positions.add(wish.positionId);
    if (wish?.do === "cancel") startCancel(needs, wish);
  }
  for (const positionId of positions) startVisit(needs, positionId);
}
