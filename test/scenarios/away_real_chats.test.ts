/** The whole house behind the real grammY and the real discord.js: what was said while the bot was away is never dropped. */
import { expect, test, vi } from "vitest";
import { commands } from "../../commands/index.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { openTelegram } from "../../src/adapters/telegram/telegram.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import { rig } from "../servers/discord/rig.ts";
import { startTelegramServer } from "../servers/telegram/server.ts";
import { contentOf, type Message } from "../servers/telegram/world.ts";
import { factsOf, play, storyMs } from "./play.ts";

const minutesAgo = (minutes: number) => Date.now() - minutes * 60_000;

test.concurrent(
  "Telegram: /pause of 22 minutes ago counts and says so, /positions is answered late, /resume comes back with two buttons, and a fresh tap does it",
  async () => {
    const server = await startTelegramServer();
    const ana = server.addUser({ first_name: "Ana" });
    const dm = server.privateChat(ana);
    const bot = openTelegram({
      token: server.token,
      apiRoot: server.apiRoot,
      clock: systemClock(),
      log: keptLog(),
      timing: { pollSeconds: 1, backoffFirstMs: 20, backoffMaxMs: 100, stopMaxMs: 500 },
    });
    try {
      const people = {
        people: [
          {
            personId: "owner",
            name: "Ana",
            role: "owner" as const,
            timeZone: "UTC",
            telegramUserId: String(ana.id),
            discordUserId: null,
          },
        ],
      };
      await play({ settings: (same) => ({ ...same, ...people }), messengers: [bot] }, async (stage) => {
        await stage.until(() => server.waitingPolls() > 0, "the first poll");
        await server.goAway();
        server.sendText(ana, dm, "/pause dentist", { at: minutesAgo(22) });
        server.sendText(ana, dm, "/positions", { at: minutesAgo(21) });
        server.sendText(ana, dm, "/resume back at my desk", { at: minutesAgo(20) });
        await server.comeBack();
        const texts = () => server.botMessages(dm).map((message) => contentOf(message).text);
        const about = (words: string): Message | undefined =>
          server.botMessages(dm).find((message) => contentOf(message).text.includes(words));
        await stage.until(() => about("/resume came 20") !== undefined, "the question");
        expect(stage.books().house.level).toBe("pause");
        expect(texts().find((text) => text.includes("Paused"))).toMatch(/answered late by 22(\.1)? min/);
        expect(texts().find((text) => text.includes("No open positions"))).toMatch(/answered late by 21(\.1)? min/);
        const question = about("/resume came 20");
        if (question === undefined) return;
        expect(contentOf(question).text).toContain("Now trading is at level pause, by Ana");
        // Nobody can tell the age of a tap of the first polls after a gap: it is asked once more.
        await vi.waitFor(
          async () => {
            if (stage.books().house.level !== "none") server.tap(ana, question, "Do it now");
            await stage.until(() => stage.books().house.level === "none", "trading", 700);
          },
          { timeout: 15_000 },
        );
        expect((await factsOf(stage, "level_changed")).map((fact) => fact.to)).toEqual(["pause", "none"]);
      });
    } finally {
      await bot.stop();
      await server.close();
    }
  },
  storyMs,
);

test.concurrent(
  "Discord: what a cut line replays is done or asked again; where the interaction is dead the answer stands in the chat",
  async () => {
    const on = await rig({ isStarted: false, bot: { commands } });
    const { server, ana, bo, channelId } = on;
    try {
      const people = {
        people: [
          {
            personId: "owner",
            name: "Ana",
            role: "owner" as const,
            timeZone: "UTC",
            telegramUserId: null,
            discordUserId: ana,
          },
        ],
      };
      await play({ settings: (same) => ({ ...same, ...people }), messengers: [on.bot] }, async (stage) => {
        await stage.until(() => server.commandsOf(on.guildId).length >= commands.length, "the commands");
        server.gateway.turnAway(503);
        server.gateway.cut();
        await stage.until(() => !server.gateway.isConnected, "the cut");
        const paused = server.slash(ana, channelId, "pause", { reason: "dentist" }, { agedMs: 40_000 });
        const resumed = server.slash(ana, channelId, "resume", { reason: "back at my desk" }, { agedMs: 39_000 });
        server.slash(bo, channelId, "pause", {}, { agedMs: 38_000 });
        server.gateway.turnAway(null);
        const shown = (words: string) =>
          server.see(channelId, ana).find((message) => JSON.stringify(message).includes(words));
        await stage.until(() => shown("came 4") !== undefined || shown("came 3") !== undefined, "the question");
        expect([paused.failedForPerson(), resumed.failedForPerson()]).toEqual([true, true]);
        await stage.until(() => shown("answered late by") !== undefined, "the late answer");
        expect(stage.books().house.level).toBe("pause");
        const question = shown("so it was not done");
        server.tap(ana, question?.id ?? "", "Do it now");
        await stage.until(() => stage.books().house.level === "none", "trading again");
        expect((await factsOf(stage, "level_changed")).map((fact) => fact.to)).toEqual(["pause", "none"]);
      });
    } finally {
      await on.stop();
    }
  },
  storyMs,
);
