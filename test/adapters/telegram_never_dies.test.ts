/** Whatever Telegram or the network do, hearing goes on, and health says in a sentence why it does not. */
import { expect, it } from "vitest";
import { callServer, openBot, pause, telegramHouse, textsOf, tokens, until } from "./telegram_house.ts";

it("a second poller: health says so in a sentence, and hearing resumes when it is gone", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  await messenger.start(take);
  await until(() => server.waitingPolls() === 1);
  server.fail("getUpdates", { kind: "conflict" }, Number.POSITIVE_INFINITY);
  // A real second poller ends the poll that waits.
  await callServer(server, "getUpdates", { timeout: 0 });
  const other = callServer(server, "getUpdates", { timeout: 1 });
  await until(() => messenger.health().problem !== null);
  await other;
  expect(messenger.health()).toMatchObject({ isHearing: false });
  expect(messenger.health().problem).toBe(
    "Telegram: another program polls with this token (409); stop it, polling is tried again until then",
  );
  server.mend();
  server.sendText(ana, group, "/pause");
  await until(() => received.length === 1);
  await until(() => messenger.health().isHearing);
  expect(messenger.health().problem).toBeNull();
});

it("two bots with one token both stay alive, and between them every update is heard", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  const second = openBot(server);
  await messenger.start(take);
  await second.messenger.start(second.take);
  for (let count = 0; count < 10; count += 1) {
    server.sendText(ana, group, `m${count}`);
    await pause(30);
  }
  await until(() => server.pending().length === 0);
  const heard = new Set([...textsOf(received), ...textsOf(second.received)]);
  expect(heard.size).toBe(10);
});

it("a wrong token is a clear problem, no throw, and is tried again slowly [H12]", async () => {
  const { server } = await telegramHouse();
  const wrong = openBot(server, { token: "7000000001:AAwrongwrongwrongwrongwrongwrongwrong" });
  await wrong.messenger.start(wrong.take);
  expect(wrong.messenger.health()).toEqual({
    isHearing: false,
    lastHeardAt: null,
    problem: "Telegram: the bot token is refused (401); get a valid one from @BotFather and put it in the settings",
  });
  await pause(200);
  expect(wrong.lines).toHaveLength(1);
  expect(JSON.stringify(wrong.lines)).not.toContain("wrongwrong");
  const malformed = openBot(server, { token: "not a token" });
  await malformed.messenger.start(malformed.take);
  expect(malformed.messenger.health().problem).toContain("the bot token is refused (404)");
});

it("a token that is refused and later accepted again needs no restart", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  server.fail("getMe", { kind: "refuse", code: 401, description: "Unauthorized" }, 3);
  await messenger.start(take);
  expect(messenger.health().isHearing).toBe(false);
  server.sendText(ana, group, "hello");
  await until(() => received.length === 1);
});

it("whatever getUpdates does, polling goes on and nothing is lost", async () => {
  const { server, ana, group, messenger, received, lines, take } = await telegramHouse();
  await messenger.start(take);
  server.fail("getUpdates", { kind: "drop_before" });
  server.fail("getUpdates", { kind: "drop_after" });
  server.fail("getUpdates", { kind: "garbage" });
  server.fail("getUpdates", { kind: "garbage", body: "null" });
  server.fail("getUpdates", { kind: "garbage", body: '{"ok":true,"result":{}}' });
  server.fail("getUpdates", { kind: "garbage", body: '{"ok":true,"result":[{}]}' });
  server.fail("getUpdates", { kind: "garbage", body: '{"ok":false}' });
  server.fail("getUpdates", { kind: "server_error", when: "before" });
  server.fail("getUpdates", { kind: "server_error", when: "after", asHtml: true });
  server.fail("getUpdates", { kind: "flood", retryAfter: 0.05 });
  server.sendText(ana, group, "survivor");
  await until(() => received.length === 1, 20_000);
  await until(() => messenger.health().isHearing);
  expect(lines.some((line) => line.text === "Telegram is heard again")).toBe(true);
});

it("a network that is gone for a while costs nothing but time, and one log line", async () => {
  const { server, ana, group, messenger, received, lines, take } = await telegramHouse();
  await messenger.start(take);
  await server.goAway();
  await until(() => messenger.health().problem?.includes("ECONNREFUSED") === true);
  await pause(500);
  const said = lines.filter((line) => line.text.includes("ECONNREFUSED"));
  expect(said).toHaveLength(1);
  await server.comeBack();
  server.sendText(ana, group, "back");
  await until(() => received.length === 1);
});

it("a server that answers long polls at once is not asked more than a few times a second", async () => {
  const { server, messenger, take } = await telegramHouse();
  server.fail("getUpdates", { kind: "garbage", body: '{"ok":true,"result":[]}' }, Number.POSITIVE_INFINITY);
  await messenger.start(take);
  await pause(1_000);
  expect(server.callsOf("getUpdates").length).toBeLessThan(8);
});

it("a store that hangs is seen in health, because the loop can't say it", async () => {
  const { server, ana, group, messenger, clock } = await telegramHouse();
  let hanging = 0;
  await messenger.start(() => {
    hanging += 1;
    return hanging === 1 ? new Promise((resolve) => setTimeout(resolve, 300)) : Promise.resolve();
  });
  server.sendText(ana, group, "hangs");
  await until(() => hanging === 1);
  clock.skip(20_000);
  expect(messenger.health()).toMatchObject({ isHearing: false });
  expect(messenger.health().problem).toMatch(/^Telegram: silent since .*Z; the network hangs/);
});

it("start while Telegram is away resolves, and hearing begins when it is back", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  await server.goAway();
  await messenger.start(take);
  expect(messenger.health().isHearing).toBe(false);
  await server.comeBack();
  server.sendText(ana, group, "hello");
  await until(() => received.length === 1);
});

it("updates of impossible shapes are passed over, and the next good one is heard", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  const odd: unknown[] = [
    null,
    1,
    "x",
    [],
    {},
    { id: 5 },
    { message_id: "7" },
    { chat: null },
    { text: 9 },
    { from: [] },
  ];
  for (const shape of odd) {
    server.pushRaw({ message: shape });
    server.pushRaw({ callback_query: shape });
    server.pushRaw({ something_new: shape });
  }
  server.pushRaw({ callback_query: { id: "9".repeat(40), from: ana, data: `a1.${tokens.yes}` } });
  server.sendText(ana, group, "good");
  await messenger.start(take);
  await until(() => server.pending().length === 0);
  expect(textsOf(received)).toEqual(["good"]);
});

it("a webhook that another program sets while we poll is removed, and hearing goes on", async () => {
  const { server, ana, group, messenger, received, lines, take } = await telegramHouse();
  await messenger.start(take);
  await until(() => server.waitingPolls() === 1);
  await callServer(server, "setWebhook", { url: "https://example.org/hook" });
  server.sendText(ana, group, "/pause");
  await until(() => received.length === 1);
  expect(lines[0]?.text).toContain("set a webhook for this token (409)");
});

it.each(["null", '{"ok":true,"result":{}}', '{"ok":true,"result":"x"}'])(
  "no list of updates is said as such: %s",
  async (body) => {
    const { server, messenger, take } = await telegramHouse();
    server.fail("getUpdates", { kind: "garbage", body }, Number.POSITIVE_INFINITY);
    await messenger.start(take);
    expect(messenger.health()).toMatchObject({ isHearing: false });
    if (body !== "null") expect(messenger.health().problem).toContain("answered no list");
  },
);

it("stopped and started again it hears again, and what came in between is late", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  await messenger.start(take);
  await messenger.stop();
  await messenger.stop();
  server.sendText(ana, group, "between");
  await messenger.start(take);
  await until(() => received.length === 1);
  expect(received[0]?.arrivedLate).toBe(true);
});
