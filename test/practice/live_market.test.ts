/** Live prices through ccxt, with another practice exchange as "the venue": no test reaches the internet. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ccxt from "ccxt";
import { afterEach, describe, expect, it } from "vitest";
import { startPractice } from "../../src/practice/exchange.ts";
import { encode } from "../../src/practice/journal.ts";
import { type LiveClient, liveMarket } from "../../src/practice/market/live_market.ts";
import { syntheticMarket } from "../../src/practice/market/synthetic.ts";
import { closeBenches, handClock, KEY, openBench, rawClient, START, scriptedMarket } from "./bench_exchange.ts";
import { pointAt } from "./ccxt_client.ts";

afterEach(closeBenches);

const overCcxt = (url: string) => async (): Promise<LiveClient> => {
  const client = pointAt(
    new ccxt.kucoin({ options: { fetchMarkets: { types: ["spot"], fetchTickersFees: false } } }),
    url,
  );
  client.has["fetchCurrencies"] = false;
  return client as unknown as LiveClient;
};

const until = async (isTrue: () => boolean | Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 300; i += 1) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("did not happen within 3 s");
};

describe("the live market", () => {
  it("takes instruments and prices of the venue, fires stops on them, and serves its candles", async () => {
    const venue = await openBench(syntheticMarket({ seed: "venue" }));
    const source = await liveMarket({
      exchange: "kucoin",
      symbols: ["SOL/USDT"],
      open: overCcxt(venue.exchange.url),
      pollMs: 20,
    });
    const bench = await openBench(source);
    expect(bench.exchange.market.instruments[0]).toMatchObject({
      symbol: "SOL-USDT",
      tick: 10_000_000_000n,
      step: 100_000_000_000n,
    });
    expect(bench.exchange.market.lastPrice("SOL-USDT")).toBe(venue.exchange.market.lastPrice("SOL-USDT"));
    await bench.raw("POST", "/api/v1/stop-order", {
      clientOid: "s",
      symbol: "SOL-USDT",
      side: "sell",
      type: "market",
      size: "1",
      stop: "loss",
      stopPrice: "70",
    });
    venue.exchange.faults.jump("SOL-USDT", "69.5");
    await until(() => {
      bench.clock.pass(50);
      return bench.exchange.market.lastPrice("SOL-USDT") === "69.5";
    });
    expect((await bench.raw("GET", "/api/v1/hf/orders/client-order/s?symbol=SOL-USDT")).json.data).toMatchObject({
      dealSize: "1",
    });
    const rows = (
      await bench.raw("GET", `/api/v1/market/candles?symbol=SOL-USDT&type=1min&startAt=${START / 1000 - 600}`)
    ).json.data as string[][];
    expect(rows.length).toBeGreaterThan(5);
  });

  it("is gone when the venue is silent, answers as an outage, and comes back", async () => {
    const venue = await openBench(scriptedMarket([[0, "87.36"]]));
    const source = await liveMarket({
      exchange: "kucoin",
      symbols: ["SOL/USDT"],
      open: overCcxt(venue.exchange.url),
      pollMs: 20,
      goneAfterMs: 15_000,
    });
    const bench = await openBench(source);
    venue.exchange.faults.outage(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await bench.raw("GET", "/api/v1/timestamp")).status).toBe(200);
    bench.clock.pass(15_001);
    await until(() => source.state(0) === "gone");
    expect((await bench.raw("GET", "/api/v1/timestamp")).status).toBe(503);
    venue.exchange.faults.outage(false);
    await until(() => source.state(0) === "trading");
    expect((await bench.raw("GET", "/api/v1/timestamp")).status).toBe(200);
  });

  it("keeps its prints in the journal, because they cannot be asked again", async () => {
    const folder = mkdtempSync(join(tmpdir(), "practice-live-"));
    const journalPath = join(folder, "journal.jsonl");
    const venue = await openBench(scriptedMarket([[0, "87.36"]]));
    const open = () =>
      liveMarket({ exchange: "kucoin", symbols: ["SOL/USDT"], open: overCcxt(venue.exchange.url), pollMs: 20 });
    const bench = await openBench(await open(), { journalPath });
    await bench.raw("POST", "/api/v1/hf/orders", {
      clientOid: "r",
      symbol: "SOL-USDT",
      side: "buy",
      type: "limit",
      price: "86",
      size: "1",
    });
    for (const price of ["85.5", "88"]) {
      venue.exchange.faults.jump("SOL-USDT", price);
      await until(() => {
        bench.clock.pass(50);
        return bench.exchange.market.lastPrice("SOL-USDT") === price;
      });
    }
    const before = bench.exchange.balances();
    expect(before["SOL"]).toEqual({ free: "101", held: "0" });
    const clock = handClock(bench.clock.marketNow());
    const options = {
      venue: "kucoin" as const,
      port: 0,
      accounts: [{ ...KEY, balances: { USDT: "1" } }],
      seed: "bench",
      clock,
    };
    const again = await startPractice({ ...options, market: await open(), journalPath });
    expect(again.balances()).toEqual(before);
    expect(encode([...again.house.core.state.orders])).toBe(encode([...bench.exchange.house.core.state.orders]));
    const raw = rawClient(
      () => again.url,
      () => clock.wireNow(),
    );
    expect((await raw("GET", "/api/v1/hf/orders/client-order/r?symbol=SOL-USDT")).json.data).toMatchObject({
      dealSize: "1",
    });
    await again.stop();
    await closeBenches();
    rmSync(folder, { recursive: true });
  });

  it("an unknown exchange and a silent network are one sentence", async () => {
    await expect(liveMarket({ exchange: "nosuch", symbols: ["SOL/USDT"] })).rejects.toThrow(
      /ccxt knows no exchange "nosuch"; use an id/,
    );
    await expect(
      liveMarket({ exchange: "kucoin", symbols: ["SOL/USDT"], open: overCcxt("http://127.0.0.1:9") }),
    ).rejects.toThrow(/kucoin cannot be reached .*; check the network/);
  });
});
