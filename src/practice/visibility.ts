/**
 * The fault "answers lag behind": for a while a new order, stop or fill is done but not yet told.
 * Times are wire times. Nothing is hidden while the delay is 0.
 */
import type { CoreEvent, Fill, Order } from "./core/state.ts";

export interface Visibility {
  /** ms; 0 turns it off and shows everything. */
  delayMs: number;
  note(event: CoreEvent): void;
  isShown(id: string): boolean;
  /** The order as far as its shown fills tell it. */
  orderAsShown(order: Order, fills: readonly Fill[]): Order;
  isFillShown(fill: Fill): boolean;
}

export const createVisibility = (wireNow: () => number): Visibility => {
  const seenAt = new Map<string, number>();
  const visibility: Visibility = {
    delayMs: 0,
    note(event) {
      if (visibility.delayMs === 0) return;
      const now = wireNow();
      if (event.kind === "stop_opened") seenAt.set(event.stop.id, now);
      if (event.kind === "order_matched" && event.fill !== null) seenAt.set(`fill/${event.fill.id}`, now);
      if ("order" in event && !seenAt.has(event.order.id)) seenAt.set(event.order.id, now);
    },
    isShown(id) {
      const seen = seenAt.get(id);
      return visibility.delayMs === 0 || seen === undefined || wireNow() - seen >= visibility.delayMs;
    },
    isFillShown: (fill) => visibility.isShown(`fill/${fill.id}`),
    orderAsShown(order, fills) {
      if (visibility.delayMs === 0) return order;
      const hidden = fills.filter((fill) => fill.orderId === order.id && !visibility.isFillShown(fill));
      if (hidden.length === 0) return order;
      const shown: Order = {
        ...order,
        isActive: true,
        inBook: order.type === "limit",
        wasCanceled: false,
        canceledSize: 0n,
        canceledFunds: 0n,
      };
      for (const fill of hidden) {
        shown.dealSize -= fill.size;
        shown.dealFunds -= fill.funds;
        shown.fee -= fill.fee;
      }
      return shown;
    },
  };
  return visibility;
};
