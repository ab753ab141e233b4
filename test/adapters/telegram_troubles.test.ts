/** Each trouble of a post or an edit has the one name that lets a flow act on it, and the token stands in none. */
import { expect, it } from "vitest";
import type { Fault } from "../servers/telegram/faults.ts";
import { card, chatRef, extra, kindOf, prompt, telegramHouse, until } from "./telegram_house.ts";

const refuse = (code: number, description: string): Fault => ({ kind: "refuse", code, description });
const html = { kind: "server_error", when: "after", asHtml: true } as const;
it.each<[string, Fault, string, string, number]>([
  // fault, what a post then is, what an edit then is, how many posts stand in the chat
  ["cut after storing", { kind: "drop_after" }, "unknown_outcome", "later", 1],
  ["cut before", { kind: "drop_before" }, "unknown_outcome", "later", 0],
  ["502 before storing", { kind: "server_error", when: "before" }, "unknown_outcome", "later", 0],
  ["502 after storing", { kind: "server_error", when: "after" }, "unknown_outcome", "later", 1],
  ["502 as a page", html, "unknown_outcome", "later", 1],
  ["an answer that is no JSON", { kind: "garbage" }, "unknown_outcome", "later", 1],
  ["an answer null", { kind: "garbage", body: "null" }, "unknown_outcome", "later", 1],
  ["a bare not ok", { kind: "garbage", body: '{"ok":false}' }, "unknown_outcome", "later", 1],
  ["no answer in time", { kind: "delay", ms: 900 }, "unknown_outcome", "later", 1],
  ["too many requests", { kind: "flood", retryAfter: 7 }, "later", "later", 0],
  ["token refused", refuse(401, "Unauthorized"), "later", "later", 0],
  ["blocked", refuse(403, "Forbidden: bot was blocked by the user"), "chat_refused", "chat_refused", 0],
  ["kicked", refuse(403, "Forbidden: bot was kicked from the group chat"), "chat_refused", "chat_refused", 0],
  [
    "no rights",
    refuse(400, "Bad Request: not enough rights to send text messages to the chat"),
    "chat_refused",
    "chat_refused",
    0,
  ],
  ["no such chat", refuse(400, "Bad Request: chat not found"), "chat_refused", "message_gone", 0],
  ["no such topic", refuse(400, "Bad Request: message thread not found"), "chat_refused", "edit_refused", 0],
  ["no such message", refuse(400, "Bad Request: message to edit not found"), "chat_refused", "message_gone", 0],
  ["not ours to edit", refuse(400, "Bad Request: message can't be edited"), "chat_refused", "edit_refused", 0],
])("%s", async (_name, fault, postKind, editKind, stored) => {
  const { server, group, messenger } = await telegramHouse({
    settings: { sendTimeoutSeconds: fault.kind === "delay" ? 0.6 : 5 },
  });
  server.fail("sendMessage", fault);
  const posted = await messenger.post(chatRef(group), card, extra);
  expect(kindOf(posted)).toBe(postKind);
  expect(server.callsOf("sendMessage")).toHaveLength(1);
  expect(server.botMessages(group)).toHaveLength(stored);
  const target = await prompt(server, group);
  server.fail("editMessageText", fault);
  expect(kindOf(await messenger.edit(chatRef(group), String(target.messageId), card, []))).toBe(editKind);
  expect(server.callsOf("editMessageText")).toHaveLength(1);
});

it.each([
  ["message is too long", true],
  ["BUTTON_DATA_INVALID", true],
  ["chat not found", undefined],
  ["message thread not found", undefined],
  ["not enough rights to send text messages to the chat", undefined],
  ["PEER_ID_INVALID", undefined],
])("a refusal '%s' says whether it is about the text alone", async (because, isText) => {
  const { server, group, messenger } = await telegramHouse();
  server.fail("sendMessage", refuse(400, `Bad Request: ${because}`));
  const posted = await messenger.post(chatRef(group), card, extra);
  expect(posted.ok ? null : (posted.problem as { isText?: boolean }).isText).toBe(isText);
});

it("an answer without a message number is an unknown outcome", async () => {
  const { server, group, messenger } = await telegramHouse();
  for (const body of ['{"ok":true}', '{"ok":true,"result":null}', '{"ok":true,"result":{"message_id":"1"}}']) {
    server.fail("sendMessage", { kind: "garbage", body });
    expect(kindOf(await messenger.post(chatRef(group), card, extra))).toBe("unknown_outcome");
  }
});

it("the time to wait is Telegram's own", async () => {
  const { server, group, messenger } = await telegramHouse({ server: { flood: "platform" } });
  expect(kindOf(await messenger.post(chatRef(group), card, extra))).toBe("ok");
  const second = await messenger.post(chatRef(group), card, extra);
  expect(second).toEqual({
    ok: false,
    problem: { kind: "later", because: "Too Many Requests: retry after 1", retryAfterMs: 1_000 },
  });
  expect(server.botMessages(group)).toHaveLength(1);
});

it("a server that can't be reached was not told anything: later", async () => {
  const { server, group, messenger } = await telegramHouse();
  await server.goAway();
  expect(kindOf(await messenger.post(chatRef(group), card, extra))).toBe("later");
  expect(kindOf(await messenger.edit(chatRef(group), "1", card, []))).toBe("later");
  await server.comeBack();
  expect(server.botMessages(group)).toEqual([]);
});

it("real refusals of the server: blocked, kicked, deleted, moved, foreign and nonsense messages", async () => {
  const { server, ana, group, messenger } = await telegramHouse();
  const own = server.privateChat(ana);
  const gone = await prompt(server, group);
  const foreign = server.sendText(ana, group, "mine");
  server.block(own);
  expect(await messenger.post(chatRef(own), card, extra)).toMatchObject({
    problem: { kind: "chat_refused", because: "Forbidden: bot was blocked by the user" },
  });
  server.deleteMessage(gone);
  expect(kindOf(await messenger.edit(chatRef(group), String(gone.messageId), card, []))).toBe("message_gone");
  expect(kindOf(await messenger.edit(chatRef(group), String(foreign.messageId), card, []))).toBe("edit_refused");
  expect(kindOf(await messenger.edit(chatRef(group), "no number", card, []))).toBe("message_gone");
  const next = server.upgrade(group);
  expect(await messenger.post(chatRef(group), card, extra)).toMatchObject({
    problem: {
      kind: "chat_refused",
      because: `Bad Request: group chat was upgraded to a supergroup chat; the group is now chat ${next.id}: put that id in the settings`,
    },
  });
});

it("the token stands in no problem, whatever the failure (fault M12)", async () => {
  const { server, group, messenger, lines } = await telegramHouse();
  const secret = server.token.split(":")[1] ?? "";
  const seen: unknown[] = [];
  for (const kind of ["drop_before", "drop_after", "garbage"] as const) {
    server.fail("sendMessage", { kind });
    seen.push(await messenger.post(chatRef(group), card, extra));
  }
  server.fail("sendMessage", refuse(400, `Bad Request: bot${server.token} is odd`));
  seen.push(await messenger.post(chatRef(group), card, extra));
  await server.goAway();
  messenger.setMenus?.([{ chatId: null, commands: [{ name: "help", summary: "What you can say" }] }]);
  await until(() => lines.some((line) => line.text.includes("menu")));
  seen.push(await messenger.post(chatRef(group), card, extra), lines);
  await server.comeBack();
  expect(JSON.stringify(seen)).toContain("[redacted]");
  expect(JSON.stringify(seen)).not.toContain(secret);
});
