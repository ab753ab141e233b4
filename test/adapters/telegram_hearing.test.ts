/** What Telegram says reaches the house in the words of the port, and what nobody said to us does not. */
import { expect, it } from "vitest";
import { callServer, only, pause, prompt, telegramHouse, textsOf, tokens, until } from "./telegram_house.ts";

it("a command carries its words, its chat, its sender and the time it was sent", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  await messenger.start(take);
  const sent = server.sendText(ana, group, "/Close@Countersign_Test_Bot  BTC/USDT now ", { at: 1_770_000_000_000 });
  await until(() => received.length === 1);
  expect(only(received)).toEqual({
    kind: "command",
    eventIds: [`u:${sent.updateId}`],
    chat: { platform: "telegram", chatId: String(group.id), threadId: null },
    isPrivate: false,
    guildId: null,
    sender: { userId: String(ana.id), displayName: "Ana", isPerson: true },
    answerRef: { platform: "telegram", id: `m:${sent.messageId}`, token: null },
    arrivedLate: false,
    name: "close",
    options: null,
    text: "BTC/USDT now",
    sentAt: 1_770_000_000_000,
  });
});

it("a tap carries its token, its message and both ids under which it may come again", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  const message = await prompt(server, group);
  await messenger.start(take);
  const { queryId, updateId } = server.tap(ana, message, "Yes");
  await until(() => received.length === 1);
  expect(only(received)).toMatchObject({
    kind: "tap",
    eventIds: [`u:${updateId}`, `q:${queryId}`],
    messageId: String(message.messageId),
    token: tokens.yes,
    tappedAt: null,
    isInline: false,
    arrivedLate: false,
    sender: { isPerson: true },
    answerRef: { platform: "telegram", id: `q:${queryId}`, token: String(message.messageId) },
  });
});

it("text keeps what it replies to and the topic it stands in", async () => {
  const { server, ana, messenger, received, take } = await telegramHouse();
  const forum = server.addChat({ type: "supergroup", isForum: true });
  const topic = server.addTopic(forum, "Trades");
  const message = await prompt(server, forum);
  await messenger.start(take);
  server.sendText(ana, forum, "because", { threadId: topic, replyTo: message });
  await until(() => received.length === 1);
  expect(only(received)).toMatchObject({
    kind: "text",
    text: "because",
    replyTo: String(message.messageId),
    chat: { chatId: String(forum.id), threadId: String(topic) },
  });
});

it("nobody in particular may never decide: anonymous admins, channels and bots are no persons", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  const message = await prompt(server, group);
  const robot = server.addUser({ is_bot: true, first_name: "Robot" });
  const channel = server.addChat({ type: "channel" });
  await messenger.start(take);
  server.sendText(ana, group, "/pause", { asAnonymousAdmin: true });
  server.sendText(ana, group, "/pause", { asChannel: channel });
  server.sendText(robot, group, "/pause");
  server.tap(ana, message, "Yes", { asAnonymousAdmin: true });
  server.tap(robot, message, "Yes");
  server.sendText(ana, group, "/pause");
  await until(() => received.length === 6);
  expect(received.map((one) => one.sender.isPerson)).toEqual([false, false, false, false, false, true]);
});

it("an inline tap is marked as such and stands in no chat", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  const message = await prompt(server, group);
  await messenger.start(take);
  server.tap(ana, message, "Yes", { isInline: true });
  await until(() => received.length === 1);
  expect(only(received)).toMatchObject({ isInline: true, chat: { chatId: "inline" }, answerRef: { token: null } });
});

it("edited messages, channel posts, other bots' commands and stickers are not heard", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  await messenger.start(take);
  await callServer(server, "getUpdates", {
    timeout: 0,
    allowed_updates: ["message", "edited_message", "channel_post"],
  });
  const channel = server.addChat({ type: "channel" });
  server.editText(server.sendText(ana, group, "/help@another_bot"), "/pause");
  server.sendText(ana, channel, "/pause");
  server.pushRaw({
    message: { message_id: 1, date: 1, chat: { id: group.id, type: "group" }, from: ana, sticker: {} },
  });
  server.sendText(ana, group, "/status");
  await until(() => received.length > 0);
  await pause(100);
  expect(textsOf(received)).toEqual(["/status"]);
});

it("forged button data is dropped, and its spinner is stopped all the same", async () => {
  const { server, ana, group, messenger, received, lines, take } = await telegramHouse();
  const message = await prompt(server, group);
  await messenger.start(take);
  const forged = [
    "a1.short",
    "a2.AAAAAAAAAAAAAAAA",
    "a1.AAAAAAAAAAAAAAA!",
    "a1.AAAAAAAAAAAAAAAAA",
    "{}",
    "",
    "' OR 1=1 --",
  ];
  const taps = forged.map((forgedData) => server.tap(ana, message, "Yes", { forgedData }));
  await until(() => taps.every(({ queryId }) => server.answerOf(queryId) !== null));
  expect(received).toEqual([]);
  expect(lines.some((line) => line.text === "Telegram: dropped button data that is not ours")).toBe(true);
});
