/** Taps and commands are acknowledged within three seconds or known as stale, and answered to whom they concern. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { plainCard } from "../../src/core/card.ts";
import { type AnyCommand, defineCommand } from "../../src/define/command.ts";
import type { AnswerRef } from "../../src/ports/messenger.ts";
import type { Fault } from "../servers/discord/faults.ts";
import type { Tried } from "../servers/discord/humans.ts";
import { postPrompt, type Rig, rig, until } from "../servers/discord/rig.ts";

const command = (name: string, role: "anyone" | "viewer"): AnyCommand =>
  defineCommand({
    name,
    summary: `Does ${name}`,
    options: z.object({}),
    access: { role, urgency: "reads" },
    examples: [],
    run: async () => plainCard("ok", "x"),
  });

let on: Rig;
beforeEach(async () => {
  on = await rig({ bot: { commands: [command("status", "viewer"), command("link", "anyone")] } });
  await until("the commands", () => on.server.commandsOf(on.guildId).length === 2);
});
afterEach(() => on.stop());

const answer = plainCard("ok", "Approved by Ana");
const deleteAll = (of: Rig) => {
  for (const each of of.server.all(of.channelId)) of.server.deleteMessage(each.id);
};
const later = plainCard("info", "Filled");
const onCallback = (how: Fault["how"], times = 1) => on.server.fault({ path: /\/callback$/, times, how });
const callbacks = () => on.server.requests.filter((each) => each.path.endsWith("/callback"));
const shown = (userId: string) =>
  on.server.see(on.channelId, userId).map((each) => (each.isThinking ? "thinking" : each.content));

async function heard(tried: Tried): Promise<AnswerRef> {
  const find = () => on.heard.find((each) => each.eventIds.includes(tried.id));
  await until("the event", () => find() !== undefined);
  return find()?.answerRef as AnswerRef;
}
const tap = async (more: { agedMs?: number } = {}) => {
  const tried = on.server.tap(on.ana, await postPrompt(on), "Approve", more);
  return { tried, ref: await heard(tried) };
};
const slash = async (name: string) => {
  const tried = on.server.slash(on.ana, on.channelId, name);
  return { tried, ref: await heard(tried) };
};

describe("acknowledging a tap", () => {
  it("silently ends the spinner and leaves the prompt as it is", async () => {
    const { tried, ref } = await tap();
    expect(await on.bot.acknowledge(ref, null)).toBe("ok");
    expect(tried.interaction.answeredWith).toBe(6);
    expect(shown(on.bo)).toEqual(["⏳ **Buy 0.5 BTC/USDT?**"]);
  });
  it("with a refusal shows it to the tapper alone", async () => {
    const { ref } = await tap();
    expect(await on.bot.acknowledge(ref, { text: "You may not *decide* this.", isRefusal: true })).toBe("ok");
    expect(shown(on.ana)).toEqual(["⏳ **Buy 0.5 BTC/USDT?**", "⛔ You may not \\*decide\\* this."]);
    expect(shown(on.bo)).toHaveLength(1);
  });
  it("twice, with a notice the second time, follows up", async () => {
    const { ref } = await tap();
    await on.bot.acknowledge(ref, null);
    expect(await on.bot.acknowledge(ref, { text: "Price moved, tap again", isRefusal: false })).toBe("ok");
    expect(shown(on.ana).at(-1)).toBe("Price moved, tap again");
    expect(callbacks()).toHaveLength(1);
  });
  it("more than three seconds after the tap is stale", async () => {
    const { ref } = await tap({ agedMs: 3_200 });
    expect(await on.bot.acknowledge(ref, null)).toBe("stale");
  });
  it("that somebody acknowledged already is fine", async () => {
    const { tried, ref } = await tap();
    tried.interaction.answeredWith = 6;
    expect(await on.bot.acknowledge(ref, null)).toBe("ok");
  });
  it.each<[string, Fault["how"]]>([
    ["lost after it was stored", { kind: "drop_after" }],
    ["lost before it was carried out", { kind: "drop_before" }],
    ["a 502", { kind: "status", status: 502, isStored: false }],
    ["a 500 after it was stored", { kind: "status", status: 500, isStored: true }],
    ["later than we wait", { kind: "delay", ms: 1_400 }],
  ])("whose answer is %s is asked once more and then known", async (_, how) => {
    onCallback(how);
    const { tried, ref } = await tap();
    expect(await on.bot.acknowledge(ref, null)).toBe("ok");
    expect(callbacks()).toHaveLength(2);
    expect(tried.interaction.answeredWith).toBe(6);
  });
  it("that fails twice has failed; a third try is not made", async () => {
    onCallback({ kind: "status", status: 503, isStored: false }, 9);
    const { ref } = await tap();
    expect(await on.bot.acknowledge(ref, null)).toBe("failed");
    expect(callbacks()).toHaveLength(2);
  });
  it("that meets a 429 has failed at once", async () => {
    onCallback({ kind: "rate_limited", retryAfterS: 5 });
    const { ref } = await tap();
    const before = performance.now();
    expect(await on.bot.acknowledge(ref, null)).toBe("failed");
    expect(performance.now() - before).toBeLessThan(500);
  });
  it.each<[string, AnswerRef]>([
    ["another platform's", { platform: "telegram", id: "1", token: null }],
    ["a damaged one", { platform: "discord", id: "100000000000000001", token: "tap.x" }],
    ["an empty one", { platform: "discord", id: "", token: "" }],
    ["one whose id is a path", { platform: "discord", id: "../../users/@me", token: "tap.100000000000000001.t" }],
  ])("by %s reference fails without a word to Discord", async (_, ref) => {
    const before = on.server.requests.length;
    expect(await on.bot.acknowledge(ref, null)).toBe("failed");
    expect(on.server.requests).toHaveLength(before);
  });
});

describe("replying", () => {
  it("to a tap shows the outcome to the tapper alone", async () => {
    const { ref } = await tap();
    await on.bot.acknowledge(ref, null);
    expect((await on.bot.reply(on.chat, ref, answer)).ok).toBe(true);
    expect(shown(on.ana).at(-1)).toBe("✅ **Approved by Ana**");
    expect(shown(on.bo)).toHaveLength(1);
  });
  it("to a command replaces thinking, then follows", async () => {
    const { ref } = await slash("status");
    expect(await on.bot.acknowledge(ref, null)).toBe("ok");
    expect(shown(on.bo)).toEqual(["thinking"]);
    const first = await on.bot.reply(on.chat, ref, answer);
    expect(shown(on.bo)).toEqual(["✅ **Approved by Ana**"]);
    const second = await on.bot.reply(on.chat, ref, later);
    expect(shown(on.bo)).toEqual(["✅ **Approved by Ana**", "ℹ️ **Filled**"]);
    expect(first).not.toEqual(second);
  });
  it("to a command that anyone may send is for its sender alone, from thinking on", async () => {
    const { ref } = await slash("link");
    await on.bot.acknowledge(ref, null);
    expect([shown(on.ana), shown(on.bo)]).toEqual([["thinking"], []]);
    await on.bot.reply(on.chat, ref, answer);
    await on.bot.reply(on.chat, ref, later);
    expect([shown(on.ana).length, shown(on.bo).length]).toEqual([2, 0]);
  });
  it("after a refusal follows it instead of replacing it", async () => {
    const { ref } = await slash("status");
    await on.bot.acknowledge(ref, { text: "late by 40 s", isRefusal: false });
    await on.bot.reply(on.chat, ref, answer);
    expect(shown(on.ana)).toEqual(["late by 40 s", "✅ **Approved by Ana**"]);
  });
});

describe("replying when the token is dead or the answer is lost", () => {
  it.each<[string, (of: Rig) => void]>([
    ["[H07] after 15 minutes", (of) => of.server.skip(15 * 60_000 + 1)],
    ["after the thinking message was deleted", (of) => deleteAll(of)],
  ])("%s is a plain message in the channel, once", async (_, spoil) => {
    const { ref } = await slash("status");
    await on.bot.acknowledge(ref, null);
    spoil(on);
    const first = await on.bot.reply(on.chat, ref, answer);
    expect(await on.bot.reply(on.chat, ref, answer)).toEqual(first);
    expect(shown(on.bo).filter((each) => each.includes("Approved"))).toHaveLength(1);
  });
  it("that was never acknowledged in time is a plain message too [H07]", async () => {
    const { ref } = await tap({ agedMs: 3_200 });
    await on.bot.acknowledge(ref, null);
    expect((await on.bot.reply(on.chat, ref, answer)).ok).toBe(true);
    expect(shown(on.bo).at(-1)).toBe("✅ **Approved by Ana**");
  });
  it("whose answer is lost is unknown where it would be seen twice, and later where not", async () => {
    const lost: Fault = { path: /^\/webhooks\//, how: { kind: "drop_after" } };
    const command = await slash("status");
    await on.bot.acknowledge(command.ref, null);
    on.server.fault(lost);
    expect(await on.bot.reply(on.chat, command.ref, answer)).toMatchObject({ problem: { kind: "later" } });
    const { ref } = await tap();
    await on.bot.acknowledge(ref, null);
    on.server.fault(lost);
    expect(await on.bot.reply(on.chat, ref, answer)).toMatchObject({ problem: { kind: "unknown_outcome" } });
  });
  it("to words replies under them in the direct message", async () => {
    const direct = on.server.openDm(on.ana);
    const said = on.server.sendText(on.ana, direct, "417");
    await until("the words", () => on.heard.length === 1);
    const { chat, answerRef } = on.heard[0] as (typeof on.heard)[number];
    expect(await on.bot.acknowledge(answerRef, null)).toBe("ok");
    await on.bot.reply(chat, answerRef, answer);
    await on.bot.acknowledge(answerRef, { text: "Wrong phrase", isRefusal: true });
    expect(on.server.see(direct, on.ana).slice(1)).toMatchObject([
      { replyTo: said, content: "✅ **Approved by Ana**" },
      { replyTo: said, content: "⚠️ **Wrong phrase**" },
    ]);
  });
});
