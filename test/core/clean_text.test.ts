/** Text from strangers becomes one honest line, is cut between whole characters, and always fits the database. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutText, oneLine, storableText } from "../../src/core/clean_text.ts";

const wild = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("שלום 5", "a\uD800"),
);

describe("one line", () => {
  test.each([
    ["a line break", "a\nb\r\n\u2028c", "a b c"],
    ["a bidi override", "a\u202Egnol\u202C", "agnol"],
    ["zero width spaces", "B\u200BT\uFEFFC", "BTC"],
    ["a filler that looks like nothing", "B\u3164T\u115F\u1160C", "BTC"],
    ["tag characters", "5\u{E0030}\u{E007F}", "5"],
    ["half a surrogate pair", "a\uD800b", "a\uFFFDb"],
    ["right-to-left words", "שלום 5", "\u2068שלום 5\u2069"],
    ["a family", "👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"],
    ["nothing but blanks", " \t\u200B ", ""],
  ])("%s is made one honest line [M04]", (_what, given, shown) => {
    expect(oneLine(given)).toBe(shown);
  });
});

describe("a cut", () => {
  test.each([
    ["what fits stays as it is", "abcd", 4, "abcd"],
    ["what does not ends in dots", "abcdef", 4, "abc…"],
    ["a family is kept whole", "👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 13, "👨‍👩‍👧‍👦…"],
    ["a family is dropped whole", "👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 11, "…"],
    ["an isolate is closed again", "\u2068שלום שלום\u2069", 6, "\u2068שלו…\u2069"],
    ["no room, no dots", "abc", 0, ""],
  ])("%s", (_what, given, max, shown) => {
    expect(cutText(given, max)).toBe(shown);
  });

  test("never exceeds its room, whatever the encoding adds, and never ends inside what it added", () => {
    const encode = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    const given = fc.tuple(fc.array(fc.oneof(wild, fc.constantFrom("&", "<"))), fc.integer({ min: 0, max: 60 }));
    fc.assert(
      fc.property(given, ([pieces, max]) => {
        const cut = cutText(oneLine(pieces.join("")), max, encode);
        expect(cut.length).toBeLessThanOrEqual(max);
        expect(cut.replaceAll("&amp;", "").replaceAll("&lt;", "")).not.toContain("&");
      }),
      { numRuns: 500 },
    );
  });
});

test("what is stored is well-formed, short enough and unchanged when there was nothing wrong", () => {
  fc.assert(
    fc.property(wild, fc.integer({ min: 0, max: 20 }), (text, max) => {
      const stored = storableText(text, max);
      expect(stored.length).toBeLessThanOrEqual(max);
      expect(stored).not.toMatch(/\p{Cs}|\0/u);
      expect(storableText(stored, max)).toBe(stored);
    }),
  );
  expect(storableText("two\nlines \u200Band a family 👨‍👩‍👧‍👦", 100)).toBe("two\nlines \u200Band a family 👨‍👩‍👧‍👦");
  expect(storableText("a\u0000b\uD800", 100)).toBe("ab\uFFFD");
  expect(storableText("ab😀", 3)).toBe("ab");
});
