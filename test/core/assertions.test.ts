/** Every promise of src/assertions: holds for sound books and a quiet second, names what breaks it, and counts as broken when it can't be judged. */
import { describe, expect, test } from "vitest";
import { assertions } from "../../src/assertions/index.ts";
import type { Books } from "../../src/core/books.ts";
import { holdPromises } from "../../src/flows/hold_promises.ts";
import { brokenTrading } from "../fixtures/broken_promises.ts";
import { brokenSurroundings } from "../fixtures/broken_surroundings.ts";
import { base, books, marks, quiet } from "../fixtures/house_in_order.ts";

const rows = [...brokenTrading, ...brokenSurroundings];

describe("promises", () => {
  test.each(rows)("%s: %s", (name, _what, given, readings, expected) => {
    const assertion = assertions.find((one) => one.name === name);
    const breaches = assertion?.breaches(given, readings) ?? [];
    if (expected === "nothing") return expect(breaches).toEqual([]);
    expect(breaches).toContainEqual(expect.objectContaining(expected));
  });

  test.each(assertions.map((one) => [one.name, one] as const))("%s has a row that breaks it", (name) => {
    expect(rows.some((row) => row[0] === name && row[4] !== "nothing")).toBe(true);
  });

  test.each(assertions.map((one) => [one.name, one] as const))(
    "%s holds for sound books in a quiet second",
    (_, one) => {
      expect(one.breaches(books, quiet({ marks }))).toEqual([]);
    },
  );

  test.each(assertions.map((one) => [one.name, one] as const))(
    "%s counts as broken when it can't be judged [D05]",
    (name, one) => {
      const poison = new Proxy({} as Books, {
        get() {
          throw new Error("a view can't be computed");
        },
      });
      const readings = new Proxy(base, {
        get(target, key) {
          if (key === "venue" || key === "wallAt") return Reflect.get(target, key) as unknown;
          throw new Error("a reading can't be taken");
        },
      });
      const house = { accountId: "main" };
      const findings = holdPromises(
        [one],
        Object.assign(Object.create(poison) as Books, {
          house: new Proxy(house, { get: (target, key) => (key === "accountId" ? target.accountId : fall()) }) as never,
        }),
        readings,
      );
      expect(findings).toEqual([
        expect.objectContaining({
          promise: `${one.id} ${name}`,
          grade: "open",
          evidence: { "could not be judged": expect.any(String) as string },
        }),
      ]);
    },
  );

  test("the eleven of the specification are all there, each once", () => {
    const ids = assertions.map((one) => one.id).sort();
    expect(ids).toEqual(["A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A09", "A10", "A11"]);
  });

  test("integrity, modes, money and losses are closed by a person only", () => {
    const sticky = assertions.filter((one) => one.onBreach.class === "sticky").map((one) => one.id);
    expect(sticky.sort()).toEqual(["A01", "A02", "A09", "A10", "A11"]);
  });
});

function fall(): never {
  throw new Error("the books can't be read");
}
