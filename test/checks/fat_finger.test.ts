/** A size with two zeros too many: no limit that a person can set, and no profile, lets it through. */
import { describe, expect, test } from "vitest";
import { hardLimits } from "../../src/checks/hard_limits.ts";
import { price, quantity, ratio } from "../../src/core/money.ts";
import { parseLimit } from "../../src/flows/limit_controls.ts";
import { makeEntry } from "../fixtures/intent.ts";
import { makeLimits, makeRiskView } from "../fixtures/risk_view.ts";

const nothingElse = makeLimits({
  riskPerTrade: ratio("1"),
  positionShare: null,
  exposureShare: ratio("1"),
  openPositionsMax: 99,
});

describe("a size a hundred times too large", () => {
  test.each([
    ["4.5 SOL as meant", "4.5", true],
    ["450 SOL", "450", false],
    ["45000 SOL", "45000", false],
  ])("[O09] %s, under limits that somebody has opened wide", (_, size, passes) => {
    const denied = hardLimits.evaluate(makeEntry({ quantity: quantity(size) }), makeRiskView({ limits: nothingElse }));
    expect(denied === null).toBe(passes);
    if (denied !== null) expect(Object.keys(denied)).toContain("notional");
  });

  test("[O09] a price with a zero too many is outside the collar", () => {
    const shape = { orderType: "limit", limitPrice: price("874"), timeInForce: "ioc" } as const;
    const denied = hardLimits.evaluate(makeEntry({ shape }), makeRiskView({ limits: nothingElse }));
    expect(Object.keys(denied ?? {})).toContain("collar");
  });

  test.each([
    ["riskPerTrade", "100"],
    ["riskPerTrade", "101%"],
    ["positionShare", "500%"],
    ["positionShare", "50"],
    ["openPositionsMax", "99999999999999999999"],
  ] as const)("[O09] /limits %s %s is no value", (name, typed) => {
    expect(parseLimit(name, typed).ok).toBe(false);
  });
});
