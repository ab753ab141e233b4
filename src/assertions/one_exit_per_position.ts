import { mayStillTrade } from "../core/order.ts";
import { defineAssertion } from "../define/assertion.ts";

export const oneExitPerPosition = defineAssertion({
  name: "one_exit_per_position",
  promises: "A position has at most one exit order that may still trade, and at most one protective order",
  onBreach: "halt_trading",
  breaches: ({ orders }) => {
    const live = Object.values(orders).filter((order) => order.intent.leg !== "entry" && mayStillTrade(order.state));
    const byLeg = new Map<string, number>();
    for (const order of live)
      byLeg.set(`${order.tradeId}|${order.intent.leg}`, (byLeg.get(`${order.tradeId}|${order.intent.leg}`) ?? 0) + 1);
    return [...byLeg]
      .filter(([, count]) => count > 1)
      .map(([leg, count]) => ({ evidence: { leg, count: String(count) } }));
  },
});
