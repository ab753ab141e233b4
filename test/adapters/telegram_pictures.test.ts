/** A picture on Telegram: a quiet photo behind its message, which never waits for it, never fails with it and is never doubled. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Card, CardChart } from "../../src/core/card.ts";
import { price } from "../../src/core/money.ts";
import type { Delivery } from "../../src/ports/messenger.ts";
import { pictured, realPictures, summary, troubledPainters } from "../fixtures/pictured_cards.ts";
import { readPng } from "../fixtures/png.ts";
import type { TelegramServerOptions } from "../servers/telegram/server.ts";
import { contentOf } from "../servers/telegram/world.ts";
import { buttons, card, chatRef, only, pause, telegramHouse, until } from "./telegram_house.ts";

const pictures = realPictures();
const chartWith = (change: Partial<CardChart>): CardChart => {
  if (pictured.chart === null) throw new Error("the sample has a chart");
  return { ...pictured.chart, ...change };
};
beforeAll(async () => void (await pictures.paint(pictured)), 30_000);
afterAll(() => pictures.close());

async function house(paint = pictures.paint, server: TelegramServerOptions = {}) {
  const opened = await telegramHouse({ server, settings: { paint } });
  const { server: telegram, group, messenger } = opened;
  const post = (shown: Card = pictured, nonce = "n1") =>
    messenger.post(chatRef(group), shown, { buttons, nonce, isQuiet: false });
  const all = () => telegram.botMessages(group).filter(({ isDeleted }) => !isDeleted);
  const photos = () => all().filter((message) => contentOf(message).photo !== null);
  const texts = () => all().filter((message) => contentOf(message).photo === null);
  return { ...opened, post, photos, texts };
}

const idOf = (delivery: Delivery): number => {
  if (!delivery.ok) throw new Error(delivery.problem.because);
  return Number(delivery.value.messageId);
};

describe("a prompt with a picture", () => {
  it("is followed by a quiet PNG of 1280 x 800 that answers it, with a short caption", async () => {
    const { post, photos, texts } = await house();
    const messageId = idOf(await post());
    expect(photos()).toEqual([]);
    await until(() => photos().length === 1);
    const photo = only(photos());
    const { width, height } = readPng(Uint8Array.from(contentOf(photo).photo ?? []));
    expect([width, height]).toEqual([1280, 800]);
    expect(contentOf(photo).text).toBe("Buy 0.5 SOL/USDT?");
    expect([photo.isSilent, photo.replyTo, contentOf(photo).keyboard]).toEqual([true, messageId, null]);
    const prompt = only(texts());
    expect([prompt.isSilent, contentOf(prompt).keyboard?.length]).toEqual([false, 2]);
  });
  it("stays a text that is edited in place, while its picture stands", async () => {
    const { post, photos, texts, messenger, group } = await house();
    const messageId = String(idOf(await post()));
    await until(() => photos().length === 1);
    const closed: Card = { ...pictured, tone: "ok", footer: "Approved by Ana" };
    expect(await messenger.edit(chatRef(group), messageId, closed, [])).toEqual({ ok: true, value: { messageId } });
    expect(contentOf(only(texts())).text).toContain("Approved by Ana");
    expect(photos()).toHaveLength(1);
  });
  it("is behind it with the new prices after they changed, and the photo of the old ones is gone", async () => {
    const { post, photos, messenger, group } = await house();
    const messageId = String(idOf(await post()));
    await until(() => photos().length === 1);
    const [old] = photos();
    const again: Card = { ...pictured, footer: "1 of 2" };
    expect((await messenger.edit(chatRef(group), messageId, again, buttons)).ok).toBe(true);
    const anew: Card = { ...pictured, chart: chartWith({ stopPrice: price("94.8") }), footer: "v2" };
    expect((await messenger.edit(chatRef(group), messageId, anew, buttons)).ok).toBe(true);
    await until(() => photos().length === 1 && photos()[0]?.messageId !== old?.messageId);
    const photo = only(photos());
    expect([contentOf(photo).text, photo.isSilent, photo.replyTo]).toEqual([
      "Buy 0.5 SOL/USDT? New prices.",
      true,
      Number(messageId),
    ]);
    expect((await messenger.edit(chatRef(group), messageId, { ...anew, chart: null }, buttons)).ok).toBe(true);
    await until(() => photos().length === 0);
  });
  it("shows only the newest prices when they change before the photo has left", async () => {
    const { post, photos, messenger, group, server } = await house();
    const messageId = String(idOf(await post()));
    const anew: Card = { ...pictured, chart: chartWith({ stopPrice: price("94.8") }) };
    expect((await messenger.edit(chatRef(group), messageId, anew, buttons)).ok).toBe(true);
    await until(() => photos().length === 1);
    await pause(1_300);
    expect(contentOf(only(photos())).text).toBe("Buy 0.5 SOL/USDT? New prices.");
    expect(server.callsOf("sendPhoto")).toHaveLength(1);
  });
  it.each(troubledPainters)("is there at once, and alone, when the painter %s", async (_, paint) => {
    const { post, photos, texts } = await house(paint);
    const before = performance.now();
    idOf(await post());
    expect(performance.now() - before).toBeLessThan(500);
    await pause(1_400);
    expect([texts().length, photos().length]).toEqual([1, 0]);
  });
  it("goes without one when the bot stops meanwhile", async () => {
    const { post, photos, messenger } = await house();
    idOf(await post());
    await messenger.stop();
    await pause(1_300);
    expect(photos()).toEqual([]);
  });
});

describe("no picture is doubled", () => {
  it("when the answer to the prompt was lost and it is posted again", async () => {
    const { post, photos, texts, server } = await house();
    server.fail("sendMessage", { kind: "drop_after" });
    expect(await post()).toMatchObject({ ok: false, problem: { kind: "unknown_outcome" } });
    idOf(await post());
    idOf(await post());
    await until(() => photos().length === 1);
    await pause(1_300);
    expect([texts().length, photos().length]).toEqual([3, 1]);
  });
  it("when the answer to the photo was lost", async () => {
    const { post, photos, server, lines } = await house();
    server.fail("sendPhoto", { kind: "drop_after" });
    idOf(await post());
    await until(() => lines.some((line) => line.text.startsWith("A picture did not reach")));
    await pause(1_300);
    expect(photos()).toHaveLength(1);
    expect(server.callsOf("sendPhoto")).toHaveLength(1);
  });
});

describe("Telegram counts messages", () => {
  it("so under its own limits prompt and picture both arrive, the prompt first", async () => {
    const { post, photos, texts, server } = await house(pictures.paint, { flood: "platform" });
    const messageId = idOf(await post());
    await until(() => photos().length === 1);
    expect(only(texts()).messageId).toBe(messageId);
    expect(server.callsOf("sendPhoto")).toHaveLength(1);
  });
  it("and a photo that meets a 429 waits as long as it is told, once", async () => {
    const { post, photos, server } = await house();
    server.fail("sendPhoto", { kind: "flood", retryAfter: 1 });
    idOf(await post());
    await until(() => photos().length === 1);
    expect(server.callsOf("sendPhoto")).toHaveLength(2);
  });
  it("and a second 429, or one of a minute, ends it", async () => {
    const { post, photos, server } = await house();
    server.fail("sendPhoto", { kind: "flood", retryAfter: 60 });
    idOf(await post());
    await until(() => server.callsOf("sendPhoto").length === 1);
    await pause(200);
    expect(photos()).toEqual([]);
  });
  it("so a chat gets at most six pictures a minute, and every prompt", async () => {
    let painted = 0;
    const counts = async (shown: Card) => {
      painted += 1;
      return pictures.paint(shown);
    };
    const { post, texts, lines } = await house(counts);
    for (let at = 0; at < 8; at += 1) idOf(await post(pictured, `n${at}`));
    expect(texts()).toHaveLength(8);
    await until(() => lines.filter((line) => line.text.startsWith("A picture is left out")).length === 2, 15_000);
    expect(painted).toBe(6);
  }, 20_000);
});

it("a card without a picture asks nobody to paint", async () => {
  let asked = 0;
  const { post } = await house(() => {
    asked += 1;
    return Promise.resolve(null);
  });
  idOf(await post(card));
  await pause(50);
  expect(asked).toBe(0);
});

it("the answer to a command is followed by its picture", async () => {
  const { messenger, group, photos } = await house();
  const ref = { platform: "telegram", id: "m:1", token: null } as const;
  idOf(await messenger.reply(chatRef(group), ref, summary));
  await until(() => photos().length === 1);
  expect(contentOf(only(photos())).text).toBe("Daily summary");
});
