/** What people do in Discord reaches receive() once for each time Discord sends it, as a fact that can be trusted. */
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { readDispatch } from "../../src/adapters/discord/incoming.ts";
import { plainCard } from "../../src/core/card.ts";
import { type AnyCommand, defineCommand } from "../../src/define/command.ts";
import { ask, no, pause, postPrompt, type Rig, rig, until, yes } from "../servers/discord/rig.ts";
import { timeOf } from "../servers/discord/snowflake.ts";

const command = (name: string, role: "anyone" | "operator", options: z.ZodObject): AnyCommand =>
  defineCommand({
    name,
    summary: `Does ${name}`,
    options,
    access: { role, urgency: "safe" },
    examples: [],
    run: async () => plainCard("ok", "x"),
  });
const commands = [
  command(
    "close",
    "operator",
    z.object({ symbol: z.string(), quietMinutes: z.int().optional(), isAll: z.boolean().optional() }),
  ),
  command("link", "anyone", z.object({ code: z.string() })),
];

let on: Rig;
afterEach(() => on?.stop());
const start = async (more: Parameters<typeof rig>[0] = {}) => {
  on = await rig({ ...more, bot: { commands, ...more.bot } });
  await until("the commands", () => on.server.commandsOf(on.guildId).length === 2);
  return on;
};

describe("a tap", () => {
  it("tells who, where, which button, when, and how to answer", async () => {
    await start();
    const messageId = await postPrompt(on);
    const tap = on.server.tap(on.ana, messageId, "Approve");
    await until("the tap", () => on.heard.length === 1);
    expect(on.heard[0]).toEqual({
      kind: "tap",
      eventIds: [tap.id],
      chat: on.chat,
      isPrivate: false,
      guildId: on.guildId,
      sender: { userId: on.ana, displayName: "Ana", isPerson: true },
      answerRef: { platform: "discord", id: tap.id, token: `tap.${on.server.applicationId}.${tap.interaction.token}` },
      arrivedLate: false,
      messageId,
      token: yes.token,
      tappedAt: timeOf(tap.id),
      isInline: false,
    });
  });

  it("that Discord sends three times is heard three times under one event id, and can be acknowledged each time", async () => {
    await start();
    const answers: string[] = [];
    on.onHeard.run = async (incoming) => void answers.push(await on.bot.acknowledge(incoming.answerRef, null));
    on.server.tap(on.ana, await postPrompt(on), "Approve", { copies: 3 });
    await until("three answers", () => answers.length === 3);
    expect(new Set(on.heard.flatMap((each) => each.eventIds)).size).toBe(1);
    expect(answers).toEqual(["ok", "ok", "ok"]);
  });

  it("made while the line was cut arrives with the resume, marked late; the next one is not", async () => {
    await start();
    const messageId = await postPrompt(on);
    on.server.gateway.cut();
    const missed = [1, 2, 3].map(() => on.server.tap(on.ana, messageId, "Approve").id);
    await until("the replay", () => on.heard.length === 3);
    expect(on.heard.map((each) => [each.eventIds[0], each.arrivedLate])).toEqual(missed.map((id) => [id, true]));
    await until("hearing", () => on.bot.health().isHearing);
    expect([on.server.gateway.identifies, on.server.gateway.resumes]).toEqual([1, 1]);
    on.server.tap(on.ana, messageId, "Decline");
    await until("the live tap", () => on.heard.length === 4);
    expect(on.heard[3]?.arrivedLate).toBe(false);
  });
});

describe("a straggler", () => {
  it("that comes after RESUMED with a number from before it is still marked late", async () => {
    await start();
    on.server.gateway.cut();
    await until("the resume", () => on.server.gateway.resumes === 1 && on.bot.health().isHearing);
    const tap = {
      id: "100000000000000001",
      application_id: on.server.applicationId,
      token: "t",
      type: 3,
      channel_id: on.channelId,
      user: { id: on.ana, username: "ana" },
      data: { component_type: 2, custom_id: `a1.${yes.token}` },
      message: { id: "100000000000000005" },
    };
    on.server.gateway.sendText(JSON.stringify({ op: 0, t: "INTERACTION_CREATE", s: 2, d: tap }));
    on.server.gateway.sendText(JSON.stringify({ op: 0, t: "INTERACTION_CREATE", s: 999, d: tap }));
    await until("both", () => on.heard.length === 2);
    expect(on.heard.map((each) => each.arrivedLate)).toEqual([true, false]);
  });
});

describe("a tapper", () => {
  it("that is a bot is told as not a person's", async () => {
    await start();
    const other = on.server.addUser("other", { isBot: true });
    on.server.tap(other, await postPrompt(on), "Approve");
    await until("the tap", () => on.heard.length === 1);
    expect(on.heard[0]?.sender.isPerson).toBe(false);
  });

  it("with an endless or reordering name shows a short honest one", async () => {
    await start();
    const long = on.server.addUser("x", { globalName: `\u202E${"ab\n".repeat(5_000)}` });
    const empty = on.server.addUser("\u200b", { globalName: "\u200b" });
    const messageId = await postPrompt(on);
    on.server.tap(long, messageId, "Approve");
    on.server.tap(empty, messageId, "Approve");
    await until("both taps", () => on.heard.length === 2);
    expect(on.heard[0]?.sender.displayName).toMatch(/^ab ab .*…$/);
    expect(on.heard[0]?.sender.displayName.length).toBeLessThanOrEqual(64);
    expect(on.heard[1]?.sender.displayName).toBe(empty);
  });

  it("who found a button that isn't ours is told so alone, and nothing is heard", async () => {
    await start();
    const messageId = await postPrompt(on);
    for (const id of ["a1.short", "old", "a1.AAAAAAAAAAAAAAA!", "a2.AAAAAAAAAAAAAAAA"]) {
      on.server.message(messageId).components = [
        { type: 1, components: [{ type: 2, style: 2, label: id, custom_id: id }] },
      ];
      const tap = on.server.tap(on.bo, messageId, id);
      await until("an answer", () => tap.interaction.answeredWith !== null);
    }
    expect(on.heard).toEqual([]);
    expect(on.server.see(on.channelId, on.bo).at(-1)?.content).toBe("⛔ This button is not known here any more.");
    expect(on.server.see(on.channelId, on.ana)).toHaveLength(1);
  });

  it("whose tap could not be stored sees that it failed: it is not acknowledged", async () => {
    await start();
    on.onHeard.run = async () => {
      throw new Error("database is gone");
    };
    const tap = on.server.tap(on.ana, await postPrompt(on), "Approve");
    await until("the log", () => on.log.lines.some((line) => line.level === "error"));
    expect(tap.interaction.answeredWith).toBeNull();
    expect(on.log.lines.find((line) => line.level === "error")?.facts).toEqual({
      eventId: tap.id,
      because: "database is gone",
    });
    on.server.skip(3_001);
    expect(tap.failedForPerson()).toBe(true);
    on.onHeard.run = async () => undefined;
    on.server.tap(on.ana, on.server.see(on.channelId, on.ana)[0]?.id ?? "", "Approve");
    await until("the next tap", () => on.heard.length === 2);
  });
});

describe("a command", () => {
  it("comes with its options under our names, and as text", async () => {
    await start();
    const slash = on.server.slash(on.ana, on.channelId, "close", {
      symbol: "BTC/USDT",
      quiet_minutes: 5,
      is_all: true,
    });
    await until("the command", () => on.heard.length === 1);
    expect(on.heard[0]).toMatchObject({
      kind: "command",
      eventIds: [slash.id],
      name: "close",
      options: { symbol: "BTC/USDT", quietMinutes: 5, isAll: true },
      text: "BTC/USDT 5 true",
      sentAt: timeOf(slash.id),
      chat: on.chat,
      guildId: on.guildId,
    });
  });
  it("with 10,000 characters is kept to 4,000, without NUL and half characters", async () => {
    await start();
    on.server.slash(on.ana, on.channelId, "close", { symbol: `\u0000\uD800${"😀".repeat(5_000)}` });
    await until("the command", () => on.heard.length === 1);
    const heard = on.heard[0];
    const text = heard?.kind === "command" ? heard.text : "";
    expect(text.length).toBeLessThanOrEqual(4_000);
    expect(text).toMatch(/^\uFFFD(😀)+$/u);
  });
});

describe("words in a direct message", () => {
  it("are heard with what they reply to; those of bots and in guilds are not", async () => {
    await start();
    const direct = on.server.openDm(on.ana);
    const first = on.server.sendText(on.ana, direct, "YES I AM SURE 417");
    const second = on.server.sendText(on.ana, direct, "hm", { replyTo: first });
    on.server.sendText(on.ana, on.channelId, "in the guild");
    on.server.sendText(on.server.addUser("robot", { isBot: true }), direct, "beep");
    await until("both", () => on.heard.length === 2);
    await pause(30);
    expect(on.heard).toHaveLength(2);
    expect(on.heard[0]).toMatchObject({
      kind: "text",
      eventIds: [first],
      text: "YES I AM SURE 417",
      replyTo: null,
      isPrivate: true,
      guildId: null,
    });
    expect(on.heard[1]).toMatchObject({ replyTo: first, eventIds: [second] });
  });
  it("come from the chat to which an answer to that person goes", async () => {
    await start();
    const delivery = await on.bot.post({ platform: "discord", chatId: `user:${on.ana}`, threadId: null }, ask, {
      buttons: [yes, no],
      nonce: "dm",
      isQuiet: false,
    });
    on.server.tap(on.ana, delivery.ok ? delivery.value.messageId : "", "Approve");
    await until("the tap", () => on.heard.length === 1);
    expect(on.heard[0]).toMatchObject({
      chat: { chatId: `user:${on.ana}`, threadId: null },
      isPrivate: true,
      guildId: null,
    });
  });
});

describe("malformed dispatches", () => {
  const base = {
    id: "100000000000000001",
    application_id: "100000000000000002",
    token: "t",
    channel_id: "100000000000000003",
    type: 3,
  };
  const user = { id: "100000000000000004", username: "u" };
  const tap = {
    ...base,
    user,
    data: { component_type: 2, custom_id: "a1.AAAAAAAAAAAAAAAA" },
    message: { id: "100000000000000005" },
  };
  const slash = { ...base, user, type: 2, data: { name: "close", options: [] } };
  const options = { privateCommands: new Set<string>(), optionKeys: new Map() };
  const read = (data: unknown) => readDispatch({ type: "INTERACTION_CREATE", data, isReplayed: false }, options);

  it("are read when they are whole", () => {
    expect([read(tap).kind, read(slash).kind]).toEqual(["incoming", "incoming"]);
  });
  it.each<[string, unknown]>([
    ["nothing", null],
    ["a text", "tap"],
    ["no type", { ...tap, type: undefined }],
    ["an id that is no snowflake", { ...tap, id: "1; drop table" }],
    ["no message", { ...tap, message: undefined }],
    ["no data", { ...tap, data: undefined }],
    ["a menu instead of a button", { ...tap, data: { component_type: 3, custom_id: "a1.AAAAAAAAAAAAAAAA" } }],
    ["nobody", { ...tap, user: undefined }],
    ["a user id that is no snowflake", { ...tap, user: { ...user, id: "me" } }],
    ["a command with capitals", { ...slash, data: { name: "Close" } }],
    ["a command named like a prototype", { ...slash, data: { name: "__proto__" } }],
    [
      "an option named like a prototype",
      { ...slash, data: { name: "close", options: [{ name: "__proto__", value: "x" }] } },
    ],
    ["an option with an object", { ...slash, data: { name: "close", options: [{ name: "a", value: { b: 1 } }] } }],
    [
      "30 options",
      {
        ...slash,
        data: { name: "close", options: Array.from({ length: 30 }, (_, at) => ({ name: `a${at}`, value: 1 })) },
      },
    ],
  ])("%s: dropped with a reason, never heard", (_, data) => {
    expect(read(data)).toMatchObject({ kind: "malformed", because: expect.stringMatching(/^(a|an) /) });
  });
});

describe("a flood of nonsense", () => {
  it("doesn't end the process or the line", async () => {
    await start();
    const stray: unknown[] = [];
    const keep = (error: unknown) => stray.push(error);
    process.on("unhandledRejection", keep);
    for (const type of [
      "INTERACTION_CREATE",
      "MESSAGE_CREATE",
      "GUILD_CREATE",
      "GUILD_DELETE",
      "CHANNEL_UPDATE",
      "THREAD_LIST_SYNC",
      "GUILD_MEMBER_ADD",
      "NEVER_HEARD_OF",
    ]) {
      for (const data of [
        null,
        {},
        [],
        "x",
        7,
        { id: null },
        { type: 3, data: null },
        { type: 2, data: { type: 1, name: 5 } },
      ]) {
        on.server.gateway.sendText(JSON.stringify({ op: 0, t: type, s: 1, d: data }));
      }
    }
    for (const text of [
      "",
      "{",
      "null",
      "[]",
      "7",
      '"x"',
      JSON.stringify({ op: 0 }),
      JSON.stringify({ op: 99 }),
      JSON.stringify({ op: 10, d: null }),
    ]) {
      on.server.gateway.sendText(text);
    }
    const messageId = await postPrompt(on);
    on.server.tap(on.ana, messageId, "Approve");
    await until("the tap after all that", () => on.heard.some((each) => each.kind === "tap"));
    await pause(50);
    process.off("unhandledRejection", keep);
    expect(stray).toEqual([]);
    expect(on.bot.health()).toMatchObject({ isHearing: true, problem: null });
    expect(on.log.lines.filter((line) => line.text.includes("stumbled")).length).toBeGreaterThan(5);
  });
});
