/** Each fault does what it says: what is done is done, what is not is not, and the answer lies as told. */
import { afterEach, describe, expect, it } from "vitest";
import { startPractice } from "../../src/practice/exchange.ts";
import type { FaultVerb } from "../../src/practice/faults.ts";
import { type Bench, closeBenches, handClock, KEY, openBench, scriptedMarket } from "./bench_exchange.ts";

afterEach(closeBenches);

const order = { clientOid: "a", symbol: "SOL-USDT", side: "buy", type: "limit", price: "80", size: "1" };
const open = (more = {}): Promise<Bench> =>
  openBench(
    scriptedMarket([
      [0, "87.36"],
      [1000, "85"],
      [2000, "91"],
    ]),
    more,
  );
const place = (bench: Bench, clientOid = "a") => bench.raw("POST", "/api/v1/hf/orders", { ...order, clientOid });
const placed = (bench: Bench): number => bench.exchange.house.core.state.orders.size;

describe("one request goes wrong", () => {
  const table: [FaultVerb, { isPlaced: boolean; error?: RegExp; status?: number; code?: string }][] = [
    [{ do: "drop_before" }, { isPlaced: false, error: /hang up|ECONNRESET/ }],
    [{ do: "drop_after" }, { isPlaced: true, error: /hang up|ECONNRESET/ }],
    [{ do: "hang_before" }, { isPlaced: false, error: /no answer within 3 s/ }],
    [{ do: "hang_after" }, { isPlaced: true, error: /no answer within 3 s/ }],
    [{ do: "stall_body" }, { isPlaced: true, error: /no answer within 3 s|aborted/ }],
    [{ do: "cut_body" }, { isPlaced: true, status: 200, code: "not json" }],
    [
      { do: "status_before", status: 500 },
      { isPlaced: false, status: 500, code: "500000" },
    ],
    [
      { do: "status_after", status: 503 },
      { isPlaced: true, status: 503, code: "500000" },
    ],
    [{ do: "empty_after" }, { isPlaced: true, status: 200, code: "not json" }],
    [{ do: "html_502" }, { isPlaced: false, status: 502, code: "not json" }],
    [
      { do: "redirect", to: "http://127.0.0.1:9/x" },
      { isPlaced: false, status: 302, code: "not json" },
    ],
    [
      { do: "rate_limited", resetMs: 1234 },
      { isPlaced: false, status: 429, code: "429000" },
    ],
    [
      { do: "refuse", code: "300000", msg: "no" },
      { isPlaced: false, status: 200, code: "300000" },
    ],
    [
      { do: "delay_before", ms: 20 },
      { isPlaced: true, status: 200, code: "200000" },
    ],
    [
      { do: "delay_after", ms: 20 },
      { isPlaced: true, status: 200, code: "200000" },
    ],
  ];

  it.each(table)("%j", async (verb, expected) => {
    const bench = await open();
    bench.exchange.faults.add({ verb, method: "POST", path: "/api/v1/hf/orders" });
    const answer = await place(bench).catch((problem: Error) => problem);
    if (expected.error !== undefined) expect(String(answer)).toMatch(expected.error);
    else expect(answer).toMatchObject({ status: expected.status, json: { code: expected.code } });
    expect(placed(bench)).toBe(expected.isPlaced ? 1 : 0);
    expect(bench.exchange.wireLog.writes()).toMatchObject([
      { method: "POST", fault: verb.do, body: expect.stringContaining('"clientOid":"a"') },
    ]);
    expect((await place(bench, "b")).json.code).toBe("200000");
  });

  it("fits by method and path, skips and repeats as told, and can be taken away", async () => {
    const bench = await open();
    const remove = bench.exchange.faults.add({
      verb: { do: "html_502" },
      method: "GET",
      path: /hf\/orders\/active/,
      times: 2,
      skip: 1,
    });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1)
      statuses.push((await bench.raw("GET", "/api/v1/hf/orders/active?symbol=SOL-USDT")).status);
    expect(statuses).toEqual([200, 502, 502, 200, 200]);
    bench.exchange.faults.add({ verb: { do: "html_502" }, times: Number.POSITIVE_INFINITY });
    expect((await place(bench)).status).toBe(502);
    bench.exchange.faults.clear();
    remove();
    expect((await place(bench)).status).toBe(200);
  });

  it("the limited answer says when to come again", async () => {
    const bench = await open();
    bench.exchange.faults.add({ verb: { do: "rate_limited", resetMs: 1234 } });
    expect((await place(bench)).headers).toMatchObject({ "gw-ratelimit-reset": "1234", "gw-ratelimit-remaining": "0" });
  });
});

describe("the venue goes wrong", () => {
  it("an outage answers 503 to everything and changes nothing; stops fire meanwhile", async () => {
    const bench = await open();
    await bench.raw("POST", "/api/v1/stop-order", {
      clientOid: "s",
      symbol: "SOL-USDT",
      side: "sell",
      type: "market",
      size: "1",
      stop: "loss",
      stopPrice: "85.5",
    });
    bench.exchange.faults.outage(true);
    expect((await place(bench)).status).toBe(503);
    expect((await bench.raw("GET", "/api/v1/timestamp")).status).toBe(503);
    bench.clock.pass(1000);
    bench.exchange.faults.outage(false);
    expect((await bench.raw("GET", "/api/v1/stop-order/queryOrderByClientOid?clientOid=s")).json.data).toMatchObject([
      { status: "TRIGGERED" },
    ]);
    expect(placed(bench)).toBe(1);
  });

  it("a skewed clock moves /timestamp and the signature window, not the market", async () => {
    const bench = await open();
    bench.exchange.faults.skew(60_000);
    expect((await bench.raw("GET", "/api/v1/timestamp")).json.data).toBe(bench.clock.wireNow() + 60_000);
    expect((await place(bench)).json.code).toBe("400002");
    const answer = await bench.raw("POST", "/api/v1/hf/orders", order, { timestamp: bench.clock.wireNow() + 60_000 });
    expect(answer.json.code).toBe("200000");
    expect([...bench.exchange.house.core.state.orders.values()][0]?.createdAt).toBe(bench.clock.marketNow());
  });

  it("late visibility hides new orders, stops and fills, then tells all of it", async () => {
    const bench = await open();
    bench.exchange.faults.delayVisibility(180_000);
    const made = await bench.raw("POST", "/api/v1/hf/orders", { ...order, price: "88" });
    const { orderId } = made.json.data as { orderId: string };
    const read = async () => ({
      order: (await bench.raw("GET", `/api/v1/hf/orders/${orderId}?symbol=SOL-USDT`)).json.code,
      fills: ((await bench.raw("GET", "/api/v1/hf/fills?symbol=SOL-USDT")).json.data as { items: unknown[] }).items
        .length,
      done: ((await bench.raw("GET", "/api/v1/hf/orders/done?symbol=SOL-USDT")).json.data as { items: unknown[] }).items
        .length,
    });
    expect(await read()).toEqual({ order: "400100", fills: 0, done: 0 });
    bench.clock.pass(179_999);
    expect(await read()).toEqual({ order: "400100", fills: 0, done: 0 });
    bench.clock.pass(1);
    expect(await read()).toEqual({ order: "200000", fills: 1, done: 1 });
  });

  it("a jump moves the last price, fires what it passes, and stays", async () => {
    const bench = await open();
    await bench.raw("POST", "/api/v1/stop-order", {
      clientOid: "s",
      symbol: "SOL-USDT",
      side: "sell",
      type: "market",
      size: "1",
      stop: "loss",
      stopPrice: "80",
    });
    bench.exchange.faults.jump("SOL-USDT", "79.5");
    expect(bench.exchange.market.lastPrice("SOL-USDT")).toBe("79.5");
    expect((await bench.raw("GET", "/api/v1/hf/orders/client-order/s?symbol=SOL-USDT")).json.data).toMatchObject({
      dealSize: "1",
      active: false,
    });
    bench.clock.pass(1000);
    // 85 / 87.36 of the new level: the path goes on from where it was put.
    expect(Number(bench.exchange.market.lastPrice("SOL-USDT"))).toBeCloseTo((79.5 * 85) / 87.36, 1);
    expect(() => bench.exchange.faults.jump("SOL-USDT", "79.555")).toThrow(/jump was refused \(price_increment\)/);
    expect(() => bench.exchange.faults.jump("FOO-USDT", "1")).toThrow(/unknown_symbol/);
  });
});

describe("starting", () => {
  const options = {
    venue: "kucoin" as const,
    market: scriptedMarket([[0, "87.36"]]),
    accounts: [{ ...KEY, balances: {} }],
    seed: "s",
  };

  it("a taken port is one sentence with the port and what to do", async () => {
    const bench = await open();
    const again = startPractice({ ...options, port: bench.exchange.port, clock: handClock() });
    await expect(again).rejects.toThrow(
      new RegExp(
        `^practice exchange: port ${bench.exchange.port} on 127.0.0.1 is in use; stop the other program or choose another port`,
      ),
    );
  });

  it("a host beyond loopback is refused", async () => {
    await expect(startPractice({ ...options, port: 0, host: "0.0.0.0", clock: handClock() })).rejects.toThrow(
      /host 0\.0\.0\.0 is not loopback/,
    );
  });
});

describe("faults over HTTP", () => {
  it("do not exist unless they are asked for", async () => {
    const bench = await open();
    expect((await bench.raw("POST", "/practice/outage", { on: true })).status).toBe(404);
  });

  it("work when they are", async () => {
    const bench = await open({ admin: true });
    expect((await bench.raw("POST", "/practice/jump", { symbol: "SOL-USDT", price: "80" })).json.data).toBe("done");
    expect(bench.exchange.market.lastPrice("SOL-USDT")).toBe("80");
    await bench.raw("POST", "/practice/fault", { verb: { do: "drop_after" }, path: "/api/v1/hf/orders" });
    await expect(place(bench)).rejects.toThrow();
    expect((await bench.raw("GET", "/practice/wire-log")).json.data).toMatchObject([{ fault: "drop_after" }]);
    expect(await bench.raw("POST", "/practice/outage", { on: "yes" })).toMatchObject({
      status: 400,
      json: { msg: '"on" must be true or false' },
    });
    expect((await bench.raw("POST", "/practice/nothing", {})).status).toBe(404);
  });
});
