/** A chat platform goes away and comes back, or sends what nobody has ever seen: cards come late, none is lost or doubled. */
import { expect, it } from "vitest";
import { openPositions, readBooks } from "../smoke/bot_books.ts";
import { approve, type Copy, openCopies, seeClosed } from "../smoke/chats.ts";
import { linkEverywhere, linkTelegram } from "../smoke/link.ts";
import { liveButtons, violationsOf } from "../smoke/oracle.ts";
import { sleep, until } from "../smoke/until.ts";
import { describeSlow, newStage, openScene } from "./bench.ts";

function onDesk(copies: readonly Copy[]): Copy {
  const copy = copies.find((one) => one.chat === "desk");
  if (copy === undefined) throw new Error("There is no copy on the desk");
  return copy;
}

describeSlow("a chat that goes away", () => {
  it("gets every card once when it is back, and prompts that were decided elsewhere are closed there", async () => {
    const stage = await newStage();
    const scene = await openScene(stage);
    const { hands, hopeless } = scene;
    await linkEverywhere(scene);
    const bitcoin = await openCopies(hands, "BTC/USDT", hopeless);
    const ether = await openCopies(hands, "ETH/USDT", hopeless);
    await approve(hands, onDesk(bitcoin), hopeless);
    await seeClosed(hands, bitcoin, /APPROVED/, hopeless);
    const held = await until(
      "BTC is protected",
      async () => openPositions(await readBooks(stage.home)).find((one) => one.protection === "placed"),
      { hopeless, everyMs: 200 },
    );

    await stage.telegram.goAway();
    stage.discord.gateway.turnAway(503);
    stage.discord.gateway.cut();
    await approve(hands, onDesk(ether), hopeless);
    stage.exchange.faults.jump("BTC-USDT", (Number(held.stop_price) * 0.9995).toFixed(1));
    await until(
      "the desk tells of the stop",
      () => hands.messages("desk").some((copy) => copy.text.includes("closed by stop")),
      { hopeless },
    );
    await until(
      "the desk shows that Telegram is away",
      () => scene.desk.state()?.health.chats.some((one) => one.name === "telegram" && one.light === "bad"),
      { hopeless },
    );
    await sleep(3_000);
    expect(hands.messages("telegram").some((copy) => copy.text.includes("closed by stop"))).toBe(false);

    await stage.telegram.comeBack();
    stage.discord.gateway.turnAway(null);
    await seeClosed(hands, ether, /APPROVED[^\n]*filled/, hopeless);
    const told = (chat: "telegram" | "discord") =>
      hands.messages(chat).filter((copy) => copy.text.includes("closed by stop")).length;
    for (const chat of ["telegram", "discord"] as const)
      await until(`${chat} tells of the stop`, () => told(chat) > 0, { hopeless });
    await sleep(2_500);
    expect([told("telegram"), told("discord")]).toEqual([1, 1]);
    const titles = (chat: "telegram" | "discord") =>
      hands
        .messages(chat)
        .map((copy) => copy.title.replace(/^\W+/, ""))
        .filter((title) => title.startsWith("Buy "));
    for (const chat of ["telegram", "discord"] as const) expect(titles(chat)).toEqual([...new Set(titles(chat))]);
    expect(liveButtons(hands).filter((line) => !line.includes("SOL/USDT") && !line.includes("BTC/USDT"))).toEqual([]);
    expect(violationsOf(await readBooks(stage.home), stage.exchange)).toEqual([]);
    expect((await scene.bot.end("SIGINT")).code).toBe(0);
  }, 120_000);
});

const stranger = { id: 4_242, is_bot: false, first_name: "Mallory" };
const deep = (depth: number): unknown => (depth === 0 ? "x" : { reply_to_message: deep(depth - 1) });

/** Updates that no document describes; each is one that some program has choked on. */
const oddities: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { message: null },
  { message: [] },
  { message: "hello" },
  { message: { message_id: -1, date: 0, chat: { id: 1, type: "private" }, text: "/status" } },
  {
    message: {
      message_id: 7,
      date: 99_999_999_999_999,
      chat: { id: 2, type: "private" },
      from: stranger,
      text: "/status",
    },
  },
  { message: { message_id: 8, date: 1, chat: { id: "3", type: 5 }, from: stranger, text: 12 } },
  {
    message: {
      message_id: 9,
      date: 1,
      chat: { id: 4, type: "private" },
      from: stranger,
      text: `/${"a".repeat(5_000)}`,
    },
  },
  {
    message: {
      message_id: 10,
      date: 1,
      chat: { id: 4, type: "private" },
      from: stranger,
      text: "/pause \u0000\ud800 \u202e",
    },
  },
  { message: deep(200) },
  { callback_query: { id: "1", from: stranger, data: "a1.aaaaaaaaaaaaaaaa" } },
  { callback_query: { id: 5, from: null, message: {}, data: { $gt: "" } } },
  {
    callback_query: {
      id: "6",
      from: stranger,
      message: { message_id: 1, date: 0, chat: { id: 4, type: "private" } },
      data: "a1.__proto__aaaaaaa",
    },
  },
  { edited_message: { message_id: 11 }, message: { message_id: 11 } },
  { constructor: { prototype: {} }, toString: 1 },
];

describeSlow("updates that nobody has ever seen", () => {
  it("do not end the bot, and the next command is answered", async () => {
    const stage = await newStage();
    const scene = await openScene(stage);
    const { telegram, people } = stage;
    await linkTelegram(scene);
    for (const update of oddities) telegram.pushRaw(update);
    telegram.sendText(people.onTelegram, people.privately, "/status");
    await until(
      "/status is answered",
      () => scene.hands.messages("telegram").some((copy) => copy.text.includes("PAPER at kucoin")),
      { hopeless: scene.hopeless, deadlineMs: 20_000, seen: () => scene.bot.output().slice(-3_000) },
    );
    await until("every update is confirmed", () => telegram.pending().length === 0, { hopeless: scene.hopeless });
    const books = await readBooks(stage.home);
    expect(violationsOf(books, stage.exchange)).toEqual([]);
    expect(books.approvals.every((approval) => approval.state === "pending")).toBe(true);
    expect((await scene.bot.end("SIGINT")).code).toBe(0);
  }, 60_000);
});
