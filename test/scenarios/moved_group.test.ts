/** A group that becomes a supergroup while a question is open: prompts, alerts and taps go on in it, through the real grammY. */
import { expect, test } from "vitest";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { openTelegram } from "../../src/adapters/telegram/telegram.ts";
import { recordFacts } from "../../src/flows/record.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import { startTelegramServer, type TelegramServer } from "../servers/telegram/server.ts";
import type { Chat } from "../servers/telegram/world.ts";
import { textOf, told } from "./conversation.ts";
import { approvalState, factsOf, play, storyMs } from "./play.ts";
import type { Stage } from "./stage.ts";

const botOn = (server: TelegramServer) =>
  openTelegram({
    token: server.token,
    apiRoot: server.apiRoot,
    clock: systemClock(),
    log: keptLog(),
    timing: { pollSeconds: 1, backoffFirstMs: 20, backoffMaxMs: 100, stopMaxMs: 500 },
  });

const link = (stage: Stage, userId: number, chat: Chat) =>
  recordFacts(stage.house().needs, "house", [
    { type: "chat_unlinked", platform: "telegram", userId: "111", reason: "a story" },
    {
      type: "chat_linked",
      personId: "owner",
      platform: "telegram",
      userId: String(userId),
      chat: { platform: "telegram", chatId: String(chat.id), threadId: null },
    },
  ]);

const breaker = {
  type: "breaker_opened",
  scope: "venue:kucoin",
  cause: "key_refused",
  class: "sticky",
  evidence: {},
} as const;

test(
  "is followed: what waits goes to the new one, the question is asked there anew and answered there [H09]",
  async () => {
    const server = await startTelegramServer();
    const ana = server.addUser({ first_name: "Ana" });
    const group = server.addChat({ title: "Operators" });
    const texts = (chat: Chat) => server.botMessages(chat).map((one) => one.history.at(-1)?.content.text ?? "");
    try {
      await play({ messengers: [botOn(server)] }, async (stage) => {
        await link(stage, ana.id, group);
        const id = await stage.ask("SOL/USDT");
        await stage.until(() => texts(group).some((text) => text.includes("Buy")), "the prompt in the group");
        const next = server.upgrade(group);
        await recordFacts(stage.house().needs, "house", [breaker]);
        await stage.until(() => texts(next).some((text) => text.includes("Breaker open")), "the alert in the new one");
        const prompt = () => server.botMessages(next).find((one) => one.history.at(-1)?.content.text.includes("Buy"));
        await stage.until(() => prompt() !== undefined, "the prompt in the new one");
        const message = prompt();
        if (message !== undefined) server.tap(ana, message, "Decline");
        await stage.until(() => approvalState(stage, id) === "declined", "the answer");
        expect(texts(next).filter((text) => text.includes("Breaker open"))).toHaveLength(1);
        expect((await factsOf(stage, "chat_linked")).at(-1)?.chat.chatId).toBe(String(next.id));
      });
    } finally {
      await server.close();
    }
  },
  storyMs,
);

test(
  "is not followed where the settings name the chats that count: /status says which id to add",
  async () => {
    const server = await startTelegramServer();
    const ana = server.addUser({ first_name: "Ana" });
    const group = server.addChat({ title: "Operators" });
    const settings = <Same extends object>(same: Same): Same => ({
      ...same,
      allowedChats: { telegram: [String(group.id)], discord: [] },
    });
    try {
      await play({ messengers: [botOn(server)], settings }, async (stage) => {
        await link(stage, ana.id, group);
        const next = server.upgrade(group);
        await recordFacts(stage.house().needs, "house", [breaker]);
        const health = () => [...stage.house().needs.memory.telling.chatHealth.values()].map((one) => one.lastProblem);
        await stage.until(() => health().some((one) => one?.includes("upgraded") === true), "the refusal");
        expect(textOf(await told(stage, stage.desk, "status"))).toContain(
          `the group is now chat ${next.id}: put that id in the settings`,
        );
        expect(server.botMessages(next)).toEqual([]);
        expect(Object.values(stage.books().people.links).map(({ chat }) => chat.chatId)).toContain(String(group.id));
      });
    } finally {
      await server.close();
    }
  },
  storyMs,
);
