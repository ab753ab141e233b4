/** The venue contract, part protection. */
import { describe, expect, it } from "vitest";
import { quantity, sum, zeroQuantity } from "../../src/core/money.ts";
import { addMs } from "../../src/core/time.ts";
import type { VenueOrder } from "../../src/ports/venue.ts";
import {
  aroundHundred,
  fillsOf,
  found,
  place,
  problemOf,
  type Suite,
  settled,
  sure,
  symbol,
} from "./contract_tools.ts";
import { buy, pair, stop } from "./intents.ts";

const byText = (one: string, other: string) => (one < other ? -1 : 1);

export function protectionContract(suite: Suite): void {
  pairsProtect(suite);
  stopsProtect(suite);
  stopsAreToldAndCanceled(suite);
}

function pairsProtect({ open }: Suite): void {
  describe("protection by a pair", () => {
    it.each<[string, string, Partial<VenueOrder>]>([
      ["the target is hit", "105.2", { state: "filled", filledQuantity: quantity("2") }],
      ["the stop is hit", "94.9", { state: "filled", filledQuantity: quantity("2") }],
      ["the market gaps through the stop's worst price", "90", { state: "open", filledQuantity: quantity("0") }],
    ])("of an OCO: when %s, its one child tells the rest", async (_what, to, outcome) => {
      const bench = await open();
      const { answer, ref } = await place(bench, pair("2", aroundHundred));
      expect(answer.ok).toBe(true);
      expect(await found(bench, ref)).toMatchObject({
        kind: "oco",
        side: "sell",
        quantity: "2",
        state: "open",
        hasTriggered: false,
      });
      bench.exchange.faults.jump(bench.marketId, to);
      const order = await found(bench, ref);
      expect(order).toMatchObject({ ...outcome, kind: "oco", hasTriggered: true, clientOrderId: ref.clientOrderId });
      expect(order.childOrderIds).toHaveLength(1);
      expect(
        sum(
          (await fillsOf(bench, order)).map((fill) => fill.quantity),
          zeroQuantity,
        ),
      ).toBe(outcome.filledQuantity);
    });

    it("a stop alone fires once and sells what it protected", async () => {
      const bench = await open();
      const { ref } = await place(bench, stop("1.5", "97", "96.5"));
      expect(await found(bench, ref)).toMatchObject({
        kind: "stop_limit",
        state: "open",
        hasTriggered: false,
        childOrderIds: [],
      });
      bench.exchange.faults.jump(bench.marketId, "96.9");
      const order = await found(bench, ref);
      expect(order).toMatchObject({ kind: "stop_limit", state: "filled", hasTriggered: true, filledQuantity: "1.5" });
      const fills = await fillsOf(bench, order);
      expect(
        sum(
          fills.map((fill) => fill.quantity),
          zeroQuantity,
        ),
      ).toBe("1.5");
      expect(fills.every((fill) => fill.side === "sell")).toBe(true);
    });
  });
}

function stopsProtect({ open }: Suite): void {
  describe("protection by a stop", () => {
    it("a stop above the market's fall stays where it is", async () => {
      const bench = await open();
      const { ref } = await place(bench, stop("1.5", "97", "96.5"));
      bench.exchange.faults.jump(bench.marketId, "97.5");
      expect(await found(bench, ref)).toMatchObject({ state: "open", hasTriggered: false });
    });

    it("what rests after a gap can be canceled by the id of its child", async () => {
      const bench = await open();
      const { ref } = await place(bench, stop("1", "97", "96.5"));
      bench.exchange.faults.jump(bench.marketId, "90");
      expect(await found(bench, ref)).toMatchObject({ state: "open", hasTriggered: true, filledQuantity: "0" });
      expect(await bench.venue.cancelOrder({ ...ref, kind: "limit" })).toEqual({ ok: true, value: "accepted" });
      expect(await settled(bench, ref, "canceled")).toMatchObject({ hasTriggered: true });
    });

    it("what it became may bear another name: it is canceled by the venue's id [V16]", async () => {
      const bench = await open();
      const { ref } = await place(bench, stop("1", "97", "96.5"));
      bench.exchange.faults.jump(bench.marketId, "90");
      const [firedAs = null] = (await found(bench, ref)).childOrderIds;
      const unnamed = { ...ref, kind: "limit", clientOrderId: "nobody-knows-this", firedAs } as const;
      expect(await bench.venue.cancelOrder(unnamed)).toEqual({ ok: true, value: "accepted" });
      expect(await settled(bench, ref, "canceled")).toMatchObject({ hasTriggered: true });
      expect(await bench.venue.cancelOrder(unnamed)).toEqual({ ok: true, value: "already_done" });
    });
  });
}

function stopsAreToldAndCanceled({ open }: Suite): void {
  describe("stops in the lists, and taken back", () => {
    it("all three lists are told, and no arm of a pair is told twice", async () => {
      const bench = await open();
      const plain = await place(bench, buy("1", "95", "gtc"));
      const single = await place(bench, stop("1", "97", "96.5"));
      const double = await place(bench, pair("2", aroundHundred));
      const orders = sure(await bench.venue.openOrders(symbol));
      const told = orders.map((order) => `${order.kind} ${order.clientOrderId}`).toSorted(byText);
      expect(told).toEqual(
        [plain, single, double].map(({ ref }) => `${ref.kind} ${ref.clientOrderId}`).toSorted(byText),
      );
      const { allOpenOrders } = bench.venue;
      const everywhere = allOpenOrders === undefined ? orders : sure(await allOpenOrders.call(bench.venue));
      const byName = (one: VenueOrder, other: VenueOrder) => byText(one.clientOrderId ?? "", other.clientOrderId ?? "");
      expect(everywhere.toSorted(byName)).toEqual(orders.toSorted(byName));
    });

    it.each([
      ["a stop", stop("1", "97", "96.5")],
      ["an OCO", pair("2", aroundHundred)],
    ])("%s can be canceled, and then never fires", async (_what, intent) => {
      const bench = await open();
      const { ref } = await place(bench, intent);
      expect(await bench.venue.cancelOrder(ref)).toEqual({ ok: true, value: "accepted" });
      bench.exchange.faults.jump(bench.marketId, "90");
      expect(await settled(bench, ref, "canceled")).toMatchObject({ hasTriggered: false, childOrderIds: [] });
      expect(await bench.venue.cancelOrder(ref)).toEqual({ ok: true, value: "already_done" });
      expect(sure(await bench.venue.fills(symbol, addMs(bench.now(), -60_000)))).toEqual([]);
    });

    it("an OCO whose stop the market has already passed is rejected as such", async () => {
      const bench = await open();
      const { answer } = await place(bench, pair("2", { target: "105", trigger: "101", worst: "100.5" }));
      expect(problemOf(answer)).toMatchObject({ kind: "rejected", reason: "would_trigger" });
    });
  });
}
