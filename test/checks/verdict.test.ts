/** The whole set of checks: complete, honest about what is missing, and never in the way of an exit. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checks } from "../../src/checks/index.ts";
import type { OrderIntent } from "../../src/core/intent.ts";
import { notional, price, quantity, ratio } from "../../src/core/money.ts";
import type { RiskView } from "../../src/core/risk_view.ts";
import { judge } from "../../src/define/check.ts";
import { arbitraryIntent, arbitraryView } from "../fixtures/arbitrary_case.ts";
import { limitAt, makeEntry, makeExit, makeProtection } from "../fixtures/intent.ts";
import {
  makeCandles,
  makeExposure,
  makeLimits,
  makeRiskView,
  makeSignal,
  makeWorstDay,
  ramp,
} from "../fixtures/risk_view.ts";

const codesOf = (intent: OrderIntent, view: RiskView): readonly string[] =>
  judge(intent, view, checks).map((denial) => denial.code);

/** In whatever state the house is, and whatever is wished for. */
const alwaysHolds = (promise: (intent: OrderIntent, view: RiskView) => void): void =>
  fc.assert(fc.property(arbitraryIntent, arbitraryView, promise), { numRuns: 500 });

describe("the registry", () => {
  const files = readdirSync(new URL("../../src/checks", import.meta.url))
    .filter((file) => file !== "index.ts" && file.endsWith(".ts"))
    .map((file) => file.slice(0, -".ts".length))
    .sort((left, right) => (left < right ? -1 : 1));

  test("holds every file of the folder, by its name and in its order", () => {
    expect(checks.map((check) => check.name)).toEqual(files);
  });

  test("has a table of promises for every check", () => {
    const tables = readdirSync(import.meta.dirname)
      .filter((file) => file !== "verdict.test.ts")
      .map((file) => readFileSync(join(import.meta.dirname, file), "utf8"))
      .join("\n");
    const without = checks.filter((check) => !tables.includes(`check: "${check.name}"`)).map((check) => check.name);
    expect(without).toEqual([]);
  });

  test.each(checks.map((check) => [check.name, check.asks] as const))("%s asks one short question", (_name, asks) => {
    expect(asks).toMatch(/^[A-Z].{9,98}\?$/);
  });
});

const samples = fc.sample(fc.tuple(arbitraryIntent, arbitraryView), { seed: 20260206, numRuns: 400 });

describe("the verdict", () => {
  test("a sound entry on a calm day has no denial", () => {
    expect(judge(makeEntry(), makeRiskView(), checks)).toEqual([]);
  });

  test("keeps every denial, as the second attempt of the first live day shows", () => {
    const held = {
      instrumentId: "kucoin:SOL/USDT",
      base: "SOL",
      notional: notional("123.76"),
      unrealizedPnl: notional("-1.03"),
    };
    const view = makeRiskView({
      mode: "live",
      limits: makeLimits({ openPositionsMax: 1 }),
      signal: makeSignal({ strength: ratio("0.099") }),
      exposures: [makeExposure(held)],
      candles: makeCandles(ramp(60, 120, -0.5)),
    });
    expect(codesOf(makeEntry({ mode: "live", quantity: quantity("1") }), view)).toEqual([
      "averaging_down",
      "downtrend",
      "too_many_positions",
      "signal_too_weak",
      "slot_taken",
    ]);
  });

  test("every fact is a text, never empty, in whatever state the house is", () => {
    alwaysHolds((intent, view) => {
      for (const { facts } of judge(intent, view, checks)) {
        expect(Object.keys(facts).length).toBeGreaterThan(0);
        for (const text of Object.values(facts)) expect(text).toMatch(/\S/);
      }
    });
  });

  test.each(checks.map((check) => [check.name, check] as const))(
    "%s has an intent it passes and one it denies",
    (_name, check) => {
      const seen = new Set(samples.map(([intent, view]) => check.evaluate(intent, view) === null));
      expect(seen).toEqual(new Set([true, false]));
    },
  );
});

describe("exits on the worst day", () => {
  const allOff = makeWorstDay();
  test.each([
    ["an exit", makeExit()],
    ["the resting stop and target", makeProtection()],
    ["an exit of a strategy that is no longer allowed", makeExit({ strategy: "gone" })],
    ["a flatten far below the market", makeExit({ shape: limitAt("43.5") })],
  ])("%s passes every check", (_says, intent) => {
    expect(judge(intent, allOff, checks)).toEqual([]);
  });

  test("the same day denies an entry for more than twelve reasons", () => {
    expect(new Set(codesOf(makeEntry(), allOff)).size).toBeGreaterThan(12);
    expect(codesOf(makeEntry(), allOff)).toContain("data_missing");
  });

  test("whatever state the house is in, only increments, sizes of the venue and overselling stop an exit", () => {
    const allowed = ["off_increment", "below_minimum", "above_maximum", "would_not_reduce"];
    alwaysHolds((intent, view) => {
      const exit = { ...intent, leg: "exit" as const, reduceOnly: true };
      expect(codesOf(exit, view).filter((code) => !allowed.includes(code))).toEqual([]);
    });
  });
});

describe("missing and unusable data", () => {
  const nullable = ["signal", "newestCandle", "candles", "quote", "freeQuote", "balanceGap", "volatility"] as const;
  test.each(nullable)("%s that could not be read is named and never passes", (key) => {
    expect(codesOf(makeEntry(), makeRiskView({ [key]: null }))).toEqual(["data_missing"]);
  });

  const amounts = [
    "equity",
    "equityHigh",
    "drawdown",
    "dayPnl",
    "dayStartEquity",
    "sessionPnl",
    "sessionStartEquity",
  ] as const;
  test.each(amounts)("%s that is not a number never passes", (key) => {
    expect(codesOf(makeEntry(), makeRiskView({ [key]: "NaN" as never }))).toContain("data_missing");
  });

  const numeric = Object.entries(makeLimits()).filter(([, value]) => typeof value !== "boolean" && value !== null);
  test.each(numeric)("the limit %s that is not a number never passes", (name, value) => {
    const broken = typeof value === "string" ? "NaN" : Number.NaN;
    expect(codesOf(makeEntry(), makeRiskView({ limits: makeLimits({ [name]: broken as never }) }))).toContain(
      "data_missing",
    );
  });

  test.each([
    ["a balance that is not a number", { freeQuote: "NaN" as never }],
    ["a gap between balances that is not a number", { balanceGap: "NaN" as never }],
    ["a quote of no price", { quote: { bid: "NaN" as never, ask: price("87.36"), ageMs: 1 } }],
    ["a quote of no age", { quote: { bid: price("87.35"), ask: price("87.36"), ageMs: Number.NaN } }],
    ["a move of no size", { volatility: { move: "NaN" as never, instrumentId: "x", isProxy: false } }],
    ["an exposure of no size", { exposures: [makeExposure({ notional: "NaN" as never })] }],
    ["a signal of no strength", { signal: makeSignal({ strength: "NaN" as never }) }],
    ["trades that nobody counted", { tradesLastMinute: Number.NaN }],
    ["orders that nobody counted", { ordersThisWindow: Number.NaN }],
    ["stops that nobody counted", { losingStreak: { stops: Number.NaN, lastAt: null } }],
    ["a time that is none", { at: Number.NaN as never }],
  ] as const)("%s never passes", (_says, change) => {
    expect(codesOf(makeEntry(), makeRiskView(change as Partial<RiskView>))).not.toEqual([]);
  });

  test.each([
    ["quantity", { quantity: "NaN" as never }] as const,
    ["price", { shape: { ...limitAt("1"), limitPrice: "NaN" as never } }] as const,
  ])("an order whose %s is not a number never passes", (_says, change) => {
    expect(codesOf(makeEntry(change as Partial<OrderIntent>), makeRiskView())).not.toEqual([]);
  });
});
