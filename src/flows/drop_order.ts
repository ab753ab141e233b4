/** The end of an order that certainly never left: its row, the approval that it would have executed, and the position that it would have opened. */
import { noFill } from "../core/absorb.ts";
import type { Books } from "../core/books.ts";
import type { BookedOrder } from "../core/books_orders.ts";
import type { Fact } from "../core/events.ts";
import { between, type Instant } from "../core/time.ts";
import type { Draft } from "../ports/ledger.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { settle } from "./request_approval.ts";
import { steadyOrder } from "./steady.ts";

export { noFill } from "../core/absorb.ts";

/** Facts that take back an order in state `intent`. */
export function dropFacts(books: Books, order: BookedOrder, because: string, at: Instant): readonly Fact[] {
  const approval = books.approvals[order.approvalId ?? ""];
  const facts: Fact[] = [{ type: "order_dropped", clientOrderId: order.clientOrderId, because }];
  if (approval?.state === "executing")
    facts.push(settle(approval, { to: "exec_failed", by: ["house"], reason: because, at }));
  if (order.intent.leg === "entry") facts.push(noFill(order.tradeId));
  return facts;
}

export function dropDrafts(
  books: Books,
  orders: readonly BookedOrder[],
  because: string,
  at: Instant,
): readonly Draft[] {
  return orders.flatMap((order) =>
    dropFacts(books, order, because, at).map((fact) => draft("house", fact, order.tradeId)),
  );
}

/** Longer than any sender waits between deciding and arming; arming asks for the state again, so dropping can't race with it. */
const abandonedAfterMs = 5_000;

/** An intent that nobody armed (the database was away in between) would hold its slot and its position for ever. */
export function dropAbandoned(needs: Needs): Promise<void> {
  return record(needs, (books, { wallAt }) => {
    const abandoned = Object.values(books.orders).filter(
      (order) => order.state === "intent" && between(steadyOrder(needs, order).changedAt, wallAt) > abandonedAfterMs,
    );
    return { drafts: dropDrafts(books, abandoned, "it was decided but never armed", wallAt), value: undefined };
  });
}
