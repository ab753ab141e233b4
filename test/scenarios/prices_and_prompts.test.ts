/** The price is asked again at the tap, and prompts survive lost answers, deleted messages and restarts. */
import { expect, test } from "vitest";
import { approvalState, play, sentEntries, storyMs, untilProtected } from "./play.ts";
import type { Stage } from "./stage.ts";

const askedAt = (stage: Stage, id: string) => {
  const subject = stage.books().approvals[id]?.subject;
  if (subject?.kind !== "order") throw new Error("no order was asked");
  return { quoted: Number(subject.terms.quotedPrice), worst: subject.intent.shape.limitPrice };
};
const jumpBy = (stage: Stage, id: string, share: number) => {
  stage.exchange.faults.jump("SOL-USDT", (Math.round(askedAt(stage, id).quoted * (1 + share) * 100) / 100).toFixed(2));
};

test.concurrent(
  "a price within the soft band needs one tap, at the printed worst price",
  () =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      jumpBy(stage, id, 0.001);
      await stage.telegram.tap("Approve");
      await untilProtected(stage, "SOL/USDT");
      expect(stage.books().approvals[id]?.version).toBe(1);
      expect(sentEntries(stage)[0]?.["price"]).toBe(askedAt(stage, id).worst);
    }),
  storyMs,
);

test.concurrent.each([
  ["past the printed worst price", 0.005],
  ["much better than printed", -0.012],
])(
  "a price %s is asked again: the old button is worth nothing, the new one decides [H04]",
  (_what, share) =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      const old = stage.telegram.openPrompts()[0]?.buttons[0]?.token ?? "";
      const message = stage.telegram.openPrompts()[0];
      jumpBy(stage, id, share);
      await stage.telegram.tap("Approve");
      await stage.until(() => stage.books().approvals[id]?.version === 2, "the new version");
      await stage.until(() => stage.telegram.openPrompts()[0]?.buttons[0]?.token !== old, "new buttons");
      if (message !== undefined) await stage.telegram.tap("Approve", { message, token: old });
      await stage.until(
        () => stage.telegram.messages.some((one) => one.isReply && one.card.title.includes("version 2")),
        "the answer to the old button",
      );
      expect(approvalState(stage, id)).toBe("pending");
      await stage.telegram.tap("Approve");
      await untilProtected(stage, "SOL/USDT");
      expect(sentEntries(stage)).toHaveLength(1);
    }),
  storyMs,
);

test.concurrent(
  "a price beyond the hard band ends the question with the reason [H04]",
  () =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      jumpBy(stage, id, 0.015);
      await stage.telegram.tap("Approve");
      await stage.until(() => approvalState(stage, id) === "invalidated", "the end");
      expect(stage.books().approvals[id]?.reason).toMatch(/hard band/);
      expect(sentEntries(stage)).toEqual([]);
    }),
  storyMs,
);

test.concurrent(
  "without a fresh price a yes changes nothing, and the tapper is told to tap again",
  () =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      stage.exchange.faults.outage(true);
      await stage.telegram.tap("Approve");
      await stage.until(
        () => stage.telegram.messages.some((one) => one.isReply && /No fresh price/.test(one.card.title)),
        "the answer",
        30_000,
      );
      expect(approvalState(stage, id)).toBe("pending");
      stage.exchange.faults.outage(false);
    }),
  storyMs,
);

test.concurrent(
  "a prompt whose post was never answered is adopted by the tap on it",
  () =>
    play({}, async (stage) => {
      stage.telegram.failures.post.push({ kind: "unknown_outcome", because: "the answer was lost" });
      const id = await stage.ask("SOL/USDT");
      const orphan = stage.telegram.openPrompts()[0];
      if (orphan === undefined) throw new Error("the orphan is not there");
      await stage.telegram.tap("Approve", { message: orphan });
      await untilProtected(stage, "SOL/USDT");
      await stage.until(() => orphan.buttons.length === 0, "the edited orphan");
      expect(approvalState(stage, id)).toBe("executed");
    }),
  storyMs,
);

test.concurrent(
  "a prompt that somebody deleted is posted again while the question is open [H09]",
  () =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      stage.telegram.messages.length = 0;
      jumpBy(stage, id, 0.005);
      await stage.discord.tap("Approve");
      await stage.until(() => stage.telegram.openPrompts().length === 1, "the new post");
      await stage.telegram.tap("Approve");
      await untilProtected(stage, "SOL/USDT");
    }),
  storyMs,
);

test.concurrent(
  "where an edit is refused, the outcome is told under the prompt",
  () =>
    play({}, async (stage) => {
      await stage.ask("SOL/USDT");
      stage.discord.failures.edit.push({ kind: "edit_refused", because: "too old" });
      await stage.telegram.tap("Decline");
      await stage.until(
        () => stage.discord.messages.some((one) => one.buttons.length === 0 && /DECLINED/.test(one.card.footer ?? "")),
        "the follow-up",
      );
    }),
  storyMs,
);

test.concurrent(
  "a restart makes an open question a new version: old buttons are refused, new ones decide",
  () =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      const message = stage.telegram.openPrompts()[0];
      const old = message?.buttons[0]?.token ?? "";
      await stage.restart();
      await stage.until(() => stage.books().approvals[id]?.version === 2, "the new version");
      await stage.until(() => stage.telegram.openPrompts()[0]?.buttons[0]?.token !== old, "new buttons");
      if (message !== undefined) await stage.telegram.tap("Approve", { message, token: old });
      await stage.until(() => stage.telegram.messages.some((one) => one.isReply), "the answer");
      expect(approvalState(stage, id)).toBe("pending");
      await stage.desk.tap("Approve");
      await untilProtected(stage, "SOL/USDT");
      expect(sentEntries(stage)).toHaveLength(1);
    }),
  storyMs,
);
