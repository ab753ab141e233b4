/**
 * What every venue must keep, whatever its protocol: the promises of ports/venue, tried against a practice exchange.
 * A bench starts at a price of 100 with 100 SOL and 100000 USDT, tick 0.01, step 0.1; the market stands still until it is moved.
 */
import { afterEach, describe, expect, it } from "vitest";
import type { ClearedIntent } from "../../src/core/clearance.ts";
import { plus, quantity, sum, zeroQuantity } from "../../src/core/money.ts";
import { addMs, type Instant } from "../../src/core/time.ts";
import type { OrderKind, OrderRef, PlaceAnswer, Read, Venue, VenueOrder } from "../../src/ports/venue.ts";
import type { PracticeHandle } from "../../src/practice/exchange.ts";
import type { FaultVerb } from "../../src/practice/faults.ts";
import { buy, pair, sell, stop } from "./intents.ts";

export type ContractBench = {
  readonly venue: Venue;
  readonly exchange: PracticeHandle;
  /** The venue's own name of SOL/USDT. */
  readonly marketId: string;
  /** Where a new order of each kind is posted. */
  readonly placePaths: Readonly<Record<OrderKind, string>>;
  now(): Instant;
  /** A client order id that was never used. */
  nameOf(intent: ClearedIntent): string;
};

type Suite = { readonly open: () => Promise<ContractBench>; readonly close: () => Promise<void> };

export const symbol = "SOL/USDT";

export async function place(bench: ContractBench, intent: ClearedIntent, more: { id?: string; at?: Instant } = {}) {
  const clientOrderId = more.id ?? bench.nameOf(intent);
  const answer = await bench.venue.placeOrder(intent, { clientOrderId, stampedAt: more.at ?? bench.now() });
  const venueOrderId = answer.ok ? answer.value.venueOrderId : null;
  const ref: OrderRef = {
    clientOrderId,
    venueOrderId,
    instrumentId: intent.instrumentId,
    kind: intent.shape.orderType,
  };
  return { answer, ref };
}

export function valueOf<Value>(read: Read<Value>): Value {
  if (!read.ok) throw new Error(`${read.problem.what}: ${read.problem.because}`);
  return read.value;
}

export function problemOf(answer: PlaceAnswer): Record<string, unknown> {
  expect(answer.ok).toBe(false);
  return answer.ok ? {} : answer.problem;
}

/** By the client id alone, as after a lost answer. */
export async function found(bench: ContractBench, ref: OrderRef): Promise<VenueOrder> {
  const order = valueOf(await bench.venue.findOrder({ ...ref, venueOrderId: null }));
  if (order === null) throw new Error(`${ref.clientOrderId} is not known to the venue`);
  return order;
}

/** Cancels are carried out a moment later, so the truth is asked for until it settles. */
export async function settled(bench: ContractBench, ref: OrderRef, state: VenueOrder["state"]): Promise<VenueOrder> {
  for (let tries = 0; tries < 40; tries += 1) {
    const order = await found(bench, ref);
    if (order.state === state) return order;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${ref.clientOrderId} never became ${state}`);
}

export function postsOf(bench: ContractBench, id: string): readonly { target: string; body: string }[] {
  return bench.exchange.wireLog.writes().filter((entry) => entry.method === "POST" && entry.body.includes(id));
}

async function fillsOf(bench: ContractBench, order: VenueOrder) {
  const names = [order.venueOrderId, ...order.childOrderIds];
  const all = valueOf(await bench.venue.fills(symbol, addMs(bench.now(), -60_000)));
  return all.filter((fill) => names.includes(fill.venueOrderId));
}

export function venueContract(name: string, suite: Suite): void {
  describe(`${name} keeps the venue contract`, () => {
    afterEach(suite.close);
    ordersContract(suite);
    protectionContract(suite);
    readingContract(suite);
    faultContract(suite);
  });
}

function ordersContract({ open }: Suite): void {
  describe("orders", () => {
    it("an accepted order is found by our own id, with the same numbers", async () => {
      const bench = await open();
      const { answer, ref } = await place(bench, buy("1.4", "90", "gtc"));
      expect(answer).toEqual({ ok: true, value: { venueOrderId: expect.stringMatching(/./) } });
      const order = await found(bench, ref);
      expect(order).toMatchObject({ ...ref, side: "buy", quantity: "1.4", filledQuantity: "0", state: "open" });
      expect(order.createdAt).toBeGreaterThan(bench.now() - 5_000);
      expect(valueOf(await bench.venue.openOrders(symbol))).toEqual([order]);
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

    it("the part of an IOC order that finds no counterpart is canceled, the rest is filled", async () => {
      const bench = await open();
      const ask = valueOf(await bench.venue.orderBook(symbol)).asks[0];
      const { ref } = await place(bench, buy("700", ask?.price ?? "100"));
      const order = await settled(bench, ref, "canceled");
      expect(order.quantity).toBe("700");
      expect(order.filledQuantity).toBe(ask?.quantity);
      expect(
        sum(
          (await fillsOf(bench, order)).map((fill) => fill.quantity),
          zeroQuantity,
        ),
      ).toBe(order.filledQuantity);
    });

    it("a second order under a used id is answered with exists, and nothing is traded twice", async () => {
      const bench = await open();
      const { ref } = await place(bench, buy("1", "101"));
      const again = await place(bench, buy("1", "101"), { id: ref.clientOrderId });
      expect(problemOf(again.answer)).toMatchObject({ kind: "exists" });
      expect(valueOf(await bench.venue.fills(symbol, addMs(bench.now(), -60_000)))).toHaveLength(1);
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
      expect(valueOf(await bench.venue.findOrder(ref))).toBeNull();
    });

    it("an instrument that stopped trading is said so, and orders for it are rejected", async () => {
      const bench = await open();
      bench.exchange.faults.setInstrument(bench.marketId, { isTrading: false });
      expect(valueOf(await bench.venue.instruments([symbol]))[0]?.isTrading).toBe(false);
      const { answer } = await place(bench, buy("1", "101"));
      expect(problemOf(answer)).toMatchObject({ kind: "rejected", reason: "instrument" });
    });

    it("a cancel is taken, takes effect, and a second one finds it already done", async () => {
      const bench = await open();
      const { ref } = await place(bench, buy("1", "95", "gtc"));
      expect(await bench.venue.cancelOrder(ref)).toEqual({ ok: true, value: "accepted" });
      expect(await settled(bench, ref, "canceled")).toMatchObject({ filledQuantity: "0" });
      expect(await bench.venue.cancelOrder(ref)).toEqual({ ok: true, value: "already_done" });
      expect(valueOf(await bench.venue.openOrders(symbol))).toEqual([]);
    });

    it("an order that nobody placed is null, of every kind", async () => {
      const bench = await open();
      for (const kind of ["limit", "stop_limit", "oco"] as const) {
        const ref: OrderRef = { clientOrderId: "xcspnever", venueOrderId: null, instrumentId: "kucoin:SOL/USDT", kind };
        expect(valueOf(await bench.venue.findOrder(ref)), kind).toBeNull();
      }
    });
  });
}

const aroundHundred = { target: "105", trigger: "95", worst: "94.5" };

function protectionContract({ open }: Suite): void {
  describe("protection", () => {
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

    it("all three lists are told, and no arm of a pair is told twice", async () => {
      const bench = await open();
      const plain = await place(bench, buy("1", "95", "gtc"));
      const single = await place(bench, stop("1", "97", "96.5"));
      const double = await place(bench, pair("2", aroundHundred));
      const orders = valueOf(await bench.venue.openOrders(symbol));
      const told = orders.map((order) => `${order.kind} ${order.clientOrderId}`).sort();
      expect(told).toEqual([plain, single, double].map(({ ref }) => `${ref.kind} ${ref.clientOrderId}`).sort());
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
      expect(valueOf(await bench.venue.fills(symbol, addMs(bench.now(), -60_000)))).toEqual([]);
    });

    it("an OCO whose stop the market has already passed is rejected as such", async () => {
      const bench = await open();
      const { answer } = await place(bench, pair("2", { target: "105", trigger: "101", worst: "100.5" }));
      expect(problemOf(answer)).toMatchObject({ kind: "rejected", reason: "would_trigger" });
    });
  });
}

function readingContract({ open }: Suite): void {
  describe("reading", () => {
    it("instruments carry the venue's own increments, minima and fees as exact texts", async () => {
      const bench = await open();
      const [instrument] = valueOf(await bench.venue.instruments([symbol]));
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
      const quoteOf = async () => valueOf(await bench.venue.balances()).find((balance) => balance.asset === "USDT");
      const before = await quoteOf();
      await place(bench, buy("10", "95", "gtc"));
      const after = await quoteOf();
      expect(before).toEqual({ asset: "USDT", free: "100000", held: "0" });
      expect(after?.held).toMatch(/^95\d/);
      expect(plus(after?.free ?? before?.free ?? ("0" as never), after?.held ?? ("0" as never))).toBe("100000");
    });

    it("only closed candles are told, oldest first, at most as many as asked for", async () => {
      const bench = await open();
      const candles = valueOf(await bench.venue.candles(symbol, { timeframe: "1m", count: 5 }));
      expect(candles).toHaveLength(5);
      const opened = candles.map((candle) => candle.openedAt);
      expect(opened).toEqual([...opened].sort((one, other) => one - other));
      expect(opened.at(-1)).toBeLessThanOrEqual(bench.now() - 60_000);
      expect(opened.at(-1)).toBeGreaterThan(bench.now() - 121_000);
      expect(candles[0]).toMatchObject({ open: "100", high: "100", low: "100", close: "100" });
    });

    it("the order book is fresh and best first", async () => {
      const bench = await open();
      const book = valueOf(await bench.venue.orderBook(symbol));
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
      expect(minusMs(valueOf(await bench.venue.time()), bench.now())).toBeCloseTo(1_500, -3);
    });

    it("a key that can move money out is reported", async () => {
      const bench = await open();
      const key = bench.exchange.credentials[0]?.key ?? "";
      expect(valueOf(await bench.venue.keyRights())).toMatchObject({ mayTrade: true, mayWithdraw: false });
      bench.exchange.faults.setPermissions(key, ["General", "Spot", "Transfer"]);
      expect(valueOf(await bench.venue.keyRights())).toMatchObject({ mayTrade: true, mayWithdraw: true });
      bench.exchange.faults.setPermissions(key, ["General"]);
      expect(valueOf(await bench.venue.keyRights())).toMatchObject({ mayTrade: false, mayWithdraw: false });
    });

    it("more fills than one page are all told, once", async () => {
      const bench = await open();
      for (let round = 0; round < 26; round += 1) {
        const placed = await Promise.all(
          [0, 1, 2, 3].map(async (one) => await place(bench, one % 2 === 0 ? buy("0.1", "101") : sell("0.1", "99"))),
        );
        expect(placed.every(({ answer }) => answer.ok)).toBe(true);
      }
      const fills = valueOf(await bench.venue.fills(symbol, addMs(bench.now(), -60_000)));
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

/** What was done at the venue, and what our side may say of it. */
const orderFaults: readonly [string, FaultVerb, { kind: string; isDone: boolean }][] = [
  ["the socket closes before it is done", { do: "drop_before" }, { kind: "unknown_outcome", isDone: false }],
  ["the socket closes after it was done", { do: "drop_after" }, { kind: "unknown_outcome", isDone: true }],
  ["no answer ever comes and nothing was done", { do: "hang_before" }, { kind: "unknown_outcome", isDone: false }],
  ["no answer ever comes though it was done", { do: "hang_after" }, { kind: "unknown_outcome", isDone: true }],
  ["headers come and the body stalls", { do: "stall_body" }, { kind: "unknown_outcome", isDone: true }],
  ["the body ends in the middle", { do: "cut_body" }, { kind: "unknown_outcome", isDone: true }],
  ["a 200 comes without a body", { do: "empty_after" }, { kind: "unknown_outcome", isDone: true }],
  ["a 503 comes after it was done", { do: "status_after", status: 503 }, { kind: "unknown_outcome", isDone: true }],
  [
    "a 500 comes and nothing was done",
    { do: "status_before", status: 500 },
    { kind: "unknown_outcome", isDone: false },
  ],
  ["a proxy's HTML page comes", { do: "html_502" }, { kind: "unknown_outcome", isDone: false }],
  [
    "a redirect to another host comes",
    { do: "redirect", to: "http://127.0.0.1:9/elsewhere" },
    { kind: "unknown_outcome", isDone: false },
  ],
  [
    "a code comes that nobody knows",
    { do: "refuse", code: "999999", msg: "?" },
    { kind: "unknown_outcome", isDone: false },
  ],
  [
    "a bare 403 comes that is not the venue's",
    { do: "status_before", status: 403 },
    { kind: "unknown_outcome", isDone: false },
  ],
];

function faultContract({ open }: Suite): void {
  describe("faults", () => {
    it.each(orderFaults)("when %s, the order is neither lost nor sent twice", async (_what, verb, expected) => {
      const bench = await open();
      for (const intent of [buy("1", "95", "gtc"), stop("1", "97", "96.5"), pair("1", aroundHundred)]) {
        const kind = intent.shape.orderType;
        bench.exchange.faults.add({ verb, method: "POST", path: bench.placePaths[kind] });
        const { answer, ref } = await place(bench, intent);
        expect(problemOf(answer), kind).toMatchObject({ kind: expected.kind });
        expect(postsOf(bench, ref.clientOrderId), kind).toHaveLength(1);
        const order = valueOf(await bench.venue.findOrder(ref));
        expect(order?.state ?? null, kind).toBe(expected.isDone ? "open" : null);
      }
    });

    it("a refused connection is proof that nothing was sent", async () => {
      const bench = await open();
      valueOf(await bench.venue.instruments([symbol]));
      await bench.exchange.stop();
      // Our side has to hear that the kept socket is gone; an order written into it would truly be unknown.
      await new Promise((resolve) => setTimeout(resolve, 50));
      const { answer } = await place(bench, buy("1", "95", "gtc"));
      expect(problemOf(answer)).toEqual({ kind: "not_sent", because: "connection refused", retryAfterMs: null });
      expect(await bench.venue.balances()).toMatchObject({ ok: false, problem: { because: "connection refused" } });
    });

    it("a rate limit is not sent, names the wait, and nobody asks again before it is over", async () => {
      const bench = await open();
      valueOf(await bench.venue.instruments([symbol]));
      bench.exchange.faults.add({ verb: { do: "rate_limited", resetMs: 700 }, method: "POST" });
      const first = await place(bench, buy("1", "95", "gtc"));
      expect(problemOf(first.answer)).toMatchObject({ kind: "not_sent", retryAfterMs: 700 });
      const second = await place(bench, buy("1", "95", "gtc"));
      expect(problemOf(second.answer)).toMatchObject({ kind: "not_sent" });
      expect(postsOf(bench, second.ref.clientOrderId)).toEqual([]);
      await new Promise((resolve) => setTimeout(resolve, 750));
      expect((await place(bench, buy("1", "95", "gtc"))).answer.ok).toBe(true);
    });

    it.each([
      ["a plain order", buy("1", "95", "gtc"), -3_500],
      ["a stop", stop("1", "97", "96.5"), -5_500],
      ["an OCO", pair("1", aroundHundred), -5_500],
    ])("%s that was decided too long ago is refused by the venue itself", async (_what, intent, ageMs) => {
      const bench = await open();
      const { answer, ref } = await place(bench, intent, { at: addMs(bench.now(), ageMs) });
      expect(problemOf(answer)).toMatchObject({ kind: "rejected", reason: "other" });
      expect(postsOf(bench, ref.clientOrderId)).toHaveLength(1);
      expect(valueOf(await bench.venue.findOrder(ref))).toBeNull();
    });

    it("a read is tried again, a write never", async () => {
      const bench = await open();
      valueOf(await bench.venue.instruments([symbol]));
      bench.exchange.wireLog.clear();
      bench.exchange.faults.add({ verb: { do: "status_before", status: 503 }, method: "GET", times: 2 });
      expect(valueOf(await bench.venue.balances())).toHaveLength(2);
      expect(bench.exchange.wireLog.all()).toHaveLength(3);
      bench.exchange.wireLog.clear();
      bench.exchange.faults.add({ verb: { do: "status_before", status: 503 }, method: "POST", times: 2 });
      await place(bench, buy("1", "95", "gtc"));
      expect(bench.exchange.wireLog.all()).toHaveLength(1);
    });

    it("a read that keeps failing is Unavailable, never empty", async () => {
      const bench = await open();
      valueOf(await bench.venue.instruments([symbol]));
      bench.exchange.faults.outage(true);
      const { venue } = bench;
      const reads = [
        venue.balances(),
        venue.openOrders(symbol),
        venue.fills(symbol, bench.now()),
        venue.orderBook(symbol),
      ];
      for (const read of await Promise.all(reads))
        expect(read).toMatchObject({ ok: false, problem: { kind: "unavailable" } });
    });

    it("a cancel whose answer is lost is unknown", async () => {
      const bench = await open();
      const { ref } = await place(bench, buy("1", "95", "gtc"));
      bench.exchange.faults.add({ verb: { do: "drop_after" }, method: "DELETE" });
      expect(await bench.venue.cancelOrder(ref)).toMatchObject({ ok: false, problem: { kind: "unknown_outcome" } });
      await settled(bench, ref, "canceled");
    });
  });
}
