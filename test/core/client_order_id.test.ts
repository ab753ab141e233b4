/** The name of an order at the venue: what venues take, deterministic, different for every decision. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clientOrderIdOf, epochOfClientOrderId } from "../../src/core/client_order_id.ts";
import { modes, type OrderIntent } from "../../src/core/intent.ts";
import { makeEntry } from "../fixtures/intent.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const idOf = (change: Partial<OrderIntent> = {}, bound: { epoch?: number; digest?: string } = {}): string =>
  clientOrderIdOf(makeEntry(change), { epoch: 7, digest: "aa", ...bound }, sha256);

test("the same decision always has the same name", () => {
  expect(idOf()).toBe(idOf());
  expect(idOf()).toMatchInlineSnapshot(`"xcsp7zpjghb627gg7er641"`);
});

test.each([
  ["trade", idOf({ tradeId: "trade-2" })],
  ["leg", idOf({ leg: "exit" })],
  ["attempt", idOf({ attempt: 2 })],
  ["digest", idOf({}, { digest: "ab" })],
  ["epoch", idOf({}, { epoch: 8 })],
  ["mode", idOf({ mode: "live" })],
])("another %s is another name", (_, other) => {
  expect(other).not.toBe(idOf());
});

test("parts of a name can't flow into each other: attempt 11 of one leg is not attempt 1 of another", () => {
  const names = [
    idOf({ tradeId: "t", attempt: 11 }),
    idOf({ tradeId: "t", attempt: 1 }, { digest: "1|aa" }),
    idOf({ tradeId: "t|entry", attempt: 1 }),
  ];
  expect(new Set(names).size).toBe(3);
});

describe("for any epoch, mode and order", () => {
  const epochs = fc.oneof(
    fc.maxSafeNat(),
    fc.nat({ max: 2_000 }),
    // Letters that the id itself uses as marks.
    fc.stringMatching(/^[1-9a-z][0-9a-z]{0,9}$/).map((text) => Number.parseInt(text, 36)),
    fc.stringMatching(/^z{1,9}$/).map((text) => Number.parseInt(text, 36)),
    fc.stringMatching(/^xcsp?z{0,5}$/).map((text) => Number.parseInt(text, 36)),
  );
  const cases = fc.record({
    epoch: epochs,
    mode: fc.constantFrom(...modes),
    tradeId: fc.string(),
    attempt: fc.integer({ min: 1, max: 500 }),
    digest: fc.string(),
  });

  test("it holds only what every venue takes, in at most 32 characters, and never begins with a digit", () => {
    fc.assert(
      fc.property(cases, ({ epoch, digest, ...change }) => {
        expect(idOf(change, { epoch, digest })).toMatch(/^x[A-Za-z0-9]{1,31}$/);
      }),
    );
  });

  test("its epoch can be read back, also one that is full of z", () => {
    fc.assert(
      fc.property(cases, ({ epoch, digest, ...change }) => {
        expect(epochOfClientOrderId(idOf(change, { epoch, digest }))).toBe(epoch);
      }),
    );
  });
});

test.each([
  "",
  "x",
  "hello",
  "xcsp7",
  "xcsq7z0123456789abcdef",
  "xcspz0123456789abcdef",
  "xcsp7z0123456789abcdeu",
  "xcsp7z0123456789abcde",
  " xcsp7z0123456789abcdef",
  "XCSP7Z0123456789ABCDEF",
])("%j is not one of ours", (id) => {
  expect(epochOfClientOrderId(id)).toBeNull();
});
