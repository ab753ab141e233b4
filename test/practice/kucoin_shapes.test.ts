/**
 * Every answer has the shape of KuCoin's OpenAPI. The schemas are a trimmed copy (fixtures/kucoin_openapi.json);
 * optional fields may be null, as in the venue's own examples.
 */
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { afterEach, describe, expect, it } from "vitest";
import { kucoinRoutes } from "../../src/practice/kucoin/server.ts";
import { syntheticMarket } from "../../src/practice/market/synthetic.ts";
import { type Bench, closeBenches, openBench } from "./bench_exchange.ts";

afterEach(closeBenches);

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  nullable?: boolean;
  enum?: unknown[];
  additionalProperties?: boolean;
}

const fixture = JSON.parse(readFileSync(new URL("fixtures/kucoin_openapi.json", import.meta.url), "utf8")) as {
  answers: Record<string, Schema>;
};

/** Closes objects, so a field that the venue does not have is an error too; lets optional fields be null. */
const tightened = (schema: Schema): Schema => {
  const out: Schema = { ...schema };
  if (schema.items !== undefined) out.items = tightened(schema.items);
  if (schema.properties !== undefined) {
    out.additionalProperties = false;
    out.properties = {};
    for (const [name, one] of Object.entries(schema.properties)) {
      const isOptional = !schema.required?.includes(name);
      const inner = tightened(one);
      out.properties[name] = isOptional
        ? { ...inner, nullable: true, ...(inner.enum ? { enum: [...inner.enum, null] } : {}) }
        : inner;
    }
  }
  return out;
};

/** What the venue itself does beyond its schema, seen in its examples or with the real client. */
const loosened = (name: string, schema: Schema): Schema => {
  const copy = JSON.parse(JSON.stringify(schema)) as Schema;
  const row = copy.properties?.["data"]?.items?.properties;
  if (name === "GET /api/v1/accounts" && row?.["type"] !== undefined) row["type"].enum = ["main", "trade", "trade_hf"];
  // The examples of stop orders have null in remark although it is required.
  const stop = copy.properties?.["data"]?.properties?.["items"]?.items?.properties ?? {};
  if (name === "GET /api/v1/stop-order" && stop["remark"] !== undefined) stop["remark"].nullable = true;
  return copy;
};

const ajv = new Ajv({ strict: false, formats: { int64: true, int32: true } });
const validators = new Map<string, (value: unknown) => string>();
for (const [name, schema] of Object.entries(fixture.answers)) {
  const check = ajv.compile(loosened(name, tightened(schema)));
  validators.set(name, (value) => (check(value) ? "" : ajv.errorsText(check.errors)));
}

const expectShape = (name: string, json: unknown): void => {
  const validate = validators.get(name);
  if (validate === undefined) throw new Error(`no schema for ${name}`);
  expect(`${name}: ${validate(json)}`).toBe(`${name}: `);
};

type Made = { orderId: string };

/** Places one of everything and returns the ids. */
const fillHouse = async ({ raw, exchange }: Bench) => {
  const last = Number(exchange.market.lastPrice("SOL-USDT"));
  const at = (share: number) => (Math.round(last * share * 100) / 100).toFixed(2);
  const send = async (name: string, body: object) => {
    const answer = await raw("POST", name, body);
    expectShape(`POST ${name}`, answer.json);
    return (answer.json.data as Made).orderId;
  };
  const base = { symbol: "SOL-USDT", side: "buy", type: "limit", size: "1" };
  const filled = await send("/api/v1/hf/orders", { ...base, clientOid: "f", price: at(1.01), remark: "hello" });
  const open = await send("/api/v1/hf/orders", {
    ...base,
    clientOid: "o",
    price: at(0.95),
    stp: "CN",
    timeInForce: "GTT",
    cancelAfter: 600,
  });
  await send("/api/v1/hf/orders/sync", { ...base, clientOid: "s", price: at(0.94) });
  await send("/api/v1/hf/orders/test", { ...base, clientOid: "t", price: at(0.94) });
  await send("/api/v1/hf/orders", { symbol: "SOL-USDT", side: "buy", type: "market", clientOid: "m", funds: "50" });
  const stopBody = { ...base, side: "sell", price: at(0.9), stop: "loss", stopPrice: at(0.91) };
  const stop = await send("/api/v1/stop-order", { ...stopBody, clientOid: "st" });
  await send("/api/v1/stop-order", { ...stopBody, clientOid: "st2" });
  const oco = { symbol: "SOL-USDT", side: "sell", size: "1", price: at(1.2), stopPrice: at(0.8), limitPrice: at(0.79) };
  const pair = await send("/api/v3/oco/order", { ...oco, clientOid: "pair" });
  await send("/api/v3/oco/order", { ...oco, clientOid: "pair2" });
  await send("/api/v1/hf/orders/dead-cancel-all", { timeout: 600, symbols: "SOL-USDT" });
  exchange.faults.transfer(exchange.credentials[0]?.key ?? "", "USDT", "12.5");
  return { filled, open, stop, pair };
};

/** Not in the OpenAPI files: the account mode (other product) and the two margin lists that a client asks for at start. */
const others = ["/api/ua/v1/account/mode", "/api/v3/margin/symbols", "/api/v1/isolated/symbols"];

describe("answers against the OpenAPI", () => {
  it("every read", async () => {
    const bench = await openBench(syntheticMarket({ seed: "shapes" }));
    bench.clock.pass(60_000);
    const { open, stop, pair } = await fillHouse(bench);
    const account = ((await bench.raw("GET", "/api/v1/accounts")).json.data as { id: string }[])[0]?.id;
    const q = "?symbol=SOL-USDT";
    const reads: [string, string][] = [
      ["/api/v1/timestamp", ""],
      ["/api/v1/status", ""],
      ["/api/v2/symbols", ""],
      ["/api/v2/symbols/{symbol}", "/api/v2/symbols/SOL-USDT"],
      ["/api/v3/currencies", ""],
      ["/api/v1/market/stats", `/api/v1/market/stats${q}`],
      ["/api/v1/market/allTickers", ""],
      ["/api/v1/market/orderbook/level1", `/api/v1/market/orderbook/level1${q}`],
      ["/api/v1/market/orderbook/level2_{size}", `/api/v1/market/orderbook/level2_20${q}`],
      ["/api/v1/market/orderbook/level2_{size}", `/api/v1/market/orderbook/level2_100${q}`],
      ["/api/v3/market/orderbook/level2", `/api/v3/market/orderbook/level2${q}`],
      ["/api/v1/market/candles", `/api/v1/market/candles${q}&type=1min`],
      ["/api/v1/market/histories", `/api/v1/market/histories${q}`],
      ["/api/v1/accounts", ""],
      ["/api/v1/accounts/{accountId}", `/api/v1/accounts/${account}`],
      ["/api/v1/hf/accounts/opened", ""],
      ["/api/v1/hf/accounts/ledgers", "/api/v1/hf/accounts/ledgers?bizType=TRANSFER&limit=200"],
      ["/api/v1/hf/orders/dead-cancel-all/query", ""],
      ["/api/v1/trade-fees", "/api/v1/trade-fees?symbols=SOL-USDT,BTC-USDT"],
      ["/api/v1/user/api-key", ""],
      ["/api/v1/hf/orders/active", `/api/v1/hf/orders/active${q}`],
      ["/api/v1/hf/orders/active/page", `/api/v1/hf/orders/active/page${q}`],
      ["/api/v1/hf/orders/active/symbols", ""],
      ["/api/v1/hf/orders/done", `/api/v1/hf/orders/done${q}`],
      ["/api/v1/hf/orders/{orderId}", `/api/v1/hf/orders/${open}${q}`],
      ["/api/v1/hf/orders/client-order/{clientOid}", `/api/v1/hf/orders/client-order/m${q}`],
      ["/api/v1/hf/fills", `/api/v1/hf/fills${q}`],
      ["/api/v1/stop-order", `/api/v1/stop-order${q}`],
      ["/api/v1/stop-order", `/api/v1/stop-order${q}&stop=oco`],
      ["/api/v1/stop-order/{orderId}", `/api/v1/stop-order/${stop}`],
      [
        "/api/v1/stop-order/queryOrderByClientOid",
        "/api/v1/stop-order/queryOrderByClientOid?clientOid=st&symbol=SOL-USDT",
      ],
      ["/api/v3/oco/order/{orderId}", `/api/v3/oco/order/${pair}`],
      ["/api/v3/oco/client-order/{clientOid}", "/api/v3/oco/client-order/pair"],
      ["/api/v3/oco/order/details/{orderId}", `/api/v3/oco/order/details/${pair}`],
      ["/api/v3/oco/orders", `/api/v3/oco/orders${q}`],
    ];
    for (const [name, target] of reads) {
      const answer = await bench.raw("GET", target === "" ? name : target);
      expectShape(`GET ${name}`, answer.json);
      const { data } = answer.json as { data: { items?: unknown[] } | unknown[] };
      const rows = Array.isArray(data) ? data : (data as { items?: unknown[] }).items;
      expect(`${name} ${rows === undefined || rows.length > 0}`).toBe(`${name} true`);
    }
    const known = new Set(reads.map(([name]) => name));
    for (const route of kucoinRoutes) {
      const name = route.path.replace(/level2_(20|100)$/, "level2_{size}");
      if (route.method === "GET") expect(known.has(name) || others.includes(name) ? "" : name).toBe("");
    }
  });

  it("every write", async () => {
    const bench = await openBench(syntheticMarket({ seed: "shapes" }));
    const { raw } = bench;
    const { open, stop, pair } = await fillHouse(bench);
    const q = "?symbol=SOL-USDT";
    const base = { symbol: "SOL-USDT", side: "sell", type: "limit", size: "2", price: "95" };
    const fresh = async (clientOid: string) =>
      ((await raw("POST", "/api/v1/hf/orders", { ...base, clientOid })).json.data as Made).orderId;
    const part = await fresh("w1");
    const bySync = await fresh("w2");
    await fresh("w3");
    await fresh("w4");
    const writes: [string, string, string][] = [
      ["POST", "/api/v1/bullet-public", ""],
      ["POST", "/api/v1/bullet-private", ""],
      ["DELETE", "/api/v1/hf/orders/cancel/{orderId}", `/api/v1/hf/orders/cancel/${part}${q}&cancelSize=0.5`],
      ["DELETE", "/api/v1/hf/orders/sync/{orderId}", `/api/v1/hf/orders/sync/${bySync}${q}`],
      ["DELETE", "/api/v1/hf/orders/sync/client-order/{clientOid}", `/api/v1/hf/orders/sync/client-order/w3${q}`],
      ["DELETE", "/api/v1/hf/orders/client-order/{clientOid}", `/api/v1/hf/orders/client-order/w4${q}`],
      ["DELETE", "/api/v1/hf/orders/{orderId}", `/api/v1/hf/orders/${open}${q}`],
      ["DELETE", "/api/v1/hf/orders", `/api/v1/hf/orders${q}`],
      ["DELETE", "/api/v1/hf/orders/cancelAll", ""],
      ["DELETE", "/api/v1/stop-order/{orderId}", `/api/v1/stop-order/${stop}`],
      [
        "DELETE",
        "/api/v1/stop-order/cancelOrderByClientOid",
        "/api/v1/stop-order/cancelOrderByClientOid?clientOid=st2&symbol=SOL-USDT",
      ],
      ["DELETE", "/api/v1/stop-order/cancel", `/api/v1/stop-order/cancel${q}`],
      ["DELETE", "/api/v3/oco/order/{orderId}", `/api/v3/oco/order/${pair}`],
      ["DELETE", "/api/v3/oco/client-order/{clientOid}", "/api/v3/oco/client-order/pair2"],
      ["DELETE", "/api/v3/oco/orders", `/api/v3/oco/orders${q}`],
    ];
    for (const [method, name, target] of writes) {
      const answer = await raw(method, target === "" ? name : target);
      expectShape(`${method} ${name}`, answer.json);
    }
    const covered = new Set(writes.map(([method, name]) => `${method} ${name}`));
    const placed = [
      "/api/v1/hf/orders",
      "/api/v1/hf/orders/sync",
      "/api/v1/hf/orders/test",
      "/api/v1/stop-order",
      "/api/v3/oco/order",
      "/api/v1/hf/orders/dead-cancel-all",
    ];
    for (const route of kucoinRoutes) {
      if (route.method === "GET") continue;
      const isCovered =
        covered.has(`${route.method} ${route.path}`) || (route.method === "POST" && placed.includes(route.path));
      expect(isCovered ? "" : `${route.method} ${route.path}`).toBe("");
    }
  });

  it("nanoseconds are whole integers on the wire, beyond what a float can hold", async () => {
    const bench = await openBench(syntheticMarket({ seed: "shapes" }));
    await fillHouse(bench);
    const { text } = await bench.raw("GET", "/api/v1/stop-order?symbol=SOL-USDT");
    expect(text).toMatch(/"orderTime":\d{19}[,}]/);
  });
});
