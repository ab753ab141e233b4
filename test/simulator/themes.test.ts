/** A seed may say what its world is about, and then the world is about that. */
import { describe, expect, it } from "vitest";
import { seededChance } from "./chance.ts";
import type { FaultFamily } from "./contract.ts";
import { openGusts, ratesOf, themeNames, themeOf, themes } from "./themes.ts";

describe("worlds with a theme", () => {
  it.each(themeNames)("%s: only its own families are frequent, within their bounds", (name) => {
    const bounds: Partial<Record<FaultFamily, readonly [number, number]>> = themes[name];
    for (let seed = 1; seed <= 20; seed += 1) {
      const rates = ratesOf(name, seededChance(`${name}:${seed}`));
      for (const [family, rate] of rates) {
        const [least, most] = bounds[family] ?? [1, 0];
        expect(rate, family).toBeGreaterThanOrEqual(least);
        expect(rate, family).toBeLessThanOrEqual(most);
      }
      const certain = Object.entries(bounds).filter(([, [least]]) => least > 0.01);
      for (const [family] of certain) expect(rates.has(family as FaultFamily), family).toBe(true);
    }
  });

  it.each([
    ["17", null],
    ["mortal:17", "mortal"],
    ["mortals:17", null],
    ["constructor:1", null],
    ["", null],
  ] as const)("the seed %j is about %s", (seed, theme) => {
    expect(themeOf(seed)).toBe(theme);
  });

  it("fair and foul weather take turns for the venue, and machines know no weather", () => {
    let now = 0;
    const [sawFair, sawFoul] = [new Set<string>(), new Set<string>()];
    for (let seed = 1; seed <= 12; seed += 1) {
      now = 0;
      const isSilent = openGusts(seededChance(`weather ${seed}`), () => now);
      for (; now < 600_000; now += 500) {
        (isSilent("answer_lost") ? sawFair : sawFoul).add(String(seed));
        expect(isSilent("crash")).toBe(false);
      }
    }
    expect(sawFair.size).toBeGreaterThan(4);
    expect(sawFoul.size).toBe(12);
  });
});
