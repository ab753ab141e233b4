/**
 * Applies a reconcile plan, each item in a commit of its own, decided again on the newest books: a process that dies in
 * between leaves a part of the plan, and the next one plans the rest. An item that the database refuses is told, and the
 * others are applied all the same.
 */
import { mark } from "../core/mark.ts";
import { type PlanItem, toldBy } from "../core/reconcile_plan.ts";
import { applyingFor } from "./applying.ts";
import { startCancel } from "./cancel_strays.ts";
import { startVisit } from "./manage_exit.ts";
import type { Needs } from "./needs.ts";
import { record } from "./record.ts";
import { isAway, tellRefused } from "./tell_refused.ts";

/** @returns one sentence for each item that could not be recorded. */
export async function applyPlan(needs: Needs, items: readonly PlanItem[]): Promise<readonly string[]> {
  const refused: string[] = [];
  for (const item of items) {
    if (needs.memory.isFenced || needs.memory.isStopping) return refused;
    if (item.does === "wish") continue;
    mark("X16.plan_applied_item_by_item");
    try {
      await apply(needs, item);
    } catch (error) {
      if (isAway(error)) throw error;
      refused.push(`${item.about}: it could not be booked (${item.does.replaceAll("_", " ")})`);
      await tellRefused(needs, `${item.does} ${item.about}`, error);
    }
  }
  return refused;
}

async function apply(needs: Needs, item: PlanItem): Promise<void> {
  const count = await record(needs, (books, times) => {
    const drafts = toldBy(item, books, applyingFor(needs, times));
    return { drafts, value: drafts.length };
  });
  const { row, about, does } = item;
  if (count > 0) needs.log.info("The venue's truth was taken in", { row, about, does });
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
