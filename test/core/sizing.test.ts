/** Sizing: the first live trade as a standing regression, each bound in its turn, and what must hold for any account. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checks } from "../../src/checks/index.ts";
import type { Denial } from "../../src/core/denial.ts";
import { collarOf, hardLimits } from "../../src/core/hard_limits.ts";
import {
  compare,
  isAtLeast,
  isAtMost,
  isMultipleOf,
  isPositive,
  notional,
  notionalOf,
  plus,
  price,
  quantity,
  ratio,
  scale,
} from "../../src/core/money.ts";
import { limitsOf } from "../../src/core/profiles.ts";
import { exposureOf, spendableOf } from "../../src/core/risk.ts";
import type { RiskView } from "../../src/core/risk_view.ts";
import type { Signal } from "../../src/core/signal.ts";
import { guardOf, type SizedEntry, sizeEntry, softBandOf, worstBuyPrice } from "../../src/core/sizing.ts";
import { judge } from "../../src/define/check.ts";
import { makeInstrument } from "../fixtures/instrument.ts";
import { makeEntry } from "../fixtures/intent.ts";
import { makeExposure, makeLimits, makeRiskView, makeSignal } from "../fixtures/risk_view.ts";

const stopAt = (stopDistance: string, targetDistance: string | null = "0.03"): Signal =>
  makeSignal({
    exit: {
      stopDistance: ratio(stopDistance),
      targetDistance: targetDistance === null ? null : ratio(targetDistance),
      timeLimitMs: null,
    },
  });

function sized(signal: Signal, view: RiskView): SizedEntry {
  const answer = sizeEntry(signal, view);
  if (!answer.ok) throw new Error(`Refused: ${JSON.stringify(answer.problem)}`);
  return answer.value;
}

function refused(signal: Signal, view: RiskView): Denial {
  const answer = sizeEntry(signal, view);
  if (answer.ok) throw new Error(`Sized: ${JSON.stringify(answer.value)}`);
  return answer.problem;
}

describe("the first live trade: $123, SOL at 87.36, tick 0.01, step 0.1", () => {
  const account = makeRiskView({
    mode: "live",
    limits: limitsOf("integration", { mode: "live", usdRate: ratio("1") }),
    equity: notional("123"),
    equityHigh: notional("123"),
    freeQuote: notional("123"),
    dayStartEquity: notional("123"),
    sessionStartEquity: notional("123"),
    dayPnl: notional("0"),
    sessionPnl: notional("0"),
    drawdown: ratio("0"),
  });

  test("sizes to the free balance with fees: 1.4 SOL, never 1.417, never the 4.5 of an assumed $10,000", () => {
    const entry = sized(stopAt("0.005"), account);
    expect(entry).toMatchObject({ quantity: "1.4", boundBy: "free_balance", notional: "122.598", side: "buy" });
    expect(entry.shape).toEqual({ orderType: "limit", limitPrice: "87.57", timeInForce: "ioc" });
    expect(entry.exitPlan).toMatchObject({ stopPrice: "86.93", targetPrice: "89.99" });
  });

  test("with the stop of that day, 2 %, the rule of 1 % risk cuts further: 0.5 SOL, stop 85.62, target 89.99", () => {
    const entry = sized(stopAt("0.02"), account);
    expect(entry).toMatchObject({ quantity: "0.5", boundBy: "risk_per_trade", risk: "1.061595" });
    expect(entry.exitPlan).toMatchObject({ stopPrice: "85.62", targetPrice: "89.99" });
  });

  test.each(["0.005", "0.02"])("what was sized with a stop of %s passes every check", (distance) => {
    const { quantity: size, shape, exitPlan } = sized(stopAt(distance), account);
    expect(judge(makeEntry({ mode: "live", quantity: size, shape, exitPlan }), account, checks)).toEqual([]);
  });

  test("a target of 90.1353 goes out as 90.14, a sale never below what was wanted", () => {
    const entry = sized(stopAt("0.02", "0.031768544"), account);
    expect(entry.exitPlan.targetPrice).toBe("90.14");
  });
});

describe("the room that decides", () => {
  const at100 = { quote: { bid: price("99.99"), ask: price("100"), ageMs: 1 }, instrument: makeInstrument() };
  // The worst price is 100.25; a stop of 2 % lies at 98; one unit loses 2.25 + 0.19825 with fees.
  test.each([
    ["risk_per_trade", {}, { riskPerTrade: ratio("0.0001") }, "0.4"],
    ["position_share", {}, {}, "4.9"],
    ["position_notional", {}, { positionNotional: notional("123") }, "1.2"],
    ["total_exposure", { exposures: [makeExposure({ notional: notional("1800") })] }, {}, "1.9"],
    [
      "asset_share",
      { exposures: [makeExposure({ base: "SOL", notional: notional("100") })] },
      { assetShare: ratio("0.02") },
      "0.9",
    ],
    ["free_balance", { freeQuote: notional("321") }, {}, "3.1"],
    ["venue_maximum", { instrument: makeInstrument({ quantityMax: quantity("2.25") }) }, {}, "2.2"],
  ] as const)("%s", (bound, view, limits, size) => {
    const entry = sized(
      stopAt("0.02"),
      makeRiskView({ ...at100, ...view, limits: makeLimits(limits) } as Partial<RiskView>),
    );
    expect([entry.boundBy, entry.quantity]).toEqual([bound, size]);
  });

  test("the constants of the order manager bind where a profile is looser than they are", () => {
    const loose = makeLimits({
      riskPerTrade: ratio("1"),
      positionShare: null,
      exposureShare: ratio("9"),
      assetShare: null,
    });
    const entry = sized(stopAt("0.02"), makeRiskView({ ...at100, limits: loose, freeQuote: notional("90000") }));
    expect([entry.boundBy, entry.quantity]).toEqual(["hard_limits", "81.6"]);
  });
});

describe("what leaves no room", () => {
  test.each([
    ["no exposure left", { exposures: [makeExposure({ notional: notional("2000") })] }, "exposure_above_limit"],
    ["more open than allowed", { exposures: [makeExposure({ notional: notional("2600") })] }, "exposure_above_limit"],
    ["no free balance", { freeQuote: notional("0") }, "balance_too_small"],
    [
      "everything promised to an unknown order",
      { freeQuote: notional("300"), exposures: [makeExposure({ isUnknown: true })] },
      "balance_too_small",
    ],
    ["no equity", { equity: notional("-1") }, "risk_above_limit"],
    ["a limit of 0", { limits: makeLimits({ positionNotional: notional("0") }) }, "position_above_limit"],
    ["a venue that takes nothing", { instrument: makeInstrument({ quantityMax: quantity("0") }) }, "above_maximum"],
    ["an unread balance", { freeQuote: null }, "data_missing"],
    ["an unread quote", { quote: null }, "data_missing"],
  ] as const)("%s is refused as %s", (_says, view, code) => {
    expect(refused(stopAt("0.02"), makeRiskView(view as Partial<RiskView>)).code).toBe(code);
  });

  test("too small for the venue is refused with the numbers", () => {
    const problem = refused(stopAt("0.02"), makeRiskView({ equity: notional("15"), freeQuote: notional("15") }));
    expect(problem).toMatchObject({
      code: "below_minimum",
      check: "sizing",
      facts: { boundBy: "position_share", quantity: "0 SOL", quantityMin: "0.1 SOL", equity: "15.00 USDT" },
    });
  });

  test("a notional below the venue's is refused, not raised", () => {
    const view = makeRiskView({ instrument: makeInstrument({ notionalMin: notional("600") }) });
    expect(refused(stopAt("0.02"), view)).toMatchObject({
      code: "below_minimum",
      facts: { notionalMin: "600.00 USDT" },
    });
  });

  test("what could not be sold again after the fee is refused", () => {
    const view = makeRiskView({ limits: makeLimits({ positionNotional: notional("9") }) });
    expect(refused(stopAt("0.02"), view)).toMatchObject({
      code: "stop_not_placeable",
      facts: { netQuantity: "0 SOL" },
    });
  });
});

describe("prices", () => {
  test.each([
    ["25 bps at a narrow spread", "87.35", "87.36", "0.0025"],
    ["twice a wide spread", "99", "100", "0.02"],
  ])("the soft band is %s", (_says, bid, ask, band) => {
    expect(softBandOf({ bid: price(bid), ask: price(ask) })).toBe(band);
  });

  test.each([
    ["the ask and 25 bps, on tick downwards", "87.35", "87.36", "0.01", "87.57"],
    ["never beyond the collar of 1 %", "99", "100", "0.01", "100.49"],
    ["the ask itself where one tick is more than the band", "0.05", "0.05", "0.01", "0.05"],
    ["at most three ticks from the middle where ticks are coarse", "0.04", "0.05", "0.01", "0.07"],
    ["none when the spread is wider than the collar", "90", "100", "0.01", null],
    ["none when the ask is off tick", "0.055", "0.055", "0.01", null],
  ])("the worst price is %s", (_says, bid, ask, tick, worst) => {
    const instrument = makeInstrument({ tickSize: price(tick) });
    expect(worstBuyPrice(instrument, { bid: price(bid), ask: price(ask) })).toBe(worst);
  });

  test("a stop at the limit is measured from the worst price, so it moves up and still keeps 3 %", () => {
    // 3 % below the ask would be 84.7392; below the worst price 87.57 it is 84.9429.
    expect(sized(stopAt("0.03"), makeRiskView()).exitPlan.stopPrice).toBe("84.95");
  });

  test.each([
    ["a stop beyond the limit is the strategy's fault", "0.0301", "0.06", "stop_too_far"],
    ["a stop of 0", "0", "0.06", "stop_missing"],
    ["a stop of 100 %", "1", "0.06", "stop_missing"],
    ["a stop inside the spread", "0.0001", "0.06", "stop_not_placeable"],
    ["a target below the worst price", "0.02", "0.001", "stop_not_placeable"],
  ])("%s", (_says, stop, target, code) => {
    expect(refused(stopAt(stop, target), makeRiskView()).code).toBe(code);
  });

  test("nobody lends to this house: a short signal is refused", () => {
    expect(refused(makeSignal({ direction: "short" }), makeRiskView()).facts["direction"]).toBe("short");
  });

  test("a flat signal is never sized", () => {
    expect(() => sizeEntry(makeSignal({ direction: "flat" }), makeRiskView())).toThrow(/flat signal/);
  });

  test("who guards the exit is named", () => {
    expect(guardOf(makeInstrument({ protection: "stop" }))).toEqual({ stop: "venue", target: "house" });
    expect(guardOf(makeInstrument({ protection: "none" }))).toEqual({ stop: "house", target: "house" });
    expect(guardOf(makeInstrument({ protection: "oco" }))).toEqual({ stop: "venue", target: "venue" });
  });
});

const tick = fc.constantFrom("0.00001", "0.0001", "0.01", "0.1", "1");
const anyCase = fc
  .record({
    tick,
    ticks: fc.integer({ min: 20, max: 9_000_000 }),
    spread: fc.integer({ min: 0, max: 30 }),
    step: fc.constantFrom("0.00001", "0.001", "0.1", "1", "10"),
    equity: fc.integer({ min: 1, max: 5_000_000 }),
    free: fc.integer({ min: 0, max: 5_000_000 }),
    fee: fc.constantFrom("0", "0.0008", "0.001", "0.006"),
    stopBps: fc.integer({ min: 5, max: 320 }),
    targetBps: fc.option(fc.integer({ min: 5, max: 2_000 }), { nil: null }),
    open: fc.integer({ min: 0, max: 300_000 }),
    isUnknown: fc.boolean(),
    profile: fc.constantFrom("graduation", "integration", "drill"),
  })
  .map((draw) => {
    const unit = price(draw.tick);
    const ask = scale(unit, ratio(String(draw.ticks)));
    const bid = scale(unit, ratio(String(Math.max(1, draw.ticks - draw.spread))));
    const bps = (count: number) => scale(ratio("0.0001"), ratio(String(count)));
    const view = makeRiskView({
      instrument: makeInstrument({
        tickSize: unit,
        stepSize: quantity(draw.step),
        quantityMin: quantity(draw.step),
        takerFee: ratio(draw.fee),
      }),
      quote: { bid, ask, ageMs: 1 },
      equity: notional(String(draw.equity)),
      freeQuote: notional(String(draw.free)),
      exposures: [makeExposure({ notional: notional(String(draw.open)), isUnknown: draw.isUnknown })],
      limits: limitsOf(draw.profile as "graduation", { mode: "paper", usdRate: ratio("1") }),
    });
    const signal = makeSignal({
      exit: {
        stopDistance: bps(draw.stopBps),
        targetDistance: draw.targetBps === null ? null : bps(draw.targetBps),
        timeLimitMs: null,
      },
    });
    return { view, signal };
  });

const aboutAmounts = new Set([
  "risk_above_limit",
  "position_above_limit",
  "exposure_above_limit",
  "asset_above_limit",
  "stop_missing",
  "stop_too_far",
  "stop_not_placeable",
  "balance_too_small",
  "below_minimum",
  "above_maximum",
  "off_increment",
  "above_hard_limit",
]);

describe("for any account, market and profile", () => {
  test("what is sized is on tick and step, marketable, inside the collar and inside every limit", () => {
    let sizedCount = 0;
    fc.assert(
      fc.property(anyCase, ({ view, signal }) => {
        const answer = sizeEntry(signal, view);
        if (!answer.ok || view.quote === null) return;
        sizedCount += 1;
        const { quantity: size, shape, exitPlan, notional: worth } = answer.value;
        const { instrument, limits, equity } = view;
        expect(isPositive(size) && isMultipleOf(size, instrument.stepSize)).toBe(true);
        expect(isMultipleOf(shape.limitPrice, instrument.tickSize)).toBe(true);
        expect(isMultipleOf(exitPlan.stopPrice, instrument.tickSize)).toBe(true);
        expect(isAtLeast(shape.limitPrice, view.quote.ask)).toBe(true);
        expect(isAtMost(shape.limitPrice, collarOf(view.quote, instrument.tickSize).highest)).toBe(true);
        expect(worth).toBe(notionalOf(shape.limitPrice, size));
        expect(isAtMost(plus(worth, scale(worth, instrument.takerFee)), spendableOf(view) ?? notional("0"))).toBe(true);
        expect(isAtMost(plus(worth, exposureOf(view.exposures)), scale(equity, hardLimits.exposureShare))).toBe(true);
        expect(isAtMost(answer.value.risk, scale(equity, limits.riskPerTrade))).toBe(true);
        const denials = judge(makeEntry({ quantity: size, shape, exitPlan }), view, checks);
        expect(denials.filter((denial) => aboutAmounts.has(denial.code))).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
    // A property that refuses everything would hold as well.
    expect(sizedCount).toBeGreaterThan(100);
  });

  test("more equity never makes a smaller trade", () => {
    const sizeOf = (signal: Signal, view: RiskView) => {
      const answer = sizeEntry(signal, view);
      return answer.ok ? answer.value.quantity : quantity("0");
    };
    fc.assert(
      fc.property(anyCase, fc.integer({ min: 1, max: 1_000_000 }), ({ view, signal }, more) => {
        const richer = { ...view, equity: plus(view.equity, notional(String(more))) };
        expect(compare(sizeOf(signal, richer), sizeOf(signal, view))).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });

  test("the same question has the same answer", () => {
    fc.assert(
      fc.property(anyCase, ({ view, signal }) => {
        expect(sizeEntry(signal, view)).toEqual(sizeEntry(signal, view));
      }),
      { numRuns: 50 },
    );
  });
});
