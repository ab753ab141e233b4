/** Less of it, later, and why not: what a person can say of a request besides yes and no. */
import { expect, test } from "vitest";
import { chatsOf, noPrompts, textOf } from "./conversation.ts";
import { approvalState, factsOf, play, sentEntries, storyMs, untilProtected } from "./play.ts";
import type { ScriptedChat, SeenMessage } from "./scripted_chat.ts";
import type { Stage, StageWish } from "./stage.ts";

const lastReply = (chat: ScriptedChat) => textOf(chat.messages.findLast((message) => message.isReply)?.card);
const hasChoice = (chat: ScriptedChat, label: string) =>
  chat.messages.some((message) => message.buttons.some((button) => button.label === label));

const quantityOf = (stage: Stage, id: string): number => {
  const subject = stage.books().approvals[id]?.subject;
  return subject?.kind === "order" ? Number(subject.intent.quantity) : 0;
};

async function choose(stage: Stage, chat: ScriptedChat, menu: string, label: string): Promise<void> {
  await chat.tap(menu);
  await stage.until(() => hasChoice(chat, label), `the choice ${label}`);
  await chat.tap(label);
}

/** Bo approves too, on Telegram; every order takes two people. */
const two: StageWish = {
  settings: (same) => ({
    ...same,
    approvals: { ...same.approvals, secondPersonAbove: "1" as never },
    people: [
      ...same.people,
      { personId: "bo", name: "Bo", role: "approver", timeZone: "UTC", telegramUserId: "333", discordUserId: null },
    ],
  }),
};
const boSays = { userId: "333", displayName: "Bo", isPerson: true };
const boChat = { platform: "telegram", chatId: "333", threadId: null } as const;
const promptOf = (chat: ScriptedChat, chatId: string): SeenMessage => {
  const found = chat.openPrompts().findLast((message) => message.chat.chatId === chatId);
  if (found === undefined) throw new Error(`no open prompt in ${chatId}`);
  return found;
};
const boTaps = (stage: Stage, label: string) =>
  stage.telegram.tap(label, { message: promptOf(stage.telegram, "333"), sender: boSays, chat: boChat });

test.concurrent.each([
  ["½ of it", 0.5],
  ["¼ of it", 0.25],
] as const)(
  "%s is a new version that is signed by choosing it: the smaller order leaves, at the printed worst price",
  (label, share) =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      const before = quantityOf(stage, id);
      await choose(stage, stage.discord, "Smaller…", label);
      await untilProtected(stage, "SOL/USDT");
      const [order] = sentEntries(stage);
      expect(Number(order?.["size"])).toBeLessThanOrEqual(before * share);
      expect(Number(order?.["size"])).toBeGreaterThan(before * share * 0.98);
      expect(stage.books().approvals[id]?.version).toBe(2);
      const [vote] = await factsOf(stage, "vote_cast");
      expect(vote).toMatchObject({ version: 2, digest: stage.books().approvals[id]?.digest });
      await stage.until(() => noPrompts(stage), "closed prompts");
      await stage.until(() => !hasChoice(stage.discord, label), "a question without buttons");
      expect(stage.discord.messages.some(({ card }) => card.title === `Answered: ${label}`)).toBe(true);
    }),
  storyMs,
);

test.concurrent.each(["telegram", "discord", "desk"] as const)(
  "a typed size counts on %s; more than printed, dust and nonsense do not",
  (name) =>
    play({}, async (stage) => {
      const chat = stage[name];
      const id = await stage.ask("SOL/USDT");
      const before = quantityOf(stage, id);
      const menus = () => chat.messages.filter(({ buttons }) => buttons.some(({ label }) => label === "Another size…"));
      const forms = () => chat.messages.filter((message) => message.form !== undefined);
      let times = 0;
      const type = async (size: string) => {
        times += 1;
        await chat.tap("Smaller…");
        await stage.until(() => menus().length === times, "the menu");
        await chat.tap("Another size…");
        await stage.until(() => forms().length === times, "the form");
        await stage.until(
          () =>
            Object.values(stage.books().questions).some((one) => one.messageId !== null && one.choices.length === 0),
          "the form on record",
        );
        await chat.answer({ size });
      };
      await type(String(before * 2));
      await stage.until(() => lastReply(chat).includes("Only a smaller size"), "the refusal");
      await type("a lot");
      await stage.until(() => lastReply(chat).includes("is no size"), "the second refusal");
      await type("0.0000001");
      await stage.until(() => lastReply(chat).includes("less than the venue takes"), "the third refusal");
      expect(stage.books().approvals[id]?.version).toBe(1);
      await type("30 %");
      await untilProtected(stage, "SOL/USDT");
      expect(Number(sentEntries(stage)[0]?.["size"])).toBeLessThanOrEqual(before * 0.3);
    }),
  storyMs,
);

test.concurrent(
  "two people: one on two chats counts once, the prompt says how many signed, the second one's yes sends it",
  () =>
    play(two, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await stage.discord.tap("Approve");
      await stage.until(() => textOf(stage.telegram.openPrompts()[0]?.card).includes("1 of 2 signatures"), "1 of 2");
      await stage.telegram.tap("Approve", { message: promptOf(stage.telegram, "111") });
      await stage.until(() => lastReply(stage.telegram).includes("counted already"), "the answer");
      expect(approvalState(stage, id)).toBe("pending");
      await boTaps(stage, "Approve");
      await untilProtected(stage, "SOL/USDT");
      expect(new Set((await factsOf(stage, "vote_cast")).map((vote) => vote.personId))).toEqual(
        new Set(["owner", "bo"]),
      );
    }),
  storyMs,
);

test.concurrent(
  "who sizes down has signed the smaller order; the others are asked again, and a price that moves asks for no more than that",
  () =>
    play(two, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      const before = quantityOf(stage, id);
      await boTaps(stage, "Approve");
      await stage.until(() => stage.books().approvals[id]?.yes.length === 1, "the first yes");
      await choose(stage, stage.desk, "Smaller…", "½ of it");
      await stage.until(() => stage.books().approvals[id]?.version === 2, "the new version");
      expect(stage.books().approvals[id]?.yes).toEqual(["owner"]);
      const smaller = quantityOf(stage, id);
      expect(smaller).toBeLessThanOrEqual(before / 2);
      const subject = stage.books().approvals[id]?.subject;
      const quoted = subject?.kind === "order" ? Number(subject.terms.quotedPrice) : 0;
      stage.exchange.faults.jump("SOL-USDT", (Math.round(quoted * 1.005 * 100) / 100).toFixed(2));
      const isShown = () => textOf(promptOf(stage.telegram, "333").card).includes("v2");
      await stage.until(isShown, "the prompt of version 2");
      await boTaps(stage, "Approve");
      await stage.until(() => stage.books().approvals[id]?.version === 3, "the version at the new price");
      expect(quantityOf(stage, id)).toBeLessThanOrEqual(smaller);
      expect(stage.books().approvals[id]?.yes).toEqual([]);
      expect(sentEntries(stage)).toEqual([]);
    }),
  storyMs,
);

test.concurrent(
  "a no says why afterwards: by a button or in own words, and every prompt shows it",
  () =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await stage.desk.tap("Decline");
      await stage.until(() => approvalState(stage, id) === "declined" && noPrompts(stage), "the decline");
      await stage.until(() => hasChoice(stage.desk, "Too much risk already"), "the reasons");
      await stage.desk.tap("Too much risk already");
      const footers = () => chatsOf(stage).map((chat) => chat.messages[0]?.card.footer ?? "");
      await stage.until(
        () => footers().every((line) => line.includes("Too much risk already")),
        "the reason on every chat",
      );
      const second = await stage.ask("ETH/USDT");
      await stage.telegram.tap("Decline");
      await stage.until(() => hasChoice(stage.telegram, "In my words…"), "the reasons");
      await stage.telegram.tap("In my words…");
      await stage.until(() => stage.telegram.messages.some((message) => message.form !== undefined), "the form");
      await stage.telegram.answer({ reason: "the news   of today" });
      await stage.until(() => stage.books().approvals[second]?.declinedBecause === "the news of today", "the words");
      expect(approvalState(stage, second)).toBe("declined");
    }),
  storyMs,
);

test.concurrent(
  "a rest mutes one person's reminders and moves no deadline; a choice of somebody else's, or a second tap, does nothing",
  () =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      const expiresAt = stage.books().approvals[id]?.expiresAt;
      await stage.telegram.tap("Later…");
      await stage.until(() => hasChoice(stage.telegram, "15 min"), "the rests");
      await stage.telegram.tap("15 min", { sender: { userId: "999", displayName: "x", isPerson: true } });
      await stage.until(() => stage.telegram.toasts.length === 1, "the refusal");
      expect(stage.books().approvals[id]?.snoozed).toBeUndefined();
      const question = stage.telegram.messages.find(({ buttons }) => buttons.some(({ label }) => label === "15 min"));
      if (question === undefined) throw new Error("no question stands");
      const asItWas = { ...question };
      await stage.telegram.tap("15 min");
      await stage.telegram.tap("5 min", { message: asItWas });
      await stage.until(() => stage.books().approvals[id]?.snoozed?.["owner"] !== undefined, "the rest");
      await stage.until(() => Object.keys(stage.books().chat.inbox).length === 0, "everything handled");
      expect(await factsOf(stage, "request_snoozed")).toHaveLength(1);
      expect(question.card.title).toMatch(/^No reminder for you until \d\d:\d\d UTC/);
      expect(question.buttons).toEqual([]);
      expect(stage.books().approvals[id]?.expiresAt).toBe(expiresAt);
      expect(approvalState(stage, id)).toBe("pending");
    }),
  storyMs,
);

test("a platform that asks us to wait loses no question and no word of it", () =>
  play({}, async (stage) => {
    const { telegram } = stage;
    const { reply } = telegram;
    const busy = { ok: false, problem: { kind: "later", because: "429", retryAfterMs: 300 } } as const;
    let left = 0;
    telegram.reply = (...told) => {
      left -= 1;
      return left >= 0 ? Promise.resolve(busy) : reply(...told);
    };
    const id = await stage.ask("SOL/USDT");
    left = 2;
    await telegram.tap("Decline");
    await stage.until(() => hasChoice(telegram, "I am away"), "the question why");
    left = 1;
    await telegram.tap("I am away");
    const isNoted = ({ card, buttons }: SeenMessage) => card.title === "Noted: I am away" && buttons.length === 0;
    await stage.until(() => telegram.messages.some(isNoted), "the word in the place of the question");
    expect(stage.books().approvals[id]?.declinedBecause).toBe("I am away");
  }));
