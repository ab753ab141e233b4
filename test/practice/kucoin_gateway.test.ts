/** What the gateway refuses before any order is looked at: signatures, keys, times, paths, rates. */
import { afterEach, describe, expect, it } from "vitest";
import { type Bench, closeBenches, openBench, scriptedMarket } from "./bench_exchange.ts";

afterEach(closeBenches);

const limit = { clientOid: "a1", symbol: "SOL-USDT", side: "buy", type: "limit", price: "87", size: "1" };
const open = (more = {}): Promise<Bench> => openBench(scriptedMarket([[0, "87.36"]]), more);

describe("requests that the gateway refuses", () => {
  const target = "/api/v1/accounts";
  const table: [string, (bench: Bench) => Promise<{ status: number; json: { code: string } }>, number, string][] = [
    [
      "a wrong signature",
      ({ raw }) => raw("GET", target, undefined, { headers: { "KC-API-SIGN": "AAAA" } }),
      401,
      "400005",
    ],
    [
      "a body other than the signed one",
      ({ raw }) => raw("POST", "/api/v1/hf/orders", limit, { signedBody: "{}" }),
      401,
      "400005",
    ],
    ["an unknown key", ({ raw }) => raw("GET", target, undefined, { key: "nobody" }), 401, "400003"],
    ["a wrong passphrase", ({ raw }) => raw("GET", target, undefined, { passphrase: "no" }), 401, "400004"],
    [
      "a passphrase in clear with version 2",
      ({ raw }) => raw("GET", target, undefined, { headers: { "KC-API-PASSPHRASE": "practice-pass" } }),
      401,
      "400004",
    ],
    ["missing headers", ({ raw }) => raw("GET", target, undefined, { headers: { "KC-API-KEY": "" } }), 401, "400001"],
    [
      "a timestamp 5001 ms old",
      ({ raw, clock }) => raw("GET", target, undefined, { timestamp: clock.wireNow() - 5001 }),
      401,
      "400002",
    ],
    [
      "a timestamp 5001 ms ahead",
      ({ raw, clock }) => raw("GET", target, undefined, { timestamp: clock.wireNow() + 5001 }),
      401,
      "400002",
    ],
    [
      "a timestamp in seconds",
      ({ raw, clock }) => raw("GET", target, undefined, { timestamp: Math.floor(clock.wireNow() / 1000) }),
      401,
      "400002",
    ],
    ["a body that is no JSON", ({ raw }) => raw("POST", "/api/v1/hf/orders", "{"), 200, "400100"],
    [
      "another content type",
      ({ raw }) => raw("POST", "/api/v1/hf/orders", limit, { headers: { "Content-Type": "text/plain" } }),
      415,
      "415000",
    ],
    ["an unknown path", ({ raw }) => raw("GET", "/api/v9/nothing"), 404, "404000"],
    ["an unknown query parameter", ({ raw }) => raw("GET", "/api/v1/hf/fills?symbol=SOL-USDT&since=1"), 200, "400100"],
  ];

  it.each(table)("%s", async (_name, ask, status, code) => {
    const answer = await ask(await open());
    expect({ status: answer.status, code: answer.json.code }).toEqual({ status, code });
  });

  it("accepts a timestamp exactly 5000 ms old and key version 1 with a clear passphrase", async () => {
    const { raw, clock } = await open();
    expect((await raw("GET", target, undefined, { timestamp: clock.wireNow() - 5000 })).json.code).toBe("200000");
    const clear = { headers: { "KC-API-KEY-VERSION": "1", "KC-API-PASSPHRASE": "practice-pass" } };
    expect((await raw("GET", target, undefined, clear)).json.code).toBe("200000");
  });

  it("a key without the right, and a revoked key", async () => {
    const { raw, exchange } = await open();
    exchange.faults.setPermissions("practice-key", ["General"]);
    expect(await raw("POST", "/api/v1/hf/orders", limit)).toMatchObject({ status: 403, json: { code: "400007" } });
    expect((await raw("GET", "/api/v1/user/api-key")).json.data).toMatchObject({ permission: "General" });
    exchange.faults.revoke("practice-key");
    expect((await raw("GET", target)).json.code).toBe("400003");
  });

  it("an order whose own deadline passed before it came", async () => {
    const { raw, clock } = await open();
    const stamp = clock.wireNow() - 3500;
    const late = { ...limit, clientTimestamp: stamp, allowMaxTimeWindow: 3000 };
    expect((await raw("POST", "/api/v1/hf/orders", late, { timestamp: stamp })).json.code).toBe("126041");
    const inTime = { ...limit, clientTimestamp: stamp, allowMaxTimeWindow: 3500 };
    expect((await raw("POST", "/api/v1/hf/orders", inTime, { timestamp: stamp })).json.code).toBe("200000");
    const other = { ...limit, clientOid: "b", clientTimestamp: stamp + 1, allowMaxTimeWindow: 3500 };
    expect((await raw("POST", "/api/v1/hf/orders", other, { timestamp: stamp })).json.code).toBe("126041");
    const alone = { ...limit, clientOid: "c", allowMaxTimeWindow: 3500 };
    expect((await raw("POST", "/api/v1/hf/orders", alone)).json.msg).toBe(
      "validation.createOrder.clientTimestampIsRequired",
    );
  });
});

describe("rates", () => {
  it("refuses beyond the pool with 429 and tells when to come again", async () => {
    const { raw, clock } = await open({ switches: { ratePools: { spot: 5, management: 2000, public: 2000 } } });
    const target = "/api/v1/hf/orders/active?symbol=SOL-USDT";
    const first = await raw("GET", target);
    expect(first.headers).toMatchObject({
      "gw-ratelimit-limit": "5",
      "gw-ratelimit-remaining": "3",
      "gw-ratelimit-reset": "30000",
    });
    await raw("GET", target);
    clock.pass(10_000);
    const third = await raw("GET", target);
    expect(third).toMatchObject({ status: 429, json: { code: "429000" }, headers: { "gw-ratelimit-reset": "20000" } });
    expect((await raw("GET", "/api/v1/timestamp")).status).toBe(200);
    clock.pass(20_000);
    expect((await raw("GET", target)).status).toBe(200);
  });

  it("a refused order is not placed", async () => {
    const { raw, exchange } = await open({ switches: { ratePools: { spot: 0, management: 0, public: 0 } } });
    expect((await raw("POST", "/api/v1/hf/orders", limit)).status).toBe(429);
    expect(exchange.house.core.state.orders.size).toBe(0);
  });
});
