/** The gateway breaks in every way it can; the bot hears again by itself, says why it doesn't, and never burns identifies. */
import { afterEach, describe, expect, it } from "vitest";
import { pause, postPrompt, quickTimes, type Rig, rig, until } from "../servers/discord/rig.ts";

let on: Rig;
afterEach(() => on?.stop());

const hearing = () => until("hearing", () => on.bot.health().isHearing, 8_000);
const deaf = () => until("not hearing", () => !on.bot.health().isHearing);
async function tapIsHeard(): Promise<void> {
  const before = on.heard.length;
  const messageId = on.server.see(on.channelId, on.ana)[0]?.id ?? (await postPrompt(on));
  on.server.tap(on.ana, messageId, "Approve");
  await until("the tap", () => on.heard.length > before);
}

describe("a broken line", () => {
  it.each<[string, (of: Rig) => void, { identifies: number; resumes: number }]>([
    ["cut without a word", (of) => of.server.gateway.cut(), { identifies: 1, resumes: 1 }],
    ["told to reconnect (op 7)", (of) => of.server.gateway.askToReconnect(), { identifies: 1, resumes: 1 }],
    ["session resumable (op 9 true)", (of) => of.server.gateway.invalidateSession(true), { identifies: 1, resumes: 1 }],
    ["closed with 4000", (of) => of.server.gateway.closeWith(4000), { identifies: 1, resumes: 1 }],
    ["session timed out (4009)", (of) => of.server.gateway.closeWith(4009), { identifies: 1, resumes: 1 }],
    ["closed with 1001", (of) => of.server.gateway.closeWith(1001), { identifies: 2, resumes: 0 }],
    ["session gone (op 9 false)", (of) => of.server.gateway.invalidateSession(false), { identifies: 2, resumes: 0 }],
    ["invalid sequence (4007)", (of) => of.server.gateway.closeWith(4007), { identifies: 2, resumes: 0 }],
  ])("%s heals by itself", async (_, spoil, expected) => {
    on = await rig();
    await postPrompt(on);
    spoil(on);
    await until("the new session", () => {
      const { identifies, resumes } = on.server.gateway;
      return identifies === expected.identifies && resumes === expected.resumes;
    });
    await hearing();
    await tapIsHeard();
    expect(on.bot.health()).toMatchObject({ isHearing: true, problem: null });
  });
});

describe("a deaf line", () => {
  it("says that it is cut while it is, and since when it hears nothing", async () => {
    on = await rig();
    on.server.gateway.turnAway(503);
    on.server.gateway.cut();
    await deaf();
    const { problem, lastHeardAt } = on.bot.health();
    expect(problem).toMatch(/^Discord: .*(cut|connect)/);
    expect(lastHeardAt).not.toBeNull();
    await pause(900);
    expect(on.bot.health().isHearing).toBe(false);
    on.server.gateway.turnAway(null);
    await hearing();
    await tapIsHeard();
  });

  it("whose heartbeats are swallowed is deaf long before the library notices, and heals when it does", async () => {
    on = await rig({ server: { heartbeatMs: 400 }, bot: { times: { ...quickTimes, deafAfterMs: 700 } } });
    await postPrompt(on);
    on.server.gateway.becomeZombie(true);
    await deaf();
    expect(on.bot.health().problem).toMatch(/no sign of life|is cut/);
    on.server.tap(on.ana, on.server.see(on.channelId, on.ana)[0]?.id ?? "", "Approve");
    await until("the library gives the line up", () => on.server.gateway.closeCodes.length > 0);
    on.server.gateway.becomeZombie(false);
    await hearing();
    await until("the tap of the deaf time", () => on.heard.length === 1);
    expect(on.heard[0]?.arrivedLate).toBe(true);
  });

  it("that only pretends to be well is thrown away and made anew", async () => {
    on = await rig({ bot: { times: { ...quickTimes, deafAfterMs: 200, renewAfterMs: 400 } } });
    on.server.gateway.becomeZombie(true);
    await until("a new client", () =>
      on.log.lines.some((line) => line.text.includes("nothing was heard for too long")),
    );
    on.server.gateway.becomeZombie(false);
    await until("a new session", () => on.server.gateway.identifies > 1);
  });

  it("with a damaged READY finds a new session at the next cut", async () => {
    on = await rig();
    await postPrompt(on);
    on.server.gateway.sendText(
      JSON.stringify({ op: 0, t: "READY", s: 3, d: { guilds: [], user: {}, application: {} } }),
    );
    on.server.gateway.sendText(JSON.stringify({ op: 0, t: "READY", s: 4, d: null }));
    await pause(50);
    on.server.gateway.cut();
    await until("a new session", () => on.server.gateway.identifies === 2, 8_000);
    await hearing();
    await tapIsHeard();
  });
});

describe("a start", () => {
  it("asks for no privileged intent: guilds and direct messages only", async () => {
    on = await rig();
    expect(on.server.gateway.intents).toEqual([(1 << 0) | (1 << 12)]);
  });
  it("with a wrong token does not throw, says what to mend, retries slowly and never identifies [H12]", async () => {
    on = await rig({ bot: { token: "wrong.token.entirely-and-secret" } });
    expect(on.bot.health()).toEqual({
      isHearing: false,
      lastHeardAt: null,
      problem: "Discord: the bot token is refused (401/4004); put a valid one into DISCORD_BOT_TOKEN and restart",
    });
    await pause(1_000);
    expect(on.server.gateway.identifies).toBe(0);
    expect(on.server.requests.length).toBeLessThanOrEqual(4);
    expect(JSON.stringify(on.log.lines)).not.toContain("entirely-and-secret");
  });
  it("at a Discord that is down begins to retry and hears once it is up", async () => {
    on = await rig({ isStarted: false });
    on.server.fault({ path: /^\/gateway\/bot/, times: 3, how: { kind: "status", status: 503, isStored: false } });
    await on.bot.start(async () => undefined);
    expect(on.bot.health().isHearing).toBe(false);
    expect(on.bot.health().problem).toContain("can't connect");
    await hearing();
  });
  it("at a gateway that takes nobody retries and hears once it does", async () => {
    on = await rig({ isStarted: false });
    on.server.gateway.turnAway(502);
    await on.bot.start(async () => undefined);
    expect(on.bot.health().isHearing).toBe(false);
    on.server.gateway.turnAway(null);
    await hearing();
  });
  it("with no identifies left today says so and keeps the token", async () => {
    on = await rig({ server: { identifiesPerDay: 0 } });
    expect(on.bot.health().problem).toContain("Not enough sessions remaining");
    await pause(600);
    expect(on.server.gateway.identifies).toBe(0);
    expect(on.server.world.token).toBe(on.server.token);
  });
  it("into a guild that the bot is not in says which and how to mend it, and hears after the invitation", async () => {
    on = await rig({ isStarted: false });
    on.server.kick(on.guildId);
    await on.bot.start(async () => undefined);
    expect(on.bot.health()).toMatchObject({
      isHearing: false,
      problem: `Discord: the bot is not in guild ${on.guildId}; invite it with the scopes bot and applications.commands`,
    });
    on.server.invite(on.guildId);
    await hearing();
  });
});

describe("a line closed for good", () => {
  it("by 4004 after the token was reset says so, and a mended token is heard again [H12]", async () => {
    on = await rig();
    on.server.gateway.resetToken("another.token.now");
    on.server.gateway.closeWith(4004);
    await until("the reason", () => on.bot.health().problem?.includes("token is refused") === true);
    await pause(1_000);
    expect(on.server.gateway.identifies).toBe(1);
    on.server.gateway.resetToken(on.server.token);
    await hearing();
  });
  it.each([
    [4014, "the intents Guilds and DirectMessages are not allowed"],
    [4013, "the intents Guilds and DirectMessages are not valid"],
    [4012, "this version of the gateway"],
  ])("by %i names the cause and tries again slowly", async (code, cause) => {
    on = await rig();
    on.server.gateway.closeWith(code);
    await until("the reason", () => on.bot.health().problem?.includes(cause) === true);
    expect(on.bot.health().problem).toContain(`(${code})`);
    expect(on.server.gateway.identifies).toBe(1);
    await hearing();
    expect(on.server.gateway.identifies).toBe(2);
  });
  it("because the guild threw the bot out is not hearing, though the gateway is well", async () => {
    on = await rig();
    on.server.kick(on.guildId);
    await deaf();
    expect(on.bot.health().problem).toContain("is not in guild");
    on.server.gateway.sendDispatch("GUILD_CREATE", { id: on.guildId });
    await hearing();
    on.server.gateway.sendDispatch("GUILD_DELETE", { id: on.guildId, unavailable: true });
    await deaf();
    expect(on.bot.health().problem).toContain("out of order at Discord");
  });
});

describe("stopping", () => {
  it("closes the line, hears nothing more and never connects again", async () => {
    on = await rig();
    await on.bot.stop();
    expect(on.server.gateway.isConnected).toBe(false);
    expect(on.bot.health()).toMatchObject({ isHearing: false, problem: "Discord: not started" });
    await pause(800);
    expect(on.server.gateway.identifies).toBe(1);
    await on.bot.stop();
  });
  it("and starting again hears again, without forgetting how often it identified", async () => {
    on = await rig();
    await on.bot.stop();
    const heardAgain: string[] = [];
    await on.bot.start(async (incoming) => void heardAgain.push(incoming.kind));
    await hearing();
    on.server.tap(on.ana, await postPrompt(on), "Approve");
    await until("the tap", () => heardAgain.length === 1);
    expect(on.server.gateway.identifies).toBe(2);
    expect(on.heard).toEqual([]);
  });
  it("in the middle of a reconnection leaves no ghost that connects later", async () => {
    on = await rig();
    on.server.gateway.cut();
    await deaf();
    await on.bot.stop();
    await pause(1_200);
    expect(on.server.gateway.isConnected).toBe(false);
    expect([on.server.gateway.identifies, on.server.gateway.resumes]).toEqual([1, 0]);
  });
  it("in the pause before a further try leaves no ghost either", async () => {
    on = await rig({ bot: { times: { ...quickTimes, reconnectMs: 1_000, reconnectMaxMs: 1_000 } } });
    on.server.gateway.turnAway(502);
    on.server.gateway.cut();
    await pause(1_300);
    on.server.gateway.turnAway(null);
    await on.bot.stop();
    await pause(1_000);
    expect([on.server.gateway.isConnected, on.server.gateway.resumes]).toEqual([false, 0]);
  });
  it("before it was started does nothing", async () => {
    on = await rig({ isStarted: false });
    await on.bot.stop();
    expect(on.server.requests).toEqual([]);
  });
});
