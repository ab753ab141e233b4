/** Answers that are turned and made anew where they stand, commands that are completed by a tap, and words that came late. */
import { expect, test, vi } from "vitest";
import { instant } from "../../src/core/time.ts";
import { buy, factCount, textOf, told } from "./conversation.ts";
import { factsOf, play, storyMs, untilClosed } from "./play.ts";
import type { ScriptedChat, SeenMessage } from "./scripted_chat.ts";
import type { Stage } from "./stage.ts";

const lastReply = (chat: ScriptedChat): SeenMessage => {
  const message = chat.messages.findLast((one) => one.isReply);
  if (message === undefined) throw new Error("nobody answered");
  return message;
};
const labels = (message: SeenMessage) => message.buttons.map((button) => button.label);
const outcomes = async (stage: Stage) => (await factsOf(stage, "message_handled")).map((one) => one.outcome);

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  await vi.waitFor(async () => expect(await holds()).toBe(true), { timeout: 10_000, interval: 20 });
}

test.concurrent(
  "a long answer is turned by buttons in the same message, also after a restart; a button of an earlier page is told so and counts against nobody",
  () =>
    play({}, async (stage) => {
      const chat = stage.telegram;
      await told(stage, chat, "help");
      const message = lastReply(chat);
      const [first = ""] = labels(message);
      expect(first).toMatch(/^2 of \d ▶$/);
      expect(message.card.footer).toMatch(/Page 1 of \d$/);
      const old = message.buttons[0]?.token ?? "";
      const before = message.card.fields.map((field) => field.name);
      await chat.tap(first, { message });
      await stage.until(() => message.history.length === 1, "the second page");
      expect(message.card.footer).toMatch(/Page 2 of \d$/);
      expect(message.card.fields.some((field) => before.includes(field.name))).toBe(false);
      await stage.restart();
      const back = labels(message)[0] ?? "";
      expect(back).toMatch(/^◀ 1 of \d$/);
      await chat.tap(back, { message });
      await stage.until(() => message.history.length === 2, "the first page again");
      expect(message.card.fields.map((field) => field.name)).toEqual(before);
      await chat.tap(first, { message, token: old });
      await stage.until(() => chat.toasts.length > 0, "the notice");
      expect(chat.toasts.at(-1)).toMatch(/turned already, or is old/);
      expect(message.history).toHaveLength(2);
      expect(await factCount(stage, "tap_refused")).toBe(0);
      // Whoever is not linked turns nothing, and is on record like any other stranger.
      await chat.tap(labels(message)[0] ?? "", {
        message,
        sender: { userId: "999", displayName: "mallory", isPerson: true },
      });
      await eventually(async () => (await factCount(stage, "tap_refused")) === 1);
      expect(message.history).toHaveLength(2);
    }),
  storyMs,
);

test.concurrent(
  "/status and /positions are made anew where they stand, with what is true then; the desk shows everything at once",
  () =>
    play({}, async (stage) => {
      await told(stage, stage.discord, "positions");
      const positions = lastReply(stage.discord);
      expect(positions.card.title).toBe("No open positions");
      expect(positions.card.footer).toMatch(/as of \d\d:\d\d:\d\d UTC$/);
      await told(stage, stage.telegram, "status");
      const status = lastReply(stage.telegram);
      await buy(stage, "SOL/USDT");
      await stage.discord.tap("⟳ Refresh", { message: positions });
      await stage.until(() => positions.card.title === "1 open position", "the position");
      // One fact a line, money beside percent.
      const facts = new Map(positions.card.fields.map((field) => [field.name, field.value]));
      expect([...facts.keys()]).toEqual(["SOL/USDT · always_trade_canary", "P&L", "Stop", "Target", "Open"]);
      expect(facts.get("P&L")).toMatch(/^-?\+?[\d.,]+ USDT · [-+−]?[\d.]+ %$/);
      await stage.telegram.tap("⟳ Refresh", { message: status });
      await stage.until(() => textOf(status.card).includes("Positions: 1 open"), "the status");
      expect(stage.telegram.messages.filter((one) => one.card.title.startsWith("PAPER at"))).toHaveLength(1);
      await told(stage, stage.desk, "help");
      expect(lastReply(stage.desk).buttons).toEqual([]);
    }),
  storyMs,
);

test.concurrent(
  "a page that can't be edited any more is shown again below, and goes on from there",
  () =>
    play({}, async (stage) => {
      const chat = stage.discord;
      await told(stage, chat, "help");
      const message = lastReply(chat);
      chat.failures.edit.push({ kind: "message_gone", because: "somebody deleted it" });
      await chat.tap(labels(message)[0] ?? "", { message });
      await stage.until(() => lastReply(chat) !== message, "the page");
      expect(lastReply(chat).card.footer).toMatch(/Page 2 of/);
      await chat.tap(labels(lastReply(chat))[0] ?? "", { message: lastReply(chat) });
      await stage.until(() => lastReply(chat).card.footer?.includes("Page 1 of"), "the first page");
    }),
  storyMs,
);

test.concurrent(
  "/close without a name asks with a button for each position; one tap closes it, a second tap and a stranger do nothing",
  () =>
    play({}, async (stage) => {
      const chat = stage.telegram;
      expect((await told(stage, chat, "close")).title).toBe("/close: what is missing");
      await buy(stage, "SOL/USDT");
      await buy(stage, "ETH/USDT");
      await told(stage, chat, "sell");
      const question = lastReply(chat);
      expect(question.card.title).toMatch(/^\/close: Instrument/);
      expect(labels(question).map((label) => label.split(" ")[0])).toEqual(["SOL/USDT", "ETH/USDT"]);
      const [sol = ""] = labels(question);
      const asItWas = { ...question };
      await chat.tap(sol, { message: question, sender: { userId: "999", displayName: "mallory", isPerson: true } });
      await eventually(async () => (await outcomes(stage)).at(-1) === "refused");
      // What takes risk away counts although it was tapped while the house was away.
      await chat.tap(sol, { message: question, arrivedLate: true });
      await untilClosed(stage, "SOL/USDT");
      await stage.until(() => question.card.title === `Answered: ${sol}`, "the answer in the place of the question");
      expect(labels(question)).toEqual([]);
      // A second tap that was on its way.
      await chat.tap(sol, { message: asItWas });
      await stage.until(() => chat.toasts.length + (lastReply(chat) === question ? 0 : 1) > 0, "an answer");
      expect(stage.position("ETH/USDT")?.state).not.toBe("closed");
    }),
  storyMs,
);

test.concurrent(
  "several options are asked one after the other",
  () =>
    play({}, async (stage) => {
      const chat = stage.discord;
      await told(stage, chat, "unlink");
      expect(labels(lastReply(chat))).toEqual(["telegram", "discord", "desk"]);
      await chat.tap("telegram", { message: lastReply(chat) });
      await stage.until(() => lastReply(chat).card.title.includes("numeric id"), "the second question");
      const account = labels(lastReply(chat)).find((label) => label.includes("telegram")) ?? "";
      await chat.tap(account, { message: lastReply(chat) });
      await stage.until(() => lastReply(chat).card.title === "Unlinked: telegram 111", "the unlinking");
    }),
  storyMs,
);

const lateBy = (minutes: number) => ({ sentAt: instant(Date.now() - minutes * 60_000), arrivedLate: true });

test.concurrent(
  "what was said while the bot was away: what is safe is done, what adds risk is asked again, nothing is dropped",
  () =>
    play({}, async (stage) => {
      const chat = stage.telegram;
      const paused = await told(stage, chat, "pause", "dentist", lateBy(22));
      expect(paused.title).toBe("Paused");
      expect(paused.footer).toMatch(/answered late by 22 min$/);
      expect((await told(stage, chat, "positions", "", lateBy(22))).footer).toMatch(/answered late by 22 min/);
      const asked = await told(stage, chat, "resume", "back at my desk", lateBy(22));
      expect(asked.title).toBe("/resume came 22 min late, so it was not done.");
      expect(asked.lines).toEqual(["Now trading is at level pause, by owner. Still wanted? Tap, or send it again."]);
      expect(stage.books().house.level).toBe("pause");
      const question = lastReply(chat);
      expect(labels(question)).toEqual(["Do it now", "Leave it"]);
      const asItWas = { ...question };
      // A tap that is old itself decides nothing either.
      await chat.tap("Do it now", { message: question, arrivedLate: true });
      await stage.until(() => lastReply(chat).card.title.startsWith("Not counted"), "the refusal");
      expect(stage.books().house.level).toBe("pause");
      await chat.tap("Do it now", { message: question });
      await stage.until(() => stage.books().house.level === "none", "trading again");
      await stage.until(() => question.card.title === "Answered: Do it now", "the answer in the place of the question");
      expect(labels(question)).toEqual([]);
      await told(stage, chat, "pause");
      await chat.tap("Do it now", { message: asItWas });
      await eventually(async () => (await outcomes(stage)).at(-1) === "refused");
      expect(stage.books().house.level).toBe("pause");
      const left = await told(stage, chat, "limits", "riskPerTrade 0.5% ", lateBy(22));
      expect(left.title).toBe("riskPerTrade: 1 % to 0.5 %");
      const loosened = await told(stage, chat, "limits", "riskPerTrade 1% fresh eyes", lateBy(22));
      expect(loosened.title).toBe("/limits came 22 min late, so it was not done.");
      await chat.tap("Leave it");
      await stage.until(() => lastReply(chat).card.title.startsWith("Left as it is"), "the word");
    }),
  storyMs,
);
