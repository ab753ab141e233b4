/** The pretended Discord refuses what Discord refuses, in its numbers; a lax server would let a lax bot pass. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Json } from "./refusal.ts";
import { type DiscordServer, openDiscordServer } from "./server.ts";

let server: DiscordServer;
let ana: string;
let guildId: string;
let channelId: string;

async function call(method: string, path: string, body?: unknown, more: { token?: string; userAgent?: string } = {}) {
  const response = await fetch(`${server.apiRoot}/api/v10${path}`, {
    method,
    headers: {
      authorization: more.token ?? `Bot ${server.token}`,
      "user-agent": more.userAgent ?? "DiscordBot (https://example.test, 1)",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = (text === "" ? {} : JSON.parse(text)) as Json & { id: string; code: number };
  return { status: response.status, json, headers: response.headers };
}

const button = (id: string, label = "ok") => ({ type: 2, style: 3, label, custom_id: id });
const row = (...buttons: Json[]) => ({ type: 1, components: buttons });
const post = (body: Json) => call("POST", `/channels/${channelId}/messages`, body);
const refusalOf = (answer: { status: number; json: Json }) => [answer.status, answer.json["code"]];

beforeAll(async () => {
  server = await openDiscordServer({ identifyEveryMs: 0, hasRateLimits: false });
  ana = server.addUser("ana");
  guildId = server.addGuild("G", [ana]);
});
beforeEach(() => {
  // A new channel each time: its buckets are fresh.
  channelId = server.addChannel(guildId, "c");
});
afterAll(() => server.stop());

describe("who asks", () => {
  it.each([
    ["a wrong token", { token: "Bot nonsense" }, [401, 0]],
    ["a token without the word Bot", { token: "x" }, [401, 0]],
    ["a client that hides its name", { userAgent: "curl/8" }, [403, 40333]],
  ])("%s is turned away", async (_, more, expected) => {
    expect(refusalOf(await call("GET", "/users/@me", undefined, more))).toEqual(expected);
  });
  it("an unknown route is 404, a known one with another method 405", async () => {
    expect((await call("GET", "/nothing")).status).toBe(404);
    expect((await call("PUT", "/users/@me", {})).status).toBe(405);
  });
});

describe("messages", () => {
  const embed = (part: Json) => ({ embeds: [part] });
  const field = (name: string, value: string) => ({ name, value });
  it.each<[string, Json]>([
    ["content over 2,000", { content: "x".repeat(2_001) }],
    ["an embed title over 256", embed({ title: "x".repeat(257) })],
    ["a description over 4,096", embed({ description: "x".repeat(4_097) })],
    ["26 fields", embed({ fields: Array.from({ length: 26 }, () => field("a", "b")) })],
    ["a field name over 256", embed({ fields: [field("x".repeat(257), "b")] })],
    ["a field value over 1,024", embed({ fields: [field("a", "x".repeat(1_025))] })],
    ["an empty field value", embed({ fields: [field("a", "")] })],
    [
      "an embed over 6,000 in all",
      embed({ description: "x".repeat(4_096), fields: [field("a", "x".repeat(1_000)), field("b", "x".repeat(1_000))] }),
    ],
    ["a nonce over 25", { content: "a", nonce: "n".repeat(26), enforce_nonce: true }],
    ["an unknown flag", { content: "a", flags: 1 << 7 }],
    ["six rows", { content: "a", components: Array.from({ length: 6 }, (_, at) => row(button(`b${at}`))) }],
    [
      "six buttons in a row",
      { content: "a", components: [row(...Array.from({ length: 6 }, (_, at) => button(`b${at}`)))] },
    ],
    ["a custom_id twice", { content: "a", components: [row(button("same"), button("same"))] }],
    ["an empty custom_id", { content: "a", components: [row(button(""))] }],
    ["a custom_id over 100", { content: "a", components: [row(button("x".repeat(101)))] }],
    ["a label over 80", { content: "a", components: [row(button("a", "x".repeat(81)))] }],
  ])("refuses %s with 50035", async (_, body) => {
    expect(refusalOf(await post(body))).toEqual([400, 50035]);
    expect(server.see(channelId, ana)).toEqual([]);
  });

  it("takes what is exactly at the limits", async () => {
    const body = {
      content: "x".repeat(2_000),
      embeds: [
        { title: "t".repeat(256), description: "d".repeat(4_096), fields: [field("n".repeat(256), "v".repeat(1_024))] },
      ],
      components: [row(button("c".repeat(100), "l".repeat(80)))],
      nonce: "n".repeat(25),
    };
    expect((await post(body)).status).toBe(200);
  });
});

describe("what became of a message", () => {
  it("refuses emptiness, unknown channels and messages, hidden channels, muted bots, and people who take no mail", async () => {
    expect(refusalOf(await post({ content: "" }))).toEqual([400, 50006]);
    expect(refusalOf(await call("POST", "/channels/100000000000000001/messages", { content: "a" }))).toEqual([
      404, 10003,
    ]);
    expect(
      refusalOf(await call("PATCH", `/channels/${channelId}/messages/100000000000000001`, { content: "a" })),
    ).toEqual([404, 10008]);
    server.channel(channelId).denied.add("send");
    expect(refusalOf(await post({ content: "a" }))).toEqual([403, 50013]);
    server.channel(channelId).denied.add("view");
    expect(refusalOf(await post({ content: "a" }))).toEqual([403, 50001]);
    const shy = server.openDm(server.addUser("shy", { acceptsDms: false }));
    expect(refusalOf(await call("POST", `/channels/${shy}/messages`, { content: "a" }))).toEqual([403, 50007]);
  });

  it("gives the first message again for the same enforced nonce, for a few minutes", async () => {
    const body = { content: "a", nonce: "one", enforce_nonce: true };
    const first = await post(body);
    expect((await post(body)).json.id).toBe(first.json.id);
    expect((await post({ ...body, enforce_nonce: false })).json.id).not.toBe(first.json.id);
    server.skip(6 * 60_000);
    expect((await post(body)).json.id).not.toBe(first.json.id);
  });

  it("limits edits of messages older than an hour with 30046 and a 429", async () => {
    const { json } = await post({ content: "a" });
    const edit = () => call("PATCH", `/channels/${channelId}/messages/${json.id}`, { content: "b" });
    expect((await edit()).status).toBe(200);
    server.skip(3_600_001);
    expect([(await edit()).status, (await edit()).status]).toEqual([200, 200]);
    expect(refusalOf(await edit())).toEqual([429, 30046]);
  });

  it("refuses edits in an archived thread; speaking opens it unless it is locked", async () => {
    const thread = server.addThread(channelId, "t");
    const { json } = await call("POST", `/channels/${thread}/messages`, { content: "a" });
    server.channel(thread).isArchived = true;
    expect(refusalOf(await call("PATCH", `/channels/${thread}/messages/${json.id}`, { content: "b" }))).toEqual([
      400, 50083,
    ]);
    expect((await call("POST", `/channels/${thread}/messages`, { content: "a" })).status).toBe(200);
    Object.assign(server.channel(thread), { isArchived: true, isLocked: true });
    expect(refusalOf(await call("POST", `/channels/${thread}/messages`, { content: "a" }))).toEqual([400, 50083]);
  });

  it("notifies whom a message mentions unless it says nobody", async () => {
    const loud = await post({ content: `<@${ana}> @everyone` });
    const quiet = await post({ content: `<@${ana}> @everyone`, allowed_mentions: { parse: [] } });
    expect(server.message(loud.json.id).pinged).toEqual(["everyone", ana]);
    expect(server.message(quiet.json.id).pinged).toEqual([]);
  });
});

describe("limits", () => {
  let kept: DiscordServer;
  beforeEach(async () => {
    kept = server;
    server = await openDiscordServer();
    channelId = server.addChannel(server.addGuild("G"), "c");
  });
  afterEach(async () => {
    await server.stop();
    server = kept;
  });
  it("answers 429 with its time beyond five posts in five seconds, and counts invalid requests", async () => {
    const answers = [];
    for (let at = 0; at < 6; at += 1) answers.push(await post({ content: String(at) }));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(answers[4]?.headers.get("x-ratelimit-remaining")).toBe("0");
    expect(Number(answers[5]?.json["retry_after"])).toBeGreaterThan(0);
    expect(server.invalidRequests()).toBe(1);
  });
  it("answers a global 429 beyond 50 requests in a second", async () => {
    const asked = Array.from({ length: 250 }, () => call("GET", "/users/@me"));
    const global = (await Promise.all(asked)).filter((answer) => answer.headers.has("x-ratelimit-global"));
    expect(global.length).toBeGreaterThan(0);
    expect(global[0]?.json["global"]).toBe(true);
  });
});

describe("interactions", () => {
  const prompt = async () => (await post({ content: "a", components: [row(button("go", "Go"))] })).json.id;
  const answer = (of: { id: string; interaction: { token: string } }, body: Json) =>
    call("POST", `/interactions/${of.id}/${of.interaction.token}/callback`, body);
  const hook = (of: { interaction: { token: string } }) => `/webhooks/${server.applicationId}/${of.interaction.token}`;

  it("takes one answer within three seconds: 204 without a content type, then 40060", async () => {
    const tap = server.tap(ana, await prompt(), "Go");
    const first = await answer(tap, { type: 6 });
    expect([first.status, first.headers.get("content-type")]).toEqual([204, null]);
    expect(refusalOf(await answer(tap, { type: 6 }))).toEqual([400, 40060]);
  });
  it("refuses an answer after three seconds and one with a wrong token with 10062", async () => {
    const tap = server.tap(ana, await prompt(), "Go", { agedMs: 3_100 });
    expect(refusalOf(await answer(tap, { type: 6 }))).toEqual([404, 10062]);
    expect(tap.failedForPerson()).toBe(true);
    const fresh = server.tap(ana, await prompt(), "Go");
    expect(refusalOf(await call("POST", `/interactions/${fresh.id}/wrong/callback`, { type: 6 }))).toEqual([
      404, 10062,
    ]);
  });
  it("refuses follow-ups before the first answer with 10015, and after 15 minutes with 50027", async () => {
    const tap = server.tap(ana, await prompt(), "Go");
    expect(refusalOf(await call("POST", hook(tap), { content: "a" }))).toEqual([404, 10015]);
    await answer(tap, { type: 6 });
    expect((await call("POST", hook(tap), { content: "a" })).status).toBe(200);
    server.skip(15 * 60_000 + 1);
    expect(refusalOf(await call("POST", hook(tap), { content: "a" }))).toEqual([401, 50027]);
  });
  it("shows an ephemeral answer to the tapper alone", async () => {
    const bo = server.addUser("bo");
    const tap = server.tap(ana, await prompt(), "Go");
    await answer(tap, { type: 4, data: { content: "psst", flags: 64 } });
    expect(server.see(channelId, ana).map((each) => each.content)).toContain("psst");
    expect(server.see(channelId, bo).map((each) => each.content)).not.toContain("psst");
    const hidden = tap.interaction.originalId ?? "";
    expect(refusalOf(await call("PATCH", `/channels/${channelId}/messages/${hidden}`, { content: "x" }))).toEqual([
      404, 10008,
    ]);
  });
  it("checks modals and callback types", async () => {
    const tap = server.tap(ana, await prompt(), "Go");
    const row = (custom_id: string) => ({ type: 1, components: [{ type: 4, custom_id, label: "Why", style: 1 }] });
    const modal = (components: readonly Json[], title = "t") => ({
      type: 9,
      data: { title, custom_id: "m", components },
    });
    expect(refusalOf(await answer(tap, { type: 3 }))).toEqual([400, 50035]);
    expect(refusalOf(await answer(tap, modal([row("a")], "t".repeat(46))))).toEqual([400, 50035]);
    expect(refusalOf(await answer(tap, modal([{}])))).toEqual([400, 50035]);
    expect(refusalOf(await answer(tap, modal([row("a"), row("a")])))).toEqual([400, 50035]);
    expect((await answer(tap, modal([row("a"), row("b")]))).status).toBe(204);
  });
});

describe("forms and typing", () => {
  const path = () => `/applications/${server.applicationId}/guilds/${guildId}/commands`;
  const prompt = async () => (await post({ content: "a", components: [row(button("go", "Go"))] })).json.id;
  const answer = (of: { id: string; interaction: { token: string } }, body: Json) =>
    call("POST", `/interactions/${of.id}/${of.interaction.token}/callback`, body);
  const field = (custom_id: string, more: Json = {}) => ({
    type: 1,
    components: [{ type: 4, custom_id, label: "Why", style: 1, ...more }],
  });
  const modal = { type: 9, data: { title: "Prove it", custom_id: "m", components: [field("why", { max_length: 5 })] } };

  it("a form is filled in as the apps let people: every field that is asked for, no longer than it may be", async () => {
    const tap = server.tap(ana, await prompt(), "Go");
    expect(() => server.submit(tap, { why: "so" })).toThrow("form after that");
    expect((await answer(tap, modal)).status).toBe(204);
    expect(() => server.submit(tap, {})).toThrow("must be filled in");
    expect(() => server.submit(tap, { why: "because" })).toThrow("at most 5");
    expect(() => server.submit(tap, { why: "so", more: "x" })).toThrow("no field more");
    expect(server.submit(tap, { why: "so" }).interaction.type).toBe(5);
  });
  it("a form is no answer to a form, and one that a command opened has no message to leave as it is", async () => {
    const tap = server.tap(ana, await prompt(), "Go");
    await answer(tap, modal);
    const submitted = server.submit(tap, { why: "so" });
    expect(refusalOf(await answer(submitted, modal))).toEqual([400, 50035]);
    expect((await answer(submitted, { type: 6 })).status).toBe(204);
    await call("PUT", path(), [{ name: "prove", description: "Proves" }]);
    const typed = server.slash(ana, channelId, "prove");
    await answer(typed, modal);
    expect(refusalOf(await answer(server.submit(typed, { why: "so" }), { type: 6 }))).toEqual([400, 50035]);
  });
  it("who types is offered at most 25 short values, and nothing else; only options registered so ask", async () => {
    const option = { type: 3, name: "what", description: "Which", autocomplete: true };
    await call("PUT", path(), [{ name: "close", description: "Closes", options: [option] }]);
    const typing = () => server.type(ana, channelId, "close", { option: "what", prefix: "s" });
    const offer = (choices: unknown) => answer(typing(), { type: 8, data: { choices } });
    const value = (name: string) => ({ name, value: name });
    expect(refusalOf(await offer(Array.from({ length: 26 }, (_, at) => value(`c${at}`))))).toEqual([400, 50035]);
    expect(refusalOf(await offer([value("x".repeat(101))]))).toEqual([400, 50035]);
    expect(refusalOf(await offer(undefined))).toEqual([400, 50035]);
    expect(refusalOf(await answer(typing(), { type: 5 }))).toEqual([400, 50035]);
    expect(refusalOf(await answer(server.tap(ana, await prompt(), "Go"), { type: 8, data: { choices: [] } }))).toEqual([
      400, 50035,
    ]);
    const asked = typing();
    expect((await answer(asked, { type: 8, data: { choices: [value("SOL/USDT")] } })).status).toBe(204);
    expect(asked.interaction.choices).toEqual([value("SOL/USDT")]);
    const both = { ...option, choices: [value("a")] };
    expect(refusalOf(await call("POST", path(), { name: "x", description: "x", options: [both] }))).toEqual([
      400, 50035,
    ]);
  });
  it("follow-ups of one interaction share a bucket of five in two seconds", async () => {
    const strict = await openDiscordServer({ identifyEveryMs: 0 });
    const user = strict.addUser("ana");
    const guild = strict.addGuild("G", [user]);
    const channel = strict.addChannel(guild, "c");
    strict.world.commands.set(guild, [{ id: "100000000000000001", name: "go", description: "Goes" }]);
    const { id, interaction } = strict.slash(user, channel, "go");
    const send = (where: string, body: Json) =>
      fetch(`${strict.apiRoot}/api/v10${where}`, {
        method: "POST",
        headers: { "user-agent": "DiscordBot (https://example.test, 1)", "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    await send(`/interactions/${id}/${interaction.token}/callback`, { type: 5 });
    const hook = `/webhooks/${strict.applicationId}/${interaction.token}`;
    const statuses: number[] = [];
    for (let at = 0; at < 6; at += 1) statuses.push((await send(hook, { content: "a" })).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    await strict.stop();
  });
});

describe("commands", () => {
  const path = () => `/applications/${server.applicationId}/guilds/${guildId}/commands`;
  const command = (more: Json = {}) => ({ name: "close", description: "Closes", ...more });
  const option = (more: Json = {}) => ({ type: 3, name: "a", description: "b", ...more });
  it.each<[string, Json]>([
    ["a name with capitals", command({ name: "Close" })],
    ["a name over 32", command({ name: "x".repeat(33) })],
    ["no description", command({ description: "" })],
    ["a description over 100", command({ description: "x".repeat(101) })],
    ["26 options", command({ options: Array.from({ length: 26 }, (_, at) => option({ name: `o${at}` })) })],
    [
      "an optional option before a required one",
      command({ options: [option(), option({ name: "b", required: true })] }),
    ],
    ["two options of one name", command({ options: [option(), option()] })],
    [
      "26 choices",
      command({
        options: [option({ choices: Array.from({ length: 26 }, (_, at) => ({ name: `c${at}`, value: `c${at}` })) })],
      }),
    ],
    ["a number as the choice of a string", command({ options: [option({ choices: [{ name: "a", value: 1 }] })] })],
    ["lengths on a number", command({ options: [option({ type: 4, min_length: 1 })] })],
    ["bounds on a string", command({ options: [option({ min_value: 1 })] })],
    ["an unknown key", command({ summary: "x" })],
  ])("refuses %s with 50035", async (_, body) => {
    expect(refusalOf(await call("POST", path(), body))).toEqual([400, 50035]);
  });
  it("refuses a bot that was invited without the scope for commands", async () => {
    const guild = server.world.guilds.get(guildId);
    if (guild) guild.allowsCommands = false;
    expect(refusalOf(await call("GET", path()))).toEqual([403, 50001]);
    if (guild) guild.allowsCommands = true;
  });
  it("lets people type only what is registered", async () => {
    await call("PUT", path(), [command({ options: [option({ name: "symbol", required: true, max_length: 5 })] })]);
    expect(() => server.slash(ana, channelId, "open")).toThrow("knows no command /open");
    expect(() => server.slash(ana, channelId, "close")).toThrow("needs symbol");
    expect(() => server.slash(ana, channelId, "close", { symbol: "toolong" })).toThrow("above 5");
    expect(server.slash(ana, channelId, "close", { symbol: "BTC" }).id).toMatch(/^\d+$/);
  });
});
