/**
 * A venue for DRY_RUN: the market and the rights of the key are those of the live venue, every order is formed and signed for
 * it and stops before the request, and what would have become of it is played at a practice exchange that follows the same
 * market. No writing call of the live venue is within reach of this object.
 *
 *   place --> live.rehearse (exact request, nothing leaves) --> shadow.place --> answer with the request in it
 */
import type { Venue } from "../../ports/venue.ts";

export type LiveForReading = Pick<
  Venue,
  "name" | "time" | "instruments" | "keyRights" | "candles" | "orderBook" | "rehearseOrder" | "stop"
>;

export function dryRunVenue(live: LiveForReading, shadow: Venue): Venue {
  return {
    name: live.name,
    time: () => live.time(),
    instruments: async (symbols) => {
      // The practice exchange must know them too, before the first order.
      const there = await shadow.instruments(symbols);
      return there.ok ? live.instruments(symbols) : there;
    },
    keyRights: () => live.keyRights(),
    candles: (symbol, request) => live.candles(symbol, request),
    orderBook: (symbol) => live.orderBook(symbol),
    async placeOrder(intent, wire) {
      if (live.rehearseOrder === undefined)
        return {
          ok: false,
          problem: { kind: "not_sent", because: `${live.name} can't rehearse an order`, retryAfterMs: null },
        };
      const rehearsed = await live.rehearseOrder(intent, wire);
      if (!rehearsed.ok) return rehearsed;
      const placed = await shadow.placeOrder(intent, wire);
      return placed.ok ? { ok: true, value: { ...placed.value, rehearsed: rehearsed.value } } : placed;
    },
    ...(shadow.orderById === undefined ? {} : { orderById: shadow.orderById }),
    cancelOrder: (ref, wire) => shadow.cancelOrder(ref, wire),
    findOrder: (ref) => shadow.findOrder(ref),
    openOrders: (symbol) => shadow.openOrders(symbol),
    ...(shadow.allOpenOrders === undefined ? {} : { allOpenOrders: shadow.allOpenOrders }),
    fills: (symbol, since) => shadow.fills(symbol, since),
    balances: () => shadow.balances(),
    async stop() {
      await Promise.all([live.stop(), shadow.stop()]);
    },
  };
}
