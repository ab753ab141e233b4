/** A picture on Discord: it arrives inside the prompt, follows its edits, and is never the reason why a prompt is missing or doubled. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { openDiscord } from "../../src/adapters/discord/discord.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { type Card, type CardChart, plainCard } from "../../src/core/card.ts";
import { price } from "../../src/core/money.ts";
import { type AnyCommand, defineCommand } from "../../src/define/command.ts";
import type { Delivery } from "../../src/ports/messenger.ts";
import { pictured, realPictures, summary, troubledPainters } from "../fixtures/pictured_cards.ts";
import { readPng } from "../fixtures/png.ts";
import type { Fault } from "../servers/discord/faults.ts";
import { no, type Rig, rig, until, yes } from "../servers/discord/rig.ts";

const status: AnyCommand = defineCommand({
  name: "status",
  summary: "Does status",
  options: z.object({}),
  access: { role: "viewer", urgency: "reads" },
  examples: [],
  run: async () => plainCard("ok", "x"),
});

const pictures = realPictures();
const chartWith = (change: Partial<CardChart>): CardChart => {
  if (pictured.chart === null) throw new Error("the sample has a chart");
  return { ...pictured.chart, ...change };
};
beforeAll(async () => void (await pictures.paint(pictured)), 30_000);
afterAll(() => pictures.close());

let on: Rig;
const open = async (paint = pictures.paint) => {
  on = await rig({ bot: { paint, commands: [status] } });
  await until("the command", () => on.server.commandsOf(on.guildId).length === 1);
};
afterEach(() => on.stop());

const post = (nonce = "n", card: Card = pictured) =>
  on.bot.post(on.chat, card, { buttons: [yes, no], nonce, isQuiet: false });
const idOf = (delivery: Delivery): string => {
  if (!delivery.ok) throw new Error(delivery.problem.because);
  return delivery.value.messageId;
};
const seen = () => on.server.see(on.channelId, on.ana);
const postings = () => on.server.requests.filter((each) => each.method === "POST" && each.path.endsWith("/messages"));
const onPost = (how: Fault["how"], times = 1) =>
  on.server.fault({ method: "POST", path: /^\/channels\/\d+\/messages$/, times, how });

describe("a prompt with a picture", () => {
  it("is one message: the picture is a PNG of 1280 x 800 in its embed, with words for who can't see it", async () => {
    await open();
    const message = on.server.message(idOf(await post()));
    expect(seen()).toHaveLength(1);
    const [file] = message.attachments;
    expect(message.attachments).toHaveLength(1);
    expect(file).toMatchObject({ filename: "picture.png", contentType: "image/png" });
    expect(file?.description).toMatch(/SOL\/USDT/);
    const { width, height } = readPng(Uint8Array.from(file?.bytes ?? []));
    expect([width, height]).toEqual([1280, 800]);
    expect(message.embeds[0]?.["image"]).toEqual({ url: "attachment://picture.png" });
    expect(message.components).toHaveLength(1);
    expect(message).toMatchObject({ content: "⏳ **Buy 0.5 SOL/USDT?**", nonce: "n", pinged: [] });
  });
  it("keeps it in an edit while the question is open, and drops it with the buttons", async () => {
    await open();
    const messageId = idOf(await post());
    expect((await on.bot.edit(on.chat, messageId, { ...pictured, footer: "1 of 2" }, [yes, no])).ok).toBe(true);
    expect(on.server.message(messageId).attachments).toHaveLength(1);
    expect(on.server.message(messageId).embeds[0]).toMatchObject({
      image: { url: "attachment://picture.png" },
      footer: { text: "1 of 2" },
    });
    expect((await on.bot.edit(on.chat, messageId, { ...pictured, tone: "ok" }, [])).ok).toBe(true);
    expect(on.server.message(messageId).attachments).toEqual([]);
    expect(on.server.message(messageId).embeds[0]).not.toHaveProperty("image");
  });
  it("is painted anew when the prices of the question change, and goes where no new one can be had", async () => {
    await open();
    const messageId = idOf(await post());
    const shown = () => on.server.message(messageId).attachments;
    const [first] = shown();
    const anew = (stop: string): Card => ({ ...pictured, chart: chartWith({ stopPrice: price(stop) }) });
    expect((await on.bot.edit(on.chat, messageId, anew("94.8"), [yes, no])).ok).toBe(true);
    expect(shown()).toHaveLength(1);
    expect(shown()[0]?.id).not.toBe(first?.id);
    expect(shown()[0]?.description).toContain("94.8");
    expect(on.server.message(messageId).embeds[0]).toMatchObject({ image: { url: "attachment://picture.png" } });
    const how = { kind: "refused", status: 413, code: 40005, message: "Request entity too large" } as const;
    on.server.fault({ method: "PATCH", path: /^\/channels\//, times: 1, how });
    expect((await on.bot.edit(on.chat, messageId, anew("94.5"), [yes, no])).ok).toBe(true);
    expect(shown()).toEqual([]);
    expect(on.server.message(messageId).embeds[0]).not.toHaveProperty("image");
  });
  it("goes when the question is shown without one", async () => {
    await open();
    const messageId = idOf(await post());
    expect((await on.bot.edit(on.chat, messageId, { ...pictured, chart: null }, [yes, no])).ok).toBe(true);
    expect(on.server.message(messageId).attachments).toEqual([]);
  });
  it("goes when a tap turns the message into another: an old picture never hangs loose under new words", async () => {
    await open();
    const messageId = idOf(await post());
    on.server.tap(on.ana, messageId, yes.label);
    await until("the tap", () => on.heard.length === 1);
    const [tapped] = on.heard;
    if (tapped === undefined) return;
    await on.bot.acknowledge(tapped.answerRef, null);
    expect((await on.bot.editTapped?.(on.chat, tapped.answerRef, messageId, plainCard("info", "Anew"), [no]))?.ok).toBe(
      true,
    );
    expect(on.server.message(messageId).content).toContain("Anew");
    expect(on.server.message(messageId).attachments).toEqual([]);
  });
  it("of before a restart, of which nobody knows what it shows, is painted anew", async () => {
    await open();
    const messageId = idOf(await post());
    const [first] = on.server.message(messageId).attachments;
    await on.bot.stop();
    const { token, apiRoot } = on.server;
    const parts = { token, apiRoot, guildId: null, commands: [], clock: systemClock(), log: on.log };
    const again = openDiscord({ ...parts, paint: pictures.paint });
    expect((await again.edit(on.chat, messageId, pictured, [yes, no])).ok).toBe(true);
    const [second] = on.server.message(messageId).attachments;
    expect([second?.filename, second?.id === first?.id]).toEqual(["picture.png", false]);
    await again.stop();
    const blind = openDiscord(parts);
    expect((await blind.edit(on.chat, messageId, pictured, [yes, no])).ok).toBe(true);
    expect(on.server.message(messageId).attachments).toEqual([]);
    await blind.stop();
  });
  it("is posted without one when the painter gives none", async () => {
    await open(() => Promise.resolve(null));
    expect(on.server.message(idOf(await post())).attachments).toEqual([]);
    expect(postings()).toHaveLength(1);
  });
  it.each(troubledPainters)("is posted at once without one when the painter %s", async (_, paint) => {
    await open(paint);
    const before = performance.now();
    const message = on.server.message(idOf(await post()));
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(message.attachments).toEqual([]);
    expect(message.components).toHaveLength(1);
  });
});

describe("a picture that Discord does not take", () => {
  it.each<[string, Fault["how"]]>([
    ["is too large for it", { kind: "refused", status: 413, code: 40005, message: "Request entity too large" }],
    ["has a form that it dislikes", { kind: "refused", status: 400, code: 50035, message: "Invalid Form Body" }],
  ])("because it %s leaves the prompt, at once and whole", async (_, how) => {
    await open();
    onPost(how);
    const message = on.server.message(idOf(await post()));
    expect(message).toMatchObject({ attachments: [], components: [{ type: 1 }] });
    expect(message.embeds).toHaveLength(1);
    expect(seen()).toHaveLength(1);
  });
  it("because the bot may not attach files leaves the prompt, and is said once until it may", async () => {
    await open();
    const { denied } = on.server.channel(on.channelId);
    denied.add("attach");
    for (const nonce of ["n1", "n2"]) expect(on.server.message(idOf(await post(nonce))).attachments).toEqual([]);
    const warnings = on.log.lines.filter(({ level, text }) => level === "warn" && text.includes("Attach Files"));
    expect(warnings.map(({ facts }) => facts["channel"])).toEqual([on.channelId]);
    const { isHearing, problem } = on.bot.health();
    expect([isHearing, problem]).toEqual([true, expect.stringContaining("the bot needs Attach Files there")]);
    denied.delete("attach");
    expect(on.server.message(idOf(await post("n3"))).attachments).toHaveLength(1);
    expect(on.bot.health().problem).toBeNull();
  });
  it.each<[string, Fault["how"], number]>([
    ["cut before it arrived", { kind: "drop_before" }, 0],
    ["cut after it was stored", { kind: "drop_after" }, 1],
    ["answered by a 500 after it was stored", { kind: "status", status: 500, isStored: true }, 1],
  ])("%s is followed by the bare prompt under the same nonce: one message in the end", async (_, how, files) => {
    await open();
    onPost(how);
    const messageId = idOf(await post());
    expect(seen().map((each) => each.id)).toEqual([messageId]);
    expect(on.server.message(messageId).attachments).toHaveLength(files);
    expect(postings().map((each) => each.files.length)).toEqual([1, 0]);
  });
  it("because nothing is answered at all is unknown once, and the next try goes bare: still one message", async () => {
    await open();
    onPost({ kind: "drop_after" }, 2);
    expect((await post()).ok).toBe(false);
    expect((await post()).ok).toBe(true);
    expect(seen()).toHaveLength(1);
    expect(postings().map((each) => each.files.length)).toEqual([1, 0, 0]);
  });
});

describe("a 429", () => {
  it("on a post with a picture is handed up with its time, and the picture comes with the next try", async () => {
    await open();
    onPost({ kind: "rate_limited", retryAfterS: 0.2 });
    const refused = await post();
    expect(refused).toMatchObject({ ok: false, problem: { kind: "later" } });
    expect(postings()).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(on.server.message(idOf(await post())).attachments).toHaveLength(1);
    expect(seen()).toHaveLength(1);
  });
});

it("the answer to a command replaces thinking by a card with its picture", async () => {
  await open();
  const tried = on.server.slash(on.ana, on.channelId, "status");
  await until("the command", () => on.heard.some((each) => each.eventIds.includes(tried.id)));
  const ref = on.heard.find((each) => each.eventIds.includes(tried.id))?.answerRef;
  if (ref === undefined) throw new Error("not heard");
  expect(await on.bot.acknowledge(ref, null)).toBe("ok");
  const message = on.server.message(idOf(await on.bot.reply(on.chat, ref, summary)));
  expect(seen()).toHaveLength(1);
  expect(message.attachments).toHaveLength(1);
  expect(message.attachments[0]?.description).toMatch(/30 days/i);
  expect(message.embeds[0]?.["image"]).toEqual({ url: "attachment://picture.png" });
});
