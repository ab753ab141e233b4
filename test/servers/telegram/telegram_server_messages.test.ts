/** The strict server refuses what the platform refuses, in its words: messages, edits, answers, commands, photos. */
import { expect, it } from "vitest";
import { type Answer, button, house } from "./self_test.ts";
import { contentOf, type Message } from "./world.ts";

it.each<[string, object, string]>([
  ["empty", { text: "" }, "message text is empty"],
  ["blank", { text: "  \n " }, "message text is empty"],
  ["only markup", { text: "<b> </b>", parse_mode: "HTML" }, "message text is empty"],
  ["4,097 characters", { text: "a".repeat(4_097) }, "message is too long"],
  [
    "a tag it doesn't know",
    { text: "x <p>", parse_mode: "HTML" },
    'can\'t parse entities: Unsupported start tag "p" at byte offset 2',
  ],
  [
    "a bare bracket",
    { text: "é < b >", parse_mode: "HTML" },
    'can\'t parse entities: Unsupported start tag "" at byte offset 3',
  ],
  [
    "an open bracket",
    { text: "x <b", parse_mode: "HTML" },
    "can't parse entities: Unclosed start tag at byte offset 2",
  ],
  [
    "an unclosed tag",
    { text: "<b>x", parse_mode: "HTML" },
    "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
  ],
  [
    "crossed tags",
    { text: "<b>x</i>", parse_mode: "HTML" },
    'can\'t parse entities: Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
  ],
  [
    "an end without a start",
    { text: "x</b>", parse_mode: "HTML" },
    "can't parse entities: Unexpected end tag at byte offset 1",
  ],
  ["another parse mode", { text: "x", parse_mode: "BBCode" }, "unsupported parse_mode"],
  ["65 bytes in a button", { text: "x", reply_markup: button(`${"é".repeat(32)}a`) }, "BUTTON_DATA_INVALID"],
  ["0 bytes in a button", { text: "x", reply_markup: button("") }, "BUTTON_DATA_INVALID"],
  [
    "a button that does nothing",
    { text: "x", reply_markup: button(undefined) },
    "text buttons are unallowed in the inline keyboard",
  ],
  ["a topic that isn't there", { text: "x", message_thread_id: 77 }, "message thread not found"],
  ["a reply to nothing", { text: "x", reply_parameters: { message_id: 77 } }, "message to be replied not found"],
  ["no chat", { text: "x", chat_id: "" }, "chat_id is empty"],
  ["an unknown chat", { text: "x", chat_id: 1 }, "chat not found"],
  [
    "101 buttons",
    {
      text: "x",
      reply_markup: { inline_keyboard: Array.from({ length: 101 }, () => [{ text: "x", callback_data: "x" }]) },
    },
    "reply markup is too long",
  ],
])("%s", async (_name, body, words) => {
  const { server, group, call } = await house();
  const answer = await call("sendMessage", { chat_id: group.id, ...body });
  expect(answer).toMatchObject({ status: 400, ok: false, description: `Bad Request: ${words}` });
  expect(server.botMessages(group)).toEqual([]);
});

it("what stands at the limit is accepted", async () => {
  const { server, group, call } = await house();
  expect((await call("sendMessage", { chat_id: group.id, text: "a".repeat(4_096) })).ok).toBe(true);
  expect((await call("sendMessage", { chat_id: group.id, text: "x", reply_markup: button("é".repeat(32)) })).ok).toBe(
    true,
  );
  const text = '<b>a<i>b</i></b> &lt;p&gt; &#128077; & &nbsp; <a href="x">l</a>';
  await call("sendMessage", { chat_id: group.id, text, parse_mode: "HTML" });
  const content = contentOf(server.botMessages(group)[2] as Message);
  expect(content.text).toBe("ab <p> 👍 & &nbsp; l");
  expect(content.entities).toEqual([
    { type: "bold", offset: 0, length: 2 },
    { type: "italic", offset: 1, length: 1 },
    { type: "text_link", offset: 19, length: 1, url: "x" },
  ]);
});

it("blocked, kicked, muted and moved chats", async () => {
  const { server, ana, group, call } = await house();
  const own = server.privateChat(ana);
  server.block(own);
  server.block(group);
  const say = (chat: { id: number }) => call("sendMessage", { chat_id: chat.id, text: "x" });
  expect(await say(own)).toMatchObject({ status: 403, description: "Forbidden: bot was blocked by the user" });
  expect(await say(group)).toMatchObject({
    status: 403,
    description: "Forbidden: bot was kicked from the group chat",
  });
  server.unblock(own);
  expect((await say(own)).ok).toBe(true);
  const old = server.addChat();
  const next = server.upgrade(old);
  expect(await say(old)).toMatchObject({ status: 400, parameters: { migrate_to_chat_id: next.id } });
});

it("edits: not modified, not found, not ours; the history is kept", async () => {
  const { server, ana, group, call } = await house();
  const { result } = await call("sendMessage", {
    chat_id: group.id,
    text: "<b>a</b>",
    parse_mode: "HTML",
    reply_markup: button("x"),
  });
  const edit = (body: object) =>
    call("editMessageText", { chat_id: group.id, message_id: result.message_id, text: "a", ...body });
  const same = { text: "<strong>a</strong>", parse_mode: "HTML", reply_markup: button("x") };
  expect((await edit(same)).description).toMatch(
    /^Bad Request: message is not modified: specified new message content/,
  );
  expect((await edit({})).ok).toBe(true);
  expect((await edit({})).description).toMatch(/not modified/);
  expect((await edit({ message_id: 99 })).description).toBe("Bad Request: message to edit not found");
  const foreign = server.sendText(ana, group, "mine");
  expect((await edit({ message_id: foreign.messageId })).description).toBe("Bad Request: message can't be edited");
  expect(server.botMessages(group)[0]?.history.map(({ content }) => [content.text, content.keyboard !== null])).toEqual(
    [
      ["a", true],
      ["a", false],
    ],
  );
  const markup = { chat_id: group.id, message_id: result.message_id, reply_markup: button("y") };
  expect((await call("editMessageReplyMarkup", markup)).ok).toBe(true);
  expect((await call("editMessageReplyMarkup", markup)).description).toMatch(/not modified/);
});

it("deletions: once, own, and within 48 hours", async () => {
  let skipped = 0;
  const { group, call } = await house({ now: () => Date.now() + skipped });
  const send = async () => (await call("sendMessage", { chat_id: group.id, text: "x" })).result.message_id as number;
  const [young, old] = [await send(), await send()];
  const remove = (message_id: number) => call("deleteMessage", { chat_id: group.id, message_id });
  expect((await remove(young)).ok).toBe(true);
  expect((await remove(young)).description).toBe("Bad Request: message to delete not found");
  skipped = 49 * 3_600_000;
  expect((await remove(old)).description).toBe("Bad Request: message can't be deleted for everyone");
  expect((await call("editMessageText", { chat_id: group.id, message_id: old, text: "y" })).ok).toBe(true);
});

it("a tap is answered once, in time, in at most 200 characters", async () => {
  let skipped = 0;
  const { server, ana, group, call } = await house({ now: () => Date.now() + skipped });
  await call("sendMessage", { chat_id: group.id, text: "x", reply_markup: button("x") });
  const message = server.botMessages(group)[0] as Message;
  const stale = "Bad Request: query is too old and response timeout expired or query ID is invalid";
  const { queryId } = server.tap(ana, message, "Yes");
  const answer = (id: string, text = "") =>
    call("answerCallbackQuery", { callback_query_id: id, text, show_alert: true });
  expect((await answer(queryId, "x".repeat(201))).description).toBe("Bad Request: MESSAGE_TOO_LONG");
  expect((await answer(queryId, "hi")).result).toBe(true);
  expect(server.answerOf(queryId)).toEqual({ text: "hi", showAlert: true });
  expect((await answer(queryId)).description).toBe(stale);
  const later = server.tap(ana, message, "x");
  skipped = 15_001;
  expect((await answer(later.queryId)).description).toBe(stale);
  expect((await answer("1")).description).toBe(stale);
  expect(() => server.tap(ana, message, "Maybe")).toThrow("no button");
});

it.each([
  ["a capital", [{ command: "Pause", description: "x" }], "BOT_COMMAND_INVALID"],
  ["a dash", [{ command: "a-b", description: "x" }], "BOT_COMMAND_INVALID"],
  ["33 letters", [{ command: "a".repeat(33), description: "x" }], "BOT_COMMAND_INVALID"],
  ["no description", [{ command: "a", description: "" }], "BOT_COMMAND_DESCRIPTION_INVALID"],
  ["257 letters of it", [{ command: "a", description: "x".repeat(257) }], "BOT_COMMAND_DESCRIPTION_INVALID"],
  ["101 commands", Array.from({ length: 101 }, () => ({ command: "a", description: "x" })), "BOT_COMMANDS_TOO_MUCH"],
])("commands: %s", async (_name, commands, words) => {
  const { call } = await house();
  expect((await call("setMyCommands", { commands })).description).toBe(`Bad Request: ${words}`);
  expect((await call("getMyCommands")).result).toEqual([]);
});

it("a photo comes as a form, must be a picture, and has no text to edit", async () => {
  const { server, group, call } = await house();
  const send = async (bytes: number[], caption: string) => {
    const form = new FormData();
    form.set("chat_id", String(group.id));
    form.set("caption", caption);
    form.set("photo", new Blob([new Uint8Array(bytes)]), "chart.png");
    const response = await fetch(`${server.apiRoot}/bot${server.token}/sendPhoto`, { method: "POST", body: form });
    return (await response.json()) as Answer;
  };
  const png = [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10];
  expect((await send([1, 2, 3], "x")).description).toBe("Bad Request: IMAGE_PROCESS_FAILED");
  expect((await send(png, "x".repeat(1_025))).description).toBe("Bad Request: message caption is too long");
  const sent = await send(png, "chart");
  expect(sent.result).toMatchObject({ caption: "chart", photo: [{ file_size: 8 }] });
  const edit = { chat_id: group.id, message_id: sent.result.message_id, text: "y" };
  expect((await call("editMessageText", edit)).description).toBe(
    "Bad Request: there is no text in the message to edit",
  );
});

it("command menus have scopes: the narrowest one that is set is shown, an empty one is none", async () => {
  const { server, ana, group, call } = await house();
  const dm = server.privateChat(ana);
  const commands = (name: string) => [{ command: name, description: "Does something" }];
  const set = (name: string, scope?: unknown) => call("setMyCommands", { commands: commands(name), scope });
  expect((await set("everybody")).ok).toBe(true);
  expect([server.menu(ana, dm), server.menu(ana, group)]).toEqual([["everybody"], ["everybody"]]);
  await set("groups", { type: "all_group_chats" });
  await set("ours", { type: "chat", chat_id: group.id });
  await set("anas", { type: "chat_member", chat_id: group.id, user_id: ana.id });
  expect([server.menu(ana, dm), server.menu(ana, group)]).toEqual([["everybody"], ["anas"]]);
  await call("deleteMyCommands", { scope: { type: "chat_member", chat_id: group.id, user_id: ana.id } });
  expect(server.menu(ana, group)).toEqual(["ours"]);
  expect((await call("getMyCommands", { scope: { type: "chat", chat_id: group.id } })).result).toEqual(
    commands("ours"),
  );
  expect((await set("x", { type: "chat", chat_id: 12 })).description).toBe("Bad Request: chat not found");
  expect((await set("x", { type: "chat_member", chat_id: dm.id, user_id: ana.id })).description).toMatch(/private/);
  expect((await set("x", { type: "planet" })).description).toMatch(/unsupported BotCommandScope/);
});

it("a forced reply asks for an answer to that message, with a short placeholder and no buttons", async () => {
  const { server, group, call } = await house();
  const ask = (markup: unknown) => call("sendMessage", { chat_id: group.id, text: "Why?", reply_markup: markup });
  expect((await ask({ force_reply: true, input_field_placeholder: "One sentence" })).ok).toBe(true);
  expect(server.botMessages(group)[0]?.isForcingReply).toBe(true);
  expect((await ask({ force_reply: false })).description).toMatch(/must be True/);
  expect((await ask({ force_reply: true, input_field_placeholder: "x".repeat(65) })).description).toMatch(
    /PLACEHOLDER_INVALID/,
  );
});
