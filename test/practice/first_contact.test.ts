/** The real, unmodified ccxt trades against the practice exchange. */
import ccxt from "ccxt";
import { afterEach, describe, expect, it } from "vitest";
import { syntheticMarket } from "../../src/practice/market/synthetic.ts";
import { closeBenches, KEY, openBench, scriptedMarket } from "./bench_exchange.ts";

afterEach(closeBenches);

export const pointed = (url: string): InstanceType<typeof ccxt.kucoin> => {
  const client = new ccxt.kucoin({ apiKey: KEY.key, secret: KEY.secret, password: KEY.passphrase });
  const api = client.urls["api"] as Record<string, string>;
  for (const name of Object.keys(api)) api[name] = url;
  client.options["partner"] = {};
  client.options["uta"] = false;
  client.options["hf"] = true;
  client.options["fetchMarkets"] = { types: ["spot"], fetchTickersFees: false };
  client.has["fetchCurrencies"] = false;
  return client;
};

describe("ccxt and the practice exchange", () => {
  it("buys, reads the order back and sees the balance", async () => {
    const bench = await openBench(scriptedMarket([[0, "87.36"]]));
    const client = pointed(bench.exchange.url);
    client.nonce = () => bench.clock.wireNow();
    await client.loadMarkets(false, { marginables: false });
    const made = await client.createOrder("SOL/USDT", "limit", "buy", 2, 88, { clientOrderId: "first-1" });
    const order = await client.fetchOrder(made.id as string, "SOL/USDT");
    expect(order.status).toBe("closed");
    expect(order.filled).toBe(2);
    const balance = await client.fetchBalance();
    expect(balance["SOL"]?.total).toBe(102);
    const trades = await client.fetchMyTrades("SOL/USDT");
    expect(trades[0]?.takerOrMaker).toBe("taker");
    expect(trades[0]?.fee?.currency).toBe("USDT");
  });

  it("answers a client with default start-up traffic from the synthetic market", async () => {
    const bench = await openBench(syntheticMarket({ seed: "s" }));
    const client = new ccxt.kucoin({ apiKey: KEY.key, secret: KEY.secret, password: KEY.passphrase });
    const api = client.urls["api"] as Record<string, string>;
    for (const name of Object.keys(api)) api[name] = bench.exchange.url;
    client.nonce = () => bench.clock.wireNow();
    client.options["fetchMarkets"] = { types: ["spot"] };
    await client.loadMarkets();
    const ticker = await client.fetchTicker("BTC/USDT");
    expect(ticker.last).toBeGreaterThan(1000);
    const bars = await client.fetchOHLCV("SOL/USDT", "1m", bench.clock.marketNow() - 600_000, 10);
    expect(bars.length).toBeGreaterThan(5);
    const book = await client.fetchOrderBook("ETH/USDT", 20);
    expect(book.bids[0]?.[0]).toBeLessThan(book.asks[0]?.[0] as number);
  });
});
