/** I25: orders of other people are never touched, and nobody's coins but ours are ever sold. */
import type { Invariant, Violation, WorldView } from "../contract.ts";
import { trailOf } from "./trail.ts";
import { oursBehind, trueOrders } from "./truth.ts";
import { openCursor, violated } from "./verdict.ts";

export const ownedOnly: Invariant = {
  id: "I25",
  name: "OwnedOnly",
  statement: "No cancel names an order of somebody else, and no order of ours sells what no trade of ours bought",
  open() {
    const cancels = openCursor();
    const fills = openCursor();
    return {
      check(view) {
        const trail = trailOf(view);
        const foreign = cancels(view.venue.cancels).flatMap((cancel): readonly Violation[] => {
          const order = trueOrders(view).find((one) => one.venueOrderId === cancel.venueOrderId);
          if (order?.owner !== "human") return [];
          return [
            violated("I25", "a cancel was sent for somebody else's order", {
              venueOrderId: cancel.venueOrderId,
              verdict: cancel.verdict,
              processId: cancel.processId,
            }),
          ];
        });
        const booked = fills(trail.told).flatMap((one): readonly Violation[] => {
          if (one.fact.type !== "fill_received" || one.order === null || one.order.isAdopted) return [];
          return isForeignFill(view, one.fact.venueFillId, one.order.symbol)
            ? [
                violated("I25", "somebody else's fill was booked to an order of ours", {
                  fill: one.fact.venueFillId,
                  clientOrderId: one.order.id,
                }),
              ]
            : [];
        });
        return [...foreign, ...booked];
      },
    };
  },
};

function isForeignFill(view: WorldView, venueFillId: string, symbol: string): boolean {
  const fill = view.venue.fills.findLast((one) => one.venueFillId === venueFillId && one.symbol === symbol);
  if (fill === undefined || oursBehind(trailOf(view), fill) !== undefined) return false;
  return trueOrders(view).some((one) => one.venueOrderId === fill.venueOrderId && one.owner === "human");
}
