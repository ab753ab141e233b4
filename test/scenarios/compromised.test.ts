/** Somebody has the phone of a person who may sign: what he can do with it in a day, and who stops him. */
import { describe, expect, test } from "vitest";
import { notional } from "../../src/core/money.ts";
import type { HouseSettings } from "../../src/core/settings.ts";
import { watchMarks } from "../fixtures/watch_marks.ts";
import { cardsWith, textOf } from "./conversation.ts";
import { approvalState, factsOf, play, sentEntries, storyMs, untilProtected } from "./play.ts";
import type { Stage } from "./stage.ts";

const marks = watchMarks();

/** Ana signs from Telegram, Bo from Discord; Olga may only halt, from the desk. */
const threePeople =
  (above: string | null, cap: string | null) =>
  (settings: HouseSettings): HouseSettings => ({
    ...settings,
    approvals: {
      ...settings.approvals,
      secondPersonAbove: above === null ? null : notional(above),
      dailyCap: cap === null ? null : notional(cap),
    },
    people: [
      { personId: "owner", name: "owner", role: "owner", timeZone: "UTC", telegramUserId: null, discordUserId: null },
      { personId: "bo", name: "bo", role: "approver", timeZone: "UTC", telegramUserId: "777", discordUserId: null },
      { personId: "olga", name: "olga", role: "operator", timeZone: "UTC", telegramUserId: "888", discordUserId: null },
    ],
  });

const as = (userId: string) => ({
  sender: { userId, displayName: userId, isPerson: true },
  chat: { platform: "telegram", chatId: userId, threadId: null } as const,
});
const answers = (chat: Stage["telegram"]): number => chat.messages.filter((message) => message.isReply).length;
const ownPrompt = (stage: Stage, chatId: string, text: string) => {
  const message = stage.telegram
    .openPrompts()
    .findLast((one) => one.chat.chatId === chatId && textOf(one.card).includes(text));
  if (message === undefined) throw new Error(`${chatId} has no open prompt`);
  return message;
};
const notionalOf = (stage: Stage, id: string) => {
  const subject = stage.books().approvals[id]?.subject;
  return subject?.kind === "order" ? Number(subject.terms.notional) : 0;
};

describe.concurrent("an approver's account in other hands", () => {
  test(
    "can't sign a large order alone: it takes a second person, who sees the same order [M09]",
    { timeout: storyMs },
    () =>
      play({ settings: threePeople("100", null) }, async (stage) => {
        const id = await stage.ask("SOL/USDT");
        expect(stage.books().approvals[id]?.quorum).toBe(2);
        await stage.telegram.tap("Approve", { message: ownPrompt(stage, "111", "SOL") });
        await stage.until(() => stage.books().approvals[id]?.yes.length === 1, "the first signature");
        expect([approvalState(stage, id), sentEntries(stage).length]).toEqual(["pending", 0]);
        // The same person on the other platform is the same person.
        await stage.discord.tap("Approve");
        await stage.until(() => answers(stage.discord) > 0, "the answer");
        expect([approvalState(stage, id), sentEntries(stage).length]).toEqual(["pending", 0]);
        await stage.telegram.tap("Approve", { ...as("777"), message: ownPrompt(stage, "777", "SOL") });
        await stage.until(() => approvalState(stage, id) === "executed", "the second signature");
        await untilProtected(stage, "SOL/USDT");
        expect(sentEntries(stage)).toHaveLength(1);
        expect(marks.reached()).toContain("M09.waits_for_the_second");
      }),
  );

  test("is asked for nothing that takes two while nobody else is linked [M09]", { timeout: storyMs }, () =>
    play(
      {
        settings: (settings) => ({
          ...settings,
          approvals: { ...settings.approvals, secondPersonAbove: notional("100") },
        }),
      },
      async (stage) => {
        await expect(stage.ask("SOL/USDT")).rejects.toThrow(/second_person_missing/);
        expect(marks.reached()).toContain("M09.no_second_person");
      },
    ),
  );

  test(
    "reaches the daily cap: every chat is told, no yes counts any more, a no does, another person signs, anybody halts [M09]",
    { timeout: storyMs },
    () =>
      play({ settings: threePeople(null, "700") }, async (stage) => {
        const first = await stage.ask("SOL/USDT");
        await stage.telegram.tap("Approve", { message: ownPrompt(stage, "111", "SOL") });
        await stage.until(() => approvalState(stage, first) === "executed", "the first order");
        const second = await stage.ask("ETH/USDT");
        expect(notionalOf(stage, first) + notionalOf(stage, second)).toBeGreaterThan(700);
        for (let times = 0; times < 3; times += 1)
          await stage.telegram.tap("Approve", { message: ownPrompt(stage, "111", "ETH") });
        await stage.until(() => answers(stage.telegram) >= 3, "three answers");
        expect([approvalState(stage, second), sentEntries(stage).length]).toEqual(["pending", 1]);
        const cooled = await factsOf(stage, "approver_cooled");
        expect(cooled).toHaveLength(1);
        expect((cooled[0]?.until ?? 0) - (cooled[0]?.wallAt ?? 0)).toBeGreaterThanOrEqual(3_600_000);
        for (const chat of [stage.telegram, stage.discord, stage.desk])
          await stage.until(() => cardsWith(chat, "reached the daily cap").length > 0, "the alert");

        await stage.telegram.tap("Approve", { ...as("777"), message: ownPrompt(stage, "777", "ETH") });
        await stage.until(() => approvalState(stage, second) === "executed", "the other person's signature");
        await untilProtected(stage, "ETH/USDT");
        const third = await stage.ask("BTC/USDT");
        await stage.telegram.tap("Decline", { message: ownPrompt(stage, "111", "BTC") });
        await stage.until(() => approvalState(stage, third) === "declined", "a no counts as ever");
        await stage.telegram.say("pause", "", as("888"));
        await stage.until(() => stage.books().house.level === "pause", "a halt by an operator");
        expect(marks.reached()).toContain("M09.daily_cap");
      }),
  );
});
