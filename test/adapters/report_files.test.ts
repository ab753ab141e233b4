/** The file of a report on the real clients: it comes with its message on Discord, right behind it on Telegram, and never in the way of it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { openCardFiles } from "../../src/boot/card_files.ts";
import type { Card } from "../../src/core/card.ts";
import { instant } from "../../src/core/time.ts";
import type { Needs } from "../../src/flows/needs.ts";
import { ArchiveAway } from "../../src/ports/archive.ts";
import type { AttachedFile, WriteFile } from "../../src/ports/card_files.ts";
import type { Delivery } from "../../src/ports/messenger.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import { realPictures, summary } from "../fixtures/pictured_cards.ts";
import { type Rig, rig, yes } from "../servers/discord/rig.ts";
import { contentOf } from "../servers/telegram/world.ts";
import { chatRef, only, pause, telegramHouse, until } from "./telegram_house.ts";

const text = "closed_at,net\r\n2026-02-06T10:00:00.000Z,1.5\r\n";
const csv: AttachedFile = {
  name: "countersign_2026-W06.csv",
  contentType: "text/csv; charset=utf-8",
  data: new TextEncoder().encode(text),
};
const writes: WriteFile = () => Promise.resolve(csv);
const review: Card = { ...summary, title: "Weekly review 2026-W06", file: { kind: "closes", period: "2026-W06" } };
const { picture: _picture, ...words } = review;
const idOf = (delivery: Delivery): string => {
  if (!delivery.ok) throw new Error(delivery.problem.because);
  return delivery.value.messageId;
};

const pictures = realPictures();
beforeAll(async () => void (await pictures.paint(review)), 30_000);
afterAll(() => pictures.close());

describe("on Discord", () => {
  let on: Rig;
  const open = async (write: WriteFile = writes) => {
    on = await rig({ bot: { paint: pictures.paint, write } });
  };
  afterEach(() => on.stop());
  const post = (card = review) => on.bot.post(on.chat, card, { buttons: [yes], nonce: "n", isQuiet: true });
  const namesOf = (id: string) => on.server.message(id).attachments.map(({ filename }) => filename);

  it("picture and file are in the one message; only the picture is shown in the embed", async () => {
    await open();
    const id = idOf(await post());
    expect(namesOf(id)).toEqual(["picture.png", "countersign_2026-W06.csv"]);
    expect(on.server.message(id).attachments[1]?.bytes.toString("utf8")).toBe(text);
    expect(on.server.message(id).attachments[1]?.contentType).toContain("text/csv");
    expect(on.server.message(id).embeds[0]?.["image"]).toEqual({ url: "attachment://picture.png" });
    expect(on.server.see(on.channelId, on.ana)).toHaveLength(1);
  });
  it("a card without a picture brings its file alone", async () => {
    await open();
    const id = idOf(await post(words));
    expect(namesOf(id)).toEqual(["countersign_2026-W06.csv"]);
    expect(on.server.message(id).embeds[0]).not.toHaveProperty("image");
  });
  it("an acknowledgement takes the button away and leaves picture and file", async () => {
    await open();
    const id = idOf(await post());
    expect((await on.bot.edit(on.chat, id, { ...review, footer: "acknowledged by Ana" }, [])).ok).toBe(true);
    expect(namesOf(id)).toEqual(["picture.png", "countersign_2026-W06.csv"]);
    expect(on.server.message(id)).toMatchObject({
      components: [],
      embeds: [{ footer: { text: "acknowledged by Ana" } }],
    });
  });
  it("where the bot may not attach files the report comes without", async () => {
    await open();
    on.server.channel(on.channelId).denied.add("attach");
    expect(namesOf(idOf(await post()))).toEqual([]);
  });
});

describe("on Telegram", () => {
  const house = async (write: WriteFile = writes) => {
    const opened = await telegramHouse({ settings: { paint: pictures.paint, write } });
    const { server, group, messenger } = opened;
    const post = (card = review, nonce = "n1") =>
      messenger.post(chatRef(group), card, { buttons: [], nonce, isQuiet: true });
    const documents = () => server.botMessages(group).filter((message) => contentOf(message).document !== undefined);
    return { ...opened, post, documents };
  };

  it("words, picture and file come one after the other, the last two quietly and as answers to the first", async () => {
    const { post, documents, server, group } = await house();
    const id = Number(idOf(await post()));
    await until(() => documents().length === 1, 10_000);
    const file = only(documents());
    expect(contentOf(file).document?.filename).toBe("countersign_2026-W06.csv");
    expect(contentOf(file).document?.bytes.toString("utf8")).toBe(text);
    expect([file.isSilent, file.replyTo]).toEqual([true, id]);
    const order = server.botMessages(group).map((message) => contentOf(message));
    expect(
      order.map(({ photo, document }) => (document !== undefined ? "file" : photo === null ? "words" : "photo")),
    ).toEqual(["words", "photo", "file"]);
  });
  it("the answer to a command brings it too, and a post that is repeated brings it once", async () => {
    const { messenger, group, post, documents } = await house();
    const ref = { platform: "telegram", id: "m:1", token: null } as const;
    idOf(await messenger.reply(chatRef(group), ref, words));
    idOf(await post(words));
    idOf(await post(words));
    await until(() => documents().length === 2, 10_000);
    await pause(1_300);
    expect(documents()).toHaveLength(2);
  });
  it("a 429 is waited for once, and a lost answer is not asked for again", async () => {
    const { post, documents, server } = await house();
    server.fail("sendDocument", { kind: "flood", retryAfter: 1 });
    idOf(await post(words));
    await until(() => documents().length === 1, 10_000);
    expect(server.callsOf("sendDocument")).toHaveLength(2);
    server.fail("sendDocument", { kind: "drop_after" });
    idOf(await post(words, "n2"));
    await until(() => documents().length === 2, 10_000);
    await pause(1_300);
    expect(server.callsOf("sendDocument")).toHaveLength(3);
  });
  it("a file that can't be written leaves the words alone", async () => {
    const { post, documents, server, group } = await house(() => Promise.resolve(null));
    idOf(await post(words));
    await pause(1_300);
    expect(documents()).toEqual([]);
    expect(server.botMessages(group)).toHaveLength(1);
  });
});

describe("the file", () => {
  const opened = (closes: () => Promise<never[]>, deadlineMs = 200) => {
    const log = keptLog();
    const settings = { mode: "paper", currency: "USDT" };
    const ledger = { books: () => ({ house: { account: null } }) };
    const clock = { now: () => instant(Date.parse("2026-02-11T12:00:00Z")) };
    const needs = { archive: { closes }, settings, ledger, clock, log } as unknown as Needs;
    return { log, write: openCardFiles({ clock: systemClock(), log, deadlineMs }, () => needs) };
  };
  it("is the closes of its period, named by it", async () => {
    const { write } = opened(() => Promise.resolve([]));
    const file = await write(review);
    expect(file?.name).toBe("countersign_2026-W06.csv");
    expect(new TextDecoder().decode(file?.data)).toMatch(/^closed_at,opened_at,trade_id,.*correction\r\n$/);
    expect(await write(summary)).toBeNull();
  });
  it.each<[string, () => Promise<never[]>]>([
    ["does not answer", () => Promise.reject(new ArchiveAway("away"))],
    ["breaks", () => Promise.reject(new Error("broken"))],
    ["hangs", () => new Promise(() => undefined)],
  ])("is left out, and that is said, when the record %s", async (_, closes) => {
    const { write, log } = opened(closes);
    const before = performance.now();
    expect(await write(review)).toBeNull();
    expect(performance.now() - before).toBeLessThan(2_000);
    expect(log.lines.some(({ text: said }) => said.startsWith("A message leaves without its file"))).toBe(true);
  });
});
