/** The simulator within the ordinary tests: a few dozen seeds, the seeds that once failed, and the same seed twice. */
import { describe, expect, test } from "vitest";
import { regressionSeeds } from "./regression_seeds.ts";
import { failureText } from "./report.ts";
import { runSeed, runTwice, type SeedResult } from "./run.ts";
import { addTotals, noTotals } from "./stats.ts";

const seeds = 40;
const steps = 300;

function mustHold(result: SeedResult): void {
  if (result.violations.length > 0) throw new Error(failureText(result, "this tree"));
}

describe("the house in a simulated world", () => {
  test(`${seeds} seeds of ${steps} steps keep every promise, settle when the faults end, and whole trades happen in them [K06]`, async () => {
    const totals = noTotals();
    for (let seed = 1; seed <= seeds; seed += 1) {
      const result = await runSeed({ seed: String(seed), steps });
      mustHold(result);
      addTotals(totals, result.totals);
    }
    // A quiet world proves nothing.
    expect(totals.trades).toBeGreaterThan(5);
    expect(totals.unknowns).toBeGreaterThan(0);
    expect(totals.crashes + totals.takeovers).toBeGreaterThan(0);
  }, 60_000);

  test("the same seed takes the same course twice [K07]", async () => {
    for (const seed of ["2", "5", "11"]) {
      const { first, isSame } = await runTwice({ seed, steps: 150, lines: 100_000 });
      expect(first.violations).toEqual([]);
      expect(first.story.length).toBeGreaterThan(100);
      expect(isSame).toBe(true);
    }
  }, 30_000);

  test("another seed takes another course", async () => {
    const [one, other] = [await runSeed({ seed: "2", steps: 50 }), await runSeed({ seed: "3", steps: 50 })];
    expect(one.trace).not.toBe(other.trace);
  });

  test.each(regressionSeeds)("seed $seed: $why", async ({ seed, steps: count }) => {
    mustHold(await runSeed({ seed, steps: count }));
  });
});
