/** Trades that go by themselves unless somebody says no, in the whole house: executed with a stop, stopped from any chat, ended by a crash. */
import { expect, test } from "vitest";
import { notional } from "../../src/core/money.ts";
import { cardsWith, chatsOf, noPrompts } from "./conversation.ts";
import { approvalState, play, sentEntries, storyMs, untilProtected } from "./play.ts";
import type { Stage, StageWish } from "./stage.ts";

const veto = (windowMs: number): StageWish => ({
  settings: (same) => ({
    ...same,
    approvals: { ...same.approvals, policy: "automatic", veto: { from: notional("1"), windowMs, seenMs: 800 } },
  }),
});
const closedOn = (stage: Stage, words: RegExp) =>
  chatsOf(stage).every((chat) =>
    chat.messages.some((one) => words.test(one.card.footer ?? "") && one.buttons.length === 0),
  );

test.concurrent(
  "silence on every chat for the whole window: one order, protected, and every copy says by which rule",
  () =>
    play(veto(3_000), async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await stage.until(() => stage.desk.openPrompts().length === 1, "the prompt");
      expect(sentEntries(stage)).toEqual([]);
      await untilProtected(stage, "SOL/USDT");
      expect(sentEntries(stage)).toHaveLength(1);
      expect(stage.books().approvals[id]?.decidedBy).toEqual(["policy:veto_window"]);
      await stage.until(() => closedOn(stage, /APPROVED .* by policy:veto_window/), "closed prompts");
    }),
  storyMs,
);

test.concurrent(
  "a tap on Stop it, on any chat, ends it everywhere",
  () =>
    play(veto(4_000), async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await stage.until(() => chatsOf(stage).every((chat) => chat.openPrompts().length === 1), "the prompts");
      await stage.desk.tap("Stop it");
      await stage.until(() => approvalState(stage, id) === "declined" && noPrompts(stage), "the end");
      await stage.until(() => closedOn(stage, /DECLINED .* by owner \(desk\)/), "closed prompts");
      expect(sentEntries(stage)).toEqual([]);
    }),
  storyMs,
);

test.concurrent(
  "a process that dies during the window executes nothing, and the next one says so on every chat",
  () =>
    play(veto(2_500), async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await stage.until(() => stage.telegram.openPrompts().length === 1, "the prompt");
      await stage.restart();
      await stage.until(() => approvalState(stage, id) === "expired", "the end");
      await stage.until(() => closedOn(stage, /EXPIRED .* restarted during the veto window/), "closed prompts");
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect(sentEntries(stage)).toEqual([]);
      expect(cardsWith(stage.telegram, "Buy")).toHaveLength(1);
    }),
  storyMs,
);
