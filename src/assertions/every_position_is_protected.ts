import type { Books } from "../core/books.ts";
import { isPositive } from "../core/money.ts";
import { mayStillTrade } from "../core/order.ts";
import { between } from "../core/time.ts";
import { defineAssertion } from "../define/assertion.ts";

/** The venue answers within seconds; a position that is bare for longer than this is a failure of ours or an outage, and both are said. */
const bareMaxMs = 15_000;

export const everyPositionIsProtected = defineAssertion({
  name: "every_position_is_protected",
  promises: "An open position has a resting stop, a running exit, or is being watched by us, and never stays bare",
  onBreach: "halt_trading",
  breaches: ({ positions, orders }, { wallAt }) =>
    Object.values(positions)
      .filter(
        (position) =>
          isPositive(position.quantity) &&
          !isLeaving(orders, position.positionId) &&
          position.protection !== "placed" &&
          position.protection !== "local_guard",
      )
      .filter(
        (position) => position.unprotectedSince !== null && between(position.unprotectedSince, wallAt) > bareMaxMs,
      )
      .map((position) => ({
        evidence: { positionId: position.positionId, quantity: position.quantity, protection: position.protection },
      })),
});

function isLeaving(orders: Books["orders"], positionId: string): boolean {
  return Object.values(orders).some(
    (order) => order.tradeId === positionId && order.intent.leg === "exit" && mayStillTrade(order.state),
  );
}
