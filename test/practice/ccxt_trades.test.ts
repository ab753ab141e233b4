/** The real ccxt trades here, and its silent traps are refused: each sent on purpose, each answered with the venue's own words. */
import ccxt from "ccxt";
import { afterEach, describe, expect, it } from "vitest";
import { syntheticMarket } from "../../src/practice/market/synthetic.ts";
import { type Bench, closeBenches, KEY, openBench, scriptedMarket } from "./bench_exchange.ts";
import { ccxtClient, type KucoinClient, pointAt } from "./ccxt_client.ts";

afterEach(closeBenches);

const open = async (
  prints: readonly (readonly [number, string])[] = [[0, "87.36"]],
): Promise<Bench & { client: KucoinClient }> => {
  const bench = await openBench(scriptedMarket(prints));
  return { ...bench, client: await ccxtClient(bench.exchange.url, () => bench.clock.wireNow()) };
};

describe("ccxt trades", () => {
  it("start-up costs one call with the options of the field notes", async () => {
    const { exchange } = await open();
    expect(exchange.wireLog.all().map((entry) => entry.target)).toEqual(["/api/v2/symbols"]);
  });

  it("buys, reads the order back by both ids and sees fills and balance", async () => {
    const { client } = await open();
    const made = await client.createOrder("SOL/USDT", "limit", "buy", 2, 88, { clientOrderId: "first-1" });
    expect(made.id).toMatch(/^[0-9a-f]{24}$/);
    const order = await client.fetchOrder(made.id as string, "SOL/USDT");
    expect(order).toMatchObject({ status: "closed", filled: 2, clientOrderId: "first-1" });
    const byOid = await client.fetchOrder("", "SOL/USDT", { clientOrderId: "first-1" });
    expect(byOid.id).toBe(made.id);
    expect((await client.fetchBalance())["SOL"]).toMatchObject({ total: 102 });
    const trades = await client.fetchMyTrades("SOL/USDT");
    expect(trades[0]).toMatchObject({ takerOrMaker: "taker", fee: { currency: "USDT" } });
  });

  it("rounds through createOrder what the first live trade sent raw", async () => {
    const { client } = await open();
    const made = await client.createOrder("SOL/USDT", "limit", "sell", 4.9344, 90.1353);
    expect(await client.fetchOrder(made.id as string, "SOL/USDT")).toMatchObject({
      amount: 4.9,
      price: 90.14,
      status: "open",
    });
  });

  it("a stop-loss and a take-profit go out with their direction, wait, fire and fill", async () => {
    const { client, clock } = await open([
      [0, "87.36"],
      [1000, "86"],
      [2000, "85.5"],
      [3000, "91"],
    ]);
    const stop = await client.createOrder("SOL/USDT", "limit", "sell", 1, 85.4, {
      stopLossPrice: 85.61,
      clientOrderId: "sl",
    });
    const target = await client.createOrder("SOL/USDT", "limit", "sell", 1, 90, {
      takeProfitPrice: 90,
      clientOrderId: "tp",
    });
    expect((await client.fetchOpenOrders("SOL/USDT", undefined, undefined, { stop: true })).length).toBe(2);
    expect((await client.fetchOpenOrders("SOL/USDT")).length).toBe(0);
    clock.pass(2000);
    expect((await client.fetchOrder(stop.id as string, "SOL/USDT", { stop: true })).info["status"]).toBe("TRIGGERED");
    expect(await client.fetchOrder("", "SOL/USDT", { clientOrderId: "sl" })).toMatchObject({
      status: "closed",
      filled: 1,
    });
    clock.pass(1000);
    expect((await client.fetchOrder(target.id as string, "SOL/USDT", { stop: true })).info["status"]).toBe("TRIGGERED");
    expect(await client.fetchOrder("", "SOL/USDT", { clientOrderId: "tp" })).toMatchObject({
      status: "closed",
      filled: 1,
    });
  });

  it("a cancel only asks: the order is open until the next moment, and a stop is not canceled by cancelAllOrders", async () => {
    const { client, clock } = await open();
    const made = await client.createOrder("SOL/USDT", "limit", "buy", 1, 80);
    await client.createOrder("SOL/USDT", "limit", "sell", 1, 85, { stopLossPrice: 85 });
    await client.cancelOrder(made.id as string, "SOL/USDT");
    expect((await client.fetchOrder(made.id as string, "SOL/USDT")).status).toBe("open");
    clock.pass(50);
    expect((await client.fetchOrder(made.id as string, "SOL/USDT")).status).toBe("canceled");
    await client.cancelAllOrders("SOL/USDT");
    expect((await client.fetchOpenOrders("SOL/USDT", undefined, undefined, { stop: true })).length).toBe(1);
    await client.cancelAllOrders("SOL/USDT", { stop: true });
    expect((await client.fetchOpenOrders("SOL/USDT", undefined, undefined, { stop: true })).length).toBe(0);
  });

  it("an OCO pair goes out through the implicit call", async () => {
    const { client } = await open();
    const pair = {
      symbol: "SOL-USDT",
      side: "sell",
      clientOid: "pair",
      price: "90",
      size: "1",
      stopPrice: "85.6",
      limitPrice: "85.5",
    };
    const implicit = client as unknown as Record<string, (params: object) => Promise<{ data: { orderId: string } }>>;
    const made = await implicit["privatePostOcoOrder"]?.(pair);
    expect(made?.data.orderId).toMatch(/^[0-9a-f]{24}$/);
  });

  it("answers a client with its default start-up traffic, from the synthetic market", async () => {
    const bench = await openBench(syntheticMarket({ seed: "s" }));
    const client = pointAt(
      new ccxt.kucoin({ apiKey: KEY.key, secret: KEY.secret, password: KEY.passphrase }),
      bench.exchange.url,
    );
    client.nonce = () => bench.clock.wireNow();
    client.options["fetchMarkets"] = { types: ["spot"] };
    await client.loadMarkets();
    expect((await client.fetchTicker("BTC/USDT")).last).toBeGreaterThan(1000);
    const bars = await client.fetchOHLCV("SOL/USDT", "1m", bench.clock.marketNow() - 600_000, 10);
    expect(bars.length).toBeGreaterThan(5);
    const book = await client.fetchOrderBook("ETH/USDT", 20);
    expect(book.bids[0]?.[0]).toBeLessThan(book.asks[0]?.[0] as number);
    expect((await client.fetchOrderBook("ETH/USDT")).asks.length).toBeGreaterThan(50);
    expect((await client.fetchTradingFee("ETH/USDT")).taker).toBe(0.001);
    expect(await client.fetchTime()).toBe(bench.clock.wireNow());
  });
});

describe("the traps, put back on purpose", () => {
  const trap = async (
    act: (client: KucoinClient) => Promise<unknown>,
  ): Promise<{ body: string; message: string; placed: number }> => {
    const { client, exchange } = await open();
    const message = await act(client).then(
      () => "no error",
      (problem: Error) => problem.message,
    );
    const body = exchange.wireLog.writes().at(-1)?.body ?? "";
    return { body, message, placed: exchange.house.core.state.orders.size + exchange.house.core.state.stops.size };
  };

  it("triggerPrice goes out as a stop without direction and is refused", async () => {
    const seen = await trap((client) => client.createOrder("SOL/USDT", "limit", "sell", 1, 90, { triggerPrice: 90 }));
    expect(seen.body).not.toContain('"stop"');
    expect(seen).toMatchObject({ message: expect.stringContaining("stopIsRequired"), placed: 0 });
  });

  it("attached stopLoss and takeProfit go out as unknown keys of a plain order and are refused", async () => {
    const seen = await trap((client) =>
      client.createOrder("SOL/USDT", "limit", "buy", 1, 87, {
        stopLoss: { triggerPrice: 85 },
        takeProfit: { triggerPrice: 90 },
      }),
    );
    expect(seen.body).toContain('"stopLoss":{');
    expect(seen).toMatchObject({ message: expect.stringContaining("unknownParameter: stopLoss"), placed: 0 });
  });

  it("createOrderWithTakeProfitAndStopLoss is refused likewise", async () => {
    const seen = await trap((client) =>
      client.createOrderWithTakeProfitAndStopLoss("SOL/USDT", "limit", "buy", 1, 87, 90, 85),
    );
    expect(seen.placed).toBe(0);
    expect(seen.message).toContain("unknownParameter");
  });

  it("type stop_limit goes out verbatim and is refused", async () => {
    const seen = await trap((client) => client.createOrder("SOL/USDT", "stop_limit" as "limit", "sell", 1, 85, {}));
    expect(seen.body).toContain('"type":"stop_limit"');
    expect(seen).toMatchObject({ message: expect.stringContaining("type not in the given range!"), placed: 0 });
  });

  it("a wrong account flag gives an empty balance, not an error", async () => {
    const { client } = await open();
    client.options["hf"] = false;
    expect((await client.fetchBalance())["USDT"]).toBeUndefined();
  });

  it("unrounded numbers through the raw call are refused one by one", async () => {
    const { client } = await open();
    const implicit = client as unknown as Record<string, (params: object) => Promise<unknown>>;
    const order = { clientOid: "x", symbol: "SOL-USDT", side: "sell", type: "limit", price: "90.1353", size: "4.9344" };
    await expect(implicit["privatePostHfOrders"]?.(order)).rejects.toThrow("Price increment invalid.");
    await expect(implicit["privatePostHfOrders"]?.({ ...order, price: "90.14" })).rejects.toThrow(
      "Order size increment invalid.",
    );
  });
});
