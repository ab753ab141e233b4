/** The venue as it truly is, for the oracle. A fired stop or pair and the order it became are told as one order. */
import { formatFixed } from "../../../src/practice/fixed.ts";
import type { TrueOrder, VenueTruth } from "../contract.ts";
import { marketOf, type SimOrder, type VenueState } from "./state.ts";
import { isWorking } from "./trade.ts";

export function truthOf(state: VenueState): VenueTruth {
  return {
    creates: state.creates,
    cancels: state.cancels,
    fills: state.trueFills,
    failing: state.failing,
    transfers: state.transfers,
    orders: () => {
      if (state.cachedOrders.revision !== state.revision)
        state.cachedOrders = {
          revision: state.revision,
          orders: state.orders.filter((order) => order.parent === null).map(tell),
        };
      return state.cachedOrders.orders;
    },
    balances: () =>
      Object.fromEntries(
        [...state.accounts].map(([asset, { free, held }]) => [
          asset,
          { free: formatFixed(free), held: formatFixed(held) },
        ]),
      ),
    onTheWay: () =>
      [...state.onTheWay]
        .filter((one) => one.couldArrive)
        .map(({ clientOrderId, processId }) => ({ clientOrderId, processId })),
    answeredWithin: (ms) => !isClosed(state) && state.scheduler.now() - state.lastAnswerAt <= ms,
    price: (symbol) => formatFixed(marketOf(state, symbol).last),
    revision: () => state.revision + state.ticks,
  };
}

/** It takes no order of anybody at the moment, whatever else it answers. */
function isClosed(state: VenueState): boolean {
  const now = state.scheduler.now();
  return now < state.disabledUntil || [...state.markets.values()].some((market) => market.haltedUntil > now);
}

function tell(order: SimOrder): TrueOrder {
  return {
    venueOrderId: order.id,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    quantity: formatFixed(order.quantity),
    filled: formatFixed(order.filled),
    isLive: isWorking(order),
    listedFrom: order.visibleAt,
    isProtective: order.isProtective,
    owner: order.owner,
  };
}
