/** Who else was about at the moment when an order was armed: sales of the same trade, and everything that is exposure. */
import { larger } from "./exact.ts";
import { isUnsettled } from "./order_law.ts";
import { heldOf, type OrderTrail, type Scene, type Trail } from "./trail_shapes.ts";

export function sceneOf(trail: Trail, order: OrderTrail): Scene {
  const own = trail.trades.get(order.intent.tradeId);
  const rivals = (own?.orders ?? [])
    .filter((one) => one !== order && one.intent.side === order.intent.side && isUnsettled(one.state))
    .map((one) => ({ id: one.id, leg: one.intent.leg, state: one.state, left: leftOf(one) }));
  const held = own === undefined ? 0n : heldOf(own);
  const open = [];
  if (order.intent.leg !== "entry") return { rivals, held, open: [] };
  for (const trade of trail.trades.values()) {
    if (trade === own) continue;
    const entry = trade.orders.find((one) => one.intent.leg === "entry" && isUnsettled(one.state));
    const size = heldOf(trade);
    if (entry === undefined && (trade.isClosed || size <= 0n)) continue;
    open.push({
      tradeId: trade.id,
      instrumentId: trade.instrumentId,
      held: trade.isClosed ? 0n : larger(size, 0n),
      left: entry === undefined ? 0n : leftOf(entry),
      worst: (entry ?? trade.orders[0])?.intent.shape.limitPrice ?? "0",
      state: entry?.state ?? "held",
    });
  }
  return { rivals, held, open };
}

const leftOf = (order: OrderTrail): bigint => larger(order.wanted - order.filled, 0n);
