/** What people approve in Discord: nothing cut in silence, nothing forged, never longer than Discord takes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeMarkdown } from "../../src/adapters/discord/markdown.ts";
import {
  buttonRows,
  contentMax,
  descriptionMax,
  embedMax,
  fieldsMax,
  renderDiscord,
  renderPlain,
} from "../../src/adapters/discord/render.ts";
import { type Card, plainCard } from "../../src/core/card.ts";
import { cutText } from "../../src/core/clean_text.ts";
import { instant } from "../../src/core/time.ts";
import { checkMessage } from "../servers/discord/message_form.ts";
import type { Json } from "../servers/discord/refusal.ts";

const order: Card = {
  title: "Buy 0.50 BTC/USDT · LIVE",
  tone: "waiting",
  lines: ["breakout: close above the 20 day high"],
  fields: [
    { name: "Order", value: "buy 0.50 BTC at binance, limit 64,370 USDT (worst price), GTC" },
    { name: "Price now", value: "64,210 USDT" },
    { name: "Stop", value: "62,900 USDT · -2.04 %" },
  ],
  footer: "waiting for Ana · v1",
  chart: null,
  expiresAt: instant(1_700_000_000_000),
};

/** Refused by the pretended Discord = refused by Discord. */
const isTaken = (text: object) => checkMessage(text as Json, { mayBeEmpty: false });

describe("a card", () => {
  it("is drawn as the title in the content and all else in one embed", () => {
    expect(renderDiscord(order)).toMatchInlineSnapshot(`
      {
        "content": "⏳ **Buy 0.50 BTC/USDT · LIVE**",
        "embeds": [
          {
            "color": 14722342,
            "description": "breakout: close above the 20 day high
      Counts until <t:1700000000:T>, <t:1700000000:R>",
            "fields": [
              {
                "inline": false,
                "name": "Order",
                "value": "buy 0.50 BTC at binance, limit 64,370 USDT (worst price), GTC",
              },
              {
                "inline": true,
                "name": "Price now",
                "value": "64,210 USDT",
              },
              {
                "inline": true,
                "name": "Stop",
                "value": "62,900 USDT · -2.04 %",
              },
            ],
            "footer": {
              "text": "waiting for Ana · v1",
            },
          },
        ],
      }
    `);
  });
  it("is drawn as bare text with the same facts", () => {
    expect(renderPlain(order).content).toMatchInlineSnapshot(`
      "⏳ **Buy 0.50 BTC/USDT · LIVE**
      waiting for Ana · v1
      Order: buy 0.50 BTC at binance, limit 64,370 USDT (worst price), GTC
      Price now: 64,210 USDT
      Stop: 62,900 USDT · -2.04 %
      breakout: close above the 20 day high"
    `);
  });
  it("with a title alone has no empty embed", () => {
    expect(renderDiscord(plainCard("ok", "Done"))).toEqual({ content: "✅ **Done**", embeds: [] });
  });
  it("shows empty names and values as a dash, because Discord refuses emptiness", () => {
    const drawn = renderDiscord({ ...order, fields: [{ name: "", value: "\u200b" }] });
    expect(drawn.embeds[0]?.fields).toEqual([{ name: "–", value: "–", inline: true }]);
    isTaken(drawn);
  });
  it("with more facts than fit says how many are missing, and keeps the status", () => {
    const fields = Array.from({ length: 40 }, (_, at) => ({
      name: `Fact ${at}`,
      value: "x".repeat(at < 6 ? 1_500 : 10),
    }));
    const embed = renderDiscord({ ...order, fields }).embeds[0];
    expect(embed?.fields?.at(-1)?.name).toBe("35 more");
    expect(embed?.footer?.text).toBe(order.footer);
    const short = renderDiscord({ ...order, fields: fields.slice(6) }).embeds[0];
    expect(short?.fields).toHaveLength(fieldsMax);
    expect(short?.fields?.at(-1)?.name).toBe("10 more");
  });
  it("with exactly 25 short facts shows all of them", () => {
    const fields = Array.from({ length: 25 }, (_, at) => ({ name: `Fact ${at}`, value: "1" }));
    expect(renderDiscord({ ...order, fields }).embeds[0]?.fields?.at(-1)?.name).toBe("Fact 24");
  });
});

describe("any card whatever", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc.string({ unit: "binary", maxLength: 6_000 }),
    fc.constant("*".repeat(5_000)),
    fc.constant("👨‍👩‍👧‍👦".repeat(900)),
  );
  const card = fc.record({
    title: text,
    tone: fc.constantFrom("ok" as const, "critical" as const),
    lines: fc.array(text, { maxLength: 8 }),
    fields: fc.array(fc.record({ name: text, value: text }), { maxLength: 40 }),
    footer: fc.option(text),
    chart: fc.constant(null),
  });
  it("is within Discord's limits, as an embed and as bare text", () => {
    fc.assert(
      fc.property(card, (any) => {
        const drawn = renderDiscord(any);
        isTaken(drawn);
        isTaken(renderPlain(any));
        expect(JSON.stringify(drawn.embeds).length).toBeLessThan(embedMax * 3);
        expect(drawn.embeds[0]?.description?.length ?? 0).toBeLessThanOrEqual(descriptionMax);
        expect(renderPlain(any).content.length).toBeLessThanOrEqual(contentMax);
      }),
      { numRuns: 150 },
    );
  });
});

describe("text from strangers", () => {
  it.each([
    ["bold", "**win**", "\\*\\*win\\*\\*"],
    ["a link with another name", "[binance](https://evil.test)", "\\[binance\\](https\\://evil.test)"],
    ["a mention", "<@123> @everyone", "\\<\\@123\\> \\@everyone"],
    ["a fake countdown", "<t:1:R>", "\\<t:1:R\\>"],
    ["code", "`rm`", "\\`rm\\`"],
    ["a heading", "# BIG", "\\# BIG"],
    ["a list", "- one", "\\- one"],
    ["a numbered list", "1. one", "1\\. one"],
    ["a quote and a spoiler", "> a ||b||", "\\> a \\|\\|b\\|\\|"],
    ["a backslash before a star", "\\*", "\\\\\\*"],
    ["a plain price", "-2.50 % at 64,210.5", "-2.50 % at 64,210.5"],
  ])("[M04] %s stays plain", (_, given, shown) => {
    expect(escapeMarkdown(given)).toBe(shown);
  });
  it("holds no address that can be tapped, except the one of ours that is meant to be", () => {
    const link = "https://desk.example.net/#code=a_b-C_d";
    const bad = "https://evil.example/*x*";
    const lines = [link, "http://evil.example"];
    expect(renderDiscord({ ...plainCard("info", "Your link", lines), link }).embeds[0]?.description).toBe(
      `${link}\nhttp\\://evil.example`,
    );
    expect(renderPlain({ ...plainCard("info", "Your link", lines), link }).content).toContain(`\n${link}\n`);
    expect(renderDiscord({ ...plainCard("info", "x", [bad]), link: bad }).embeds[0]?.description).not.toContain(bad);
    expect(renderDiscord(plainCard("info", "x", [link])).embeds[0]?.description).not.toContain(link);
  });
  it("is cut never inside an escape", () => {
    expect(cutText("****", 5, escapeMarkdown)).toBe("\\*\\*…");
  });
});

describe("buttons", () => {
  const button = (at: number) => ({
    label: `B${at}`,
    style: "plain" as const,
    token: `token-${String(at).padStart(10, "0")}`,
  });
  it("stand in rows of five with our prefix before the token", () => {
    const rows = buttonRows(Array.from({ length: 7 }, (_, at) => button(at)));
    expect(rows.map((row) => row.components.length)).toEqual([5, 2]);
    expect(rows[1]?.components[1]).toEqual({ type: 2, style: 2, label: "B6", custom_id: "a1.token-0000000006" });
    isTaken({ content: "a", components: rows });
  });
  it("have labels of at most 80 and never empty ones", () => {
    const rows = buttonRows([
      { ...button(0), label: "x".repeat(200) },
      { ...button(1), label: "\u200b" },
    ]);
    expect(rows[0]?.components.map((each) => each.label.length)).toEqual([80, 1]);
  });
  it("that are too many or have a broken token are our own mistake", () => {
    expect(() => buttonRows(Array.from({ length: 26 }, (_, at) => button(at)))).toThrow("at most 25");
    expect(() => buttonRows([{ ...button(0), token: "short" }])).toThrow("16 base64url");
  });
});
