/** The venue contract, part orders. */
import { describe, expect, it } from "vitest";
import type { ClearedIntent } from "../../src/core/clearance.ts";
import { isLess, isPositive, plus, price, sum, zeroQuantity } from "../../src/core/money.ts";
import { addMs } from "../../src/core/time.ts";
import type { OrderRef } from "../../src/ports/venue.ts";
import { fillsOf, found, place, problemOf, type Suite, settled, sure, symbol } from "./contract_tools.ts";
import { buy, sell } from "./intents.ts";

export function ordersContract(suite: Suite): void {
  ordersAreKept(suite);
  refusalsAreFinal(suite);
  cancelsAreTaken(suite);
}

function ordersAreKept({ open }: Suite): void {
  describe("orders", () => {
    it("an accepted order is found by our own id, with the same numbers", async () => {
      const bench = await open();
      const { answer, ref } = await place(bench, buy("1.4", "90", "gtc"));
      expect(answer).toEqual({ ok: true, value: { venueOrderId: expect.stringMatching(/./) } });
      const order = await found(bench, ref);
      expect(order).toMatchObject({ ...ref, side: "buy", quantity: "1.4", filledQuantity: "0", state: "open" });
      expect(order.createdAt).toBeGreaterThan(bench.now() - 5_000);
      expect(sure(await bench.venue.openOrders(symbol))).toEqual([order]);
    });

    it("a filled order has fills that add up, each with its fee", async () => {
      const bench = await open();
      const { ref } = await place(bench, buy("2.5", "101"));
      const order = await found(bench, ref);
      expect(order).toMatchObject({ state: "filled", filledQuantity: "2.5" });
      const fills = await fillsOf(bench, order);
      expect(
        sum(
          fills.map((fill) => fill.quantity),
          zeroQuantity,
        ),
      ).toBe("2.5");
      for (const fill of fills) {
        expect(fill).toMatchObject({
          side: "buy",
          liquidity: "taker",
          instrumentId: ref.instrumentId,
          feeAsset: "USDT",
        });
        expect(fill.fee).toMatch(/^0\.\d+$/);
        expect(fill.filledAt).toBeGreaterThan(bench.now() - 5_000);
      }
      expect(new Set(fills.map((fill) => fill.venueFillId)).size).toBe(fills.length);
    });
  });
}

function refusalsAreFinal({ open }: Suite): void {
  describe("refusals", () => {
    it("the part of an IOC order that finds no counterpart is canceled, the rest is filled", async () => {
      const bench = await open();
      // Two ticks above the best ask: a few levels at most, and far less than is asked for.
      const ask = sure(await bench.venue.orderBook(symbol)).asks[0];
      const worst = plus(ask?.price ?? price("100"), price("0.02"));
      const { ref } = await place(bench, buy("900", worst));
      const order = await settled(bench, ref, "canceled");
      expect(order.quantity).toBe("900");
      expect(isPositive(order.filledQuantity) && isLess(order.filledQuantity, order.quantity)).toBe(true);
      const filled = (await fillsOf(bench, order)).map((fill) => fill.quantity);
      expect(sum(filled, zeroQuantity)).toBe(order.filledQuantity);
    });

    it("a second order under a used id is answered with exists, and nothing is traded twice", async () => {
      const bench = await open();
      const { ref } = await place(bench, buy("1", "101"));
      const again = await place(bench, buy("1", "101"), { id: ref.clientOrderId });
      expect(problemOf(again.answer)).toMatchObject({ kind: "exists" });
      expect(sure(await bench.venue.fills(symbol, addMs(bench.now(), -60_000)))).toHaveLength(1);
    });

    it.each<[string, ClearedIntent, string]>([
      ["more than the balance", buy("5000", "100", "gtc"), "balance"],
      ["below the smallest value", sell("0.1", "0.9", "gtc"), "too_small|price_band"],
      ["far outside the price band", buy("1", "1000", "gtc"), "price_band"],
    ])("%s is rejected for good", async (_what, intent, reasons) => {
      const bench = await open();
      const { answer, ref } = await place(bench, intent);
      expect(problemOf(answer)).toMatchObject({
        kind: "rejected",
        reason: expect.stringMatching(new RegExp(`^(${reasons})$`)),
      });
      expect(sure(await bench.venue.findOrder(ref))).toBeNull();
    });

    it("an instrument that stopped trading is said so, and orders for it are rejected", async () => {
      const bench = await open();
      bench.exchange.faults.setInstrument(bench.marketId, { isTrading: false });
      expect(sure(await bench.venue.instruments([symbol]))[0]?.isTrading).toBe(false);
      const { answer } = await place(bench, buy("1", "101"));
      expect(problemOf(answer)).toMatchObject({ kind: "rejected", reason: "instrument" });
    });
  });
}

function cancelsAreTaken({ open }: Suite): void {
  describe("cancels", () => {
    it("a cancel is taken, takes effect, and a second one finds it already done", async () => {
      const bench = await open();
      const { ref } = await place(bench, buy("1", "95", "gtc"));
      expect(await bench.venue.cancelOrder(ref)).toEqual({ ok: true, value: "accepted" });
      expect(await settled(bench, ref, "canceled")).toMatchObject({ filledQuantity: "0" });
      expect(await bench.venue.cancelOrder(ref)).toEqual({ ok: true, value: "already_done" });
      expect(sure(await bench.venue.openOrders(symbol))).toEqual([]);
    });

    it("a cancel that may not leave any more is not sent, also when that is said only at the socket", async () => {
      const bench = await open();
      const { ref } = await place(bench, buy("1", "95", "gtc"));
      let asked = 0;
      const mayLeave = () => {
        asked += 1;
        return false;
      };
      const answer = await bench.venue.cancelOrder(ref, { mayLeave });
      expect(answer).toMatchObject({ ok: false, problem: { kind: "not_sent" } });
      expect(asked).toBeGreaterThan(0);
      expect(sure(await bench.venue.openOrders(symbol))).toHaveLength(1);
    });

    it("a cancel that stood still on its way bears the time of its row, and the venue itself refuses it", async () => {
      const bench = await open();
      const { ref } = await place(bench, buy("1", "95", "gtc"));
      const answer = await bench.venue.cancelOrder(ref, { stampedAt: addMs(bench.now(), -20_000) });
      expect(answer).toMatchObject({ ok: false, problem: { kind: "rejected", reason: "stale_stamp" } });
      expect(sure(await bench.venue.openOrders(symbol))).toHaveLength(1);
    });

    it("an order that nobody placed is null, of every kind", async () => {
      const bench = await open();
      for (const kind of ["limit", "stop_limit", "oco"] as const) {
        const ref: OrderRef = { clientOrderId: "xcspnever", venueOrderId: null, instrumentId: "kucoin:SOL/USDT", kind };
        expect(sure(await bench.venue.findOrder(ref)), kind).toBeNull();
      }
    });
  });
}
