/**
 * Records what the venue says of one of our orders, decided on the newest books in one commit; see core/absorb.ts. The consent
 * of an order that was in doubt ends in that same commit: nobody would come back to it after a death in between.
 */
import type { Seen } from "../core/absorb.ts";
import { toldBy } from "../core/reconcile_plan.ts";
import { applyingFor } from "./applying.ts";
import type { Needs } from "./needs.ts";
import { record } from "./record.ts";

export { closedFact } from "../core/absorb.ts";

/** @returns true when something new was learned. */
export function absorbOrder(
  needs: Needs,
  clientOrderId: string,
  { order: seen, fills, mayProvision = false }: Seen & { readonly mayProvision?: boolean },
): Promise<boolean> {
  return record(needs, (books, times) => {
    const item = { row: 2, about: clientOrderId, wish: null, does: "absorb", clientOrderId, seen, fills } as const;
    const drafts = toldBy({ ...item, mayProvision }, books, applyingFor(needs, times));
    return { drafts, value: drafts.length > 0 };
  });
}
