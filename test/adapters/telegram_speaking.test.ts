/** What the house posts, edits and replies on Telegram, and that nothing a stranger wrote can break it. */
import { expect, it } from "vitest";
import type { Card } from "../../src/core/card.ts";
import { plainCard } from "../../src/core/card.ts";
import { contentOf } from "../servers/telegram/world.ts";
import {
  buttons,
  callServer,
  card,
  chatRef,
  extra,
  only,
  prompt,
  telegramHouse,
  tokens,
  until,
} from "./telegram_house.ts";

it("a card arrives as text with marks and buttons, and its number comes back", async () => {
  const { server, group, messenger } = await telegramHouse();
  const posted = await messenger.post(chatRef(group), card, extra);
  const message = only(server.botMessages(group));
  expect(posted).toEqual({ ok: true, value: { messageId: String(message.messageId) } });
  const content = contentOf(message);
  expect(content.text).toBe(
    "⏳ Buy 0.5 BTC/USDT\n\nBreakout above <64,000> & rising\n\nWorst price: 64,210\nStop: 62,900 (-2.0 %)\n\nExpires 14:08:00Z",
  );
  expect(content.entities.map((entity) => entity.type)).toEqual(["bold", "bold", "bold", "italic"]);
  expect(content.keyboard?.map((row) => row.map((button) => [button.text, button.callback_data]))).toEqual([
    [
      ["Approve", `a1.${tokens.yes}`],
      ["Decline", `a1.${tokens.no}`],
    ],
    [["Snooze 5 min", `a1.${tokens.later}`]],
  ]);
  expect(message.isSilent).toBe(false);
});

it("quiet means without sound, and a topic is spoken into", async () => {
  const { server, messenger } = await telegramHouse();
  const forum = server.addChat({ type: "supergroup", isForum: true });
  const topic = server.addTopic(forum, "Trades");
  await messenger.post(chatRef(forum, topic), card, { ...extra, isQuiet: true });
  // "General" is topic 1, which Telegram wants unnamed.
  const general = await messenger.post(chatRef(forum, 1), card, extra);
  expect(general.ok).toBe(true);
  expect(server.botMessages(forum).map((message) => [message.threadId, message.isSilent])).toEqual([
    [topic, true],
    [null, false],
  ]);
});

it("an edit changes text and buttons in place; without buttons none remain", async () => {
  const { server, group, messenger } = await telegramHouse();
  const posted = await messenger.post(chatRef(group), card, extra);
  const messageId = posted.ok ? posted.value.messageId : "";
  const done: Card = { ...card, tone: "ok", footer: "Approved 14:03:22Z by Ana" };
  expect(await messenger.edit(chatRef(group), messageId, done, [])).toEqual({ ok: true, value: { messageId } });
  const message = only(server.botMessages(group));
  expect(message.history).toHaveLength(2);
  expect(contentOf(message).keyboard).toBeNull();
  expect(contentOf(message).text).toContain("Approved 14:03:22Z by Ana");
});

it("an edit that changes nothing is done already", async () => {
  const { server, group, messenger } = await telegramHouse();
  const posted = await messenger.post(chatRef(group), card, extra);
  const messageId = posted.ok ? posted.value.messageId : "";
  expect(await messenger.edit(chatRef(group), messageId, card, buttons)).toEqual({ ok: true, value: { messageId } });
  expect(only(server.botMessages(group)).history).toHaveLength(1);
});

it("a reply stands under the command or the prompt, and stands alone when that was deleted", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  const asked = await prompt(server, group);
  await messenger.start(take);
  const command = server.sendText(ana, group, "/status");
  const deleted = server.sendText(ana, group, "/status");
  server.tap(ana, asked, "Yes");
  await until(() => received.length === 3);
  server.deleteMessage(deleted);
  for (const incoming of received)
    expect((await messenger.reply(chatRef(group), incoming.answerRef, card)).ok).toBe(true);
  const replies = server.botMessages(group).slice(1);
  expect(replies.map((message) => message.replyTo)).toEqual([command.messageId, null, asked.messageId]);
});

it.each([
  ["markup", "<b>bold</i> <script>alert(1)</script> </b></b> &amp; &#60; <a href='x'>"],
  ["a wall of brackets", "<".repeat(20_000)],
  ["a wall of ampersands", "&".repeat(20_000)],
  ["5,000 letters", "word ".repeat(1_000)],
  ["family emoji", "👨‍👩‍👧‍👦".repeat(2_000)],
  ["half a surrogate pair", "a\ud83d b\udc68"],
  ["zero bytes and escapes", "a\u0000b\u001b[31mred\u0007"],
  ["right to left", "שלום 123 مرحبا"],
  ["stacked marks", `z${"\u0301".repeat(9_000)}`],
  ["nothing at all", ""],
  ["spaces", "   \n\t  "],
])("whatever a stranger put into a card is accepted at the first try: %s", async (_name, text) => {
  const { server, group, messenger } = await telegramHouse();
  const bomb: Card = {
    ...card,
    title: text,
    lines: [text, text],
    fields: [{ name: text, value: text }],
    footer: text,
  };
  const posted = await messenger.post(chatRef(group), bomb, {
    ...extra,
    buttons: buttons.map((button) => ({ ...button, label: text })),
  });
  expect(posted.ok).toBe(true);
  expect(server.callsOf("sendMessage")).toHaveLength(1);
});

it("HTML that Telegram refuses is sent once more as plain text, and the log says so", async () => {
  const { server, group, messenger, lines } = await telegramHouse();
  const description = 'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 1';
  server.fail("sendMessage", { kind: "refuse", code: 400, description });
  server.fail("editMessageText", { kind: "refuse", code: 400, description });
  const posted = await messenger.post(chatRef(group), card, extra);
  expect(posted.ok).toBe(true);
  const message = only(server.botMessages(group));
  expect(contentOf(message)).toMatchObject({ entities: [] });
  expect(contentOf(message).text).toContain("Breakout above <64,000> & rising");
  const edited = await messenger.edit(chatRef(group), String(message.messageId), { ...card, footer: "done" }, []);
  expect(edited.ok).toBe(true);
  expect(lines).toHaveLength(2);
  server.fail("sendMessage", { kind: "refuse", code: 400, description }, 2);
  expect(await messenger.post(chatRef(group), card, extra)).toMatchObject({ problem: { kind: "chat_refused" } });
  expect(server.callsOf("sendMessage")).toHaveLength(4);
});

it("two posts of one card are two messages: Telegram has no nonce, so prompts must be harmless when doubled", async () => {
  const { server, group, messenger } = await telegramHouse();
  await messenger.post(chatRef(group), card, extra);
  await messenger.post(chatRef(group), plainCard("info", "x"), extra);
  expect(server.botMessages(group)).toHaveLength(2);
  expect((await callServer(server, "getMe", {})).body.ok).toBe(true);
});
