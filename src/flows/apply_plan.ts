/**
 * Applies a reconcile plan, each item in a commit of its own, decided again on the newest books: a process that dies in
 * between leaves a part of the plan, and the next one plans the rest.
 */
import { mark } from "../core/mark.ts";
import { type PlanItem, toldBy } from "../core/reconcile_plan.ts";
import { applyingFor } from "./applying.ts";
import { startCancel } from "./cancel_strays.ts";
import { startVisit } from "./manage_exit.ts";
import type { Needs } from "./needs.ts";
import { record } from "./record.ts";

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
