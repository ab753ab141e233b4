/**
 * The bugs of the first live trade (2026-02-06) and the silent traps of the client library: shown on the wire that our
 * adapter cannot produce them. Where the library itself would, the test shows that first.
 */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { ClearedIntent } from "../../src/core/clearance.ts";
import { addMs } from "../../src/core/time.ts";
import { fixed } from "../../src/practice/fixed.ts";
import { planOrder } from "../../src/venues/kucoin/place.ts";
import { kucoin } from "../../src/venues/kucoin/venue.ts";
import { closeKucoinBenches, credentials, hastyClock, listeningLog, openKucoinBench } from "./bench_kucoin.ts";
import { found, place, postsOf, problemOf, settled, sure, symbol } from "./contract_tools.ts";
import { buy, pair, sell, stop } from "./intents.ts";

afterEach(closeKucoinBenches);

const byText = (one: string, other: string) => (one < other ? -1 : 1);
const around = { target: "105", trigger: "95", worst: "94.5" };

/** Every key that may leave, by path. Nothing else ever does. */
const keysOf: Readonly<Record<string, readonly string[]>> = {
  "/api/v1/hf/orders": [
    "allowMaxTimeWindow",
    "clientOid",
    "clientTimestamp",
    "price",
    "side",
    "size",
    "symbol",
    "timeInForce",
    "type",
  ],
  "/api/v1/stop-order": ["clientOid", "price", "side", "size", "stop", "stopPrice", "symbol", "timeInForce", "type"],
  "/api/v3/oco/order": ["clientOid", "limitPrice", "price", "side", "size", "stopPrice", "symbol"],
};

function bodyOf(entry: { body: string } | undefined): Record<string, unknown> {
  return JSON.parse(entry?.body ?? "{}") as Record<string, unknown>;
}

describe("the four bugs of the first live trade", () => {
  it.each([
    ["a price off the tick (90.1353)", sell("1", "90.1353", "gtc"), "price"],
    ["a size off the step (4.9344)", buy("4.9344", "95", "gtc"), "size"],
    ["a trigger off the tick (85.135)", stop("1", "85.135", "85"), "stopPrice"],
  ])("%s never leaves, not even rounded to something nobody meant", async (_what, intent, field) => {
    const bench = await openKucoinBench();
    const { answer, ref } = await place(bench, intent);
    expect(problemOf(answer)).toMatchObject({ kind: "not_sent", because: expect.stringContaining(`send ${field} as`) });
    expect(postsOf(bench, ref.clientOrderId)).toEqual([]);
  });

  it("a stop leaves as a limit stop with its direction, exactly as it was meant", async () => {
    const bench = await openKucoinBench();
    const { ref } = await place(bench, stop("1.4", "95.5", "95"));
    expect(postsOf(bench, ref.clientOrderId)[0]?.target).toBe("/api/v1/stop-order");
    expect(bodyOf(postsOf(bench, ref.clientOrderId)[0])).toEqual({
      clientOid: ref.clientOrderId,
      symbol: "SOL-USDT",
      side: "sell",
      type: "limit",
      size: "1.4",
      price: "95",
      stop: "loss",
      stopPrice: "95.5",
      timeInForce: "GTC",
    });
  });

  it("money that is in another account is Unavailable, never a balance of nothing", async () => {
    const bench = await openKucoinBench({ switches: { fundsKind: "trade" } });
    expect(await bench.venue.balances()).toMatchObject({
      ok: false,
      problem: { because: expect.stringContaining("trading account") },
    });
  });

  it("an order for more than the balance is rejected whole: no market order exists that fills what it can", async () => {
    const bench = await openKucoinBench();
    const { answer, ref } = await place(bench, buy("4500", "101"));
    expect(problemOf(answer)).toMatchObject({ kind: "rejected", reason: "balance" });
    expect(bodyOf(postsOf(bench, ref.clientOrderId)[0])).toMatchObject({ type: "limit" });
    expect(sure(await bench.venue.fills(symbol, addMs(bench.now(), -60_000)))).toEqual([]);
  });
});

describe("what leaves", () => {
  it.each([
    ["limit", buy("1.4", "95.01", "gtc")],
    ["limit ioc", sell("0.1", "100.5", "ioc")],
    ["limit fok", buy("2", "101", "fok")],
    ["stop_limit", stop("1", "97", "96.5")],
    ["oco", pair("2", around)],
  ])("of a %s order has the allowed keys, our id and our stamp, and no other", async (_kind, intent) => {
    const bench = await openKucoinBench();
    const at = addMs(bench.now(), -40);
    const { answer, ref } = await place(bench, intent, { at });
    expect(answer.ok).toBe(true);
    const [entry] = postsOf(bench, ref.clientOrderId);
    expect(Object.keys(bodyOf(entry)).toSorted(byText)).toEqual(keysOf[entry?.target ?? ""]);
    expect(bodyOf(entry)).toEqual(planOrder(intent, { clientOrderId: ref.clientOrderId, stampedAt: at }).body);
    if (intent.shape.orderType === "limit")
      expect(bodyOf(entry)).toMatchObject({ clientTimestamp: at, allowMaxTimeWindow: 3_000 });
  });

  it("at opening is nothing, and for the first order one question and the order", async () => {
    const bench = await openKucoinBench();
    expect(bench.exchange.wireLog.all()).toEqual([]);
    await place(bench, buy("1", "95", "gtc"));
    expect(bench.exchange.wireLog.all().map((entry) => `${entry.method} ${entry.target}`)).toEqual([
      "GET /api/v2/symbols",
      "POST /api/v1/hf/orders",
    ]);
  });
});

describe("what never leaves", () => {
  it("is a question to another kind of account, even where the venue says that ours is one", async () => {
    const bench = await openKucoinBench({ switches: { accountMode: "UNIFIED" } });
    await place(bench, buy("1", "95", "gtc"));
    await bench.venue.balances();
    const targets = bench.exchange.wireLog.all().map((entry) => entry.target);
    expect(targets.filter((target) => target.includes("/ua/") || target.includes("opened"))).toEqual([]);
    expect(targets).toContain("/api/v1/accounts?type=trade_hf");
  });

  it("is a backtest order", async () => {
    const bench = await openKucoinBench();
    const intent = { ...buy("1", "95", "gtc"), mode: "backtest" } as ClearedIntent;
    expect(problemOf((await place(bench, intent)).answer)).toMatchObject({ kind: "not_sent" });
    expect(bench.exchange.wireLog.all()).toEqual([]);
  });

  it("is a rehearsed order: the very body that a sent one would have, and no request", async () => {
    const bench = await openKucoinBench();
    for (const [shape, path] of [
      [buy("1", "95", "gtc"), "/api/v1/hf/orders"],
      [stop("1", "90", "89"), "/api/v1/stop-order"],
    ] as const) {
      const name = { clientOrderId: `xcsd7z${path.length}`, stampedAt: addMs(0 as never, Date.now()) };
      const rehearsed = await bench.venue.rehearseOrder?.(shape, name);
      expect(rehearsed).toMatchObject({ ok: true, value: { method: "POST" } });
      if (rehearsed?.ok !== true) continue;
      expect(rehearsed.value.url.endsWith(path)).toBe(true);
      expect(JSON.parse(rehearsed.value.body)).toEqual(planOrder(shape, name).body);
    }
    expect(bench.exchange.wireLog.all().filter((entry) => entry.method === "POST")).toEqual([]);
  });

  it("is a paper order when the venue was opened on a live host", async () => {
    const { log } = listeningLog();
    const venue = await kucoin.open({ credentials, baseUrl: null, clock: hastyClock(), log });
    const answer = await venue.placeOrder(buy("1", "95"), {
      clientOrderId: "xcsp7z1",
      stampedAt: addMs(0 as never, 1),
    });
    expect(answer).toMatchObject({
      ok: false,
      problem: { kind: "not_sent", because: expect.stringContaining("PAPER") },
    });
    await venue.stop();
  });

  it("is a mark of a partner or a word of ours that is secret", async () => {
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers);
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({
          code: "200000",
          data: [{ symbol: "SOL-USDT", baseIncrement: "0.1", priceIncrement: "0.01" }],
        }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const venue = await kucoin.open({ credentials, baseUrl: url, clock: hastyClock(), log: listeningLog().log });
    await venue.balances();
    await venue.placeOrder(buy("1", "95"), { clientOrderId: "xcsp7z1", stampedAt: addMs(Date.now() as never, 0) });
    await venue.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(seen).toHaveLength(3);
    expect(seen.flatMap((headers) => Object.keys(headers)).filter((name) => /partner|broker/i.test(name))).toEqual([]);
    const text = JSON.stringify(seen);
    expect(text).toContain(credentials.key);
    expect(text).not.toContain(credentials.secret);
    expect(text).not.toContain(credentials.passphrase);
  });
});

describe("what comes back", () => {
  it("a fired stop is what its order is, not ccxt's 'cancelled'", async () => {
    const bench = await openKucoinBench();
    const { ref } = await place(bench, stop("1", "97", "96.5"));
    bench.exchange.faults.jump(bench.marketId, "96.8");
    expect(await found(bench, ref)).toMatchObject({ state: "filled", hasTriggered: true });
  });

  it("a fired stop whose order is not listed yet is open, and its order is found when the list has caught up", async () => {
    const bench = await openKucoinBench();
    const { ref } = await place(bench, stop("1", "97", "96.5"));
    bench.exchange.faults.delayVisibility(400);
    bench.exchange.faults.jump(bench.marketId, "96.8");
    expect(await found(bench, ref)).toMatchObject({
      state: "open",
      hasTriggered: true,
      filledQuantity: "0",
      childOrderIds: [],
    });
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect(await settled(bench, ref, "filled")).toMatchObject({ childOrderIds: [expect.any(String)] });
  });

  it("a stop's order without our id is recognised by side, size and price, when it is the only one", async () => {
    const bench = await openKucoinBench();
    const { ref } = await place(bench, stop("1", "97", "96.5"));
    bench.exchange.faults.jump(bench.marketId, "96.8");
    const child = [...bench.exchange.house.core.state.orders.values()][0];
    if (child === undefined) throw new Error("the stop did not fire");
    child.clientOid = "venue-made-1";
    bench.exchange.house.core.state.clientOids.delete(`${child.accountId}/${ref.clientOrderId}`);
    for (const one of bench.exchange.house.core.state.stops.values()) one.orderId = null;
    expect(await found(bench, ref)).toMatchObject({ state: "filled", childOrderIds: [child.id] });
    bench.exchange.house.core.state.orders.set("twin", { ...child, id: "twin" });
    expect(await bench.venue.findOrder(ref)).toMatchObject({
      ok: false,
      problem: { because: expect.stringContaining("several") },
    });
  });

  it("a pair that is forgotten after it fired is known by the order that it became [V16]", async () => {
    const bench = await openKucoinBench();
    const { ref } = await place(bench, pair("1", { target: "110", trigger: "97", worst: "96.5" }));
    bench.exchange.faults.jump(bench.marketId, "96.8");
    const child = [...bench.exchange.house.core.state.orders.values()].at(-1);
    bench.exchange.house.core.state.ocos.clear();
    bench.exchange.house.core.state.stops.clear();
    expect(await found(bench, ref)).toMatchObject({
      kind: "oco",
      clientOrderId: ref.clientOrderId,
      state: "filled",
      hasTriggered: true,
      childOrderIds: [child?.id],
    });
  });

  it("an order that is told as data:null is absent, and a placement told so is unknown", async () => {
    const bench = await openKucoinBench({ switches: { unknownOrderAnswer: "null_data" } });
    const ref = { clientOrderId: "xcsp7z1", venueOrderId: null, instrumentId: "kucoin:SOL/USDT" };
    for (const kind of ["limit", "stop_limit", "oco"] as const) {
      expect(sure(await bench.venue.findOrder({ ...ref, kind })), kind).toBeNull();
    }
    bench.exchange.faults.add({ verb: { do: "refuse", code: "200000", msg: "" }, method: "POST" });
    expect(problemOf((await place(bench, buy("1", "95", "gtc"))).answer)).toMatchObject({ kind: "unknown_outcome" });
  });
});

describe("what changes under us", () => {
  it("is noticed for a tick by asking again", async () => {
    const bench = await openKucoinBench();
    sure(await bench.venue.instruments([symbol]));
    bench.exchange.faults.setInstrument(bench.marketId, { tick: fixed("0.05") });
    expect(problemOf((await place(bench, buy("1", "95.01", "gtc"))).answer)).toMatchObject({
      kind: "rejected",
      reason: "increment",
    });
    expect(sure(await bench.venue.instruments([symbol]))[0]?.tickSize).toBe("0.05");
    expect(problemOf((await place(bench, buy("1", "95.01", "gtc"))).answer)).toMatchObject({ kind: "not_sent" });
    expect((await place(bench, buy("1", "95.05", "gtc"))).answer.ok).toBe(true);
  });

  it("may be one page of fills, which makes the whole answer Unavailable [V56]", async () => {
    const bench = await openKucoinBench();
    await place(bench, buy("1", "101"));
    bench.exchange.faults.add({
      verb: { do: "status_before", status: 500 },
      path: "/api/v1/hf/fills",
      times: 3,
      skip: 1,
    });
    const twoWeeks = await bench.venue.fills(symbol, addMs(bench.now(), -14 * 86_400_000));
    expect(twoWeeks).toMatchObject({ ok: false, problem: { kind: "unavailable" } });
    expect(sure(await bench.venue.fills(symbol, addMs(bench.now(), -14 * 86_400_000)))).toHaveLength(1);
  });

  it("may be the key: a revoked one is a rejection for good, and no message of ours holds a secret", async () => {
    const bench = await openKucoinBench();
    sure(await bench.venue.instruments([symbol]));
    bench.exchange.faults.revoke(credentials.key);
    const { answer } = await place(bench, buy("1", "95", "gtc"));
    const read = await bench.venue.balances();
    expect(problemOf(answer)).toMatchObject({ kind: "rejected", code: "400003", reason: "permission" });
    const text = JSON.stringify([answer, read, bench.lines]);
    for (const secret of Object.values(credentials)) expect(text).not.toContain(secret);
  });
});

describe("speed", () => {
  it("opening takes far less than a second", async () => {
    const started = performance.now();
    const venue = await kucoin.open({
      credentials,
      baseUrl: "http://127.0.0.1:9",
      clock: hastyClock(),
      log: listeningLog().log,
    });
    expect(performance.now() - started).toBeLessThan(900);
    await venue.stop();
  });
});
