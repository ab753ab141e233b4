/** Taps whose moment has passed: the account shrank since the question, the order came too late, or the process died in between. */
import { expect, test } from "vitest";
import { noPrompts, told } from "./conversation.ts";
import { crashPoint } from "./crash_point.ts";
import { approvalState, factsOf, play, sentEntries, storyMs, untilProtected } from "./play.ts";
import type { Stage } from "./stage.ts";

const quantityOf = (stage: Stage, id: string): number => {
  const subject = stage.books().approvals[id]?.subject;
  if (subject?.kind !== "order") throw new Error("no order was asked");
  return Number(subject.intent.quantity);
};

test.concurrent(
  "a size limit tightened since the question makes the order smaller, and asks again before it buys",
  () =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      const asked = quantityOf(stage, id);
      await told(stage, stage.telegram, "limits", "positionShare 2%");
      await stage.telegram.tap("Approve");
      await stage.until(() => stage.books().approvals[id]?.version === 2, "the smaller version");
      expect(approvalState(stage, id)).toBe("pending");
      expect(sentEntries(stage)).toEqual([]);
      const smaller = quantityOf(stage, id);
      expect(smaller).toBeLessThan(asked / 2);
      await stage.until(
        () => stage.telegram.openPrompts()[0]?.card.title.startsWith(`Buy ${smaller} `),
        "the smaller prompt",
      );
      await stage.telegram.tap("Approve");
      await untilProtected(stage, "SOL/USDT");
      expect(sentEntries(stage).map((order) => Number(order["size"]))).toEqual([smaller]);
    }),
  storyMs,
);

test.concurrent(
  "a limit that no smaller order would pass ends the question, with its reason on every chat",
  () =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await told(stage, stage.telegram, "limits", "openPositionsMax 0");
      await stage.until(() => approvalState(stage, id) === "invalidated" && noPrompts(stage), "the end");
      expect(stage.books().approvals[id]?.reason).toContain("the number of open positions is at its limit");
      for (const chat of [stage.telegram, stage.discord, stage.desk])
        expect(chat.messages[0]?.card.footer).toContain("the number of open positions is at its limit");
      expect(sentEntries(stage)).toEqual([]);
    }),
  storyMs,
);

test.concurrent(
  "a yes that is not executed within its deadline is void, and stays so when the hold-up ends",
  () =>
    play(
      { settings: (same) => ({ ...same, approvals: { ...same.approvals, execDeadlineMs: 1_000 } }) },
      async (stage) => {
        const id = await stage.ask("SOL/USDT");
        let release = () => {};
        const held = new Promise<void>((resolve) => {
          release = resolve;
        });
        // Whatever holds it up in life, the execution waits for its turn here.
        const turn = stage.house().needs.locks.run(`approval:${id}`, () => held);
        await stage.telegram.tap("Approve");
        await stage.until(() => approvalState(stage, id) === "approved", "the decision");
        await stage.until(() => approvalState(stage, id) === "invalidated", "the end");
        release();
        await turn;
        await stage.until(() => Object.keys(stage.books().chat.inbox).length === 0, "the tap to be handled");
        expect(stage.books().approvals[id]?.reason).toMatch(/deadline/);
        expect(await factsOf(stage, "order_intended")).toEqual([]);
        expect(sentEntries(stage)).toEqual([]);
      },
    ),
  storyMs,
);

async function tapAndDie(stage: Stage, label: string, happened: () => boolean): Promise<void> {
  // The process dies before it can confirm the tap, so nobody waits for that.
  void stage.telegram.tap(label);
  await stage.until(happened, "the crash");
  await stage.restart();
  await stage.until(() => Object.keys(stage.books().chat.inbox).length === 0, "the stored tap to be handled");
}

test.concurrent(
  "a yes that was stored but not handled before a crash is not counted, and a fresh one is",
  () => {
    const crash = crashPoint({ after: (fact) => fact.type === "message_received" });
    return play(crash.wish, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await tapAndDie(stage, "Approve", crash.happened);
      expect(approvalState(stage, id)).toBe("pending");
      expect(await factsOf(stage, "vote_cast")).toEqual([]);
      expect(stage.telegram.messages.findLast((one) => one.isReply)?.card.title).toMatch(/^Not counted/);
      await stage.until(() => stage.telegram.openPrompts()[0]?.card.footer?.includes("v2"), "the new version");
      await stage.telegram.tap("Approve");
      await untilProtected(stage, "SOL/USDT");
      expect(sentEntries(stage)).toHaveLength(1);
    });
  },
  storyMs,
);

test.concurrent(
  "a no that was stored but not handled before a crash counts after it",
  () => {
    const crash = crashPoint({ after: (fact) => fact.type === "message_received" });
    return play(crash.wish, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await tapAndDie(stage, "Decline", crash.happened);
      await stage.until(() => approvalState(stage, id) === "declined" && noPrompts(stage), "the closed question");
      expect(await factsOf(stage, "vote_cast")).toHaveLength(1);
      expect(sentEntries(stage)).toEqual([]);
    });
  },
  storyMs,
);
