/**
 * Orders that work at the venue and have no place there: of a closed position, bought by a decision whose record was lost,
 * or entries under a kill. Derived from the books alone, so a restart finds them again.
 */
import type { Books } from "./books.ts";
import type { BookedOrder } from "./books_orders.ts";
import { mayAskCancel } from "./exit_plan.ts";
import { mark } from "./mark.ts";
import { mayStillTrade } from "./order.ts";
import type { Instant } from "./time.ts";

export type Stray = { readonly clientOrderId: string; readonly because: string };

export function strayOrders(books: Books, wallAt: Instant): readonly Stray[] {
  return Object.values(books.orders).flatMap((order): readonly Stray[] => {
    if (!mayStillTrade(order.state) || !mayAskCancel(order, wallAt)) return [];
    const because = whyStray(books, order);
    return because === null ? [] : [{ clientOrderId: order.clientOrderId, because }];
  });
}

function whyStray(books: Books, { tradeId, intent, origin }: BookedOrder): string | null {
  const position = books.positions[tradeId];
  if (position === undefined || position.state === "closed") {
    mark("V39.order_of_a_closed_position");
    return "its position is closed";
  }
  if (intent.leg !== "entry") return null;
  if (origin === "lost_intent") return "nobody knows any more what was signed for it";
  const { level } = books.house;
  return level === "flatten" || level === "emergency" ? `trading is at ${level}` : null;
}
