/**
 * Spot orders: /api/v1/hf/orders and /api/v1/hf/fills. A cancel only asks ("this endpoint only sends cancellation
 * requests"): the order is canceled a moment later and may still fill until then; the sync routes wait for it.
 */

import { hexOf } from "../chance.ts";
import { checkOrder } from "../core/rules.ts";
import { type Fill, instrumentFor, type Order } from "../core/state.ts";
import { formatFixed } from "../fixed.ts";
import { type Answer, answerFor, invalid, orderNotFound, success } from "./answer.ts";
import { numberOf, textOf } from "./fields.ts";
import { orderFields, readWish, windowProblem, wireNumber } from "./order_fields.ts";
import { accountOf, type Call, type Route } from "./route.ts";
import { fillView, orderView } from "./views.ts";

/** Clients that speak classic and hf alike send these along; the venue takes no notice. */
const TOLERATED = ["tradeType", "status", "pageSize"];
const symbolOnly = { symbol: { type: "string", isRequired: true } } as const;
const WEEK_MS = 7 * 86_400_000;

const stateOf = (call: Call) => call.skin.house.core.state;

const shown = (call: Call, order: Order): Record<string, unknown> => {
  const state = stateOf(call);
  return orderView(call.skin.visibility.orderAsShown(order, state.fills), instrumentFor(state, order.symbol));
};

const ownId = (call: Call): string => {
  const { seed, counters } = stateOf(call);
  return hexOf(`${seed}/own/${counters.order}/${counters.stop}`, 24);
};

/** The order a call names by id or client id, if this account may see it. */
const findOrder = (call: Call): Order | null => {
  const state = stateOf(call);
  const clientOid = call.path["clientOid"];
  const id = clientOid === undefined ? call.path["orderId"] : state.clientOids.get(`${accountOf(call)}/${clientOid}`);
  const order = state.orders.get(id ?? "");
  if (order === undefined || order.accountId !== accountOf(call)) return null;
  if (order.symbol !== textOf(call.query, "symbol")) return null;
  return call.skin.visibility.isShown(order.id) ? order : null;
};

const place = (call: Call): { answer: Answer; order: Order | null } => {
  const late = windowProblem(call.body, String(call.headers["kc-api-timestamp"] ?? ""), call.receivedAt);
  if (late !== null) return { answer: late, order: null };
  const reading = readWish(call.body, ownId(call));
  if (!reading.ok) return { answer: reading.answer, order: null };
  const { house, switches } = call.skin;
  const outcome = house.run({ do: "place", accountId: accountOf(call), wish: reading.wish });
  if (!outcome.ok) return { answer: answerFor(outcome.problem, switches), order: null };
  const order = stateOf(call).orders.get(outcome.id) ?? null;
  return { answer: success({ orderId: outcome.id, clientOid: reading.wish.clientOid }), order };
};

const sizes = (order: Order): Record<string, unknown> => {
  const size = order.size ?? 0n;
  return {
    originSize: formatFixed(size),
    dealSize: formatFixed(order.dealSize),
    remainSize: formatFixed(order.size === null || !order.isActive ? 0n : size - order.dealSize - order.canceledSize),
    canceledSize: formatFixed(order.canceledSize),
    status: order.isActive ? "open" : "done",
  };
};

const placeSync = (call: Call): Answer => {
  const { answer, order } = place(call);
  if (order === null) return answer;
  const { id, clientOid, createdAt, updatedAt } = order;
  return success({ orderId: id, clientOid, orderTime: createdAt, ...sizes(order), matchTime: updatedAt });
};

const test = (call: Call): Answer => {
  const late = windowProblem(call.body, String(call.headers["kc-api-timestamp"] ?? ""), call.receivedAt);
  if (late !== null) return late;
  const reading = readWish(call.body, ownId(call));
  if (!reading.ok) return reading.answer;
  const problem = checkOrder(call.skin.house.core, accountOf(call), reading.wish);
  if (problem !== null) return answerFor(problem, call.skin.switches);
  return success({ orderId: hexOf(`test/${reading.wish.clientOid}`, 24), clientOid: reading.wish.clientOid });
};

const query = (call: Call): Answer => {
  const order = findOrder(call);
  if (order !== null) return success(shown(call, order));
  return call.skin.switches.unknownOrderAnswer === "null_data" ? success(null) : invalid("The order does not exist.");
};

const ask = (call: Call, orders: readonly Order[]): void => {
  if (orders.length > 0) call.skin.house.run({ do: "request_cancel", orderIds: orders.map((order) => order.id) });
};

const cancel = (call: Call): Answer => {
  const order = findOrder(call);
  if (order === null || !order.isActive) return orderNotFound;
  ask(call, [order]);
  return success(call.path["clientOid"] === undefined ? { orderId: order.id } : { clientOid: order.clientOid });
};

const cancelSync = (call: Call): Answer => {
  const order = findOrder(call);
  if (order === null || !order.isActive) return orderNotFound;
  ask(call, [order]);
  call.skin.house.pump();
  const name = call.path["clientOid"] === undefined ? { orderId: order.id } : { clientOid: order.clientOid };
  return success({ ...name, ...sizes(order) });
};

const cancelPart = (call: Call): Answer => {
  const order = findOrder(call);
  if (order === null || !order.isActive) return orderNotFound;
  const outcome = call.skin.house.run({
    do: "cancel_part",
    orderId: order.id,
    size: wireNumber(call.query, "cancelSize") ?? 0n,
  });
  if (!outcome.ok) return answerFor(outcome.problem, call.skin.switches);
  return success({ orderId: order.id, cancelSize: textOf(call.query, "cancelSize") });
};

const activeOf = (call: Call, symbol: string | null): Order[] => {
  const out: Order[] = [];
  for (const [name, ids] of stateOf(call).activeOrders) {
    if (symbol !== null && name !== symbol) continue;
    for (const id of ids) {
      const order = stateOf(call).orders.get(id);
      if (order?.accountId === accountOf(call)) out.push(order);
    }
  }
  return out;
};

const cancelSymbol = (call: Call): Answer => {
  ask(call, activeOf(call, textOf(call.query, "symbol")));
  return success("success");
};

const cancelAll = (call: Call): Answer => {
  const orders = activeOf(call, null);
  ask(call, orders);
  return success({ succeedSymbols: [...new Set(orders.map((order) => order.symbol))], failedSymbols: [] });
};

const known = (call: Call): boolean => stateOf(call).instruments.has(textOf(call.query, "symbol"));

const activeShown = (call: Call): Record<string, unknown>[] => {
  const symbol = textOf(call.query, "symbol");
  const visible = [...stateOf(call).orders.values()].filter(
    (order) => order.symbol === symbol && order.accountId === accountOf(call),
  );
  const { visibility } = call.skin;
  return visible
    .filter((order) => visibility.isShown(order.id) && visibility.orderAsShown(order, stateOf(call).fills).isActive)
    .sort((a, b) => b.sequence - a.sequence)
    .map((order) => shown(call, order));
};

const active = (call: Call): Answer =>
  known(call) ? success(activeShown(call)) : invalid("Unsupported trading pair.");

const activePage = (call: Call): Answer => {
  if (!known(call)) return invalid("Unsupported trading pair.");
  const all = activeShown(call);
  const pageSize = numberOf(call.query, "pageSize") ?? 20;
  const currentPage = numberOf(call.query, "pageNum") ?? 1;
  const items = all.slice((currentPage - 1) * pageSize, currentPage * pageSize);
  return success({ currentPage, pageSize, totalNum: all.length, totalPage: Math.ceil(all.length / pageSize), items });
};

interface Span {
  from: number;
  to: number;
}

/** At most seven days, ending now unless told otherwise. */
const spanOf = (call: Call, now: number): Span | null => {
  const startAt = numberOf(call.query, "startAt");
  const endAt = numberOf(call.query, "endAt");
  const to = endAt ?? (startAt === null ? now : Math.min(now, startAt + WEEK_MS));
  const from = startAt ?? to - WEEK_MS;
  return to - from > WEEK_MS || from > to ? null : { from, to };
};

const isAsked = (call: Call, one: { accountId: string; symbol: string; side: string; type: string }): boolean => {
  const { query: asked } = call;
  if (one.accountId !== accountOf(call) || one.symbol !== textOf(asked, "symbol")) return false;
  return (asked["side"] ?? one.side) === one.side && (asked["type"] ?? one.type) === one.type;
};

const doneOrders = (call: Call): Answer => {
  if (!known(call)) return invalid("Unsupported trading pair.");
  const state = stateOf(call);
  const span = spanOf(call, state.now);
  if (span === null) return invalid("The time range must not exceed 7 days.");
  const before = numberOf(call.query, "lastId") || Number.MAX_SAFE_INTEGER;
  const found = [...state.orders.values()].filter((order) => {
    if (order.isActive || !isAsked(call, order) || order.doneSequence >= before) return false;
    return order.updatedAt >= span.from && order.updatedAt <= span.to && call.skin.visibility.isShown(order.id);
  });
  found.sort((a, b) => b.doneSequence - a.doneSequence);
  const items = found.slice(0, numberOf(call.query, "limit") ?? 20);
  return success({ lastId: items.at(-1)?.doneSequence ?? 0, items: items.map((order) => shown(call, order)) });
};

const fills = (call: Call): Answer => {
  if (!known(call)) return invalid("Unsupported trading pair.");
  const state = stateOf(call);
  const { query: asked } = call;
  const orderId = textOf(asked, "orderId");
  const span = orderId === "" ? spanOf(call, state.now) : { from: 0, to: Number.MAX_SAFE_INTEGER };
  if (span === null) return invalid("The time range must not exceed 7 days.");
  const before = numberOf(asked, "lastId") || Number.MAX_SAFE_INTEGER;
  const wanted = (fill: Fill): boolean => {
    if (!isAsked(call, fill) || fill.id >= before) return false;
    if (orderId !== "" && fill.orderId !== orderId) return false;
    return fill.createdAt >= span.from && fill.createdAt <= span.to && call.skin.visibility.isFillShown(fill);
  };
  const found = state.fills
    .filter(wanted)
    .reverse()
    .slice(0, numberOf(asked, "limit") ?? 20);
  const instrument = instrumentFor(state, textOf(asked, "symbol"));
  return success({ items: found.map((fill) => fillView(fill, instrument)), lastId: found.at(-1)?.id ?? 0 });
};

const listFields = {
  ...symbolOnly,
  side: { type: "string", oneOf: ["buy", "sell"] },
  type: { type: "string", oneOf: ["limit", "market"] },
  lastId: { type: "integer", min: 0 },
  limit: { type: "integer", min: 1, max: 100 },
  startAt: { type: "integer", min: 1_000_000_000_000, max: 9_999_999_999_999 },
  endAt: { type: "integer", min: 1_000_000_000_000, max: 9_999_999_999_999 },
} as const;

const spot = { pool: "spot", isPrivate: true } as const;
const create = { ...spot, method: "POST", permission: "Spot", where: "createOrder", body: orderFields } as const;
const remove = { ...spot, method: "DELETE", permission: "Spot", where: "cancelOrder" } as const;
const read = { ...spot, method: "GET", weight: 2, where: "queryOrder", tolerated: TOLERATED } as const;
const pageFields = {
  ...symbolOnly,
  pageNum: { type: "integer", min: 1 },
  pageSize: { type: "integer", min: 1, max: 50 },
} as const;
const partFields = { ...symbolOnly, cancelSize: { type: "decimal", isRequired: true } } as const;

export const orderRoutes: readonly Route[] = [
  { ...create, path: "/api/v1/hf/orders", weight: 1, run: (call) => place(call).answer },
  { ...create, path: "/api/v1/hf/orders/sync", weight: 1, run: placeSync },
  { ...create, path: "/api/v1/hf/orders/test", weight: 1, run: test },
  { ...read, path: "/api/v1/hf/orders/active", query: symbolOnly, run: active },
  { ...read, path: "/api/v1/hf/orders/active/page", query: pageFields, run: activePage },
  {
    ...read,
    path: "/api/v1/hf/orders/active/symbols",
    run: (call) => success({ symbols: [...new Set(activeOf(call, null).map((o) => o.symbol))] }),
  },
  { ...read, path: "/api/v1/hf/orders/done", query: listFields, run: doneOrders },
  { ...read, path: "/api/v1/hf/orders/client-order/{clientOid}", query: symbolOnly, run: query },
  { ...read, path: "/api/v1/hf/orders/{orderId}", query: symbolOnly, run: query },
  {
    ...read,
    path: "/api/v1/hf/fills",
    query: { ...listFields, orderId: { type: "string", lengthMax: 24 } },
    run: fills,
  },
  { ...remove, path: "/api/v1/hf/orders", weight: 2, query: symbolOnly, run: cancelSymbol },
  { ...remove, path: "/api/v1/hf/orders/cancelAll", weight: 30, run: cancelAll },
  { ...remove, path: "/api/v1/hf/orders/sync/client-order/{clientOid}", weight: 1, query: symbolOnly, run: cancelSync },
  { ...remove, path: "/api/v1/hf/orders/sync/{orderId}", weight: 1, query: symbolOnly, run: cancelSync },
  { ...remove, path: "/api/v1/hf/orders/client-order/{clientOid}", weight: 1, query: symbolOnly, run: cancel },
  { ...remove, path: "/api/v1/hf/orders/cancel/{orderId}", weight: 2, query: partFields, run: cancelPart },
  { ...remove, path: "/api/v1/hf/orders/{orderId}", weight: 1, query: symbolOnly, run: cancel },
];
