/** A smaller order: everything but the size stays, to the last digit; what a person may type for a size. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { isAtMost, isLess, notionalOf, quantity } from "../../src/core/money.ts";
import { isPhrase, phraseWith } from "../../src/core/question.ts";
import { resized, sizeWish } from "../../src/core/resize.ts";
import { makeApproval } from "../fixtures/facts.ts";
import { makeInstrument } from "../fixtures/instrument.ts";

const { subject } = makeApproval();
if (subject.kind !== "order") throw new Error("the sample is an order");
const instrument = makeInstrument({ stepSize: quantity("0.001"), quantityMin: quantity("0.001") });
const about = { instrument, intentId: "int-2" };

test("for every wish the smaller order differs in its size alone, lies on the lot and never grows", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20_000 }), (thousandths) => {
      const sized = resized(subject, quantity(String(thousandths / 10_000)), about);
      if (!sized.ok) {
        expect(sized.problem).toMatch(/Only a smaller|less than the venue/);
        return;
      }
      const { intent, terms } = sized.value;
      expect({ ...intent, intentId: "", quantity: "" }).toEqual({ ...subject.intent, intentId: "", quantity: "" });
      expect(isLess(intent.quantity, subject.intent.quantity)).toBe(true);
      expect(intent.quantity).toMatch(/^\d+(\.\d{1,3})?$/);
      expect(terms.notional).toBe(notionalOf(intent.shape.limitPrice, intent.quantity));
      expect(isAtMost(terms.risk, subject.terms.risk)).toBe(true);
      expect(isAtMost(terms.exposureThen, subject.terms.exposureThen)).toBe(true);
      expect(terms.quotedPrice).toBe(subject.terms.quotedPrice);
    }),
  );
});

test.each([
  ["half", "1"],
  ["½", "1"],
  ["quarter", "0.5"],
  ["30 %", "0.6"],
  ["5%", "0.1"],
  ["0.4", "0.4"],
  ["0,4", "0.4"],
  ["-1", null],
  ["0x10", null],
  ["1e3", null],
  ["a lot", null],
  ["", null],
  ["100%", null],
])("%j of 2 is %s", (typed, expected) => {
  expect(sizeWish(typed, quantity("2"))).toBe(expected);
});

test("a phrase has three digits of its own; case and spaces don't matter, everything else does", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (roll) => {
      const phrase = phraseWith(roll);
      expect(phrase).toMatch(/^YES I AM SURE [1-9]\d\d$/);
      expect(isPhrase(phrase, `  ${phrase.toLowerCase().replaceAll(" ", "   ")} `)).toBe(true);
      expect(isPhrase(phrase, phrase.slice(0, -1))).toBe(false);
      expect(isPhrase(phrase, "YES I AM SURE")).toBe(false);
    }),
  );
});
