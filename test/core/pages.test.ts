/** Long answers as pages: nothing is lost, nothing is cut in any chat, and each page says which of how many it is. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderDiscord } from "../../src/adapters/discord/render.ts";
import { renderTelegram } from "../../src/adapters/telegram/render.ts";
import { type Card, plainCard } from "../../src/core/card.ts";
import { oneLine } from "../../src/core/clean_text.ts";
import { pagesOf } from "../../src/core/pages.ts";

const card = (lines: readonly string[], fields: Card["fields"], footer: string | null = null): Card => ({
  ...plainCard("info", "Orders", lines),
  fields,
  footer,
});
const many = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ name: `order ${at}`, value: "buy 0.5 limit 100, filled 0" }));

describe("pages", () => {
  test("a short answer is one page, unchanged", () => {
    const short = card(["a line"], many(3), "as of 12:00");
    expect(pagesOf(short)).toEqual([short]);
    expect(pagesOf(plainCard("ok", "Nothing is open"))).toHaveLength(1);
  });

  test("each page says which of how many it is, under the same title and footer; chart and picture stand on the first", () => {
    const picture = { kind: "equity" } as never;
    const pages = pagesOf({ ...card([], many(45), "as of 12:00"), picture });
    expect(pages.map((page) => page.footer)).toEqual([
      "as of 12:00 · Page 1 of 3",
      "as of 12:00 · Page 2 of 3",
      "as of 12:00 · Page 3 of 3",
    ]);
    expect(pages.map((page) => page.picture !== undefined)).toEqual([true, false, false]);
    expect(pages.flatMap((page) => page.fields)).toEqual(many(45));
  });

  test("a value that fits no field goes on in the next one", () => {
    const words = Array.from({ length: 400 }, (_, at) => `word${at}`).join(" ");
    const [page] = pagesOf(card([], [{ name: "Evidence", value: words }]));
    expect(page?.fields.map((field) => field.name).slice(0, 2)).toEqual(["Evidence", "Evidence, going on"]);
    const all = pagesOf(card([], [{ name: "Evidence", value: words }])).flatMap((one) => one.fields);
    expect(all.map((field) => field.value).join(" ")).toBe(words);
  });

  const text = fc.oneof(
    fc.string({ maxLength: 1_500 }),
    fc.string({ unit: fc.constantFrom("<", "&", '"', "*", "_", " ", "a", "👨‍👩‍👧", "א"), maxLength: 1_500 }),
    fc.constant("x".repeat(4_096)),
  );
  const name = fc.string({ minLength: 1, maxLength: 30, unit: "grapheme-ascii" });
  const cards = fc.record({
    lines: fc.array(text, { maxLength: 30 }),
    fields: fc.array(fc.record({ name, value: text }), { maxLength: 30 }),
  });
  const letters = (parts: readonly string[]): string =>
    parts
      .map(oneLine)
      .join("")
      .replace(/[\s\u2068\u2069]/g, "");

  test("whatever stands in it: no letter is lost, and no chat cuts a page", () => {
    fc.assert(
      fc.property(cards, ({ lines, fields }) => {
        const pages = pagesOf(card(lines, fields, "as of 12:00"));
        expect(letters(pages.flatMap((page) => page.lines))).toBe(letters(lines));
        expect(letters(pages.flatMap((page) => page.fields.map((field) => field.value)))).toBe(
          letters(fields.map((field) => field.value)),
        );
        for (const page of pages) {
          const drawn = JSON.stringify([renderTelegram(page).html, renderDiscord(page)]);
          expect(drawn).not.toContain("shortened");
          expect(drawn).not.toContain("…");
        }
      }),
      { numRuns: 60, examples: [[{ lines: ['"'.repeat(3_000)], fields: [] }]] },
    );
  });
});
