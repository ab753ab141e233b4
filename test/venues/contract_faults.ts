/** The venue contract, part faults. */

import { describe, expect, it } from "vitest";
import { addMs } from "../../src/core/time.ts";
import type { FaultVerb } from "../../src/practice/faults.ts";
import { aroundHundred, place, postsOf, problemOf, type Suite, settled, sure, symbol } from "./contract_tools.ts";
import { buy, pair, stop } from "./intents.ts";

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

export function faultContract(suite: Suite): void {
  lostAnswers(suite);
  limitsAndDelays(suite);
}

function lostAnswers({ open }: Suite): void {
  describe("lost answers", () => {
    it.each(orderFaults)("when %s, the order is neither lost nor sent twice", async (_what, verb, expected) => {
      const bench = await open();
      for (const intent of [buy("1", "95", "gtc"), stop("1", "97", "96.5"), pair("1", aroundHundred)]) {
        const kind = intent.shape.orderType;
        bench.exchange.faults.add({ verb, method: "POST", path: bench.placePaths[kind] });
        const { answer, ref } = await place(bench, intent);
        expect(problemOf(answer), kind).toMatchObject({ kind: expected.kind });
        expect(postsOf(bench, ref.clientOrderId), kind).toHaveLength(1);
        const order = sure(await bench.venue.findOrder(ref));
        expect(order?.state ?? null, kind).toBe(expected.isDone ? "open" : null);
      }
    });

    it("a refused connection is proof that nothing was sent", async () => {
      const bench = await open();
      sure(await bench.venue.instruments([symbol]));
      await bench.exchange.stop();
      // Our side has to hear that the kept socket is gone; an order written into it would truly be unknown.
      await new Promise((resolve) => setTimeout(resolve, 50));
      const { answer } = await place(bench, buy("1", "95", "gtc"));
      expect(problemOf(answer)).toEqual({ kind: "not_sent", because: "connection refused", retryAfterMs: null });
      expect(await bench.venue.balances()).toMatchObject({ ok: false, problem: { because: "connection refused" } });
    });

    it("a rate limit is not sent, names the wait, and nobody asks again before it is over", async () => {
      const bench = await open();
      sure(await bench.venue.instruments([symbol]));
      bench.exchange.faults.add({ verb: { do: "rate_limited", resetMs: 700 }, method: "POST" });
      const first = await place(bench, buy("1", "95", "gtc"));
      expect(problemOf(first.answer)).toMatchObject({ kind: "not_sent", retryAfterMs: 700 });
      const second = await place(bench, buy("1", "95", "gtc"));
      expect(problemOf(second.answer)).toMatchObject({ kind: "not_sent" });
      expect(postsOf(bench, second.ref.clientOrderId)).toEqual([]);
      await new Promise((resolve) => setTimeout(resolve, 750));
      expect((await place(bench, buy("1", "95", "gtc"))).answer.ok).toBe(true);
    });
  });
}

function limitsAndDelays({ open }: Suite): void {
  describe("limits and delays", () => {
    it.each([
      ["a plain order", buy("1", "95", "gtc"), -3_500],
      ["a stop", stop("1", "97", "96.5"), -5_500],
      ["an OCO", pair("1", aroundHundred), -5_500],
    ])("%s that was decided too long ago is refused by the venue itself", async (_what, intent, ageMs) => {
      const bench = await open();
      const { answer, ref } = await place(bench, intent, { at: addMs(bench.now(), ageMs) });
      expect(problemOf(answer)).toMatchObject({ kind: "rejected", reason: "stale_stamp" });
      expect(postsOf(bench, ref.clientOrderId)).toHaveLength(1);
      expect(sure(await bench.venue.findOrder(ref))).toBeNull();
    });

    it("a read is tried again, a write never [N08]", async () => {
      const bench = await open();
      sure(await bench.venue.instruments([symbol]));
      bench.exchange.wireLog.clear();
      bench.exchange.faults.add({ verb: { do: "status_before", status: 503 }, method: "GET", times: 2 });
      expect(sure(await bench.venue.balances())).toHaveLength(2);
      expect(bench.exchange.wireLog.all()).toHaveLength(3);
      bench.exchange.wireLog.clear();
      bench.exchange.faults.add({ verb: { do: "status_before", status: 503 }, method: "POST", times: 2 });
      await place(bench, buy("1", "95", "gtc"));
      expect(bench.exchange.wireLog.all()).toHaveLength(1);
    });

    it("a read that keeps failing is Unavailable, never empty", async () => {
      const bench = await open();
      sure(await bench.venue.instruments([symbol]));
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
