/** KuCoin as the emergency process asks it, where its answers come late, in halves, or not as they should. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { OpenOrder } from "../../src/core/emergency_plan.ts";
import { price, quantity } from "../../src/core/money.ts";
import { kucoinEmergency } from "../../src/venues/kucoin/emergency_wire.ts";

type Answer = { readonly code: string; readonly msg?: string; readonly data?: unknown };
const ok = (data: unknown): Answer => ({ code: "200000", data });
const noSuchOrder: Answer = { code: "400100", msg: "order not exist." };
const since = 1_735_689_600_000;
const name = "xcsl5z0000000000000001";

const order = (change: Readonly<Record<string, unknown>> = {}) => ({
  id: "o1",
  clientOid: null,
  symbol: "SOL-USDT",
  side: "sell",
  price: "80.00000000000000000000",
  size: "4.00000000000000000000",
  dealSize: "0",
  cancelExist: false,
  active: true,
  createdAt: since + 1_000,
  ...change,
});
const pair = { orderId: "p1", clientOid: name, symbol: "SOL-USDT", status: "NEW", orderTime: since };
const arm = { id: "a1", side: "sell", price: "80", stopPrice: "81", size: "4", status: "NEW" };
const page = (items: readonly unknown[]) => ok({ totalPage: 1, items });

let server: Server | null = null;
afterEach(() => void server?.close());

/** Answers by the first beginning of "METHOD path" that fits; lists are empty unless told. */
async function ask(
  answers: readonly (readonly [string, Answer | ((asked: number) => Answer)])[],
  mayWrite = () => Promise.resolve(true),
) {
  const asked: string[] = [];
  const all = [
    ...answers,
    ["GET /api/v1/hf/orders/active", ok([])],
    ["GET /api/v3/oco/orders", page([])],
    ["GET /api/v1/stop-order?", page([])],
    ["GET /api/v1/stop-order/queryOrderByClientOid", ok([])],
  ] as const;
  server = createServer((request: IncomingMessage, response) => {
    const path = `${request.method} ${request.url}`;
    const found = all.find(([beginning]) => path.startsWith(beginning));
    const before = asked.filter((one) => found !== undefined && one.startsWith(found[0])).length;
    asked.push(path);
    const answer = typeof found?.[1] === "function" ? found[1](before) : (found?.[1] ?? noSuchOrder);
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((done) => void server?.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const venue = kucoinEmergency(
    { baseUrl: `http://127.0.0.1:${port}`, key: "k", secret: "s", passphrase: "p" },
    {
      turn: () => Promise.resolve(),
      mayWrite,
      now: () => since + 60_000,
      sleep: () => Promise.resolve(),
      say: () => undefined,
    },
  );
  return { venue, asked };
}

const resting = (change: Partial<OpenOrder> = {}): OpenOrder => ({
  kind: "stop_limit",
  symbol: "SOL/USDT",
  venueOrderId: "s1",
  clientOrderId: name,
  side: "sell",
  quantity: quantity("4"),
  ...change,
});

describe("what works", () => {
  test("a pair that fires between its list and its details is asked for again, and then is gone [V17]", async () => {
    const { venue, asked } = await ask([
      ["GET /api/v3/oco/orders", (times) => page(times === 0 ? [pair] : [])],
      ["GET /api/v3/oco/order/details/", noSuchOrder],
      ["GET /api/v1/hf/orders/active", (times) => ok(times === 0 ? [] : [order({ id: "child" })])],
    ]);
    expect((await venue.openOrders("SOL/USDT")).map((one) => one.venueOrderId)).toEqual(["child"]);
    expect(asked.filter((one) => one.includes("/oco/orders"))).toHaveLength(2);
  });

  test("a pair without details that stays in the list ends nothing", async () => {
    const { venue } = await ask([
      ["GET /api/v3/oco/orders", page([pair])],
      ["GET /api/v3/oco/order/details/", ok(null)],
    ]);
    expect(await venue.openOrders("SOL/USDT")).toEqual([]);
  });

  test("of an order that traded in part only the rest works", async () => {
    const { venue } = await ask([["GET /api/v1/hf/orders/active", ok([order({ dealSize: "1.5" })])]]);
    expect((await venue.openOrders("SOL/USDT")).map((one) => one.quantity)).toEqual(["2.5"]);
  });

  test("every page of a list is read", async () => {
    const { venue } = await ask([
      ["GET /api/v3/oco/orders?symbol=SOL-USDT&currentPage=1", ok({ totalPage: 2, items: [] })],
      ["GET /api/v3/oco/orders?symbol=SOL-USDT&currentPage=2", ok({ totalPage: 2, items: [pair] })],
      ["GET /api/v3/oco/order/details/", ok({ ...pair, orders: [arm] })],
    ]);
    expect((await venue.openOrders("SOL/USDT")).map((one) => one.venueOrderId)).toEqual(["p1"]);
  });
});

describe("what traded", () => {
  const fill = { orderId: "o1", side: "sell", size: "2.00000000000000000000", createdAt: since + 2_000 };
  test.each([
    ["null", null],
    ["absent", undefined],
  ])("a page whose lastId is %s is the last one", async (_, lastId) => {
    const { venue } = await ask([
      ["GET /api/v1/hf/fills", ok({ items: [fill], lastId })],
      ["GET /api/v1/hf/orders/o1", ok(order({ dealSize: "3", clientOid: name }))],
    ]);
    expect(await venue.deals("SOL/USDT", since)).toEqual([
      {
        venueOrderId: "o1",
        clientOrderId: name,
        side: "sell",
        total: quantity("3"),
        fills: [{ at: since + 2_000, quantity: quantity("2") }],
      },
    ]);
  });

  test("full pages are followed until one is not full", async () => {
    const { venue, asked } = await ask([
      [
        "GET /api/v1/hf/fills",
        (times) => ok({ items: Array.from({ length: times < 2 ? 100 : 1 }, () => fill), lastId: 9 - times }),
      ],
      ["GET /api/v1/hf/orders/o1", noSuchOrder],
    ]);
    const [deal] = await venue.deals("SOL/USDT", since);
    expect([deal?.fills.length, deal?.total]).toEqual([201, null]);
    expect(asked.filter((one) => one.includes("fills")).map((one) => /lastId=\d/.exec(one)?.[0])).toEqual([
      undefined,
      "lastId=9",
      "lastId=8",
    ]);
  });
});

describe("what a fired stop became", () => {
  const stop = {
    id: "s1",
    clientOid: name,
    symbol: "SOL-USDT",
    side: "sell",
    stop: "loss",
    status: "TRIGGERED",
    price: "80",
    stopPrice: "81",
    size: "4",
    createdAt: since,
    stopTriggerTime: since + 900,
  };
  const stopIs = (change: object) =>
    ["GET /api/v1/stop-order/queryOrderByClientOid", ok([{ ...stop, ...change }])] as const;
  const done = (...items: unknown[]) => ["GET /api/v1/hf/orders/done", ok({ items })] as const;
  const isDone = { active: false, dealSize: "4" };
  test.each([
    [
      "the order that it names",
      [stopIs({ relatedNo: "c7" }), ["GET /api/v1/hf/orders/c7", ok(order({ id: "c7" }))]],
      "c7",
    ],
    ["the one order like it, done", [stopIs({}), done(order({ id: "c8", ...isDone }))], "c8"],
    [
      "the one order like it, working",
      [stopIs({}), done(), ["GET /api/v1/hf/orders/active", ok([order({ id: "c9" })])]],
      "c9",
    ],
    ["two like it: nobody can tell", [stopIs({}), done(order({ id: "c8" }), order({ id: "c9" }))], null],
    ["one of another size", [stopIs({}), done(order({ size: "5" }))], null],
    ["one with a name of ours", [stopIs({}), done(order({ clientOid: name }))], null],
    ["one from before", [stopIs({}), done(order({ createdAt: since - 10_000 }))], null],
    ["it works still", [stopIs({ status: "NEW" }), done(order())], null],
    ["it was canceled", [stopIs({ status: "CANCELLED" }), done(order())], null],
    [
      "a pair",
      [
        ["GET /api/v3/oco/client-order/", ok({ ...pair, status: "DONE" })],
        ["GET /api/v3/oco/order/details/", ok({ ...pair, status: "DONE", orders: [arm] })],
        done(order({ id: "c8", ...isDone })),
      ],
      "c8",
    ],
    ["KuCoin has forgotten it", [], null],
  ] as const)("%s", async (_, answers, expected) => {
    const { venue } = await ask(answers);
    expect(await venue.firedAs({ symbol: "SOL/USDT", clientOrderId: name })).toBe(expected);
  });
});

describe("a cancel", () => {
  test.each([
    [
      "of a stop that works",
      resting(),
      [["DELETE", ok({ cancelledOrderIds: ["s1"] })]],
      { kind: "canceled", freed: "4", traded: "0" },
    ],
    ["of a stop that is gone", resting(), [["DELETE", noSuchOrder]], { kind: "gone" }],
    [
      "of a plain order: its record says what it traded",
      resting({ kind: "limit", venueOrderId: "o1" }),
      [
        ["DELETE", ok({ orderId: "o1" })],
        ["GET /api/v1/hf/orders/o1", (times: number) => ok(order({ active: times === 0, dealSize: "1" }))],
      ],
      { kind: "canceled", freed: "3", traded: "1" },
    ],
    [
      "of a plain order that filled",
      resting({ kind: "limit", venueOrderId: "o1" }),
      [
        ["DELETE", noSuchOrder],
        ["GET /api/v1/hf/orders/o1", ok(order({ active: false, dealSize: "4" }))],
      ],
      { kind: "canceled", freed: "0", traded: "4" },
    ],
    [
      "of a plain order that nobody knows",
      resting({ kind: "limit", venueOrderId: "o1" }),
      [["DELETE", noSuchOrder]],
      { kind: "gone" },
    ],
  ] as const)("%s", async (_, one, answers, expected) => {
    const { venue } = await ask(answers as never);
    expect(await venue.cancel(one)).toEqual(expected);
  });

  test("an error on KuCoin's own side says nothing of the order: it is asked again", async () => {
    const { venue } = await ask([
      [
        "DELETE",
        (times) => (times < 6 ? { code: "500000", msg: "Internal Server Error" } : ok({ cancelledOrderIds: ["s1"] })),
      ],
    ]);
    expect((await venue.cancel(resting())).kind).toBe("canceled");
  });

  test.each([
    ["a refusal for good", { code: "400600", msg: "Validation failed" }, 4],
    [
      "a key that is refused for ten minutes",
      { code: "400006", msg: "The requested ip address is not in the whitelist" },
      120,
    ],
  ])("%s ends it, in words", async (_, refusal, times) => {
    const { venue, asked } = await ask([["DELETE", refusal]]);
    await expect(venue.cancel(resting())).rejects.toThrow(`refuses /api/v1/stop-order/s1: ${refusal.code}`);
    expect(asked).toHaveLength(times);
  });
});

test("an answer that is not readable ends the question in words, and is no proof that an order is absent", async () => {
  const { venue } = await ask([["GET /api/v1/hf/orders/", ok({ id: "o1" })]]);
  await expect(venue.openOrders("SOL/USDT")).rejects.toThrow("the answer to /api/v1/hf/orders/active is not readable");
  expect(await venue.look("SOL/USDT", name)).toMatchObject({ kind: "unknown" });
});

test("a list never says that it is gone: a refused one is no empty one", async () => {
  const { venue } = await ask([["GET /api/v1/hf/orders/active", { code: "400100", msg: "symbol not exists" }]]);
  await expect(venue.openOrders("SOL/USDT")).rejects.toThrow("symbol not exists");
});

test("a process that was taken over sends neither a cancel nor a sale", async () => {
  const { venue, asked } = await ask([], () => Promise.resolve(false));
  await expect(venue.cancel(resting())).rejects.toThrow("may not send any more");
  const sale = {
    clientOrderId: name,
    symbol: "SOL/USDT",
    quantity: quantity("4"),
    limitPrice: price("80"),
    stampedAt: since,
  };
  await expect(venue.sell(sale)).rejects.toThrow("may not send any more");
  expect(asked).toEqual([]);
});
