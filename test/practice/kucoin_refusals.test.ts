/** What the venue refuses, the practice exchange refuses with the venue's own code and words. Spoken by a raw signer. */
import { afterEach, describe, expect, it } from "vitest";
import { formatFixed } from "../../src/practice/fixed.ts";
import { type Bench, closeBenches, openBench, scriptedMarket } from "./bench_exchange.ts";

afterEach(closeBenches);

const limit = { clientOid: "a1", symbol: "SOL-USDT", side: "buy", type: "limit", price: "87", size: "1" };
const market = { clientOid: "a1", symbol: "SOL-USDT", side: "buy", type: "market", size: "1" };
const stop = { ...limit, side: "sell", price: "85", stop: "loss", stopPrice: "85.5" };
const oco = {
  clientOid: "o1",
  symbol: "SOL-USDT",
  side: "sell",
  size: "1",
  price: "90",
  stopPrice: "85",
  limitPrice: "84.9",
};

const open = (more = {}): Promise<Bench> => openBench(scriptedMarket([[0, "87.36"]]), more);

describe("orders that the venue refuses", () => {
  const table: [string, string, object, string, string][] = [
    [
      "a target of 90.1353 where the tick is 0.01",
      "/api/v1/hf/orders",
      { ...limit, side: "sell", price: "90.1353" },
      "400100",
      "Price increment invalid.",
    ],
    [
      "a size of 4.9344 where the step is 0.1",
      "/api/v1/hf/orders",
      { ...limit, size: "4.9344" },
      "600100",
      "Order size increment invalid.",
    ],
    [
      "a size below the minimum",
      "/api/v1/hf/orders",
      { ...limit, size: "0.04" },
      "400100",
      "Order size below the minimum requirement.",
    ],
    [
      "funds below the minimum",
      "/api/v1/hf/orders",
      { clientOid: "a", symbol: "SOL-USDT", side: "buy", type: "market", funds: "0.05" },
      "600100",
      "Funds below the minimum requirement.",
    ],
    [
      "funds off the quote step",
      "/api/v1/hf/orders",
      { clientOid: "a", symbol: "SOL-USDT", side: "buy", type: "market", funds: "10.123" },
      "600100",
      "Funds increment invalid.",
    ],
    ["a buy above the price band", "/api/v1/hf/orders", { ...limit, price: "97" }, "400370", "Max. price: 96.096"],
    [
      "a sell below the price band",
      "/api/v1/hf/orders",
      { ...limit, side: "sell", price: "70" },
      "400760",
      "order price should be more than 78.624",
    ],
    [
      "a limit order for more than the balance",
      "/api/v1/hf/orders",
      { ...limit, size: "200" },
      "200004",
      "Balance insufficient!",
    ],
    [
      "a sell of more than is there",
      "/api/v1/hf/orders",
      { ...limit, side: "sell", size: "100.1" },
      "200004",
      "Balance insufficient!",
    ],
    ["an unknown symbol", "/api/v1/hf/orders", { ...limit, symbol: "FOO-USDT" }, "400100", "Unsupported trading pair."],
    [
      "a missing symbol",
      "/api/v1/hf/orders",
      { ...limit, symbol: undefined },
      "400100",
      "validation.createOrder.symbolIsRequired",
    ],
    [
      "a missing side",
      "/api/v1/hf/orders",
      { ...limit, side: undefined },
      "400100",
      "validation.createOrder.sideIsRequired",
    ],
    [
      "a limit order without price",
      "/api/v1/hf/orders",
      { ...limit, price: undefined },
      "400100",
      "validation.createOrder.priceIsRequired",
    ],
    [
      "a limit order without size",
      "/api/v1/hf/orders",
      { ...limit, size: undefined },
      "400100",
      "validation.createOrder.sizeIsRequired",
    ],
    [
      "a market order with size and funds",
      "/api/v1/hf/orders",
      { ...market, funds: "10" },
      "400100",
      "validation.createOrder.sizeAndFundsExclude",
    ],
    [
      "a market order with neither",
      "/api/v1/hf/orders",
      { ...market, size: undefined },
      "400100",
      "validation.createOrder.sizeOrFundsIsRequired",
    ],
    [
      "a market order with a price",
      "/api/v1/hf/orders",
      { ...market, price: "87" },
      "400100",
      "validation.createOrder.priceNotAllowedForMarket",
    ],
    [
      "a type the venue does not have",
      "/api/v1/hf/orders",
      { ...limit, type: "stop_limit" },
      "400100",
      "type not in the given range!",
    ],
    [
      "a client id with a dot",
      "/api/v1/hf/orders",
      { ...limit, clientOid: "a.b" },
      "400100",
      "validation.createOrder.clientOidIsInvalid",
    ],
    [
      "a client id of 41 letters",
      "/api/v1/hf/orders",
      { ...limit, clientOid: "x".repeat(41) },
      "400100",
      "validation.createOrder.clientOidIsInvalid",
    ],
    [
      "a remark of 21 letters",
      "/api/v1/hf/orders",
      { ...limit, remark: "x".repeat(21) },
      "400100",
      "validation.createOrder.remarkIsTooLong",
    ],
    [
      "a price written as 1e2",
      "/api/v1/hf/orders",
      { ...limit, price: "8.7e1" },
      "400100",
      "validation.createOrder.priceIsNotADecimal",
    ],
    [
      "a price that is a JSON number",
      "/api/v1/hf/orders",
      { ...limit, price: 87 },
      "400100",
      "validation.createOrder.priceMustBeAString",
    ],
    [
      "post-only with IOC",
      "/api/v1/hf/orders",
      { ...limit, postOnly: true, timeInForce: "IOC" },
      "400100",
      "validation.createOrder.postOnlyNotAllowedWithTimeInForce",
    ],
    [
      "GTT without cancelAfter",
      "/api/v1/hf/orders",
      { ...limit, timeInForce: "GTT" },
      "400100",
      "validation.createOrder.cancelAfterIsRequired",
    ],
    [
      "cancelAfter without GTT",
      "/api/v1/hf/orders",
      { ...limit, cancelAfter: 10 },
      "400100",
      "validation.createOrder.cancelAfterOnlyForGTT",
    ],
    [
      "an unknown parameter",
      "/api/v1/hf/orders",
      { ...limit, reduceOnly: true },
      "400100",
      "validation.createOrder.unknownParameter: reduceOnly",
    ],
    [
      "stop parameters on a plain order",
      "/api/v1/hf/orders",
      { ...limit, stop: "loss", stopPrice: "85" },
      "400100",
      "validation.createOrder.unknownParameter: stop",
    ],
    [
      "a stop without stopPrice",
      "/api/v1/stop-order",
      { ...stop, stopPrice: undefined },
      "400100",
      "validation.createOrder.stopPriceIsRequired",
    ],
    [
      "a stop with the name stop_price",
      "/api/v1/stop-order",
      { ...stop, stopPrice: undefined, stop_price: "85.5" },
      "400100",
      "validation.createOrder.unknownParameter: stop_price",
    ],
    [
      "a stop without type",
      "/api/v1/stop-order",
      { ...stop, type: undefined },
      "400100",
      "validation.createOrder.typeIsRequired",
    ],
    [
      "a stop without direction",
      "/api/v1/stop-order",
      { ...stop, stop: undefined },
      "400100",
      "validation.createOrder.stopIsRequired",
    ],
    [
      "a stop off the tick",
      "/api/v1/stop-order",
      { ...stop, stopPrice: "85.6128" },
      "400100",
      "Price increment invalid.",
    ],
    [
      "a limit stop without price",
      "/api/v1/stop-order",
      { ...stop, price: undefined },
      "400100",
      "validation.createOrder.priceIsRequired",
    ],
    [
      "a stop below the smallest value",
      "/api/v1/stop-order",
      { ...stop, price: "0.01", stopPrice: "0.01", size: "0.1" },
      "600100",
      "Funds below the minimum requirement.",
    ],
    [
      "a stop for more than is there",
      "/api/v1/stop-order",
      { ...stop, size: "101" },
      "200004",
      "Balance insufficient!",
    ],
    [
      "a pair without client id",
      "/api/v3/oco/order",
      { ...oco, clientOid: undefined },
      "400100",
      "validation.createOrder.clientOidIsRequired",
    ],
    [
      "a pair whose target is below the market",
      "/api/v3/oco/order",
      { ...oco, price: "86" },
      "400100",
      "The relationship of the prices for the orders is not correct.",
    ],
    [
      "a pair off the tick",
      "/api/v3/oco/order",
      { ...oco, limitPrice: "84.905" },
      "400100",
      "Price increment invalid.",
    ],
    [
      "a pair for more than is there",
      "/api/v3/oco/order",
      { ...oco, size: "100.1" },
      "200004",
      "Balance insufficient!",
    ],
  ];

  it.each(table)("%s", async (_name, path, body, code, msg) => {
    const { raw, exchange } = await open();
    const before = exchange.balances();
    const answer = await raw("POST", path, body);
    expect(answer.json).toEqual({ code, msg });
    expect(answer.status).toBe(200);
    expect(exchange.balances()).toEqual(before);
    expect(exchange.house.core.state.orders.size + exchange.house.core.state.stops.size).toBe(0);
  });

  it("a client id that was used before, even after the order is done", async () => {
    const { raw } = await open();
    expect((await raw("POST", "/api/v1/hf/orders", { ...limit, price: "88" })).json.code).toBe("200000");
    expect((await raw("POST", "/api/v1/hf/orders", { ...limit, price: "88" })).json).toEqual({
      code: "400100",
      msg: "clientOid duplicate",
    });
  });

  it.each(["400100", "600100", "300000"] as const)(
    "a bad price increment with code %s when the switch says so",
    async (code) => {
      const { raw } = await open({ switches: { priceIncrementCode: code } });
      expect((await raw("POST", "/api/v1/hf/orders", { ...limit, price: "87.001" })).json).toEqual({
        code,
        msg: "Price increment invalid.",
      });
    },
  );

  it("nothing of the strict kind when strict is off", async () => {
    const { raw } = await open({ strict: false });
    expect((await raw("POST", "/api/v1/hf/orders", { ...limit, reduceOnly: true })).json.code).toBe("200000");
    expect((await raw("POST", "/api/v1/stop-order", { ...stop, clientOid: "a2", stop: undefined })).json.code).toBe(
      "200000",
    );
    expect((await raw("GET", "/api/v1/hf/orders/000000000000000000000000?symbol=SOL-USDT")).json).toEqual({
      code: "200000",
      data: null,
    });
  });

  it("a halted instrument and a changed tick", async () => {
    const { raw, exchange } = await open();
    exchange.faults.setInstrument("SOL-USDT", { tick: 100_000_000_000n });
    expect((await raw("POST", "/api/v1/hf/orders", { ...limit, price: "87.05" })).json.msg).toBe(
      "Price increment invalid.",
    );
    exchange.faults.setInstrument("SOL-USDT", { isTrading: false });
    expect((await raw("POST", "/api/v1/hf/orders", limit)).json.code).toBe("400600");
  });
});

describe("more than the account has", () => {
  it("a market buy is accepted, filled to the balance, and the rest is canceled", async () => {
    const accounts = [
      { key: "practice-key", secret: "practice-secret", passphrase: "practice-pass", balances: { USDT: "123.76" } },
    ];
    const { raw, exchange } = await open({ accounts });
    const made = await raw("POST", "/api/v1/hf/orders", { ...market, size: "4.5" });
    expect(made.json.code).toBe("200000");
    const { orderId } = made.json.data as { orderId: string };
    const { data } = (await raw("GET", `/api/v1/hf/orders/${orderId}?symbol=SOL-USDT`)).json as {
      data: Record<string, unknown>;
    };
    expect(data).toMatchObject({
      dealSize: "1.4",
      cancelledSize: "3.1",
      remainSize: "0",
      active: false,
      cancelExist: true,
      inOrderBook: false,
    });
    const { USDT, SOL } = exchange.balances();
    expect(SOL).toEqual({ free: "1.4", held: "0" });
    const paid = exchange.house.core.state.fills.reduce((sum, fill) => sum + fill.funds + fill.fee, 0n);
    expect(USDT).toEqual({ free: formatFixed(123_760_000_000_000n - paid), held: "0" });
  });

  it("is refused cleanly when the switch says so, and always when there is nothing", async () => {
    const none = [
      { key: "practice-key", secret: "practice-secret", passphrase: "practice-pass", balances: { USDT: "0.05" } },
    ];
    expect((await (await open({ accounts: none })).raw("POST", "/api/v1/hf/orders", market)).json.code).toBe("200004");
    const strict = await open({ switches: { marketOverBalance: "refuse" } });
    expect((await strict.raw("POST", "/api/v1/hf/orders", { ...market, size: "500" })).json.code).toBe("200004");
  });
});
