/** People approve what this drawing says, so it is checked to the letter, and against whatever a stranger may put into it. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { keyboard, renderTelegram, textMax } from "../../src/adapters/telegram/render.ts";
import { type Button, type Card, plainCard, type Tone } from "../../src/core/card.ts";
import { parseText } from "../servers/telegram/entities.ts";

const order: Card = {
  title: "Buy 0.5 BTC/USDT on KuCoin",
  tone: "waiting",
  lines: ["Breakout: close above the 20-candle high.", "Paper money."],
  fields: [
    { name: "Worst price", value: "64,210" },
    { name: "Stop", value: "62,900 (-2.0 %, -655 USDT)" },
    { name: "Target", value: "" },
  ],
  footer: "Expires 14:08:00Z · 0/1 votes",
  chart: null,
};

it("an order that waits", () => {
  expect(renderTelegram(order)).toEqual({
    html: [
      "<b>⏳ Buy 0.5 BTC/USDT on KuCoin</b>",
      "",
      "Breakout: close above the 20-candle high.",
      "Paper money.",
      "",
      "<b>Worst price</b>: 64,210",
      "<b>Stop</b>: 62,900 (-2.0 %, -655 USDT)",
      "<b>Target</b>: –",
      "",
      "<i>Expires 14:08:00Z · 0/1 votes</i>",
    ].join("\n"),
    plain: [
      "⏳ Buy 0.5 BTC/USDT on KuCoin",
      "",
      "Breakout: close above the 20-candle high.",
      "Paper money.",
      "",
      "Worst price: 64,210",
      "Stop: 62,900 (-2.0 %, -655 USDT)",
      "Target: –",
      "",
      "Expires 14:08:00Z · 0/1 votes",
    ].join("\n"),
  });
});

it.each<[Tone, string]>([
  ["ok", "<b>✅ Done</b>"],
  ["info", "<b>ℹ️ Done</b>"],
  ["waiting", "<b>⏳ Done</b>"],
  ["warning", "<b>⚠️ Done</b>"],
  ["critical", "<b>🚨 Done</b>"],
  ["closed", "<b>⚪ Done</b>"],
])("a bare title with tone %s", (tone, html) => {
  expect(renderTelegram(plainCard(tone, "Done")).html).toBe(html);
});

it.each<[string, string, string]>([
  ["markup is text", "<b>x</b> & \"y\" 'z'", "&lt;b&gt;x&lt;/b&gt; &amp; &quot;y&quot; 'z'"],
  ["escaped text stays what it was", "&lt;b&gt; &#60;", "&amp;lt;b&amp;gt; &amp;#60;"],
  ["a line break can't forge a field", "64,210\nStop: none", "64,210 Stop: none"],
  ["nor can any other break", "a\r\nb\u2028c\u0085d\u000be", "a b c d e"],
  ["an override can't turn a number round", "\u202e012,46\u202c", "012,46"],
  ["invisible characters are gone", "BT\u200bC\ufeff/\u2060US\u00adDT\u{e0041}", "BTC/USDT"],
  ["right-to-left text is kept to itself", "שלום 12", "\u2068שלום 12\u2069"],
  ["emoji stay whole", "👩‍👩‍👧 🇩🇪 👍🏽", "👩‍👩‍👧 🇩🇪 👍🏽"],
  ["half a character is marked", "a\ud83d", "a\ufffd"],
])("%s", (_name, value, drawn) => {
  const card: Card = { ...plainCard("info", "T"), fields: [{ name: "N", value }] };
  expect(renderTelegram(card).html).toBe(`<b>ℹ️ T</b>\n\n<b>N</b>: ${drawn}`);
});

it("a card that is too long loses its sentences first, never its facts or its footer, and says so", () => {
  const long = { ...order, lines: ["reason ".repeat(900), "second"] };
  const { html, plain } = renderTelegram(long);
  for (const text of [html, plain]) {
    expect(text.length).toBeLessThanOrEqual(textMax);
    expect(text.length).toBeGreaterThan(3_900);
    expect(text).toContain("62,900 (-2.0 %, -655 USDT)");
    expect(text).toContain("Expires 14:08:00Z");
    expect(text).toContain("… shortened: the desk shows all of it");
    expect(text).not.toContain("second");
  }
});

it("yes and no share a row, the rest stand two by two, and colors tell them apart", () => {
  const button = (label: string, style: Button["style"]): Button => ({ label, style, token: "AAAAAAAAAAAAAAA_" });
  const drawn = keyboard([
    button("Approve", "yes"),
    button("Snooze", "plain"),
    button("Decline", "no"),
    button("Halve", "plain"),
    button(" \u202e ", "plain"),
  ]);
  expect(drawn.inline_keyboard.map((row) => row.map(({ text, style }) => [text, style]))).toEqual([
    [
      ["Approve", "success"],
      ["Decline", "danger"],
    ],
    [
      ["Snooze", undefined],
      ["Halve", undefined],
    ],
    [["…", undefined]],
  ]);
  expect(keyboard([]).inline_keyboard).toEqual([]);
  expect(() => keyboard([{ label: "x", style: "yes", token: "short" }])).toThrow("16 base64url");
});

const nasty = fc.oneof(
  fc.string({ unit: "binary", maxLength: 3_000 }),
  fc.string({ unit: "grapheme", maxLength: 3_000 }),
  fc.string({
    unit: fc.constantFrom("<", ">", "&", '"', "</b>", "<b>", "&lt;", "\n", "👨‍👩‍👧‍👦", "ש", "\ud800", "…"),
    maxLength: 2_500,
  }),
);
const cards: fc.Arbitrary<Card> = fc.record({
  title: nasty,
  tone: fc.constantFrom<Tone>("ok", "info", "waiting", "warning", "critical", "closed"),
  lines: fc.array(nasty, { maxLength: 6 }),
  fields: fc.array(fc.record({ name: nasty, value: nasty }), { maxLength: 12 }),
  footer: fc.option(nasty),
  chart: fc.constant(null),
});

it("whatever stands in a card, Telegram's parser takes it, within 4,096, and reads the same words as in the plain version", () => {
  fc.assert(
    fc.property(cards, (card) => {
      const { html, plain } = renderTelegram(card);
      expect(html.length).toBeLessThanOrEqual(textMax);
      expect(plain.length).toBeLessThanOrEqual(textMax);
      const parsed = parseText(html, "HTML");
      expect(parsed.text.length).toBeGreaterThan(0);
      if (html.length < textMax - 100) expect(parsed.text).toBe(parseText(plain, undefined).text);
      expect(html).not.toMatch(/[\u202a-\u202e\u200b]/);
      expect(html).not.toContain("\0");
    }),
    { numRuns: 150 },
  );
});

it("whatever stands in a card, there are exactly as many bold names as facts that fit: no value can pose as one [M04]", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary", maxLength: 40 }), { maxLength: 8 }), (values) => {
      const card: Card = { ...order, lines: values, fields: values.map((value) => ({ name: "N", value })) };
      const bold = parseText(renderTelegram(card).html, "HTML").entities.filter((entity) => entity.type === "bold");
      expect(bold).toHaveLength(1 + values.length);
    }),
    { numRuns: 100 },
  );
});
