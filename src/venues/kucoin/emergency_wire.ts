/**
 * KuCoin for whoever closes everything: the dozen questions that it takes. Reads and cancels are asked again until they are
 * answered; a sale is sent once under its name, and looked up when its answer is lost.
 */
import { z } from "zod";
import { epochOfClientOrderId } from "../../core/client_order_id.ts";
import { type Deal, fillsGoBackMs, leftAfter } from "../../core/emergency_claim.ts";
import type { CancelEnd, OpenOrder, Sale, SaleState } from "../../core/emergency_plan.ts";
import type { Instrument } from "../../core/instrument.ts";
import { mark } from "../../core/mark.ts";
import { type Price, type Quantity, quantity, ratio, zeroNotional, zeroQuantity } from "../../core/money.ts";
import type { EmergencyVenue, Pace } from "../../ports/emergency_venue.ts";
import { wirePrice, wireQuantity } from "../_ccxt/wire.ts";
import { isAboutKey, type KucoinAccess, type Wire, wireOf } from "./emergency_http.ts";
import {
  accountRows,
  doneOrders,
  type HfOrder,
  hfOrder,
  hfOrders,
  ocoDetail,
  ocoFound,
  ocoPage,
  placedOrder,
  stopFound,
  stopPage,
  symbolInfo,
} from "./wire.ts";

const timestampIsWrong = "400002";

export function kucoinEmergency(access: KucoinAccess, pace: Pace): EmergencyVenue {
  const wire = wireOf(access, pace);
  const read: Read = async (path, schema) => {
    const answer = schema.safeParse(await wire.insist("GET", path));
    if (answer.success) return answer.data;
    const [issue] = answer.error.issues;
    throw new Error(`the answer to ${path.split("?")[0]} is not readable: ${issue?.path.join(".")} ${issue?.message}`);
  };
  return {
    time: async () => Number(await read("/api/v1/timestamp", z.coerce.number())),
    async instruments(symbols) {
      const rows = await read("/api/v2/symbols", z.array(z.unknown()));
      const wanted = new Set(symbols.map(marketOf));
      return rows.flatMap((row) => {
        const known = symbolInfo.safeParse(row);
        return known.success && (wanted.size === 0 || wanted.has(known.data.symbol)) ? [instrumentOf(known.data)] : [];
      });
    },
    openOrders: (symbol) => openOrders(read, symbol),
    cancel: (order) => cancel(wire, read, { order, sleep: (ms) => pace.sleep(ms) }),
    firedAs: (order) => firedAs(read, order),
    async keyRefusal() {
      const answer = await wire.once("GET", "/api/v1/accounts");
      // Our idea of its time may still be wrong here, and is corrected by asking.
      const isRefused = answer.kind === "refused" && isAboutKey(answer.code) && answer.code !== timestampIsWrong;
      return isRefused ? `${answer.code}: ${answer.message}` : null;
    },
    async balances() {
      const rows = await read("/api/v1/accounts", accountRows);
      return rows
        .filter((row) => row.type.startsWith("trade"))
        .map((row) => ({ asset: row.currency, free: asQuantity(row.available), held: asQuantity(row.holds) }));
    },
    async bid(symbol) {
      const book = await read(
        `/api/v1/market/orderbook/level1?symbol=${marketOf(symbol)}`,
        z.object({ bestBid: z.string().nullish() }).nullable(),
      );
      return book?.bestBid == null || /^0(\.0*)?$/.test(book.bestBid) ? null : wirePrice.parse(book.bestBid);
    },
    sell: (sale) => sell(wire, sale),
    look: async (symbol, clientOrderId) => {
      const path = `/api/v1/hf/orders/client-order/${clientOrderId}?symbol=${marketOf(symbol)}`;
      const data = await wire.insist("GET", path);
      const order = hfOrder.nullable().safeParse(data);
      // What can't be read is no proof of absence: the order may exist.
      if (!order.success) return { kind: "unknown", because: "an answer that is not readable" };
      return order.data === null ? { kind: "absent" } : stateOf(order.data);
    },
    deals: (symbol, since) => deals(read, symbol, Math.max(since, pace.now() - fillsGoBackMs)),
  };
}

const fillPage = z.object({
  items: z.array(
    z.object({ orderId: z.string(), side: z.enum(["buy", "sell"]), size: wireQuantity, createdAt: z.number() }),
  ),
  lastId: z.union([z.number(), z.string()]).nullish(),
});
const fillsAPage = 100;
const pagesMax = 200;

async function deals(read: Read, symbol: string, since: number): Promise<readonly Deal[]> {
  const fills: z.infer<typeof fillPage>["items"][number][] = [];
  const path = `/api/v1/hf/fills?symbol=${marketOf(symbol)}&startAt=${Math.round(since)}&limit=${fillsAPage}`;
  let page = await read(path, fillPage);
  for (let pages = 1; ; pages += 1) {
    fills.push(...page.items);
    if (page.items.length < fillsAPage || page.lastId == null) break;
    if (pages >= pagesMax) throw new Error(`more than ${pagesMax * fillsAPage} fills of ${symbol} since the snapshot`);
    page = await read(`${path}&lastId=${page.lastId}`, fillPage);
  }
  const found: Deal[] = [];
  for (const orderId of new Set(fills.map((fill) => fill.orderId))) {
    const order = await orderById(read, symbol, orderId);
    const mine = fills.filter((fill) => fill.orderId === orderId);
    found.push({
      venueOrderId: orderId,
      clientOrderId: order?.clientOid ?? null,
      side: mine[0]?.side ?? "sell",
      total: order?.dealSize ?? null,
      fills: mine.map((fill) => ({ at: fill.createdAt, quantity: fill.size })),
    });
  }
  return found;
}

async function orderById(read: Read, symbol: string, orderId: string): Promise<HfOrder | null> {
  return await read(`/api/v1/hf/orders/${orderId}?symbol=${marketOf(symbol)}`, hfOrder.nullable());
}

/**
 * By our own name, because the list of stops forgets a stop that fired. What it became has no name of ours: it is the order
 * that the stop names, else the one order of the same side, size and price since.
 */
async function firedAs(read: Read, order: Pick<OpenOrder, "symbol" | "clientOrderId">): Promise<string | null> {
  const fired = order.clientOrderId === null ? null : await firedStop(read, order.symbol, order.clientOrderId);
  if (fired === null) return null;
  if (fired.relatedId !== null && (await orderById(read, order.symbol, fired.relatedId)) !== null)
    return fired.relatedId;
  const market = marketOf(order.symbol);
  const since = fired.since - 1_000;
  const active = await read(`/api/v1/hf/orders/active?symbol=${market}`, hfOrders);
  const done = await read(`/api/v1/hf/orders/done?symbol=${market}&startAt=${since}&limit=100`, doneOrders);
  const alike = [...active, ...done.items].filter(
    (one) =>
      one.side === fired.side &&
      one.size === fired.size &&
      fired.prices.includes(one.price ?? null) &&
      one.createdAt >= since &&
      (one.clientOid == null || epochOfClientOrderId(one.clientOid) === null),
  );
  const ids = new Set(alike.map((one) => one.id));
  return ids.size === 1 ? ([...ids][0] ?? null) : null;
}

type FiredStop = {
  readonly relatedId: string | null;
  readonly side: "buy" | "sell";
  readonly size: Quantity;
  readonly prices: readonly (Price | null)[];
  readonly since: number;
};

/** null = it works, was canceled, or nobody knows it. */
async function firedStop(read: Read, symbol: string, name: string): Promise<FiredStop | null> {
  const market = marketOf(symbol);
  const path = `/api/v1/stop-order/queryOrderByClientOid?clientOid=${name}&symbol=${market}`;
  const stop = (await read(path, stopFound.nullable()))?.[0];
  if (stop !== undefined) {
    if (!hasFired(stop.status)) return null;
    const { relatedNo, side, size, price, stopTriggerTime, createdAt } = stop;
    return {
      relatedId: relatedNo ?? null,
      side,
      size,
      prices: [price ?? null],
      since: stopTriggerTime ?? createdAt,
    };
  }
  const pair = await read(`/api/v3/oco/client-order/${name}`, ocoFound.nullable());
  if (pair === null || !hasFired(pair.status)) return null;
  const detail = await read(`/api/v3/oco/order/details/${pair.orderId}`, ocoDetail.nullable());
  const arm = detail?.orders[0];
  if (detail === null || arm === undefined) return null;
  const prices = detail.orders.map((one) => one.price);
  return { relatedId: null, side: arm.side, size: arm.size, prices, since: detail.orderTime };
}

const hasFired = (status: string): boolean => status !== "NEW" && !status.startsWith("CANCEL");

const marketOf = (symbol: string): string => symbol.replace("/", "-");
const symbolOfMarket = (market: string): string => market.replace("-", "/");
const asQuantity = (amount: string): Quantity => quantity(amount);

function instrumentOf(row: z.infer<typeof symbolInfo>): Instrument {
  const symbol = symbolOfMarket(row.symbol);
  return {
    instrumentId: `kucoin:${symbol}`,
    venue: "kucoin",
    symbol,
    base: row.baseCurrency,
    quote: row.quoteCurrency,
    tickSize: row.priceIncrement,
    stepSize: row.baseIncrement,
    quantityMin: row.baseMinSize,
    quantityMax: row.baseMaxSize,
    notionalMin: row.minFunds ?? zeroNotional,
    takerFee: ratio("0"),
    makerFee: ratio("0"),
    protection: "oco",
    isTrading: row.enableTrading,
  };
}

type Read = <Value>(path: string, schema: z.ZodType<Value>) => Promise<Value>;

const listedAgainMax = 3;

/** A pair that fires between its list and its details is no pair any more: the lists then say what it became. */
async function openOrders(read: Read, symbol: string): Promise<readonly OpenOrder[]> {
  for (let tries = 1; ; tries += 1) {
    const { found, wasGone } = await listOnce(read, symbol);
    if (!wasGone || tries >= listedAgainMax) return found;
    mark("V17.emergency_pair_was_gone");
  }
}

/** Plain orders, stops and pairs are three lists; an arm of a pair is told with its pair. */
async function listOnce(read: Read, symbol: string): Promise<{ found: readonly OpenOrder[]; wasGone: boolean }> {
  const market = marketOf(symbol);
  const plain = await read(`/api/v1/hf/orders/active?symbol=${market}`, hfOrders);
  const pairs = await allPages(read, `/api/v3/oco/orders?symbol=${market}`, ocoPage);
  const stops = await allPages(read, `/api/v1/stop-order?symbol=${market}`, stopPage);
  const found: OpenOrder[] = plain
    .filter((order) => order.active)
    .map((order) => ({
      kind: "limit",
      symbol,
      venueOrderId: order.id,
      clientOrderId: order.clientOid ?? null,
      side: order.side,
      quantity: leftAfter(order.size, order.dealSize),
    }));
  let wasGone = false;
  for (const pair of pairs.filter((one) => one.status === "NEW")) {
    const detail = await read(`/api/v3/oco/order/details/${pair.orderId}`, ocoDetail.nullable());
    const arm = detail?.orders[0];
    if (arm === undefined) wasGone = true;
    else
      found.push({
        kind: "oco",
        symbol,
        venueOrderId: pair.orderId,
        clientOrderId: pair.clientOid ?? null,
        side: arm.side,
        quantity: arm.size,
      });
  }
  for (const stop of stops.filter((one) => one.status === "NEW" && one.stop !== "oco"))
    found.push({
      kind: "stop_limit",
      symbol,
      venueOrderId: stop.id,
      clientOrderId: stop.clientOid ?? null,
      side: stop.side,
      quantity: stop.size,
    });
  return { found, wasGone };
}

async function allPages<Item>(
  read: Read,
  path: string,
  schema: z.ZodType<{ totalPage: number; items: Item[] }>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (let page = 1; page <= pagesMax; page += 1) {
    const told = await read(`${path}&currentPage=${page}&pageSize=500`, schema);
    items.push(...told.items);
    if (page >= told.totalPage) break;
  }
  return items;
}

const askedOffTries = 20;
const askedOffEveryMs = 250;

/** A plain order is only asked to go, so its own record says when it has; a stop or a pair is gone with the answer. */
async function cancel(
  wire: Wire,
  read: Read,
  { order, sleep }: { order: OpenOrder; sleep: (ms: number) => Promise<void> },
): Promise<CancelEnd> {
  const answer = await wire.insist("DELETE", cancelPath(order));
  if (order.kind !== "limit")
    return answer === null ? { kind: "gone" } : { kind: "canceled", freed: order.quantity, traded: zeroQuantity };
  for (let tries = 0; tries < askedOffTries; tries += 1) {
    const found = await orderById(read, order.symbol, order.venueOrderId);
    if (found === null) return { kind: "gone" };
    if (!found.active)
      return { kind: "canceled", freed: leftAfter(found.size, found.dealSize), traded: found.dealSize };
    await sleep(askedOffEveryMs);
  }
  throw new Error(`order ${order.clientOrderId ?? order.venueOrderId} does not end, though its cancel was taken`);
}

function cancelPath({ kind, venueOrderId, symbol }: OpenOrder): string {
  if (kind === "limit") return `/api/v1/hf/orders/${venueOrderId}?symbol=${marketOf(symbol)}`;
  return kind === "stop_limit" ? `/api/v1/stop-order/${venueOrderId}` : `/api/v3/oco/order/${venueOrderId}`;
}

function stateOf(order: HfOrder): SaleState {
  return order.active ? { kind: "working", sold: order.dealSize } : { kind: "ended", sold: order.dealSize };
}

async function sell(wire: Wire, sale: Sale): Promise<SaleState> {
  const { clientOrderId, symbol, limitPrice, stampedAt } = sale;
  const said = await wire.once("POST", "/api/v1/hf/orders", {
    clientOid: clientOrderId,
    side: "sell",
    symbol: marketOf(symbol),
    type: "limit",
    size: sale.quantity,
    price: limitPrice satisfies Price,
    timeInForce: "IOC",
    // With these the exchange itself refuses a request that was held up on its way.
    clientTimestamp: stampedAt,
    allowMaxTimeWindow: 3_000,
  });
  if (said.kind === "data")
    return placedOrder.safeParse(said.data).success
      ? { kind: "working", sold: quantity("0") }
      : { kind: "unknown", because: "an answer without an order id" };
  if (said.kind === "refused") return { kind: "refused", because: `${said.code}: ${said.message}` };
  if (said.kind === "busy") return { kind: "refused", because: "too many requests" };
  return said.mayHaveArrived ? { kind: "unknown", because: said.because } : { kind: "refused", because: said.because };
}
