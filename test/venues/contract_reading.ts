/** The venue contract, part reading. */
import { describe, expect, it } from "vitest";
import { plus } from "../../src/core/money.ts";
import { addMs, type Instant } from "../../src/core/time.ts";
import { place, type Suite, sure, symbol } from "./contract_tools.ts";
import { buy, sell } from "./intents.ts";

export function readingContract(suite: Suite): void {
  marketIsRead(suite);
  accountIsRead(suite);
}

function marketIsRead({ open }: Suite): void {
  describe("reading the market", () => {
    it("instruments carry the venue's own increments, minima and fees as exact texts", async () => {
      const bench = await open();
      const [instrument] = sure(await bench.venue.instruments([symbol]));
      expect(instrument).toMatchObject({
        symbol,
        tickSize: "0.01",
        stepSize: "0.1",
        quantityMin: "0.1",
        isTrading: true,
      });
      expect(instrument?.takerFee).toBe("0.001");
      expect(instrument?.notionalMin).toBe("0.1");
      const missing = await bench.venue.instruments([symbol, "NOPE/USDT"]);
      expect(missing).toMatchObject({
        ok: false,
        problem: { kind: "unavailable", what: expect.stringContaining("NOPE/USDT") },
      });
    });

    it("balances are free and held apart, and an order moves money from one to the other", async () => {
      const bench = await open();
      const quoteOf = async () => sure(await bench.venue.balances()).find((balance) => balance.asset === "USDT");
      const before = await quoteOf();
      await place(bench, buy("10", "95", "gtc"));
      const after = await quoteOf();
      expect(before).toEqual({ asset: "USDT", free: "100000", held: "0" });
      expect(after?.held).toMatch(/^95\d/);
      expect(plus(after?.free ?? before?.free ?? ("0" as never), after?.held ?? ("0" as never))).toBe("100000");
    });

    it("only closed candles are told, oldest first, at most as many as asked for", async () => {
      const bench = await open();
      const candles = sure(await bench.venue.candles(symbol, { timeframe: "1m", count: 5 }));
      expect(candles).toHaveLength(5);
      const opened = candles.map((candle) => candle.openedAt);
      expect(opened).toEqual([...opened].sort((one, other) => one - other));
      expect(opened.at(-1)).toBeLessThanOrEqual(bench.now() - 60_000);
      expect(opened.at(-1)).toBeGreaterThan(bench.now() - 121_000);
      expect(candles[0]).toMatchObject({ open: "100", high: "100", low: "100", close: "100" });
    });
  });
}

function accountIsRead({ open }: Suite): void {
  describe("reading the account", () => {
    it("the order book is fresh and best first", async () => {
      const bench = await open();
      const book = sure(await bench.venue.orderBook(symbol));
      expect(book.receivedAt).toBeGreaterThan(bench.now() - 2_000);
      expect(book.instrumentId).toBe("kucoin:SOL/USDT");
      const [bid, second] = book.bids;
      const [ask] = book.asks;
      expect(Number(bid?.price)).toBeLessThan(Number(ask?.price));
      expect(Number(second?.price)).toBeLessThan(Number(bid?.price));
    });

    it("the venue's clock is told in milliseconds", async () => {
      const bench = await open();
      bench.exchange.faults.skew(1_500);
      expect(minusMs(sure(await bench.venue.time()), bench.now())).toBeCloseTo(1_500, -3);
    });

    it("a key that can move money out is reported", async () => {
      const bench = await open();
      const key = bench.exchange.credentials[0]?.key ?? "";
      expect(sure(await bench.venue.keyRights())).toMatchObject({ mayTrade: true, mayWithdraw: false });
      bench.exchange.faults.setPermissions(key, ["General", "Spot", "Transfer"]);
      expect(sure(await bench.venue.keyRights())).toMatchObject({ mayTrade: true, mayWithdraw: true });
      bench.exchange.faults.setPermissions(key, ["General"]);
      expect(sure(await bench.venue.keyRights())).toMatchObject({ mayTrade: false, mayWithdraw: false });
    });

    it("more fills than one page are all told, once [V56]", async () => {
      const bench = await open();
      for (let round = 0; round < 26; round += 1) {
        const placed = await Promise.all(
          [0, 1, 2, 3].map(async (one) => await place(bench, one % 2 === 0 ? buy("0.1", "101") : sell("0.1", "99"))),
        );
        expect(placed.every(({ answer }) => answer.ok)).toBe(true);
      }
      const fills = sure(await bench.venue.fills(symbol, addMs(bench.now(), -60_000)));
      expect(fills).toHaveLength(104);
      expect(new Set(fills.map((fill) => fill.venueFillId)).size).toBe(104);
      const times = fills.map((fill) => fill.filledAt);
      expect(times).toEqual([...times].sort((one, other) => one - other));
    });
  });
}

function minusMs(one: Instant, other: Instant): number {
  return one - other;
}
