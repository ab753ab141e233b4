/** What a vote binds to: one changed digit anywhere is another digest; and canonical JSON, from which it is made. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../src/core/canonical.ts";
import { approvalSubjectOf, digestOf } from "../../src/core/digest.ts";
import type { OrderIntent } from "../../src/core/intent.ts";
import { price, quantity } from "../../src/core/money.ts";
import { makeEntry, makeProtection } from "../fixtures/intent.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const bound = { version: 1, strategyConfigHash: "c0ffee", phase: 1 };
const base = makeEntry();
const plan = { stopPrice: price("85.62"), targetPrice: price("92.6"), trail: null, timeLimitMs: null };
const digest = (intent: OrderIntent, change: Partial<typeof bound> = {}) =>
  digestOf(intent, { ...bound, ...change }, sha256);

test("the canonical order, key by key", () => {
  expect(canonicalJson(approvalSubjectOf(base, bound))).toMatchInlineSnapshot(
    `"{"account":"main","instrumentId":"kucoin:SOL/USDT","kind":"order","limitPrice":"87.57","mode":"paper","notional":"394.065","orderType":"limit","phase":1,"quantity":"4.5","reduceOnly":false,"side":"buy","signalId":"signal-1","stopPrice":"85.62","strategyConfigHash":"c0ffee","strategyId":"ema_trend","targetPrice":"92.6","timeInForce":"ioc","timeLimitMs":null,"trail":null,"venue":"kucoin","version":1}"`,
  );
});

describe("another value is another digest", () => {
  const limit = { orderType: "limit", limitPrice: price("87.57"), timeInForce: "ioc" } as const;
  test.each([
    ["mode", { mode: "live" }],
    ["venue", { venue: "binance" }],
    ["account", { account: "other" }],
    ["instrument", { instrumentId: "kucoin:BTC/USDT" }],
    ["side", { side: "sell" }],
    ["order type", { shape: { orderType: "stop_limit", limitPrice: price("87.57"), triggerPrice: price("87.5") } }],
    ["reduce-only", { reduceOnly: true }],
    ["quantity", { quantity: quantity("4.6") }],
    ["limit price", { shape: { ...limit, limitPrice: price("87.58") } }],
    ["time in force", { shape: { ...limit, timeInForce: "gtc" } }],
    ["stop", { exitPlan: { ...plan, stopPrice: price("85.61") } }],
    ["target", { exitPlan: { ...plan, targetPrice: price("92.61") } }],
    ["no target", { exitPlan: { ...plan, targetPrice: null } }],
    ["trail", { exitPlan: { ...plan, trail: { distanceBps: 100 } } }],
    ["time limit", { exitPlan: { ...plan, timeLimitMs: 60_000 } }],
    ["no exit plan", { exitPlan: null }],
    ["strategy", { strategy: "breakout" }],
    ["signal", { signalId: "signal-2" }],
  ] as const)("%s", (_, change) => {
    expect(digest(makeEntry(change as Partial<OrderIntent>))).not.toBe(digest(base));
  });

  test.each([
    ["version", { version: 2 }],
    ["configuration", { strategyConfigHash: "beef" }],
    ["phase", { phase: 2 }],
  ] as const)("%s", (_, change) => {
    expect(digest(base, change)).not.toBe(digest(base));
  });

  test.each(["triggerPrice", "limitPrice", "targetPrice"] as const)("%s of a stop and target", (name) => {
    const { shape } = makeProtection();
    expect(digest(makeProtection({ shape: { ...shape, [name]: price("80") } as OrderIntent["shape"] }))).not.toBe(
      digest(makeProtection()),
    );
  });

  test("any mutation of any canonical value, whatever its type", () => {
    const subject = approvalSubjectOf(
      makeEntry({ exitPlan: { ...plan, trail: { distanceBps: 50 }, timeLimitMs: 1 } }),
      bound,
    ) as Record<string, unknown>;
    const before = sha256(canonicalJson(subject));
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(subject)), fc.jsonValue(), (key, value) => {
        fc.pre(canonicalJson(value) !== canonicalJson(subject[key]));
        expect(sha256(canonicalJson({ ...subject, [key]: value }))).not.toBe(before);
      }),
    );
  });
});

test("names that no person sees do not move the digest: the id of the intent and the number of the attempt", () => {
  expect(digest(makeEntry({ intentId: "intent-9", attempt: 3 }))).toBe(digest(base));
});

describe("canonical JSON", () => {
  test.each([
    [{ b: 1, a: [2, { d: null, c: "x" }] }, '{"a":[2,{"c":"x","d":null}],"b":1}'],
    [{ a: undefined, b: 1 }, '{"b":1}'],
    [[undefined], "[null]"],
    ['é\n"', '"é\\n\\""'],
    [Object.create(null), "{}"],
    [-0, "0"],
  ])("%j", (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  test("the order in which keys were written does not show", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
        const turned = Object.fromEntries(Object.entries(record).reverse());
        expect(canonicalJson(turned)).toBe(canonicalJson(record));
        expect(canonicalJson(JSON.parse(canonicalJson(record)))).toBe(canonicalJson(record));
      }),
    );
  });

  test.each([
    ["NaN", Number.NaN],
    ["Infinity", Number.POSITIVE_INFINITY],
    ["a bigint", 1n],
    ["a function", () => 1],
    ["a Date", new Date(0)],
    ["a Map", new Map([["a", 1]])],
    ["a Set", new Set([1])],
  ])("%s has none, so nothing is hashed by accident as something else", (_, value) => {
    expect(() => canonicalJson({ value })).toThrow("No canonical JSON");
  });
});
