/**
 * KuCoin with nothing but fetch and an HMAC: the dozen questions that closing everything takes. Reads and cancels are asked
 * again until they are answered; a sale is sent once under its name, and looked up when its answer is lost. A 429 is waited
 * for exactly as long as it says, a 418 too, and nothing is asked meanwhile.
 */
import { createHmac } from "node:crypto";
import { z } from "zod";
import { epochOfClientOrderId } from "../../core/client_order_id.ts";
import type { OpenOrder, Sale, SaleState, Traded } from "../../core/emergency_plan.ts";
import type { Instrument } from "../../core/instrument.ts";
import { mark } from "../../core/mark.ts";
import {
  type Price,
  plus,
  price,
  type Quantity,
  quantity,
  ratio,
  zeroNotional,
  zeroQuantity,
} from "../../core/money.ts";
import type { EmergencyVenue, Pace } from "../../ports/emergency_venue.ts";
import {
  accountRows,
  type HfOrder,
  hfOrder,
  hfOrders,
  ocoDetail,
  ocoPage,
  placedOrder,
  stopPage,
  symbolInfo,
} from "./wire.ts";

export type KucoinAccess = {
  readonly baseUrl: string;
  readonly key: string;
  readonly secret: string;
  readonly passphrase: string;
};

const envelope = z.object({ code: z.string(), msg: z.string().nullish(), data: z.unknown().optional() });
const success = "200000";
const timestampIsWrong = "400002";
const answerWithinMs = 5_000;
const retryEveryMs = 5_000;
const busyMs = 3_000;

type Said =
  | { readonly kind: "data"; readonly data: unknown }
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  | { readonly kind: "busy"; readonly waitMs: number }
  | { readonly kind: "silent"; readonly because: string; readonly mayHaveArrived: boolean };

export function kucoinEmergency(access: KucoinAccess, pace: Pace): EmergencyVenue {
  const wire = wireOf(access, pace);
  const read = async <Value>(path: string, schema: z.ZodType<Value>): Promise<Value> =>
    schema.parse(await wire.insist("GET", path));
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
    async cancel(order) {
      await wire.insist("DELETE", cancelPath(order));
    },
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
      return book?.bestBid == null || book.bestBid === "0" ? null : price(book.bestBid);
    },
    sell: (sale) => sell(wire, sale),
    look: async (symbol, clientOrderId) => {
      const path = `/api/v1/hf/orders/client-order/${clientOrderId}?symbol=${marketOf(symbol)}`;
      const data = await wire.insist("GET", path);
      const order = hfOrder.nullable().safeParse(data ?? null);
      return order.success && order.data !== null ? stateOf(order.data) : { kind: "absent" };
    },
    traded: (symbol, since) => traded(read, symbol, Math.max(since, pace.now() - fillsGoBackMs)),
  };
}

/** A list of fills spans at most seven days. */
const fillsGoBackMs = 7 * 24 * 3_600_000 - 60_000;
/** A snapshot may have been written before the last fills had reached the house. */
const snapshotLagMs = 5_000;

const fillPage = z.object({
  items: z.array(
    z.object({ orderId: z.string(), side: z.enum(["buy", "sell"]), size: z.string(), createdAt: z.number() }),
  ),
  lastId: z.number(),
});
type Fill = z.infer<typeof fillPage>["items"][number];

async function traded(read: Read, symbol: string, since: number): Promise<Traded> {
  const fills: Fill[] = [];
  const path = `/api/v1/hf/fills?symbol=${marketOf(symbol)}&startAt=${Math.round(since) - snapshotLagMs}&limit=100`;
  for (let page = await read(path, fillPage); page.items.length > 0; ) {
    fills.push(...page.items);
    page = await read(`${path}&lastId=${page.lastId}`, fillPage);
  }
  const ours = new Set<string>();
  for (const orderId of new Set(fills.map((fill) => fill.orderId))) {
    const order = await read(`/api/v1/hf/orders/${orderId}?symbol=${marketOf(symbol)}`, z.unknown());
    const known = hfOrder.safeParse(order);
    if (known.success && epochOfClientOrderId(known.data.clientOid ?? "") !== null) ours.add(orderId);
  }
  const sum = (wanted: (fill: Fill) => boolean) =>
    fills.filter(wanted).reduce((total, fill) => plus(total, quantity(fill.size)), zeroQuantity);
  return {
    boughtByUs: sum((fill) => fill.side === "buy" && ours.has(fill.orderId) && fill.createdAt >= since),
    soldByUs: sum((fill) => fill.side === "sell" && ours.has(fill.orderId)),
    soldByOthers: sum((fill) => fill.side === "sell" && !ours.has(fill.orderId)),
  };
}

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

/** Plain orders, stops and pairs are three lists; an arm of a pair is told with its pair. */
async function openOrders(read: Read, symbol: string): Promise<readonly OpenOrder[]> {
  const market = marketOf(symbol);
  const plain = await read(`/api/v1/hf/orders/active?symbol=${market}`, hfOrders);
  const pairs = await read(`/api/v3/oco/orders?symbol=${market}&currentPage=1&pageSize=500`, ocoPage);
  const stops = await read(`/api/v1/stop-order?symbol=${market}&currentPage=1&pageSize=500`, stopPage);
  const found: OpenOrder[] = plain
    .filter((order) => order.active)
    .map((order) => ({
      kind: "limit",
      symbol,
      venueOrderId: order.id,
      clientOrderId: order.clientOid ?? null,
      side: order.side,
      quantity: order.size,
    }));
  for (const pair of pairs.items.filter((one) => one.status === "NEW")) {
    const detail = await read(`/api/v3/oco/order/details/${pair.orderId}`, ocoDetail);
    const [arm] = detail.orders;
    if (arm !== undefined)
      found.push({
        kind: "oco",
        symbol,
        venueOrderId: pair.orderId,
        clientOrderId: pair.clientOid ?? null,
        side: arm.side,
        quantity: arm.size,
      });
  }
  for (const stop of stops.items.filter((one) => one.status === "NEW" && one.stop !== "oco"))
    found.push({
      kind: "stop_limit",
      symbol,
      venueOrderId: stop.id,
      clientOrderId: stop.clientOid ?? null,
      side: stop.side,
      quantity: stop.size,
    });
  return found;
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

type Wire = {
  /** One request. */
  once(method: string, path: string, body?: Readonly<Record<string, unknown>>): Promise<Said>;
  /** Until it is answered; an order that is gone already counts as answered. */
  insist(method: "GET" | "DELETE", path: string): Promise<unknown>;
};

function wireOf(access: KucoinAccess, pace: Pace): Wire {
  const once: Wire["once"] = async (method, path, body) => {
    if (method === "GET" || method === "DELETE") await pace.turn();
    const text = body === undefined ? "" : JSON.stringify(body);
    const headers = signedHeaders(access, { method, path, text, at: String(body?.["clientTimestamp"] ?? pace.now()) });
    try {
      const answer = await fetch(`${access.baseUrl}${path}`, {
        method,
        headers,
        redirect: "error",
        signal: AbortSignal.timeout(answerWithinMs),
        ...(text === "" ? {} : { body: text }),
      });
      return said(answer, await answer.text());
    } catch (error) {
      const code = String((error as { cause?: { code?: unknown } }).cause?.code ?? (error as Error).name);
      return { kind: "silent", because: code, mayHaveArrived: code !== "ECONNREFUSED" && code !== "ENOTFOUND" };
    }
  };
  return {
    once,
    async insist(method, path) {
      for (;;) {
        const answer = await once(method, path);
        if (answer.kind === "data") return answer.data;
        if (answer.kind === "refused" && isOrderGone(method, path, answer)) return null;
        await pace.sleep(waitAfter(answer, path, pace));
      }
    },
  };
}

/** KuCoin's answers about the key, its passphrase, its rights, our time and our address are 4000xx; they say nothing of an order. */
const isAboutKey = (code: string): boolean => /^4000\d\d$/.test(code);

function isOrderGone(method: string, path: string, answer: { readonly code: string; readonly message: string }) {
  if (isAboutKey(answer.code)) return false;
  return (
    method === "DELETE" ||
    (/\/(orders?|client-order|details)\//.test(path) && /not.?exist|not found/i.test(answer.message))
  );
}

/** ms until it is asked again. */
function waitAfter(answer: Exclude<Said, { kind: "data" }>, path: string, pace: Pace): number {
  if (answer.kind === "busy") {
    mark("V30.emergency_waits");
    return answer.waitMs;
  }
  pace.say(
    answer.kind === "refused"
      ? `${path.split("?")[0]}: the exchange refuses (${answer.code} ${answer.message}); asked again`
      : `the exchange does not answer (${answer.because}); asked again in 5 s`,
  );
  return retryEveryMs;
}

function said(answer: Response, text: string): Said {
  if (answer.status === 429 || answer.status === 418) return { kind: "busy", waitMs: waitOf(answer) };
  const read = envelope.safeParse(parsed(text));
  if (!read.success)
    return { kind: "silent", because: `HTTP ${answer.status} without a readable body`, mayHaveArrived: true };
  const { code, msg, data } = read.data;
  if (code === success) return { kind: "data", data };
  return code === "429000" ? { kind: "busy", waitMs: waitOf(answer) } : { kind: "refused", code, message: msg ?? "" };
}

function waitOf({ headers }: Response): number {
  const reset = Number(headers.get("gw-ratelimit-reset") ?? Number.NaN);
  const after = Number(headers.get("retry-after") ?? Number.NaN) * 1_000;
  return [reset, after].find((ms) => Number.isFinite(ms) && ms > 0) ?? busyMs;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function signedHeaders(
  access: KucoinAccess,
  request: { method: string; path: string; text: string; at: string },
): Record<string, string> {
  const sign = (text: string): string => createHmac("sha256", access.secret).update(text).digest("base64");
  return {
    "KC-API-KEY": access.key,
    "KC-API-SIGN": sign(`${request.at}${request.method}${request.path}${request.text}`),
    "KC-API-TIMESTAMP": request.at,
    "KC-API-PASSPHRASE": sign(access.passphrase),
    "KC-API-KEY-VERSION": "2",
    "Content-Type": "application/json",
  };
}
