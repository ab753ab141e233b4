/** Lives of orders over the wire: fills, cancels, stops, pairs, lists. */
import { afterEach, describe, expect, it } from "vitest";
import { type Bench, closeBenches, KEY, openBench, type RawAnswer, scriptedMarket } from "./bench_exchange.ts";

afterEach(closeBenches);

const order = { symbol: "SOL-USDT", side: "buy", type: "limit", price: "87", size: "1" };
const open = (prints: readonly (readonly [number, string])[], more = {}): Promise<Bench> =>
  openBench(scriptedMarket([[0, "87.36"], ...prints]), more);
const data = (answer: RawAnswer): Record<string, unknown> => {
  expect(answer.json.code).toBe("200000");
  return answer.json.data as Record<string, unknown>;
};
const place = async ({ raw }: Bench, body: object): Promise<string> =>
  String(data(await raw("POST", "/api/v1/hf/orders", { ...order, ...body }))["orderId"]);
const stopOrder = async ({ raw }: Bench, body: object): Promise<string> =>
  String(
    data(
      await raw("POST", "/api/v1/stop-order", {
        symbol: "SOL-USDT",
        side: "sell",
        type: "market",
        size: "1",
        stop: "loss",
        ...body,
      }),
    )["orderId"],
  );
const read = async ({ raw }: Bench, id: string) => data(await raw("GET", `/api/v1/hf/orders/${id}?symbol=SOL-USDT`));
const byOid = async ({ raw }: Bench, oid: string) =>
  data(await raw("GET", `/api/v1/hf/orders/client-order/${oid}?symbol=SOL-USDT`));

describe("fills", () => {
  it("a marketable limit takes and pays the fee in quote; what was held beyond it comes back", async () => {
    const bench = await open([]);
    const id = await place(bench, { clientOid: "a", price: "88", size: "2" });
    const { items } = data(await bench.raw("GET", `/api/v1/hf/fills?symbol=SOL-USDT&orderId=${id}`)) as {
      items: Record<string, string>[];
    };
    const spent = items.reduce((sum, fill) => sum + Number(fill["funds"]) + Number(fill["fee"]), 0);
    expect(items[0]).toMatchObject({ liquidity: "taker", feeCurrency: "USDT", feeRate: "0.001", side: "buy" });
    expect(bench.exchange.balances()["USDT"]?.held).toBe("0");
    expect(Number(bench.exchange.balances()["USDT"]?.free)).toBeCloseTo(10_000 - spent, 9);
    expect(bench.exchange.balances()["SOL"]).toEqual({ free: "102", held: "0" });
  });

  it("a resting limit fills as maker at its own price when the market comes", async () => {
    const bench = await open([[1000, "86.9"]]);
    const id = await place(bench, { clientOid: "a" });
    expect(await read(bench, id)).toMatchObject({ active: true, inOrderBook: true, dealSize: "0" });
    expect(bench.exchange.balances()["USDT"]?.held).toBe("87.087");
    bench.clock.pass(1000);
    expect(await read(bench, id)).toMatchObject({ active: false, dealSize: "1", dealFunds: "87", fee: "0.087" });
  });

  it("a big order eats the depth in part and rests; the next print fills more", async () => {
    const accounts = [{ ...KEY, balances: { USDT: "10000000" } }];
    const bench = await open([[1000, "87.3"]], { accounts });
    const id = await place(bench, { clientOid: "a", price: "87.45", size: "1500" });
    const first = await read(bench, id);
    expect(Number(first["dealSize"])).toBeGreaterThan(0);
    expect(Number(first["remainSize"])).toBeGreaterThan(0);
    bench.clock.pass(1000);
    expect(Number((await read(bench, id))["dealSize"])).toBeGreaterThan(Number(first["dealSize"]));
  });

  it.each([
    [
      "IOC keeps what it got and cancels the rest",
      { timeInForce: "IOC", price: "87.4", size: "5000" },
      { active: false, cancelExist: true },
    ],
    [
      "FOK that cannot be whole gets nothing",
      { timeInForce: "FOK", price: "87.37", size: "5000" },
      { active: false, dealSize: "0", cancelledSize: "5000" },
    ],
    [
      "FOK that can be whole is filled",
      { timeInForce: "FOK", price: "88", size: "10" },
      { active: false, dealSize: "10", cancelledSize: "0" },
    ],
    [
      "post-only that would take is canceled",
      { postOnly: true, price: "88" },
      { active: false, dealSize: "0", cancelledSize: "1" },
    ],
    ["post-only that would not rests", { postOnly: true, price: "87" }, { active: true, dealSize: "0" }],
  ])("%s", async (_name, body, expected) => {
    const bench = await open([], { accounts: [{ ...KEY, balances: { USDT: "10000000" } }] });
    expect(await read(bench, await place(bench, { clientOid: "a", ...body }))).toMatchObject(expected);
  });

  it("GTT ends by itself and gives the money back", async () => {
    const bench = await open([]);
    const id = await place(bench, { clientOid: "a", timeInForce: "GTT", cancelAfter: 30 });
    bench.clock.pass(29_999);
    expect(await read(bench, id)).toMatchObject({ active: true });
    bench.clock.pass(1);
    expect(await read(bench, id)).toMatchObject({ active: false, cancelExist: true, cancelledSize: "1" });
    expect(bench.exchange.balances()["USDT"]).toEqual({ free: "10000", held: "0" });
  });

  it("a market buy by funds spends at most the funds", async () => {
    const bench = await open([]);
    const id = String(
      data(
        await bench.raw("POST", "/api/v1/hf/orders", {
          clientOid: "a",
          symbol: "SOL-USDT",
          side: "buy",
          type: "market",
          funds: "100",
        }),
      )["orderId"],
    );
    const seen = await read(bench, id);
    expect(Number(seen["dealFunds"])).toBeLessThanOrEqual(100);
    expect(Number(seen["dealFunds"])).toBeGreaterThan(90);
  });

  it("two accounts trade with each other, and neither sees the other's orders", async () => {
    const other = { key: "other-key", secret: "other-secret", passphrase: "other-pass" };
    const accounts = [
      { ...KEY, balances: { USDT: "10000" } },
      { ...other, balances: { SOL: "10" } },
    ];
    const bench = await open([], { accounts });
    // Inside the spread of nothing: a bid one tick above the market's own best bid is the best there is.
    const bid = String(
      (data(await bench.raw("GET", "/api/v1/market/orderbook/level1?symbol=SOL-USDT")) as { bestBid: string }).bestBid,
    );
    const id = await place(bench, { clientOid: "a", price: bid });
    const sell = { ...order, side: "sell", price: bid, clientOid: "z" };
    expect(data(await bench.raw("POST", "/api/v1/hf/orders", sell, other))["orderId"]).toMatch(/^[0-9a-f]{24}$/);
    expect(await read(bench, id)).toMatchObject({ dealSize: "1", active: false });
    expect((await bench.raw("GET", `/api/v1/hf/orders/${id}?symbol=SOL-USDT`, undefined, other)).json.code).toBe(
      "400100",
    );
    expect(bench.exchange.balances("other-key")["SOL"]?.free).toBe("9");
  });
});

describe("cancels", () => {
  it("only ask; until the next moment the order may still fill", async () => {
    const bench = await open([[40, "86.9"]]);
    const id = await place(bench, { clientOid: "a" });
    expect(data(await bench.raw("DELETE", `/api/v1/hf/orders/${id}?symbol=SOL-USDT`))).toEqual({ orderId: id });
    expect(await read(bench, id)).toMatchObject({ active: true, cancelExist: false });
    bench.clock.pass(50);
    expect(await read(bench, id)).toMatchObject({ active: false, dealSize: "1", cancelExist: false });
  });

  it("sync cancels wait; a cancel of part leaves the rest; a done or unknown order cannot be canceled", async () => {
    const bench = await open([]);
    const first = await place(bench, { clientOid: "a" });
    expect(data(await bench.raw("DELETE", `/api/v1/hf/orders/sync/${first}?symbol=SOL-USDT`))).toMatchObject({
      status: "done",
      canceledSize: "1",
    });
    const second = await place(bench, { clientOid: "b", size: "3" });
    data(await bench.raw("DELETE", `/api/v1/hf/orders/cancel/${second}?symbol=SOL-USDT&cancelSize=1`));
    expect(await read(bench, second)).toMatchObject({ active: true, remainSize: "2", cancelledSize: "1" });
    expect(bench.exchange.balances()["USDT"]?.held).toBe("174.174");
    for (const target of [
      `/api/v1/hf/orders/${first}?symbol=SOL-USDT`,
      "/api/v1/hf/orders/000000000000000000000000?symbol=SOL-USDT",
      "/api/v1/hf/orders/client-order/none?symbol=SOL-USDT",
      "/api/v1/stop-order/vs8none",
    ]) {
      expect((await bench.raw("DELETE", target)).json).toEqual({
        code: "400100",
        msg: "order_not_exist_or_not_allow_to_cancel",
      });
    }
  });
});

describe("stops", () => {
  it("fire in the order in which the price passed them, at their price, and hold money until then", async () => {
    const bench = await open([[1000, "84"]]);
    const low = await stopOrder(bench, { clientOid: "low", stopPrice: "85" });
    await stopOrder(bench, { clientOid: "high", stopPrice: "86" });
    expect(low).toMatch(/^vs8[0-9a-z]{21}$/);
    expect(bench.exchange.balances()["SOL"]).toEqual({ free: "98", held: "2" });
    bench.clock.pass(1000);
    const fills = bench.exchange.house.core.state.fills;
    expect(fills.map((fill) => bench.exchange.house.core.state.orders.get(fill.orderId)?.clientOid)).toEqual([
      "high",
      "low",
    ]);
    expect(Number(fills[0]?.price) / 1e12).toBeCloseTo(86, 1);
    expect(Number(fills[1]?.price) / 1e12).toBeCloseTo(85, 1);
  });

  it.each([
    ["loss", "87.36", true],
    ["loss", "87.35", false],
    ["entry", "87.36", true],
    ["entry", "87.37", false],
  ])("a %s stop at %s when the last price is 87.36 fires at once: %s", async (stop, stopPrice, isFired) => {
    const bench = await open([]);
    const id = await stopOrder(bench, { clientOid: "s", stop, stopPrice });
    expect(data(await bench.raw("GET", `/api/v1/stop-order/${id}`))["status"]).toBe(isFired ? "TRIGGERED" : "NEW");
  });

  it("where stops hold nothing, one that finds no money fires into nothing", async () => {
    const bench = await open([[1000, "85"]], { switches: { stopsHoldFunds: false } });
    const id = await stopOrder(bench, { clientOid: "s", type: "limit", price: "84", stopPrice: "86", size: "100" });
    expect(bench.exchange.balances()["SOL"]?.held).toBe("0");
    await place(bench, { clientOid: "sold", side: "sell", price: "87", size: "60" });
    bench.clock.pass(1000);
    expect(data(await bench.raw("GET", `/api/v1/stop-order/${id}`))["status"]).toBe("TRIGGERED");
    expect((await bench.raw("GET", "/api/v1/hf/orders/client-order/s?symbol=SOL-USDT")).json.code).toBe("400100");
  });

  it("a canceled stop gives its money back and is gone from the list", async () => {
    const bench = await open([]);
    const id = await stopOrder(bench, { clientOid: "s", stopPrice: "85" });
    expect(data(await bench.raw("DELETE", `/api/v1/stop-order/${id}`))).toEqual({ cancelledOrderIds: [id] });
    expect(bench.exchange.balances()["SOL"]).toEqual({ free: "100", held: "0" });
    expect(data(await bench.raw("GET", "/api/v1/stop-order?symbol=SOL-USDT"))["items"]).toEqual([]);
  });
});

describe("OCO pairs", () => {
  const pair = {
    clientOid: "p",
    symbol: "SOL-USDT",
    side: "sell",
    size: "5",
    price: "90",
    stopPrice: "85.6",
    limitPrice: "85",
  };
  const placePair = async ({ raw }: Bench, body = {}): Promise<string> =>
    String(data(await raw("POST", "/api/v3/oco/order", { ...pair, ...body }))["orderId"]);

  it("waits with one hold and two legs, as in the venue's example", async () => {
    const bench = await open([]);
    const id = await placePair(bench);
    expect(bench.exchange.balances()["SOL"]).toEqual({ free: "95", held: "5" });
    const details = data(await bench.raw("GET", `/api/v3/oco/order/details/${id}`));
    expect(details).toMatchObject({
      status: "NEW",
      orders: [
        { status: "NEW", price: expect.stringMatching(/^90\.0{20}$/), stopPrice: expect.stringMatching(/^90\.0/) },
        { status: "NEW", stopPrice: expect.stringMatching(/^85\.60/) },
      ],
    });
    expect(data(await bench.raw("GET", "/api/v1/stop-order?symbol=SOL-USDT"))["items"]).toEqual([]);
    expect(
      (data(await bench.raw("GET", "/api/v1/stop-order?symbol=SOL-USDT&stop=oco"))["items"] as unknown[]).length,
    ).toBe(2);
  });

  it.each([
    ["the target", "90.5", ["TRIGGERED", "CANCELLED"], 90],
    ["the stop", "85.2", ["CANCELLED", "TRIGGERED"], 85.6],
  ])("%s fires, the other leg is canceled, the pair is done", async (_name, price, statuses, about) => {
    const bench = await open([
      [1000, price],
      [2000, "87"],
      [3000, "91"],
      [4000, "84"],
    ]);
    const id = await placePair(bench);
    bench.clock.pass(1000);
    const details = data(await bench.raw("GET", `/api/v3/oco/order/details/${id}`)) as {
      status: string;
      orders: { status: string }[];
    };
    expect(details.orders.map((leg) => leg.status)).toEqual(statuses);
    expect(details.status).toBe("DONE");
    const sold = await byOid(bench, "p");
    expect(sold).toMatchObject({ dealSize: "5", active: false });
    expect(Number(sold["dealFunds"]) / 5).toBeCloseTo(about, 0);
    bench.clock.pass(3000);
    expect(bench.exchange.balances()["SOL"]).toEqual({ free: "95", held: "0" });
  });

  it("a stop-limit leg that the price ran away from stays triggered and open", async () => {
    const bench = await open([[1000, "85.2"]]);
    const id = await placePair(bench, { limitPrice: "88" });
    bench.clock.pass(1000);
    expect(data(await bench.raw("GET", `/api/v3/oco/order/${id}`))["status"]).toBe("TRIGGERED");
    expect(await byOid(bench, "p")).toMatchObject({ active: true, inOrderBook: true, dealSize: "0" });
  });

  it("is canceled as one by its id, and cannot be canceled twice", async () => {
    const bench = await open([]);
    const id = await placePair(bench);
    expect((data(await bench.raw("DELETE", `/api/v3/oco/order/${id}`))["cancelledOrderIds"] as unknown[]).length).toBe(
      2,
    );
    expect(bench.exchange.balances()["SOL"]).toEqual({ free: "100", held: "0" });
    expect((await bench.raw("DELETE", `/api/v3/oco/order/${id}`)).json.code).toBe("400100");
    expect(data(await bench.raw("GET", "/api/v3/oco/client-order/p"))["status"]).toBe("CANCELLED");
  });
});

describe("lists", () => {
  it("page by lastId, newest first, without loss or doubling", async () => {
    const bench = await open([]);
    for (let i = 0; i < 25; i += 1) await place(bench, { clientOid: `n${i}`, price: "88", size: "0.1" });
    const seen: number[] = [];
    let lastId = 0;
    for (;;) {
      const page = data(
        await bench.raw("GET", `/api/v1/hf/fills?symbol=SOL-USDT&limit=10${lastId > 0 ? `&lastId=${lastId}` : ""}`),
      ) as { items: { id: number }[]; lastId: number };
      seen.push(...page.items.map((fill) => fill.id));
      if (page.items.length === 0) break;
      lastId = page.lastId;
    }
    expect(seen).toEqual([...seen].sort((a, b) => b - a));
    expect(new Set(seen).size).toBe(25);
    const done = data(await bench.raw("GET", "/api/v1/hf/orders/done?symbol=SOL-USDT&limit=100")) as {
      items: unknown[];
    };
    expect(done.items.length).toBe(25);
    expect(
      (
        await bench.raw(
          "GET",
          `/api/v1/hf/fills?symbol=SOL-USDT&startAt=${1_700_000_000_000}&endAt=${1_700_000_000_000 + 8 * 86_400_000}`,
        )
      ).json.msg,
    ).toMatch(/7 days/);
  });
});
