/** Profiles: the numbers of the constitution, and three layers of which the tightest always wins. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hardLimits } from "../../src/core/hard_limits.ts";
import { compare, notional, type Ratio, ratio } from "../../src/core/money.ts";
import { changeOf, limitNames, limitOverridesSchema, limitsOf, profiles, tightest } from "../../src/core/profiles.ts";
import type { Limits } from "../../src/core/risk_view.ts";

const usdt = ratio("1");
const live = { mode: "live", usdRate: usdt } as const;
const paper = { mode: "paper", usdRate: usdt } as const;

describe("the constitution in numbers", () => {
  test("graduation, live", () => {
    expect(limitsOf("graduation", live)).toEqual({
      riskPerTrade: "0.01",
      positionShare: "0.05",
      positionNotional: null,
      exposureShare: "0.2",
      assetShare: "0.3",
      openPositionsMax: 1,
      strengthMin: "0.1",
      stopDistanceMax: "0.03",
      isStopMandatory: true,
      drawdownMax: "0.1",
      dailyLossShare: "0.03",
      dailyLossNotional: null,
      sessionLossShare: "0.05",
      sessionLossNotional: null,
      tradesPerMinute: 10,
      ordersPerWindow: 2,
      volatilityMax: "0.2",
      isDowntrendGuarded: true,
      quoteAgeMaxMs: 2000,
      candleAgeMaxCycles: 2,
      losingStreakMax: 3,
      cooldownMs: 14_400_000,
      balanceGapMax: "0.01",
    });
  });

  test("integration holds one position and loses at most $10 a day and $15 a session", () => {
    expect(limitsOf("integration", paper)).toMatchObject({
      openPositionsMax: 1,
      riskPerTrade: "0.01",
      exposureShare: "1",
      assetShare: null,
      dailyLossShare: null,
      dailyLossNotional: "10",
      sessionLossNotional: "15",
    });
  });

  test("dollars become the accounting currency", () => {
    expect(limitsOf("integration", { mode: "paper", usdRate: ratio("0.00002") }).dailyLossNotional).toBe("0.0002");
  });

  test.each([
    ["paper", 3],
    ["dry_run", 3],
    ["backtest", 3],
    ["live", 1],
  ] as const)("%s holds %i positions", (mode, count) => {
    expect(limitsOf("graduation", { mode, usdRate: usdt }).openPositionsMax).toBe(count);
  });

  test("a drill may go without a stop on paper, and is plain graduation in live", () => {
    expect(limitsOf("drill", paper)).toMatchObject({
      isStopMandatory: false,
      stopDistanceMax: "0.5",
      strengthMin: "0",
      cooldownMs: 0,
    });
    expect(limitsOf("drill", live)).toEqual(limitsOf("graduation", live));
  });
});

describe("layers", () => {
  test("the configuration may differ from the profile, up to the hard constants", () => {
    const overrides = limitOverridesSchema.parse({
      riskPerTrade: "0.5",
      positionShare: null,
      openPositionsMax: 2,
      cooldownMs: 1,
      tradesPerMinute: 99,
    });
    expect(limitsOf("graduation", { ...live, overrides })).toMatchObject({
      riskPerTrade: hardLimits.riskPerTrade,
      positionShare: hardLimits.positionShare,
      openPositionsMax: 2,
      cooldownMs: 1,
      tradesPerMinute: 10,
    });
  });

  test("in live nothing makes a stop optional", () => {
    const overrides = limitOverridesSchema.parse({ isStopMandatory: false });
    expect(limitsOf("graduation", { ...live, overrides }).isStopMandatory).toBe(true);
    expect(limitsOf("graduation", { ...paper, overrides }).isStopMandatory).toBe(false);
  });

  test("runtime controls tighten and never loosen", () => {
    const controls: Partial<Limits> = {
      riskPerTrade: ratio("0.005"),
      exposureShare: ratio("0.9"),
      positionNotional: notional("100"),
      strengthMin: ratio("0.2"),
      cooldownMs: 1,
      isDowntrendGuarded: false,
      openPositionsMax: 0,
    };
    expect(limitsOf("graduation", { ...paper, controls })).toMatchObject({
      riskPerTrade: "0.005",
      exposureShare: "0.2",
      positionNotional: "100",
      strengthMin: "0.2",
      cooldownMs: 14_400_000,
      isDowntrendGuarded: true,
      openPositionsMax: 0,
    });
  });

  test("a control that lifts a limit altogether lifts nothing", () => {
    expect(limitsOf("graduation", { ...paper, controls: { positionShare: null } }).positionShare).toBe("0.05");
  });
});

const shares = fc.integer({ min: 0, max: 100_000 }).map((count) => ratio((count / 100_000).toFixed(5)));
const counts = fc.integer({ min: 0, max: 1_000_000 });
const anyValueOf = (name: keyof Limits, sample: Limits[keyof Limits]): fc.Arbitrary<Limits[keyof Limits]> => {
  if (typeof sample === "boolean") return fc.boolean();
  if (typeof sample === "number") return counts;
  const isOptional = name.startsWith("position") || name === "assetShare" || name.includes("Loss");
  return isOptional ? fc.option(shares, { nil: null }) : shares;
};
const base = limitsOf("graduation", paper);
const anyControls = fc.record(Object.fromEntries(limitNames.map((name) => [name, anyValueOf(name, base[name])])), {
  requiredKeys: [],
}) as fc.Arbitrary<Partial<Limits>>;
const anyLimits = anyControls.map((change): Limits => ({ ...base, ...change }));

describe("for any layers", () => {
  test("a layer added later never loosens a limit, and a second time changes nothing", () => {
    fc.assert(
      fc.property(anyLimits, anyControls, (limits, controls) => {
        const together = tightest(limits, controls);
        for (const name of limitNames)
          expect(changeOf(name, { from: limits[name], to: together[name] })).not.toBe("loosens");
        expect(tightest(together, controls)).toEqual(together);
      }),
    );
  });

  test("each limit is one of the two values, and the order of two layers is the same to it", () => {
    fc.assert(
      fc.property(anyLimits, anyControls, anyControls, (limits, first, second) => {
        expect(tightest(tightest(limits, first), second)).toEqual(tightest(tightest(limits, second), first));
        const together = tightest(limits, first);
        for (const name of limitNames) expect([limits[name], first[name]]).toContain(together[name]);
      }),
    );
  });

  test("no profile, configuration or control gets past a hard constant", () => {
    fc.assert(
      fc.property(fc.constantFrom("graduation", "integration", "drill"), anyControls, (name, controls) => {
        const limits = limitsOf(name as "drill", { ...paper, controls });
        for (const [key, hard] of Object.entries(hardLimits)) {
          const value = limits[key as keyof Limits];
          const isKept = typeof hard === "number" ? Number(value) <= hard : compare(value as Ratio, hard as Ratio) <= 0;
          expect(isKept, `${key} is ${String(value)}`).toBe(true);
        }
      }),
    );
  });
});

describe("what a change of one limit does", () => {
  test.each([
    ["riskPerTrade", "0.01", "0.005", "tightens"],
    ["riskPerTrade", "0.01", "0.02", "loosens"],
    ["riskPerTrade", "0.01", "0.01", "same"],
    ["strengthMin", "0.1", "0.2", "tightens"],
    ["strengthMin", "0.1", "0.05", "loosens"],
    ["positionNotional", null, "500", "tightens"],
    ["positionNotional", "500", null, "loosens"],
    ["positionNotional", null, null, "same"],
    ["positionNotional", "9", "10", "loosens"],
    ["isStopMandatory", false, true, "tightens"],
    ["isDowntrendGuarded", true, false, "loosens"],
    ["cooldownMs", 10, 20, "tightens"],
    ["openPositionsMax", 3, 0, "tightens"],
    ["quoteAgeMaxMs", 2000, 5000, "loosens"],
  ] as const)("%s from %s to %s %s", (name, from, to, change) => {
    expect(changeOf(name, { from: from as never, to: to as never })).toBe(change);
  });

  test("every limit has a tighter way, and back is loosening", () => {
    fc.assert(
      fc.property(anyLimits, anyLimits, (from, to) => {
        const back = { tightens: "loosens", loosens: "tightens", same: "same" } as const;
        for (const name of limitNames)
          expect(changeOf(name, { from: to[name], to: from[name] })).toBe(
            back[changeOf(name, { from: from[name], to: to[name] })],
          );
      }),
      { numRuns: 50 },
    );
  });
});

describe("what a configuration may not say", () => {
  test.each([
    ["a misspelled limit", { riskPerTrades: "0.01" }],
    ["a negative share", { riskPerTrade: "-0.01" }],
    ["an infinite share", { riskPerTrade: "Infinity" }],
    ["a share as an exponent", { riskPerTrade: "1e-2" }],
    ["a number where a text is exact", { riskPerTrade: 0.01 }],
    ["no risk limit at all", { riskPerTrade: null }],
    ["a negative count", { openPositionsMax: -1 }],
    ["half an order", { ordersPerWindow: 1.5 }],
    ["an infinite count", { tradesPerMinute: Number.POSITIVE_INFINITY }],
    ["NaN", { cooldownMs: Number.NaN }],
    ["money without its unit", { dailyLossNotional: "10" }],
    ["negative money", { dailyLossNotional: { usd: "-10" } }],
  ])("%s", (_says, overrides) => {
    expect(limitOverridesSchema.safeParse(overrides).success).toBe(false);
  });

  test("0 is a limit like any other", () => {
    const overrides = limitOverridesSchema.parse({
      riskPerTrade: "0",
      dailyLossNotional: { usd: "0" },
      openPositionsMax: 0,
    });
    expect(limitsOf("graduation", { ...paper, overrides })).toMatchObject({
      riskPerTrade: "0",
      dailyLossNotional: "0",
      openPositionsMax: 0,
    });
  });

  test("a schema key for every limit, a limit for every key", () => {
    const names = new Set<string>(limitNames);
    expect(new Set(Object.keys(limitOverridesSchema.shape))).toEqual(names);
    for (const profile of Object.values(profiles)) expect(new Set(Object.keys(profile))).toEqual(names);
  });

  test.each([
    ["a control that is not a number", { controls: { tradesPerMinute: Number.NaN } }],
    ["a negative control", { controls: { riskPerTrade: ratio("-0.01") } }],
    ["a dollar worth nothing", { usdRate: ratio("0") }],
  ])("%s is a programmer's mistake", (_says, change) => {
    expect(() => limitsOf("graduation", { ...paper, ...change })).toThrow(
      /must be a number that is not negative|A dollar is worth something/,
    );
  });
});
