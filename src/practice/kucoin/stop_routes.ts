/** Stop orders (/api/v1/stop-order) and OCO pairs (/api/v3/oco). Cancels take effect at once. */

import { hexOf } from "../chance.ts";
import { instrumentFor, type Oco, type Stop } from "../core/state.ts";
import { type Answer, answerFor, invalid, orderNotFound, success } from "./answer.ts";
import { numberOf, textOf } from "./fields.ts";
import { ocoFields, readWish, stopFields, wireNumber } from "./order_fields.ts";
import { accountOf, type Call, type Route } from "./route.ts";
import { ocoLegView, ocoView, stopListView, stopView } from "./views.ts";

const stateOf = (call: Call) => call.skin.house.core.state;

const unknownOrder = (call: Call): Answer =>
  call.skin.switches.unknownOrderAnswer === "null_data" ? success(null) : invalid("The order does not exist.");

const placeStop = (call: Call): Answer => {
  const { house, switches } = call.skin;
  const direction = textOf(call.body, "stop");
  if (direction === "" && switches.stopDirectionRequired) return invalid("validation.createOrder.stopIsRequired");
  const { seed, counters } = stateOf(call);
  const reading = readWish(call.body, hexOf(`${seed}/own/${counters.order}/${counters.stop}`, 24));
  if (!reading.ok) return reading.answer;
  const outcome = house.run({
    do: "place_stop",
    accountId: accountOf(call),
    wish: reading.wish,
    direction: direction === "entry" ? "entry" : "loss",
    stopPrice: wireNumber(call.body, "stopPrice") ?? 0n,
  });
  return outcome.ok ? success({ orderId: outcome.id }) : answerFor(outcome.problem, switches);
};

const viewOf = (call: Call, stop: Stop): Record<string, unknown> =>
  stopView(stop, instrumentFor(stateOf(call), stop.wish.symbol), hexOf(accountOf(call), 24));

const listViewOf = (call: Call, stop: Stop): Record<string, unknown> =>
  stopListView(stop, instrumentFor(stateOf(call), stop.wish.symbol), hexOf(accountOf(call), 24));

const ownStops = (call: Call): Stop[] =>
  [...stateOf(call).stops.values()].filter(
    (stop) => stop.accountId === accountOf(call) && call.skin.visibility.isShown(stop.id),
  );

const isListed = (call: Call, stop: Stop): boolean => {
  const { query } = call;
  const ids = textOf(query, "orderIds");
  if (stop.status !== "NEW") return false;
  // The list tells plain stops; the legs of pairs only when asked for [unconfirmed].
  if ((textOf(query, "stop") === "oco") !== (stop.ocoId !== null)) return false;
  if (query["symbol"] !== undefined && stop.wish.symbol !== query["symbol"]) return false;
  if (query["side"] !== undefined && stop.wish.side !== query["side"]) return false;
  if (query["type"] !== undefined && stop.wish.type !== query["type"]) return false;
  if (ids !== "" && !ids.split(",").includes(stop.id)) return false;
  const startAt = numberOf(query, "startAt");
  const endAt = numberOf(query, "endAt");
  return (startAt === null || stop.createdAt >= startAt) && (endAt === null || stop.createdAt <= endAt);
};

const paged = (call: Call, all: readonly Record<string, unknown>[]): Answer => {
  const pageSize = numberOf(call.query, "pageSize") ?? 50;
  const currentPage = numberOf(call.query, "currentPage") ?? 1;
  const items = all.slice((currentPage - 1) * pageSize, currentPage * pageSize);
  return success({ currentPage, pageSize, totalNum: all.length, totalPage: Math.ceil(all.length / pageSize), items });
};

const listStops = (call: Call): Answer => {
  const found = ownStops(call).filter((stop) => isListed(call, stop));
  found.sort((a, b) => b.sequence - a.sequence);
  return paged(
    call,
    found.map((stop) => listViewOf(call, stop)),
  );
};

const oneStop = (call: Call): Answer => {
  const stop = ownStops(call).find((one) => one.id === call.path["orderId"]);
  return stop === undefined ? unknownOrder(call) : success(viewOf(call, stop));
};

const stopByClientOid = (call: Call): Answer => {
  const symbol = textOf(call.query, "symbol");
  const found = ownStops(call).filter(
    (stop) => stop.ocoId === null && stop.wish.clientOid === textOf(call.query, "clientOid"),
  );
  return success(
    found.filter((stop) => symbol === "" || stop.wish.symbol === symbol).map((stop) => viewOf(call, stop)),
  );
};

const drop = (call: Call, stops: readonly Stop[]): Answer => {
  const ids = stops.map((stop) => stop.id);
  if (ids.length > 0) call.skin.house.run({ do: "cancel_stops", stopIds: ids });
  return success({ cancelledOrderIds: ids });
};

const cancelStop = (call: Call): Answer => {
  const stop = ownStops(call).find((one) => one.id === call.path["orderId"] && one.status === "NEW");
  return stop === undefined ? orderNotFound : drop(call, [stop]);
};

const cancelStopByClientOid = (call: Call): Answer => {
  const clientOid = textOf(call.query, "clientOid");
  const stop = ownStops(call).find(
    (one) => one.wish.clientOid === clientOid && one.status === "NEW" && one.ocoId === null,
  );
  if (stop === undefined) return orderNotFound;
  drop(call, [stop]);
  return success({ clientOid, cancelledOrderId: stop.id });
};

const cancelStops = (call: Call): Answer => {
  const symbol = textOf(call.query, "symbol");
  const ids = textOf(call.query, "orderIds");
  const wanted = (stop: Stop): boolean =>
    stop.status === "NEW" &&
    stop.ocoId === null &&
    (symbol === "" || stop.wish.symbol === symbol) &&
    (ids === "" || ids.split(",").includes(stop.id));
  return drop(call, ownStops(call).filter(wanted));
};

const placeOco = (call: Call): Answer => {
  const { house, switches } = call.skin;
  const number = (name: string): bigint => wireNumber(call.body, name) ?? 0n;
  const wish = {
    clientOid: textOf(call.body, "clientOid"),
    symbol: textOf(call.body, "symbol"),
    side: textOf(call.body, "side") === "sell" ? ("sell" as const) : ("buy" as const),
    size: number("size"),
    price: number("price"),
    stopPrice: number("stopPrice"),
    limitPrice: number("limitPrice"),
    remark: textOf(call.body, "remark"),
  };
  const outcome = house.run({ do: "place_oco", accountId: accountOf(call), wish });
  return outcome.ok ? success({ orderId: outcome.id }) : answerFor(outcome.problem, switches);
};

const ownOcos = (call: Call): Oco[] =>
  [...stateOf(call).ocos.values()].filter((oco) => oco.accountId === accountOf(call));

const findOco = (call: Call): Oco | undefined => {
  const { orderId, clientOid } = call.path;
  return ownOcos(call).find((oco) => (clientOid === undefined ? oco.id === orderId : oco.clientOid === clientOid));
};

const oneOco = (call: Call): Answer => {
  const oco = findOco(call);
  return oco === undefined ? unknownOrder(call) : success(ocoView(oco));
};

const ocoDetails = (call: Call): Answer => {
  const oco = findOco(call);
  if (oco === undefined) return unknownOrder(call);
  const orders: Record<string, unknown>[] = [];
  for (const id of [oco.limitLegId, oco.stopLegId]) {
    const leg = stateOf(call).stops.get(id);
    if (leg !== undefined) orders.push(ocoLegView(leg));
  }
  return success({ ...ocoView(oco), orders });
};

const listOcos = (call: Call): Answer => {
  const { query } = call;
  const ids = textOf(query, "orderIds");
  const startAt = numberOf(query, "startAt") ?? 0;
  const endAt = numberOf(query, "endAt") ?? Number.MAX_SAFE_INTEGER;
  const wanted = (oco: Oco): boolean => {
    if (query["symbol"] !== undefined && oco.symbol !== query["symbol"]) return false;
    if (ids !== "" && !ids.split(",").includes(oco.id)) return false;
    return oco.createdAt >= startAt && oco.createdAt <= endAt;
  };
  const found = ownOcos(call)
    .filter(wanted)
    .sort((a, b) => b.sequence - a.sequence);
  return paged(call, found.map(ocoView));
};

const cancelOcos = (call: Call, ocos: readonly Oco[]): Answer => {
  const cancelledOrderIds: string[] = [];
  for (const oco of ocos) {
    if (call.skin.house.run({ do: "cancel_oco", ocoId: oco.id }).ok)
      cancelledOrderIds.push(oco.limitLegId, oco.stopLegId);
  }
  return success({ cancelledOrderIds });
};

const cancelOco = (call: Call): Answer => {
  const oco = findOco(call);
  return oco === undefined || oco.status !== "NEW" ? orderNotFound : cancelOcos(call, [oco]);
};

const cancelAllOcos = (call: Call): Answer => {
  const symbol = textOf(call.query, "symbol");
  const ids = textOf(call.query, "orderIds");
  const wanted = (oco: Oco): boolean =>
    oco.status === "NEW" && (symbol === "" || oco.symbol === symbol) && (ids === "" || ids.split(",").includes(oco.id));
  return cancelOcos(call, ownOcos(call).filter(wanted));
};

const spot = { pool: "spot", isPrivate: true } as const;
const create = { ...spot, method: "POST", permission: "Spot", where: "createOrder" } as const;
const remove = { ...spot, method: "DELETE", permission: "Spot", where: "cancelOrder", weight: 3 } as const;
const read = { ...spot, method: "GET", where: "queryOrder" } as const;
const symbol = { type: "string" } as const;
const clientOid = { type: "string", isRequired: true } as const;
const tradeType = { type: "string", oneOf: ["TRADE", "MARGIN_TRADE", "MARGIN_ISOLATED_TRADE"] } as const;
const pageFields = {
  symbol,
  startAt: { type: "integer" },
  endAt: { type: "integer" },
  currentPage: { type: "integer", min: 1 },
  orderIds: { type: "string" },
  pageSize: { type: "integer", min: 10, max: 500 },
} as const;
const stopList = {
  ...pageFields,
  side: { type: "string" },
  type: { type: "string" },
  tradeType,
  stop: { type: "string", oneOf: ["stop", "oco"] },
} as const;
const batch = { symbol, tradeType, orderIds: { type: "string" } } as const;
const byOid = { symbol, clientOid } as const;

export const stopRoutes: readonly Route[] = [
  { ...create, path: "/api/v1/stop-order", weight: 1, body: stopFields, run: placeStop },
  { ...read, path: "/api/v1/stop-order", weight: 8, query: stopList, tolerated: ["status"], run: listStops },
  { ...read, path: "/api/v1/stop-order/queryOrderByClientOid", weight: 3, query: byOid, run: stopByClientOid },
  { ...read, path: "/api/v1/stop-order/{orderId}", weight: 3, run: oneStop },
  { ...remove, path: "/api/v1/stop-order/cancelOrderByClientOid", weight: 5, query: byOid, run: cancelStopByClientOid },
  { ...remove, path: "/api/v1/stop-order/cancel", query: batch, run: cancelStops },
  { ...remove, path: "/api/v1/stop-order/{orderId}", run: cancelStop },
  { ...create, path: "/api/v3/oco/order", weight: 2, body: ocoFields, run: placeOco },
  { ...read, path: "/api/v3/oco/order/details/{orderId}", weight: 2, run: ocoDetails },
  { ...read, path: "/api/v3/oco/order/{orderId}", weight: 2, run: oneOco },
  { ...read, path: "/api/v3/oco/client-order/{clientOid}", weight: 2, run: oneOco },
  { ...read, path: "/api/v3/oco/orders", weight: 2, query: pageFields, run: listOcos },
  { ...remove, path: "/api/v3/oco/order/{orderId}", run: cancelOco },
  { ...remove, path: "/api/v3/oco/client-order/{clientOid}", run: cancelOco },
  { ...remove, path: "/api/v3/oco/orders", query: { symbol, orderIds: { type: "string" } }, run: cancelAllOcos },
];
