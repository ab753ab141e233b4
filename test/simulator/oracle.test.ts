/** The oracle judged: for every invariant a world that keeps its promise and some that break it, made by hand. */
import { describe, expect, it } from "vitest";
import type { Invariant } from "./contract.ts";
import { invariants } from "./oracle/invariants.ts";
import { smallWorld } from "./oracle/small_world.ts";
import { soldWell } from "./oracle/tales.ts";
import { consentTales } from "./oracle/tales_of_consent.ts";
import { ordersTales } from "./oracle/tales_of_orders.ts";
import { houseTales } from "./oracle/tales_of_the_house.ts";
import { timeTales } from "./oracle/tales_of_time.ts";

const cases = [...ordersTales, ...consentTales, ...houseTales, ...timeTales].sort((one, other) =>
  one.id.localeCompare(other.id),
);

describe("every promise has a judge", () => {
  it("all 26 are listed once, in order", () => {
    const ids = invariants.map((invariant) => invariant.id);
    expect(ids).toEqual(Array.from({ length: 26 }, (_, index) => `I${String(index + 1).padStart(2, "0")}`));
    expect(new Set(invariants.map((invariant) => invariant.name)).size).toBe(26);
  });

  it("all but the one about two runs are tried below, and each is broken at least once", () => {
    const tried = cases.filter((one) => Object.keys(one.breaks).length > 0).map((one) => one.id);
    expect(tried).toEqual(invariants.map((invariant) => invariant.id).slice(0, 25));
  });
});

for (const { id, keeps, breaks } of cases) {
  const invariant = invariants.find((one) => one.id === id) as Invariant;
  describe(`${id} ${invariant.name}`, () => {
    it("has nothing to say where the promise is kept", () => {
      const world = smallWorld(invariant);
      keeps(world);
      expect(world.found()).toEqual([]);
    });
    for (const [what, tale] of Object.entries(breaks)) {
      it(`is broken when ${what}`, () => {
        const world = smallWorld(invariant);
        tale(world);
        expect(world.found().map((violation) => violation.invariant)).toContain(id);
      });
    }
  });
}

describe("the oracle as a whole", () => {
  it("finds nothing in a trade that was asked for, entered, sold and closed as it should be", () => {
    for (const invariant of invariants) {
      const world = smallWorld(invariant);
      soldWell(world);
      expect(world.found(), invariant.name).toEqual([]);
    }
  });
});
