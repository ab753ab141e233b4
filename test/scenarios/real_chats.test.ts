/** The whole house behind the real discord.js and the real grammY: a large order is proven in a modal and in a reply. */
import { expect, test } from "vitest";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { openTelegram } from "../../src/adapters/telegram/telegram.ts";
import { notional } from "../../src/core/money.ts";
import type { HouseSettings } from "../../src/core/settings.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import { rig } from "../servers/discord/rig.ts";
import { startTelegramServer } from "../servers/telegram/server.ts";
import { approvalState, factsOf, play, sentEntries, storyMs, untilProtected } from "./play.ts";

const strict = (same: HouseSettings): HouseSettings => ({
  ...same,
  approvals: { ...same.approvals, isStepUp: true, largeAbove: notional("1") },
});

test.concurrent(
  "Discord: Approve opens a modal, the words in it sign; Smaller… and the reasons of a no are seen by the tapper alone",
  async () => {
    const on = await rig({ isStarted: false });
    const people = (same: HouseSettings): HouseSettings => ({
      ...strict(same),
      people: same.people.map((one) => ({ ...one, discordUserId: on.ana })),
    });
    try {
      await play({ settings: people, messengers: [on.bot] }, async (stage) => {
        const dm = on.server.openDm(on.ana);
        const prompt = () => on.server.see(dm, on.ana).find((message) => message.components.length > 0);
        const id = await stage.ask("SOL/USDT");
        await stage.until(() => prompt() !== undefined, "the prompt");
        const tried = on.server.tap(on.ana, prompt()?.id ?? "", "Approve");
        await stage.until(() => tried.interaction.modal !== null, "the modal");
        expect(tried.interaction.answeredWith).toBe(9);
        const rows = tried.interaction.modal?.["components"] as { components: { label: string }[] }[];
        const phrase = rows[0]?.components[0]?.label.replace("Type: ", "") ?? "";
        expect(phrase).toMatch(/^YES I AM SURE \d{3}$/);
        expect(approvalState(stage, id)).toBe("pending");
        // The gateway tells everything twice.
        on.server.submit(tried, { phrase }, { copies: 2 });
        await untilProtected(stage, "SOL/USDT");
        expect(sentEntries(stage)).toHaveLength(1);
        expect((await factsOf(stage, "vote_cast")).map((vote) => vote.stepUp?.proof)).toEqual(["phrase"]);
        await stage.until(() => prompt() === undefined, "the closed prompt");
        const second = await stage.ask("ETH/USDT");
        await stage.until(() => prompt() !== undefined, "the second prompt");
        on.server.tap(on.ana, prompt()?.id ?? "", "Decline");
        await stage.until(() => approvalState(stage, second) === "declined", "the decline");
        const why = () => on.server.see(dm, on.ana).find((message) => message.content.includes("Declined. Why?"));
        await stage.until(() => why() !== undefined, "the question why");
        on.server.tap(on.ana, why()?.id ?? "", "Too much risk already");
        await stage.until(() => stage.books().approvals[second]?.declinedBecause !== undefined, "the reason");
      });
    } finally {
      await on.stop();
    }
  },
  storyMs,
);

test.concurrent(
  "Telegram: Approve asks for a reply, the reply signs; a reply of somebody else signs nothing",
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
    const people = (same: HouseSettings): HouseSettings => ({
      ...strict(same),
      people: same.people.map((one) => ({ ...one, telegramUserId: String(ana.id) })),
    });
    try {
      await play({ settings: people, messengers: [bot] }, async (stage) => {
        const id = await stage.ask("SOL/USDT");
        const prompt = () =>
          server.botMessages(dm).find((message) => (message.history.at(-1)?.content.keyboard ?? null) !== null);
        await stage.until(() => prompt() !== undefined, "the prompt");
        const message = prompt();
        if (message === undefined) return;
        // Taps of the first poll after a start are stale by rule: the question is not asked, and said so.
        server.tap(ana, message, "Approve");
        const asked = () => server.botMessages(dm).find((one) => one.isForcingReply === true);
        await stage.until(() => asked() !== undefined || server.botMessages(dm).length > 1, "an answer to the tap");
        if (asked() === undefined) server.tap(ana, message, "Approve");
        await stage.until(() => asked() !== undefined, "the question");
        const question = asked();
        if (question === undefined) return;
        const phrase = /YES I AM SURE \d{3}/.exec(question.history.at(-1)?.content.text ?? "")?.[0] ?? "";
        await stage.until(
          () => Object.values(stage.books().questions).some((one) => one.messageId !== null),
          "its record",
        );
        const stranger = server.addUser({ first_name: "Eve" });
        server.sendText(stranger, dm, phrase, { replyTo: question });
        server.sendText(ana, dm, phrase, { replyTo: question });
        await untilProtected(stage, "SOL/USDT");
        expect(approvalState(stage, id)).toBe("executed");
        expect((await factsOf(stage, "vote_cast")).map((vote) => vote.userId)).toEqual([String(ana.id)]);
        expect(sentEntries(stage)).toHaveLength(1);
      });
    } finally {
      await bot.stop();
      await server.close();
    }
  },
  storyMs,
);
