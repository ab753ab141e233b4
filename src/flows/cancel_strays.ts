/** Takes back what works at the venue without a place there; derived from the books each second, one attempt at a time. */
import { strayOrders } from "../core/stray_orders.ts";
import { cancelOrder } from "./follow_order.ts";
import { maySend } from "./may_send.ts";
import type { Needs } from "./needs.ts";

export function cancelStrays(needs: Needs): void {
  if (!maySend(needs)) return;
  for (const stray of strayOrders(needs.ledger.books(), needs.clock.wall())) startCancel(needs, stray);
}

export function startCancel(needs: Needs, wish: { readonly clientOrderId: string; readonly because: string }): void {
  void needs.locks
    .tryRun(`stray:${wish.clientOrderId}`, () => cancelOrder(needs, wish.clientOrderId, wish.because))
    .catch((error: unknown) => {
      needs.log.warn("A stray order could not be canceled; the next round tries again", {
        order: wish.clientOrderId,
        error: error instanceof Error ? error.message : String(error),
      });
    });
}
