/** Every update reaches the house, however often it must be delivered: none is confirmed before it was stored. */
import { expect, it } from "vitest";
import { callServer, only, openBot, pause, prompt, telegramHouse, textsOf, until } from "./telegram_house.ts";

it("an update is confirmed only after it was stored", async () => {
  const { server, ana, group, messenger } = await telegramHouse();
  let release = () => {};
  const stored = new Promise<void>((resolve) => (release = resolve));
  let begun = 0;
  const starting = messenger.start(async () => {
    begun += 1;
    await stored;
  });
  await starting.catch(() => undefined);
  server.sendText(ana, group, "/emergency");
  await until(() => begun === 1);
  await pause(100);
  expect(server.pending()).toHaveLength(1);
  release();
  await until(() => server.pending().length === 0);
  expect(begun).toBe(1);
});

it("what could not be stored is delivered again until it is, in order, and health says so meanwhile", async () => {
  const { server, ana, group, messenger, received } = await telegramHouse();
  let failures = 3;
  const problems: (string | null)[] = [];
  server.sendText(ana, group, "first");
  server.sendText(ana, group, "second");
  await messenger.start(async (incoming) => {
    if (failures > 0) {
      failures -= 1;
      throw new Error("the database is away");
    }
    problems.push(messenger.health().problem);
    received.push(incoming);
  });
  await until(() => server.pending().length === 0);
  expect(textsOf(received)).toEqual(["first", "second"]);
  expect(problems[0]).toContain("could not be stored");
  expect(problems[0]).toContain("the database is away");
  await until(() => messenger.health().isHearing);
});

it("a bot that was killed between storing and confirming hears the update again after its restart", async () => {
  const { server, ana, group, messenger } = await telegramHouse();
  server.sendText(ana, group, "/pause");
  let hanging = 0;
  void messenger.start(() => {
    hanging += 1;
    return new Promise(() => undefined);
  });
  await until(() => hanging === 1);
  const restarted = openBot(server);
  await restarted.messenger.start(restarted.take);
  await until(() => restarted.received.length === 1);
  expect(only(restarted.received)).toMatchObject({ name: "pause", arrivedLate: true });
});

it("one slow store neither loses nor delays what other chats say", async () => {
  const { server, ana, group, messenger, received } = await telegramHouse();
  const other = server.privateChat(ana);
  let release = () => {};
  const slow = new Promise<void>((resolve) => (release = resolve));
  server.sendText(ana, group, "slow");
  server.sendText(ana, other, "/emergency");
  server.sendText(ana, group, "after slow");
  const starting = messenger.start(async (incoming) => {
    if (incoming.kind === "text" && incoming.text === "slow") await slow;
    received.push(incoming);
  });
  await until(() => received.length === 1);
  expect(textsOf(received)).toEqual(["/emergency"]);
  release();
  await starting;
  await until(() => received.length === 3);
  expect(textsOf(received)).toEqual(["/emergency", "slow", "after slow"]);
  await until(() => server.pending().length === 0);
});

it("an update that fails keeps back only its own chat; all of it comes again, none is skipped", async () => {
  const { server, ana, group, messenger, received } = await telegramHouse();
  const other = server.privateChat(ana);
  const failing = new Set(["b"]);
  for (const [chat, text] of [
    [group, "a"],
    [group, "b"],
    [group, "c"],
    [other, "d"],
  ] as const)
    server.sendText(ana, chat, text);
  await messenger.start(async (incoming) => {
    const [text = ""] = textsOf([incoming]);
    if (failing.delete(text)) throw new Error("once");
    received.push(incoming);
  });
  await until(() => server.pending().length === 0);
  expect(new Set(textsOf(received))).toEqual(new Set(["a", "b", "c", "d"]));
  // The lane of the group kept its order; "d" was heard twice, which its event id tells.
  expect(textsOf(received).filter((text) => text !== "d")).toEqual(["a", "b", "c"]);
  expect(new Set(received.map((one) => one.eventIds[0])).size).toBe(4);
});

it("the same update delivered five times keeps the same ids each time (fault H01)", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  const message = await prompt(server, group);
  await messenger.start(take);
  const { updateId, queryId } = server.tap(ana, message, "Yes");
  await until(() => received.length === 1 && server.pending().length === 0);
  server.redeliver(updateId ?? 0, 4);
  await until(() => received.length === 5);
  expect(new Set(received.map((one) => one.eventIds.join(" ")))).toEqual(new Set([`u:${updateId} q:${queryId}`]));
  server.sendText(ana, group, "next");
  await until(() => received.length === 6 && server.pending().length === 0);
});

it("stop confirms what was stored, so that a restart doesn't hear it again", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  server.sendText(ana, group, "once");
  await messenger.start(take);
  await until(() => received.length === 1);
  await messenger.stop();
  expect(server.pending()).toEqual([]);
  expect(messenger.health()).toMatchObject({ isHearing: false, problem: "Telegram: not started" });
});

it("pending updates are never dropped, and a webhook left behind is removed", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  server.sendText(ana, group, "/emergency");
  await callServer(server, "setWebhook", { url: "https://example.org/hook" });
  await messenger.start(take);
  await until(() => received.length === 1);
  const deletions = server.callsOf("deleteWebhook");
  expect(deletions.length).toBeGreaterThan(0);
  expect(deletions.every((call) => call.params["drop_pending_updates"] === false)).toBe(true);
});

it("a flood of 350 messages arrives whole, and an emergency behind it too (fault M15)", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  for (let count = 0; count < 350; count += 1) server.sendText(ana, group, `noise ${count}`);
  server.sendText(ana, server.privateChat(ana), "/emergency");
  await messenger.start(take);
  await until(() => received.length === 351);
  expect(received.every((one) => one.arrivedLate)).toBe(true);
  expect(textsOf(received).filter((text) => text.startsWith("noise"))).toEqual(
    Array.from({ length: 350 }, (_, count) => `noise ${count}`),
  );
});
