/** Commands as Discord must be told of them, and only what differs is told. */
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { differences } from "../../src/adapters/discord/register.ts";
import { slashJson } from "../../src/adapters/discord/slash.ts";
import { plainCard } from "../../src/core/card.ts";
import { type AnyCommand, defineCommand } from "../../src/define/command.ts";
import { requireCommands } from "../servers/discord/command_form.ts";
import type { Json } from "../servers/discord/refusal.ts";
import { type Rig, rig, until } from "../servers/discord/rig.ts";

const make = (name: string, options: z.ZodObject, summary = `Does ${name}`): AnyCommand =>
  defineCommand({
    name,
    summary,
    options,
    access: { role: "operator", urgency: "safe" },
    examples: [],
    run: async () => plainCard("ok", "done"),
  });

const close = make(
  "close",
  z.object({
    percent: z.int().min(1).max(100).optional().describe("How much of it"),
    symbol: z.string().min(3).max(20).describe("Which one"),
    side: z.enum(["long", "short"]).default("long").describe("Which side"),
    isQuiet: z.boolean().optional().describe("Without sound"),
    above: z.number().gt(0).optional().describe("Only above"),
    count: z.int().gt(0).optional().describe("How many"),
    reason: z.string().nullable().optional().describe("Why"),
    plain: z.string().optional(),
  }),
);

const optional = { required: false };
const closeJson = {
  type: 1,
  name: "close",
  description: "Does close",
  options: [
    { type: 3, name: "symbol", description: "Which one", required: true, min_length: 3, max_length: 20 },
    { type: 4, name: "percent", description: "How much of it", ...optional, min_value: 1, max_value: 100 },
    {
      type: 3,
      name: "side",
      description: "Which side",
      ...optional,
      choices: [
        { name: "long", value: "long" },
        { name: "short", value: "short" },
      ],
    },
    { type: 5, name: "is_quiet", description: "Without sound", ...optional },
    { type: 10, name: "above", description: "Only above", ...optional, min_value: 0 },
    { type: 4, name: "count", description: "How many", ...optional, min_value: 1 },
    { type: 3, name: "reason", description: "Why", ...optional },
    { type: 3, name: "plain", description: "plain", ...optional },
  ],
};

const simple = (name: string) => make(name, z.object({}));
const many = (count: number) => Array.from({ length: count }, (_, at) => simple(`c${at}`));

let on: Rig | null = null;
afterEach(() => on?.stop());

describe("registration", () => {
  it("puts required options first and tells types, bounds and choices", () => {
    expect(slashJson(close)).toEqual(closeJson);
  });
  it("cuts a long description, and never sends an empty one", () => {
    const long = slashJson(
      make("a", z.object({ b: z.string().describe("x".repeat(300)), c: z.string() }), "y".repeat(300)),
    );
    expect([long.description.length, long.options[0]?.description.length, long.options[1]?.description]).toEqual([
      100,
      100,
      "c",
    ]);
  });
  it("leaves out choices that are more than Discord takes; the schema still refuses others", () => {
    const values = Array.from({ length: 26 }, (_, at) => `v${at}`) as [string, ...string[]];
    expect(slashJson(make("a", z.object({ b: z.enum(values) }))).options[0]).not.toHaveProperty("choices");
  });
  it("is taken by a strict Discord", () => {
    requireCommands([slashJson(close), ...many(3).map(slashJson)] as unknown as Json[]);
  });
});

describe("differences", () => {
  const held = (command: AnyCommand, more: object = {}) =>
    ({ id: `id-${command.name}`, ...slashJson(command), ...more }) as never;
  it("are none when Discord holds the same with its defaults left out", () => {
    const options = slashJson(close).options.map(({ required, ...rest }) => (required ? { ...rest, required } : rest));
    expect(differences([held(close, { options, nsfw: false })], [slashJson(close)])).toEqual([]);
  });
  it("name what to add, change and remove, and leave alone what isn't a slash command", () => {
    const found = differences(
      [held(close, { description: "old" }), held(simple("gone")), held(simple("menu"), { type: 3 })],
      [slashJson(close), slashJson(simple("fresh"))],
    );
    expect(found.map((each) => [each.kind, each.kind === "remove" ? each.name : each.command.name])).toEqual([
      ["change", "close"],
      ["add", "fresh"],
      ["remove", "gone"],
    ]);
  });
});

describe("a start", () => {
  /** What was asked and written: "guild" is the list of our guild, "global" the one of direct messages. */
  const requests = (of: Rig) =>
    of.server.requests.flatMap(({ method, path }) => {
      if (!/\/commands(\/\d+)?$/.test(path)) return [];
      return [`${method} ${path.includes("/guilds/") ? "guild" : "global"}`];
    });
  const settled = async (of: Rig, count: number) => {
    for (const scope of [of.guildId, "global"])
      await until("the commands", () => of.server.commandsOf(scope).length === count);
    await until("the last write", () => requests(of).length > 0);
  };

  it("writes a long list in one request, and nothing at the next start", async () => {
    on = await rig({ bot: { commands: [...many(8), close] } });
    await settled(on, 9);
    const first = ["GET guild", "PUT guild", "GET global", "PUT global"];
    expect(requests(on)).toEqual(first);
    on.server.gateway.invalidateSession(false);
    await until("the second reading", () => requests(on as Rig).length === 6);
    expect(requests(on)).toEqual([...first, "GET guild", "GET global"]);
  });
  it("offers every command once in the guild and once in direct messages, where people are asked in private", async () => {
    on = await rig({ bot: { commands: [...many(8), close] } });
    await settled(on, 9);
    const names = [...many(8), close].map(({ name }) => name);
    const dm = on.server.openDm(on.ana);
    expect([on.server.menuOf(on.channelId), on.server.menuOf(dm)]).toEqual([names, names]);
    on.server.slash(on.ana, dm, "close", { symbol: "SOL/USDT" });
    await until("the command", () => on?.heard.length === 1);
    expect(on.heard[0]).toMatchObject({ kind: "command", name: "close", isPrivate: true, guildId: null });
    expect(on.heard[0]?.chat.chatId).toBe(`user:${on.ana}`);
  });
  it("takes back from the guild's menu what an earlier start without a guild offered there too", async () => {
    on = await rig({ bot: { commands: [close] }, isStarted: false });
    on.server.world.commands.set("global", [{ ...slashJson(close), id: "100000000000000003", contexts: [0, 1] }]);
    await on.bot.start(async () => undefined);
    await until("the change", () => requests(on as Rig).includes("PATCH global"));
    await until("the menu", () => on?.server.menuOf(on.channelId).length === 1);
    expect(on.server.menuOf(on.server.openDm(on.ana))).toEqual(["close"]);
  });
  it("writes a few differences one by one", async () => {
    on = await rig({ bot: { commands: [close, simple("fresh")] }, isStarted: false });
    on.server.world.commands.set(on.guildId, [
      { id: "100000000000000001", name: "close", description: "old", type: 1 },
      { id: "100000000000000002", name: "gone", description: "gone", type: 1 },
    ]);
    await on.bot.start(async () => undefined);
    const written = ["GET guild", "PATCH guild", "POST guild", "DELETE guild", "GET global", "POST global"];
    await until("all writes", () => requests(on as Rig).length === 7);
    expect(requests(on)).toEqual([...written, "POST global"]);
    expect(on.server.commandsOf(on.guildId).map((each) => each["name"])).toEqual(["close", "fresh"]);
  });
  it("that may not register in its guild says so while it hears, and mends it at the next invitation", async () => {
    on = await rig({ bot: { commands: [close] }, isStarted: false });
    const guild = on.server.world.guilds.get(on.guildId);
    if (guild) guild.allowsCommands = false;
    await on.bot.start(async () => undefined);
    await until("the problem", () => on?.bot.health().problem !== null);
    expect(on.bot.health()).toMatchObject({
      isHearing: true,
      problem: "Discord: the commands could not be registered: Missing Access (50001)",
    });
    expect(on.server.menuOf(on.server.openDm(on.ana)), "direct messages have them all the same").toEqual(["close"]);
    if (guild) guild.allowsCommands = true;
    on.server.invite(on.guildId);
    await settled(on, 1);
    await until("the problem's end", () => on?.bot.health().problem === null);
  });
  it("without a guild registers for all guilds and direct messages", async () => {
    on = await rig({ bot: { commands: [close], guildId: null } });
    await until("the command", () => on?.server.commandsOf("global").length === 1);
    expect(on.server.commandsOf("global")[0]).toMatchObject({ name: "close", contexts: [0, 1] });
  });
});
