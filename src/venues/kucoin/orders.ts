/** KuCoin's three kinds of orders in our words: what is open, what is done, and what a stop has become. */
import { isAtLeast, isZero, type Quantity, zeroQuantity } from "../../core/money.ts";
import type { VenueOrder } from "../../ports/venue.ts";
import { instrumentIdOfMarket } from "./parts.ts";
import type { HfOrder, OcoDetail, StopOrder } from "./wire.ts";

/** `active` decides; ccxt's status is not asked. A part that the venue took back ("canceled remainder") ends as canceled. */
export function stateOfHf(order: HfOrder): VenueOrder["state"] {
  if (order.active) return "open";
  return !isZero(order.dealSize) && isAtLeast(order.dealSize, order.size) ? "filled" : "canceled";
}

export function orderOfHf(order: HfOrder): VenueOrder {
  return {
    clientOrderId: order.clientOid ?? null,
    venueOrderId: order.id,
    instrumentId: instrumentIdOfMarket(order.symbol),
    kind: "limit",
    side: order.side,
    quantity: order.size,
    filledQuantity: order.dealSize,
    state: stateOfHf(order),
    hasTriggered: false,
    childOrderIds: [],
    createdAt: order.createdAt,
  };
}

/** A fired stop becomes an order of its own; its fills are the stop's fills. */
export type Fired = {
  readonly child: HfOrder | null;
  readonly state: VenueOrder["state"];
  readonly hasTriggered: boolean;
};

export function orderOfStop(stop: StopOrder, fired: Fired): VenueOrder {
  return {
    clientOrderId: stop.clientOid ?? null,
    venueOrderId: stop.id,
    instrumentId: instrumentIdOfMarket(stop.symbol),
    kind: "stop_limit",
    side: stop.side,
    quantity: stop.size,
    createdAt: stop.createdAt,
    ...outcomeOf(fired),
  };
}

export function orderOfOco(oco: OcoDetail, fired: Fired): VenueOrder {
  const arm = oco.orders[0];
  return {
    clientOrderId: oco.clientOid ?? null,
    venueOrderId: oco.orderId,
    instrumentId: instrumentIdOfMarket(oco.symbol),
    kind: "oco",
    side: arm?.side ?? "sell",
    quantity: arm?.size ?? zeroQuantity,
    createdAt: oco.orderTime,
    ...outcomeOf(fired),
  };
}

type Outcome = Pick<VenueOrder, "filledQuantity" | "state" | "hasTriggered" | "childOrderIds">;

function outcomeOf({ child, state, hasTriggered }: Fired): Outcome {
  const filledQuantity: Quantity = child?.dealSize ?? zeroQuantity;
  return { filledQuantity, state, hasTriggered, childOrderIds: child === null ? [] : [child.id] };
}
