/** Records what the venue says of one of our orders, decided on the newest books in one commit; see core/absorb.ts. */
import { absorb, type Seen } from "../core/absorb.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { record } from "./record.ts";

export { closedFact } from "../core/absorb.ts";

/** @returns true when something new was learned. */
export function absorbOrder(
  needs: Needs,
  clientOrderId: string,
  seen: Seen & { readonly mayProvision?: boolean },
): Promise<boolean> {
  return record(needs, (books, times) => {
    const context = {
      ...times,
      marks: marksOf(needs.memory),
      instruments: needs.memory.instruments,
      mayProvision: seen.mayProvision ?? false,
    };
    const drafts = absorb(books, clientOrderId, seen, context);
    return { drafts, value: drafts.length > 0 };
  });
}
