/**
 * Bombs of markup, endless names, emoji and text that runs the other way, through the real grammY and the real discord.js
 * against the strict servers: taken at the first try, as the words that they are, within every limit, notifying nobody.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Card } from "../../src/core/card.ts";
import type { Messenger } from "../../src/ports/messenger.ts";
import { type Rig, rig, until as untilDiscord } from "../servers/discord/rig.ts";
import { buttons, chatRef, openBot, telegramHouse, until } from "./telegram_house.ts";

const reversed = "\u202e"; // right-to-left override
const family = "👨‍👩‍👧‍👦";

/** What it is, and the text that a stranger chose. */
const bombs: readonly (readonly [string, string])[] = [
  ["HTML that is never closed", "<b><i><a href='tg://user?id=1'><code>".repeat(120)],
  ["HTML that closes what it did not open", "</b></i></a></blockquote>".repeat(160)],
  ["entities of entities", "&amp;lt;&#60;&#x3c;&lt;b&gt;".repeat(150)],
  ["a script", "<script>alert(1)</script><img src=x onerror=alert(1)>".repeat(70)],
  ["Markdown nested deep", `${"**_||~~`[".repeat(250)}x${"](http://evil.test)`~~||_**".repeat(40)}`],
  ["nothing but stars", "*".repeat(4_096)],
  ["nothing but backslashes", "\\".repeat(4_096)],
  ["mentions of everybody", "@everyone @here <@&1> <@1> <#1> </pause:1> <t:1:R> ".repeat(80)],
  ["headings, quotes and lists", "# BIG\n> quote\n- item\n1. one\n```js\nfetch()\n```\n".repeat(80)],
  ["a name of 4,096 characters", "A".repeat(4_096)],
  ["4,096 emoji of many parts", family.repeat(600)],
  ["letters buried in marks", `Z${"\u0335\u0347\u0321".repeat(1_300)}algo`],
  ["an override that turns numbers round", `${reversed}0.5 CTB yuB${reversed}`.repeat(200)],
  ["Hebrew and Arabic", "שלום عليكم 12,50 ".repeat(240)],
  ["characters that nobody sees", "\u200b\u2060\ufeff\u00ad\u{e0041}".repeat(700)],
  ["half characters and NUL", "\ud83d\u0000\udc00".repeat(1_000)],
];

/** The stranger's words in every place where a card has words. */
const cardOf = (text: string): Card => ({
  title: text,
  tone: "waiting",
  lines: [text, "The last line is ours."],
  fields: [
    { name: text, value: text },
    { name: "Worst price", value: "64,210" },
  ],
  footer: `Asked by ${text}`,
  chart: null,
});

const extra = (nonce: string) => ({
  buttons: buttons.map((button, index) => (index === 2 ? { ...button, label: "x\u202e*<b>".repeat(60) } : button)),
  nonce,
  isQuiet: false,
});

async function posted(messenger: Messenger, to: Parameters<Messenger["post"]>[0], text: string): Promise<string> {
  const sent = await messenger.post(to, cardOf(text), extra("bomb"));
  if (!sent.ok) throw new Error(`${sent.problem.kind}: ${sent.problem.because}`);
  return sent.value.messageId;
}

describe("Telegram", () => {
  it.each(bombs)("shows %s as words, at the first try, and the facts beside it", async (_, text) => {
    const { server, group, messenger, lines } = await telegramHouse();
    const messageId = await posted(messenger, chatRef(group), text);
    const [message, ...more] = server.botMessages(group);
    expect(more).toEqual([]);
    expect(message?.messageId).toBe(Number(messageId));
    const { text: seen = "", entities = [] } = message?.history.at(-1)?.content ?? {};
    expect(seen).toContain("Worst price: 64,210");
    // Bold are the title and the two names of facts, italic is the last line; nobody else made an entity.
    const kinds = entities.map(({ type }) => type);
    expect(kinds.filter((kind) => kind !== "bold" && kind !== "italic")).toEqual([]);
    expect(kinds.filter((kind) => kind === "bold").length).toBeLessThanOrEqual(3);
    expect(seen).not.toMatch(/[\u202a-\u202e\u200b]/);
    expect(seen).not.toContain("\0");
    // Nothing had to be said twice as bare words.
    expect(lines.filter(({ level }) => level !== "info")).toEqual([]);
    expect(server.callsOf("sendMessage")).toHaveLength(1);
  });

  it("hears a person whose name has 4,096 characters under a short one", async () => {
    const { server, group } = await telegramHouse();
    const longs = server.addUser({ first_name: `${reversed}${"<b>Ana</b>".repeat(400)}`.slice(0, 4_096) });
    const { messenger, received, take } = openBot(server);
    await messenger.start(take);
    server.sendText(longs, group, "/status");
    await until(() => received.length === 1);
    const name = received[0]?.sender.displayName ?? "";
    expect(name.length).toBeLessThanOrEqual(64);
    expect(name).not.toContain(reversed);
    expect(received[0]?.sender.userId).toBe(String(longs.id));
  });
});

describe("Discord", () => {
  let on: Rig;
  beforeAll(async () => {
    on = await rig({ server: { hasRateLimits: false } });
  });
  afterAll(() => on.stop());

  it.each(bombs)("shows %s as words, at the first try, and notifies nobody", async (_, text) => {
    const before = on.server.requests.filter((each) => each.path.endsWith("/messages")).length;
    const sent = await on.bot.post(on.chat, cardOf(text), extra(`n${before}`));
    if (!sent.ok) throw new Error(`${sent.problem.kind}: ${sent.problem.because}`);
    const message = on.server.message(sent.value.messageId);
    expect(message.pinged).toEqual([]);
    const [embed] = message.embeds as { fields: { name: string; value: string }[] }[];
    expect(embed?.fields.find(({ name }) => name === "Worst price")?.value).toBe("64,210");
    expect(JSON.stringify(message.embeds)).not.toMatch(/\u202e|\\u202e/);
    expect(on.server.requests.filter((each) => each.path.endsWith("/messages"))).toHaveLength(before + 1);
    expect(on.log.lines.filter(({ level }) => level !== "info")).toEqual([]);
  });

  it("does not hear words that were edited afterwards, nor those of a webhook", async () => {
    const direct = on.server.openDm(on.ana);
    on.server.sendText(on.ana, direct, "first");
    await untilDiscord("the first", () => on.heard.length === 1);
    const author = { id: on.ana, username: "ana", discriminator: "0", avatar: null };
    const said = {
      id: "999",
      channel_id: direct,
      author,
      content: "/resume edited",
      timestamp: new Date().toISOString(),
    };
    on.server.gateway.sendDispatch("MESSAGE_UPDATE", { ...said, edited_timestamp: new Date().toISOString() });
    on.server.gateway.sendDispatch("MESSAGE_CREATE", { ...said, id: "1000", webhook_id: "55" });
    on.server.sendText(on.ana, direct, "last");
    await untilDiscord("the last", () => on.heard.length >= 2);
    expect(on.heard.map((one) => (one.kind === "text" ? one.text : one.kind))).toEqual(["first", "last"]);
  });
});
