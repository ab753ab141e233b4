/** What one tap does, whoever else taps: it decides once, for exactly what was shown, on every chat. */
import { expect, test } from "vitest";
import { chatsOf, noPrompts } from "./conversation.ts";
import { approvalState, factsOf, play, sentEntries, storyMs, untilProtected } from "./play.ts";

test.concurrent(
  "a decline closes the question on every chat, and nothing is sent",
  () =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await stage.discord.tap("Decline");
      await stage.until(() => approvalState(stage, id) === "declined" && noPrompts(stage), "the closed question");
      expect(stage.telegram.messages[0]?.card.footer).toMatch(/DECLINED .* by owner \(discord\)/);
      expect(stage.orderPosts()).toEqual([]);
    }),
  storyMs,
);

test.concurrent(
  "two taps at once on two chats lead to one order, and both are told the same winner [H02]",
  () =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await Promise.all([stage.telegram.tap("Approve"), stage.discord.tap("Approve")]);
      await untilProtected(stage, "SOL/USDT");
      await stage.until(() => noPrompts(stage), "closed prompts");
      expect(sentEntries(stage)).toHaveLength(1);
      const footers = new Set(chatsOf(stage).map((chat) => chat.messages[0]?.card.footer));
      expect(footers.size).toBe(1);
      expect(approvalState(stage, id)).toBe("executed");
    }),
  storyMs,
);

test.concurrent(
  "a yes and a no at once: one of them decides, and no order leaves after a no",
  () =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await Promise.all([stage.telegram.tap("Decline"), stage.discord.tap("Approve")]);
      await stage.until(() => noPrompts(stage), "closed prompts");
      const isDeclined = approvalState(stage, id) === "declined";
      expect(sentEntries(stage)).toHaveLength(isDeclined ? 0 : 1);
    }),
  storyMs,
);

test.concurrent(
  "the same event delivered five times has the effect of one [H01]",
  () =>
    play({}, async (stage) => {
      await stage.ask("SOL/USDT");
      const message = stage.telegram.openPrompts()[0];
      const same = { eventIds: ["u:1", "q:1"], ...(message === undefined ? {} : { message }) };
      await Promise.all([1, 2, 3, 4, 5].map(() => stage.telegram.tap("Approve", same)));
      await untilProtected(stage, "SOL/USDT");
      expect(await factsOf(stage, "vote_cast")).toHaveLength(1);
      expect(sentEntries(stage)).toHaveLength(1);
    }),
  storyMs,
);

test.concurrent(
  "a tap on a closed prompt changes nothing and says who decided [H02]",
  () =>
    play({}, async (stage) => {
      await stage.ask("SOL/USDT");
      const message = stage.desk.openPrompts()[0];
      const token = message?.buttons[0]?.token;
      await stage.telegram.tap("Decline");
      await stage.until(() => noPrompts(stage), "closed prompts");
      if (message !== undefined && token !== undefined) await stage.desk.tap("Approve", { message, token });
      const answer = () => stage.desk.messages.findLast((one) => one.isReply)?.card.title ?? "";
      await stage.until(() => answer().includes("DECLINED"), "the answer to the late tap");
      expect(answer()).toContain("owner (telegram)");
      expect(stage.orderPosts()).toEqual([]);
    }),
  storyMs,
);

test.concurrent(
  "silence means no: a question that nobody answers expires on every chat, and a yes after it creates nothing [H03]",
  () =>
    play({ settings: (same) => ({ ...same, approvals: { ...same.approvals, expiresMs: 2_000 } }) }, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      const message = stage.telegram.openPrompts()[0];
      const token = message?.buttons[0]?.token;
      await stage.until(() => approvalState(stage, id) === "expired" && noPrompts(stage), "expiry");
      if (message === undefined || token === undefined) throw new Error("there was no prompt");
      await stage.telegram.tap("Approve", { message, token });
      await stage.until(() => stage.telegram.messages.some((one) => one.isReply), "the answer to the late tap");
      expect(stage.telegram.messages.findLast((one) => one.isReply)?.card.title).toMatch(/EXPIRED/);
      expect(message.card.footer).toMatch(/EXPIRED/);
      expect(await factsOf(stage, "order_intended")).toEqual([]);
      expect(stage.orderPosts()).toEqual([]);
    }),
  storyMs,
);

test.concurrent(
  "with automatic approvals a named policy decides, through the same door",
  () =>
    play(
      { settings: (same) => ({ ...same, approvals: { ...same.approvals, policy: "automatic" } }) },
      async (stage) => {
        const id = await stage.ask("SOL/USDT");
        await untilProtected(stage, "SOL/USDT");
        expect(stage.books().approvals[id]?.decidedBy).toEqual(["policy:automatic"]);
        expect(stage.books().approvals[id]?.state).toBe("executed");
      },
    ),
  storyMs,
);
