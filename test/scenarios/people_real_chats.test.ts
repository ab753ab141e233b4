/** Letting somebody in, through the real clients and against the strict servers: /access, the owner's tap, the way out. */
import { expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { openTelegram } from "../../src/adapters/telegram/telegram.ts";
import type { HouseSettings } from "../../src/core/settings.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import { rig } from "../servers/discord/rig.ts";
import { startTelegramServer } from "../servers/telegram/server.ts";
import { factsOf, play, storyMs } from "./play.ts";

test(
  "Telegram: a stranger asks, is let in by a button, acts, and is taken out",
  async () => {
    const server = await startTelegramServer();
    const ana = server.addUser({ first_name: "Ana" });
    const eve = server.addUser({ first_name: "<b>Eve</b> *_[x](y)" });
    const home = server.privateChat(ana);
    const hers = server.privateChat(eve);
    const bot = openTelegram({
      token: server.token,
      apiRoot: server.apiRoot,
      clock: systemClock(),
      log: keptLog(),
      timing: { pollSeconds: 1, backoffFirstMs: 20, backoffMaxMs: 100, stopMaxMs: 500 },
    });
    const people = (same: HouseSettings): HouseSettings => ({
      ...same,
      people: same.people.map((one) => ({ ...one, telegramUserId: String(ana.id) })),
    });
    const texts = (chat: typeof home) =>
      server.botMessages(chat).map((message) => message.history.at(-1)?.content.text ?? "");
    try {
      await play({ settings: people, messengers: [bot] }, async (stage) => {
        server.sendText(eve, hers, "/access");
        await stage.until(() => texts(hers).some((text) => text.includes("The owner is asked")), "the answer");
        const request = () =>
          server.botMessages(home).find((message) => (message.history.at(-1)?.content.keyboard ?? null) !== null);
        await stage.until(() => request() !== undefined, "the request");
        const message = request();
        if (message === undefined) throw new Error("no request");
        expect(message.history.at(-1)?.content.text).toContain(`telegram ${eve.id}`);
        server.tap(eve, message, "As approver");
        server.tap(ana, message, "As operator");
        const isIn = () => stage.books().people.links[`telegram:${eve.id}`] !== undefined;
        // Taps of the first poll after a start are stale by rule, and said to be.
        await stage.until(
          () => isIn() || texts(home).some((text) => text.includes("Tap again")),
          "an answer to the tap",
        );
        if (!isIn()) server.tap(ana, message, "As operator");
        await stage.until(isIn, "the link");
        await stage.until(() => request() === undefined, "the closed request");
        await stage.until(() => texts(hers).some((text) => text.includes("You are in")), "the news");
        server.sendText(eve, hers, "/pause");
        await stage.until(() => stage.books().house.level === "pause", "the pause");
        server.sendText(ana, home, `/people remove telegram${eve.id}`);
        await stage.until(() => !isIn(), "the way out");
        server.sendText(eve, hers, "/status");
        await stage.until(() => texts(hers).some((text) => text.includes("not linked")), "the refusal");
        expect((await factsOf(stage, "access_settled")).map((fact) => [fact.how, fact.role])).toEqual([
          ["granted", "operator"],
        ]);
      });
    } finally {
      await bot.stop();
      await server.close();
    }
  },
  storyMs,
);

test(
  "Discord: a stranger asks in the server, the owner's tap in a direct message lets in, and the news comes in one too",
  async () => {
    const on = await rig({ isStarted: false, bot: { commands } });
    const people = (same: HouseSettings): HouseSettings => ({
      ...same,
      people: same.people.map((one) => ({ ...one, discordUserId: on.ana })),
    });
    try {
      await play({ settings: people, messengers: [on.bot] }, async (stage) => {
        const home = on.server.openDm(on.ana);
        const his = on.server.openDm(on.bo);
        on.server.slash(on.bo, on.channelId, "access", {}, { copies: 2 });
        const request = () => on.server.see(home, on.ana).find((message) => message.components.length > 0);
        await stage.until(() => request() !== undefined, "the request");
        on.server.tap(on.ana, request()?.id ?? "", "As operator", { copies: 2 });
        await stage.until(() => stage.books().people.links[`discord:${on.bo}`] !== undefined, "the link");
        await stage.until(() => request() === undefined, "the closed request");
        const news = () => on.server.see(his, on.bo).some((message) => JSON.stringify(message).includes("You are in"));
        await stage.until(news, "the news");
        on.server.slash(on.bo, on.channelId, "pause", {});
        await stage.until(() => stage.books().house.level === "pause", "the pause");
        expect(await factsOf(stage, "access_asked")).toHaveLength(1);
        expect((await factsOf(stage, "access_settled")).map((fact) => fact.how)).toEqual(["granted"]);
      });
    } finally {
      await on.stop();
    }
  },
  storyMs,
);
