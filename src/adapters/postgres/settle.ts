/**
 * Finds out what became of an append whose answer was lost.
 *
 * Looking alone would not do: the lost statement may still be on its way. Raising `turn` first closes the door: it waits
 * for that statement when it holds the head row, and makes it fail when it comes later. What the head says then is final.
 */
import { mark } from "../../core/mark.ts";
import { putBack } from "./append.ts";
import type { AnyFact, Store } from "./ledger_store.ts";
import { readTail } from "./tail.ts";

/** @returns false while the database is away. Afterwards the callers have their answer, or wait to decide again. */
export async function settle<Books, Fact extends AnyFact>(store: Store<Books, Fact>): Promise<boolean> {
  const lost = store.unsettled;
  if (lost === null) return true;
  try {
    // Without the fence this changes nothing, and need not: then the lost statement can't land any more either.
    await store.pool.query(
      `with fence as materialized (select 1 from trader_epoch where id = 1 and epoch = $1 for share)
       update ledger_head set turn = turn + 1 where id = 1 and exists (select 1 from fence)`,
      [store.epoch],
    );
    const entries = await readTail(store);
    // Answers that came too late for their caller were already given up; refuseLate has taken those out.
    const { accepted } = store.unsettled ?? lost;
    const hasLanded = entries.some((entry) => entry.seq === lost.seq && entry.hash === lost.hash);
    store.unsettled = null;
    mark(hasLanded ? "P04.had_landed" : "P04.had_not_landed");
    if (hasLanded) {
      for (const { request, value } of accepted) request.resolve(value);
    } else {
      putBack(store, { ...lost, accepted });
    }
    store.log.warn("The fate of an append is settled", { seq: lost.seq, hasLanded });
    return true;
  } catch (error) {
    store.problem = (error as Error).message;
    if (store.end === null) return false;
    // The record itself is broken: nothing will ever settle it, and whoever waits must hear so instead of waiting for ever.
    for (const { request } of store.unsettled?.accepted ?? []) request.reject(store.end);
    store.unsettled = null;
    return true;
  }
}
