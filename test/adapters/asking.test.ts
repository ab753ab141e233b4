/** Asking one person for words: a modal on Discord, a forced reply on Telegram; what comes back is bound to what was asked. */
import { describe, expect, test } from "vitest";
import { plainCard } from "../../src/core/card.ts";
import type { Form, Incoming } from "../../src/ports/messenger.ts";
import { postPrompt, rig, until as untilDiscord } from "../servers/discord/rig.ts";
import { chatRef, only, telegramHouse, until } from "./telegram_house.ts";

const form: Form = {
  title: "Prove that you mean it",
  token: "EEEEEEEEEEEEEEEE",
  fields: [
    { name: "phrase", label: "Type: YES I AM SURE 417", hint: "YES I AM SURE 417", isSecret: false },
    { name: "code", label: "Code of your authenticator app", hint: "123456", isSecret: true },
  ],
};
const question = plainCard("waiting", "Buy 0.5 BTC/USDT", ["Answer within 1 min: YES I AM SURE 417"]);
const formsOf = (heard: readonly Incoming[]) => heard.filter((one) => one.kind === "form");

describe("Discord", () => {
  test("a modal is the first answer to a tap; its words come back with its token, and are acknowledged like a tap", async () => {
    const on = await rig();
    try {
      const messageId = await postPrompt(on);
      const tried = on.server.tap(on.ana, messageId, "Approve");
      await untilDiscord("the tap", () => on.heard.length === 1);
      const tap = on.heard[0] as Incoming;
      expect(await on.bot.ask(on.chat, tap.answerRef, question, form)).toEqual({
        ok: true,
        value: { messageId: null },
      });
      const sent = on.server.submit(tried, { phrase: "YES I AM SURE 417", code: "123456" });
      await untilDiscord("the form", () => formsOf(on.heard).length === 1);
      const heard = only(formsOf(on.heard));
      expect(heard).toMatchObject({
        kind: "form",
        token: form.token,
        values: { phrase: "YES I AM SURE 417", code: "123456" },
        chat: on.chat,
        sender: { userId: on.ana, isPerson: true },
      });
      expect(await on.bot.acknowledge(heard.answerRef, null)).toBe("ok");
      const told = await on.bot.reply(on.chat, heard.answerRef, plainCard("ok", "Signed."));
      expect(told.ok).toBe(true);
      expect(on.server.see(on.channelId, on.bo).some((message) => message.content.includes("Signed"))).toBe(false);
      expect(sent.failedForPerson()).toBe(false);
    } finally {
      await on.stop();
    }
  });

  test("a modal answers a command too; a form can't open another; one asked too late is told so", async () => {
    const on = await rig();
    try {
      const messageId = await postPrompt(on);
      const tried = on.server.tap(on.ana, messageId, "Approve");
      await untilDiscord("the tap", () => on.heard.length === 1);
      await on.bot.ask(on.chat, (on.heard[0] as Incoming).answerRef, question, form);
      on.server.submit(tried, { phrase: "x", code: "y" });
      await untilDiscord("the form", () => formsOf(on.heard).length === 1);
      const again = await on.bot.ask(on.chat, only(formsOf(on.heard)).answerRef, question, form);
      expect(again.ok).toBe(false);
      on.server.tap(on.bo, messageId, "Approve", { agedMs: 4_000 });
      await untilDiscord("the late tap", () => on.heard.length === 3);
      const late = await on.bot.ask(on.chat, (on.heard[2] as Incoming).answerRef, question, form);
      expect(late).toMatchObject({ ok: false, problem: { because: expect.stringContaining("stale") } });
    } finally {
      await on.stop();
    }
  });

  test("a form of somebody else's making is refused, and tells nobody anything", async () => {
    const on = await rig();
    try {
      const messageId = await postPrompt(on);
      const tried = on.server.tap(on.ana, messageId, "Approve");
      await untilDiscord("the tap", () => on.heard.length === 1);
      await on.bot.ask(on.chat, (on.heard[0] as Incoming).answerRef, question, form);
      const modal = tried.interaction.modal as Record<string, unknown>;
      for (const forged of ["a1.short", "zz.EEEEEEEEEEEEEEEE", "a1.EEEEEEEEEEEEEEE!", ""]) {
        modal["custom_id"] = forged;
        on.server.submit(tried, { phrase: "x", code: "y" });
      }
      await untilDiscord("the warnings", () => on.log.lines.filter((line) => line.level === "warn").length >= 4);
      expect(formsOf(on.heard)).toEqual([]);
    } finally {
      await on.stop();
    }
  });

  test("buttons of one person's own stand in a message that nobody else sees", async () => {
    const on = await rig();
    try {
      const messageId = await postPrompt(on);
      on.server.tap(on.ana, messageId, "Approve");
      await untilDiscord("the tap", () => on.heard.length === 1);
      const { answerRef } = on.heard[0] as Incoming;
      await on.bot.acknowledge(answerRef, null);
      const choice = { label: "½ of it", style: "plain", token: "HHHHHHHHHHHHHHHH" } as const;
      await on.bot.reply(on.chat, answerRef, plainCard("info", "How much of it?"), [choice]);
      const menu = on.server.see(on.channelId, on.ana).at(-1);
      expect(on.server.see(on.channelId, on.bo).some((message) => message.id === menu?.id)).toBe(false);
      on.server.tap(on.ana, menu?.id ?? "", "½ of it");
      await untilDiscord("the choice", () => on.heard.length === 2);
      expect(on.heard[1]).toMatchObject({ kind: "tap", token: choice.token });
    } finally {
      await on.stop();
    }
  });
});

describe("Telegram", () => {
  test("a forced reply stops the spinner, opens the keyboard and comes back bound to its message", async () => {
    const { server, ana, messenger, received, take } = await telegramHouse();
    const dm = server.privateChat(ana);
    await messenger.start(take);
    const yes = { label: "Approve", style: "yes", token: "AAAAAAAAAAAAAAAA" } as const;
    await messenger.post(chatRef(dm), question, { buttons: [yes], nonce: "n", isQuiet: false });
    const { queryId } = server.tap(ana, only(server.botMessages(dm)), "Approve");
    await until(() => received.length === 1);
    const asked = await messenger.ask(chatRef(dm), (received[0] as Incoming).answerRef, question, form);
    await until(() => server.answerOf(queryId) !== null);
    const [, message] = server.botMessages(dm);
    expect(asked).toEqual({ ok: true, value: { messageId: String(message?.messageId) } });
    expect(message?.isForcingReply).toBe(true);
    if (message === undefined) return;
    const written = server.sendText(ana, dm, "YES I AM SURE 417 123456", { replyTo: message });
    await until(() => received.length === 2);
    expect(received[1]).toMatchObject({
      kind: "text",
      text: "YES I AM SURE 417 123456",
      replyTo: String(message.messageId),
      messageId: String(written.messageId),
    });
    expect(await messenger.remove?.(chatRef(dm), String(written.messageId))).toBe(true);
    expect(server.message(dm, written.messageId)?.isDeleted).toBe(true);
  });

  test("a question for who tapped in a group waits for Start in the private chat, and replies to nothing there", async () => {
    const { server, ana, messenger, take } = await telegramHouse();
    await messenger.start(take);
    const chat = { platform: "telegram", chatId: String(ana.id), threadId: null } as const;
    const ref = { platform: "telegram", id: "private", token: null } as const;
    const refused = await messenger.ask(chat, ref, question, form);
    expect(refused).toMatchObject({ ok: false, problem: { kind: "chat_refused" } });
    const dm = server.privateChat(ana);
    expect((await messenger.ask(chat, ref, question, form)).ok).toBe(true);
    expect(only(server.botMessages(dm))).toMatchObject({ replyTo: null, isForcingReply: true });
  });

  test("what somebody wrote in a group is taken away where the bot may, and nothing breaks where it may not", async () => {
    const { server, ana, group, messenger, take } = await telegramHouse();
    await messenger.start(take);
    const first = server.sendText(ana, group, "123456");
    expect(await messenger.remove?.(chatRef(group), String(first.messageId))).toBe(false);
    group.botMayDelete = true;
    expect(await messenger.remove?.(chatRef(group), String(first.messageId))).toBe(true);
    expect(await messenger.remove?.(chatRef(group), "not a number")).toBe(false);
  });
});
