/** The planted bugs stay plantable: each text that they replace still stands in the source, once. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { knownSeeds } from "./mutants/known_seeds.ts";
import { editsOf, timesIn } from "./mutants/mutant.ts";
import { mutants } from "./mutants/mutants.ts";
import { invariants } from "./oracle/invariants.ts";

const ids = new Set<string>(invariants.map((invariant) => invariant.id));

describe("planted bugs", () => {
  it("are at least 32, each with its own name", () => {
    expect(mutants.length).toBeGreaterThanOrEqual(32);
    expect(new Set(mutants.map((mutant) => mutant.name)).size).toBe(mutants.length);
  });

  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
    "%s: its texts stand in the source once",
    (_, mutant) => {
      for (const { file, find, replace } of editsOf(mutant)) {
        expect(timesIn(readFileSync(file, "utf8"), find), `${file}: ${find}`).toBe(1);
        expect(replace).not.toBe(find);
      }
    },
  );

  it("are each caught by some seed that is known, and nothing else is", () => {
    expect(Object.keys(knownSeeds).sort()).toEqual(mutants.map((mutant) => mutant.name).sort());
  });

  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))("%s: expects invariants that exist", (_, mutant) => {
    expect(mutant.expects.length).toBeGreaterThan(0);
    for (const id of mutant.expects) expect(ids.has(id), id).toBe(true);
  });
});
