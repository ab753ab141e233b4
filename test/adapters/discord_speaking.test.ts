/** What the bot says arrives once or is named: gone, refused, later, or unknown. It never guesses and never waits in silence. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDiscord } from "../../src/adapters/discord/discord.ts";
import { privateChatId } from "../../src/adapters/discord/incoming.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { type Card, plainCard } from "../../src/core/card.ts";
import type { Delivery, DeliveryProblem } from "../../src/ports/messenger.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import type { Fault } from "../servers/discord/faults.ts";
import { ask, no, postPrompt, type Rig, rig, until, yes } from "../servers/discord/rig.ts";

let on: Rig;
beforeEach(async () => {
  on = await rig();
  await until("the first reading of commands", () =>
    on.server.requests.some((each) => each.path.endsWith("/commands") && each.status > 0),
  );
});
afterEach(() => on.stop());

const post = (nonce = "n", card: Card = ask) =>
  on.bot.post(on.chat, card, { buttons: [yes, no], nonce, isQuiet: false });
const decided = plainCard("ok", "Approved by Ana");
const edit = (messageId: string) => on.bot.edit(on.chat, messageId, decided, []);
const problemOf = (delivery: Delivery): DeliveryProblem | null => (delivery.ok ? null : delivery.problem);
const posts = () => on.server.requests.filter((each) => each.method === "POST" && each.path.endsWith("/messages"));
const onPost = (how: Fault["how"], times = 1) =>
  on.server.fault({ method: "POST", path: /^\/channels\/\d+\/messages$/, times, how });
const onEdit = (how: Fault["how"]) => on.server.fault({ method: "PATCH", path: /^\/channels\//, how });

describe("a post", () => {
  it("shows the card with its buttons, notifies nobody by its words, and rings", async () => {
    const delivery = await post("n", { ...ask, lines: [`<@${on.ana}> @everyone`] });
    const shown = on.server.message(delivery.ok ? delivery.value.messageId : "");
    expect(shown).toMatchObject({ content: "⏳ **Buy 0.5 BTC/USDT?**", flags: 0, pinged: [], nonce: "n" });
    expect(shown.components).toHaveLength(1);
    expect(posts()[0]?.body).toMatchObject({ allowed_mentions: { parse: [] }, enforce_nonce: true });
  });
  it("that is quiet makes no sound", async () => {
    await on.bot.post(on.chat, ask, { buttons: [], nonce: "n", isQuiet: true });
    expect(on.server.see(on.channelId, on.ana)[0]?.flags).toBe(1 << 12);
  });
  it("whose answer is lost after it was stored is unknown, and posted again by the same nonce is one message", async () => {
    onPost({ kind: "drop_after" });
    expect(problemOf(await post())?.kind).toBe("unknown_outcome");
    const second = await post();
    expect(second.ok).toBe(true);
    expect(on.server.see(on.channelId, on.ana).map((each) => each.id)).toEqual([
      second.ok ? second.value.messageId : "",
    ]);
  });
  it.each<[string, Fault["how"], number]>([
    ["is cut before it was carried out", { kind: "drop_before" }, 0],
    ["fails with a 500 after it was stored", { kind: "status", status: 500, isStored: true }, 1],
    ["fails with a 502 and was not stored", { kind: "status", status: 502, isStored: false }, 0],
    ["is answered later than we wait", { kind: "delay", ms: 900 }, 0],
    ["is answered by a body that never ends", { kind: "endless_body" }, 1],
  ])("that %s is unknown, and asked exactly once", async (_, how, stored) => {
    onPost(how, 9);
    expect(problemOf(await post())?.kind).toBe("unknown_outcome");
    expect(posts()).toHaveLength(1);
    if (how.kind !== "delay") expect(on.server.see(on.channelId, on.ana)).toHaveLength(stored);
  });
  it("that meets a 429 comes later, at the time Discord names, and does not wait in silence", async () => {
    onPost({ kind: "rate_limited", retryAfterS: 7 });
    const before = performance.now();
    expect(problemOf(await post())).toMatchObject({
      kind: "later",
      retryAfterMs: expect.toSatisfy((ms: number) => ms >= 7_000 && ms < 8_000),
    });
    expect(performance.now() - before).toBeLessThan(500);
  });
  it("beyond five in five seconds comes later, without asking Discord and without an invalid request", async () => {
    const deliveries = [];
    for (let at = 0; at < 7; at += 1) deliveries.push(await post(`n${at}`));
    expect(deliveries.map((each) => problemOf(each)?.kind ?? "sent")).toEqual([
      "sent",
      "sent",
      "sent",
      "sent",
      "sent",
      "later",
      "later",
    ]);
    expect(posts()).toHaveLength(5);
    expect(on.server.invalidRequests()).toBe(0);
  });
});

describe("a post into a chat", () => {
  it.each<[string, (of: Rig) => void, string]>([
    ["from which the bot was kicked", (of) => of.server.kick(of.guildId), "Missing Access (50001)"],
    [
      "in which it may not speak",
      (of) => of.server.channel(of.channelId).denied.add("send"),
      "Missing Permissions (50013)",
    ],
    ["that was deleted", (of) => of.server.deleteChannel(of.channelId), "Unknown Channel (10003)"],
    [
      "that is archived and locked",
      (of) => void Object.assign(of.server.channel(of.channelId), { isArchived: true, isLocked: true }),
      "Thread is archived (50083)",
    ],
  ])("into a chat %s is refused by the chat", async (_, spoil, because) => {
    spoil(on);
    expect(problemOf(await post())).toEqual({ kind: "chat_refused", because });
  });
  it("into an archived thread opens it", async () => {
    const thread = on.server.addThread(on.channelId, "t");
    on.server.channel(thread).isArchived = true;
    const delivery = await on.bot.post({ ...on.chat, threadId: thread }, ask, {
      buttons: [],
      nonce: "n",
      isQuiet: false,
    });
    expect([delivery.ok, on.server.channel(thread).isArchived]).toEqual([true, false]);
  });
  it("to a person opens the direct channel once; one who takes no messages refuses", async () => {
    const to = (userId: string, nonce: string) =>
      on.bot.post({ platform: "discord", chatId: privateChatId(userId), threadId: null }, ask, {
        buttons: [],
        nonce,
        isQuiet: false,
      });
    expect([(await to(on.ana, "a")).ok, (await to(on.ana, "b")).ok]).toEqual([true, true]);
    expect(on.server.see(on.server.openDm(on.ana), on.ana)).toHaveLength(2);
    expect(on.server.requests.filter((each) => each.path === "/users/@me/channels")).toHaveLength(1);
    const shy = on.server.addUser("shy", { acceptsDms: false });
    expect(problemOf(await to(shy, "c"))).toEqual({
      kind: "chat_refused",
      because: "Cannot send messages to this user (50007)",
    });
  });
  it("whose bare text is refused as well says that it is the text, not the chat", async () => {
    const refused = { kind: "refused", status: 400, code: 50035, message: "Invalid Form Body" } as const;
    onPost(refused);
    onPost(refused);
    expect(problemOf(await post())).toMatchObject({ kind: "chat_refused", isText: true });
  });
  it("whose embed is refused as a form is sent as bare text with its buttons", async () => {
    onPost({ kind: "refused", status: 400, code: 50035, message: "Invalid Form Body" });
    const delivery = await post("n", { ...ask, fields: [{ name: "Stop", value: "62,900" }] });
    const shown = on.server.message(delivery.ok ? delivery.value.messageId : "");
    expect([shown.embeds, shown.components.length]).toEqual([[], 1]);
    expect(shown.content).toContain("Stop: 62,900");
  });
  it("to a Discord that is not there comes later; what was never sent is not unknown", async () => {
    await on.server.stop();
    expect(problemOf(await post())).toMatchObject({
      kind: "later",
      because: expect.stringContaining("can't be reached"),
    });
  });
  it("with a nonce over 25 characters is our own mistake", async () => {
    await expect(post("n".repeat(26))).rejects.toThrow("at most 25");
  });
});

describe("an edit", () => {
  it("replaces the words and takes the buttons away", async () => {
    const messageId = await postPrompt(on);
    expect(await edit(messageId)).toEqual({ ok: true, value: { messageId } });
    expect(on.server.message(messageId)).toMatchObject({
      content: "✅ **Approved by Ana**",
      embeds: [],
      components: [],
    });
  });
  it("of a message that a moderator deleted says that it is gone", async () => {
    const messageId = await postPrompt(on);
    on.server.deleteMessage(messageId);
    expect(problemOf(await edit(messageId))).toEqual({ kind: "message_gone", because: "Unknown Message (10008)" });
  });
  it("of a message older than an hour is done while Discord allows it, then refused, never waited for", async () => {
    const messageId = await postPrompt(on);
    on.server.skip(3_700_000);
    const kinds = [];
    for (let at = 0; at < 3; at += 1) kinds.push(problemOf(await edit(messageId))?.kind ?? "sent");
    expect(kinds).toEqual(["sent", "sent", "edit_refused"]);
  });
  it.each<[string, (of: Rig) => void, DeliveryProblem["kind"]]>([
    [
      "in an archived thread is refused",
      (of) => void Object.assign(of.server.channel(of.channelId), { isArchived: true }),
      "edit_refused",
    ],
    ["after the bot was kicked is refused by the chat", (of) => of.server.kick(of.guildId), "chat_refused"],
    [
      "in a hidden channel is refused by the chat",
      (of) => of.server.channel(of.channelId).denied.add("view"),
      "chat_refused",
    ],
    ["in a deleted channel is refused by the chat", (of) => of.server.deleteChannel(of.channelId), "chat_refused"],
  ])("%s", async (_, spoil, kind) => {
    const messageId = await postPrompt(on);
    spoil(on);
    expect(problemOf(await edit(messageId))?.kind).toBe(kind);
  });
  it.each<[string, Fault["how"]]>([
    ["lost", { kind: "drop_after" }],
    ["a 503", { kind: "status", status: 503, isStored: false }],
    ["a 429", { kind: "rate_limited", retryAfterS: 2 }],
    ["late", { kind: "delay", ms: 900 }],
  ])("whose answer is %s may simply be tried later", async (_, how) => {
    const messageId = await postPrompt(on);
    onEdit(how);
    expect(problemOf(await edit(messageId))).toMatchObject({ kind: "later" });
  });
});

describe("a refused token", () => {
  it("makes every message wait, asks Discord once a minute at most, and says so without showing the token", async () => {
    // What the start still asks for is another question.
    const lists = () => on.server.requests.filter(({ path }) => /^\/applications\/.*\/commands$/.test(path)).length;
    await until("both lists of commands", () => lists() >= 2);
    on.server.gateway.resetToken("new.token.of-somebody-else");
    const problems = [];
    for (let at = 0; at < 30; at += 1) problems.push(problemOf(await post(`n${at}`)));
    expect(new Set(problems.map((each) => each?.kind))).toEqual(new Set(["later"]));
    expect(on.server.invalidRequests()).toBe(1);
    expect(on.bot.health().problem).toContain("401");
  });
  it("never appears in a problem, a log or the health, not even when Discord's edge quotes it", async () => {
    const token = "MTAwMDAwMDAwMDAwMDAwMDAwMA.Gcanry.canary-canary-canary-canary-canary-ca";
    const log = keptLog();
    const echo = createServer((request, response) => {
      response.writeHead(request.url?.includes("messages") ? 403 : 500, { "content-type": "application/json" });
      response.end(
        JSON.stringify({
          code: 50001,
          message: `denied for ${String(request.headers.authorization)} at ${request.url}`,
        }),
      );
    });
    await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
    const apiRoot = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`;
    const bot = openDiscord({ token, apiRoot, guildId: null, commands: [], clock: systemClock(), log });
    await bot.start(async () => undefined);
    const said = [await bot.post(on.chat, ask, { buttons: [], nonce: "n", isQuiet: false }), bot.health(), log.lines];
    const ref = {
      platform: "discord" as const,
      id: "100000000000000001",
      token: "cmd.100000000000000002.interaction-canary",
    };
    said.push((await bot.reply(on.chat, ref, ask)) as never);
    await bot.stop();
    echo.closeAllConnections();
    echo.close();
    expect(JSON.stringify(said)).toContain("[redacted]");
    expect(JSON.stringify([said, log.lines, bot.health()])).not.toMatch(/canary/);
  });
});

describe("several posts at once", () => {
  it("into one chat arrive in order; one that hangs delays only its own chat", async () => {
    const other = on.server.addChannel(on.guildId, "other");
    // discord.js learns which routes share a limit from the first answer, and keeps order from then on.
    await post("first");
    onPost({ kind: "delay", ms: 300 });
    const slow = post("slow");
    await until("the slow one is under way", () => posts().length === 2);
    const before = performance.now();
    await on.bot.post({ ...on.chat, chatId: other }, ask, { buttons: [], nonce: "o", isQuiet: false });
    expect(performance.now() - before).toBeLessThan(250);
    expect((await Promise.all([slow, post("b"), post("c")])).map((each) => each.ok)).toEqual([true, true, true]);
    expect(on.server.see(on.channelId, on.ana).map((each) => each.nonce)).toEqual(["first", "slow", "b", "c"]);
  });
});
