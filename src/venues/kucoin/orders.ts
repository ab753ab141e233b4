/** KuCoin's three kinds of orders in our words: what is open, what is done, and what a stop has become. */
import { isAtLeast, isLess, isZero, type Quantity, zeroQuantity } from "../../core/money.ts";
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
    limitPrice: order.price ?? null,
    ...(order.dealFunds == null ? {} : { filledNotional: order.dealFunds }),
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
    limitPrice: stop.price ?? null,
    triggerPrice: stop.stopPrice ?? null,
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
    ...armsOf(oco),
    ...outcomeOf(fired),
  };
}

/** KuCoin does not say which arm is the stop of a pair that sells: it is the one with the lower price. */
function armsOf({ orders }: OcoDetail): Pick<VenueOrder, "limitPrice" | "triggerPrice"> {
  const [first, ...rest] = orders;
  if (first === undefined) return {};
  const stop = rest.reduce((lowest, arm) => (isLess(arm.price, lowest.price) ? arm : lowest), first);
  return { limitPrice: stop.price, triggerPrice: stop.stopPrice };
}

type Outcome = Pick<VenueOrder, "filledQuantity" | "state" | "hasTriggered" | "childOrderIds" | "filledNotional">;

function outcomeOf({ child, state, hasTriggered }: Fired): Outcome {
  const filledQuantity: Quantity = child?.dealSize ?? zeroQuantity;
  return {
    filledQuantity,
    state,
    hasTriggered,
    childOrderIds: child === null ? [] : [child.id],
    ...(child?.dealFunds == null ? {} : { filledNotional: child.dealFunds }),
  };
}
