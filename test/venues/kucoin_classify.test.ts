/** Every row of KuCoin's error table, by example: in the table alone, and through ccxt and the wire. */
import { afterEach, describe, expect, it } from "vitest";
import type { Answer } from "../../src/venues/_ccxt/call.ts";
import { judgeAnswer, type Meaning } from "../../src/venues/_ccxt/verdict.ts";
import { kucoinDialect, kucoinRules } from "../../src/venues/kucoin/classify.ts";
import { closeKucoinBenches, openKucoinBench } from "./bench_kucoin.ts";
import { place, problemOf, sure, symbol } from "./contract_tools.ts";
import { buy } from "./intents.ts";

/** code, message as the venue words it, meaning. */
const examples: readonly (readonly [string, string, Meaning])[] = [
  ["400100", "clientOid duplicate", "exists"],
  ["400100", "The clientOid already exists", "exists"],
  ["400100", "duplicated clientOid", "exists"],
  ["126044", "clientOid duplicate", "exists"],
  ["126033", "Duplicate order", "exists"],
  ["400100", "order_not_exist_or_not_allow_to_cancel", "absent"],
  ["400100", "The order does not exist.", "absent"],
  ["order_not_exist", "order_not_exist", "absent"],
  ["100001", "error.getOrder.orderNotExist", "absent"],
  ["100004", "Order is in not cancelable state", "absent"],
  ["126043", "Order does not exist", "absent"],
  ["400100", "Price increment invalid.", "increment"],
  ["600100", "Price increment invalid.", "increment"],
  ["300000", "Price increment invalid.", "increment"],
  ["600100", "Order size increment invalid.", "increment"],
  ["600100", "Funds increment invalid.", "increment"],
  ["400100", "The amount increment is invalid.", "increment"],
  ["400100", "Order size below the minimum requirement.", "too_small"],
  ["400100", "The quantity is below the minimum requirement.", "too_small"],
  ["600100", "Funds below the minimum requirement.", "too_small"],
  ["600101", "The order funds should more then 0.1 USDT.", "too_small"],
  ["200004", "Balance insufficient!", "balance"],
  ["230003", "Balance insufficient!", "balance"],
  ["400100", "account.available.amount", "balance"],
  ["400370", "Max. price: 0.02500000000000000000", "price_band"],
  ["400760", "order price should be more than 80", "price_band"],
  ["400330", "Order price can't deviate from NAV by 50%", "price_band"],
  ["400100", "The relationship of the prices for the orders is not correct.", "would_trigger"],
  ["400100", "Unsupported trading pair.", "instrument"],
  ["400600", "validation.createOrder.symbolNotAvailable", "instrument"],
  ["600203", "Symbol XXX-USDT cannot be traded", "instrument"],
  ["200001", "Order creation for this pair suspended", "instrument"],
  ["900001", "symbol not exists", "instrument"],
  ["400001", "Please check the header of your request", "permission"],
  ["400003", "KC-API-KEY not exists", "permission"],
  ["400004", "Invalid KC-API-PASSPHRASE", "permission"],
  ["400005", "Invalid KC-API-SIGN", "permission"],
  ["400006", "The IP is not in the API whitelist", "permission"],
  ["400007", "Access denied, require more permission", "permission"],
  ["400200", "Forbidden to place an order", "permission"],
  ["400303", "To enjoy the full range of our products, complete the identity verification", "permission"],
  ["400500", "Your located country/region is currently not supported", "permission"],
  ["411100", "User is frozen", "permission"],
  ["400002", "KC-API-TIMESTAMP Invalid", "stale_stamp"],
  ["126041", "clientTimestamp parameter error", "stale_stamp"],
  ["400100", "clientTimestamp parameter error", "stale_stamp"],
  ["200003", "Number of orders breached the limit", "other"],
  ["400350", "Upper limit for holding: 10,000USDT", "other"],
  ["400100", "Order size above the maximum requirement.", "other"],
  ["400100", "price not in the given range!", "other"],
  ["400100", "validation.createOrder.clientOidIsRequired", "other"],
  ["404000", "URL Not Found", "other"],
  ["415000", "Unsupported Media Type", "other"],
  ["429000", "Too Many Requests", "busy"],
];

/** What must never be read as a refusal: the order may exist. */
const mysteries: readonly (readonly [string, string])[] = [
  ["400100", "something nobody has seen"],
  ["600100", "something nobody has seen"],
  ["300000", "something nobody has seen"],
  ["500000", "Internal Server Error"],
  ["408000", "Network timeout, please try again later"],
  ["126038", "Third-party service call failed"],
  ["999999", ""],
];

const dialect = kucoinDialect(["s3cr3t-value"]);

function answerOf(code: string, msg: string, more: Partial<Answer> = {}): Answer {
  return { status: 200, headers: {}, body: { code, msg }, length: 40, ...more };
}

function verdictOf(answer: Answer) {
  return judgeAnswer({ kind: "answered", answer, value: undefined }, dialect);
}

afterEach(closeKucoinBenches);

describe("KuCoin's error table", () => {
  it.each(examples)("%s %j means %s", (code, msg, meaning) => {
    const verdict = verdictOf(answerOf(code, msg));
    const isClass = meaning === "exists" || meaning === "absent" || meaning === "busy";
    expect(verdict).toMatchObject(isClass ? { kind: meaning } : { kind: "rejected", code, reason: meaning });
  });

  it("has an example for every row", () => {
    const used = examples.map(([code, msg]) =>
      kucoinRules.findIndex((rule) => rule.code === code && (rule.says?.test(msg) ?? true)),
    );
    expect(kucoinRules.map((_rule, index) => index).filter((index) => !used.includes(index))).toEqual([]);
  });

  it.each(mysteries)("%s %j stays unknown", (code, msg) => {
    expect(verdictOf(answerOf(code, msg)).kind).toBe("unknown");
  });

  it.each<[string, Answer]>([
    ["a known refusal under HTTP 503", answerOf("200004", "Balance insufficient!", { status: 503 })],
    ["success under HTTP 500", answerOf("200000", "", { status: 500 })],
    ["success under HTTP 302", answerOf("200000", "", { status: 302 })],
    ["an empty body", answerOf("", "", { body: undefined, length: 0 })],
    ["HTML under 401", answerOf("", "", { body: undefined, status: 401 })],
    ["HTML under 429", answerOf("", "", { body: undefined, status: 429 })],
    ["somebody else's JSON under 403", answerOf("", "", { body: { error: "forbidden" }, status: 403 })],
    ["a list", answerOf("", "", { body: [] })],
  ])("%s stays unknown", (_what, answer) => {
    expect(verdictOf(answer).kind).toBe("unknown");
  });

  it("reads the wait of a rate limit from the venue's own header, and believes at most a minute", () => {
    const busy = (reset: string) =>
      verdictOf(answerOf("429000", "", { status: 429, headers: { "gw-ratelimit-reset": reset } }));
    expect(busy("1234")).toEqual({ kind: "busy", retryAfterMs: 1_234 });
    expect(busy("99999999")).toEqual({ kind: "busy", retryAfterMs: 60_000 });
    expect(busy("soon")).toEqual({ kind: "busy", retryAfterMs: null });
  });

  it("never repeats a secret or a control character of a message", () => {
    const verdict = verdictOf(answerOf("200004", `bad key s3cr3t-value\n\u001b[31m${"x".repeat(500)}`));
    expect(verdict).toMatchObject({ kind: "rejected" });
    const message = verdict.kind === "rejected" ? verdict.message : "";
    expect(message).toMatch(/^bad key \[redacted\] \[31mx+$/);
    expect(message.length).toBe(160);
  });
});

describe("the same table through ccxt and the wire", () => {
  it("gives every order the class of its row, whatever class of error ccxt makes of it", async () => {
    const bench = await openKucoinBench();
    sure(await bench.venue.instruments([symbol]));
    const cases = [...examples, ...mysteries.map(([code, msg]) => [code, msg, "unknown"] as const)];
    for (const [code, msg, meaning] of cases.filter(([, , each]) => each !== "busy")) {
      bench.exchange.faults.add({ verb: { do: "refuse", code, msg }, method: "POST" });
      const problem = problemOf((await place(bench, buy("1", "95", "gtc"))).answer);
      const expected =
        meaning === "exists"
          ? { kind: "exists" }
          : meaning === "unknown" || meaning === "absent"
            ? { kind: "unknown_outcome" }
            : { kind: "rejected", code, reason: meaning };
      expect(problem, `${code} ${msg}`).toMatchObject(expected);
    }
  });

  it("reads an absent order as null and a canceled one as already done", async () => {
    const bench = await openKucoinBench();
    const ref = {
      clientOrderId: "xcsp7z1",
      venueOrderId: null,
      instrumentId: "kucoin:SOL/USDT",
      kind: "limit",
    } as const;
    for (const [code, msg] of examples.filter(([, , meaning]) => meaning === "absent")) {
      bench.exchange.faults.add({
        verb: { do: "refuse", code, msg },
        path: "/api/v1/hf/orders/client-order/",
        times: 2,
      });
      expect(sure(await bench.venue.findOrder(ref)), code).toBeNull();
      expect(await bench.venue.cancelOrder(ref), code).toEqual({ ok: true, value: "already_done" });
    }
  });
});
