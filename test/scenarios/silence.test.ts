/** Nobody answers: who is reminded, who is left in peace, what it cost, and that many open questions can't breach a cap together. */
import { expect, test } from "vitest";
import { ratio } from "../../src/core/money.ts";
import { cardsWith, chatsOf, noPrompts } from "./conversation.ts";
import { approvalState, factsOf, play, sentEntries, storyMs, untilProtected } from "./play.ts";
import type { Stage, StageWish } from "./stage.ts";

const waits = (expiresMs: number, change: Partial<StageWish> = {}): StageWish => ({
  ...change,
  settings: (same) => {
    const before = (change.settings ?? ((one) => one))(same);
    return { ...before, approvals: { ...before.approvals, expiresMs } };
  },
});
const always = { fromMinute: 0, toMinute: 1_439 };
const reminders = (stage: Stage) => chatsOf(stage).map((chat) => cardsWith(chat, "Still waits").length);

test.concurrent(
  "a request that waits is told again, first elsewhere and then everywhere, each step once; silence then means no",
  () =>
    play(waits(8_000), async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await stage.until(() => cardsWith(stage.discord, "Still waits").length === 1, "the first reminder");
      expect(cardsWith(stage.telegram, "Still waits")).toEqual([]);
      await stage.until(() => approvalState(stage, id) === "expired", "the end", 20_000);
      const steps = await factsOf(stage, "request_escalated");
      expect(steps.map((step) => step.rung)).toEqual([1, 2, 3]);
      expect(new Set(steps.map((step) => step.stepId)).size).toBe(3);
      await stage.until(() => noPrompts(stage), "closed prompts");
      expect(sentEntries(stage)).toEqual([]);
    }),
  storyMs,
);

test.concurrent(
  "who rests, and who has quiet hours, is not reminded; the time to answer stays",
  () =>
    play(
      waits(4_000, {
        settings: (same) => ({ ...same, people: same.people.map((one) => ({ ...one, quietHours: always })) }),
      }),
      async (stage) => {
        const id = await stage.ask("SOL/USDT");
        await stage.until(() => approvalState(stage, id) === "expired", "the end");
        expect(reminders(stage)).toEqual([0, 0, 0]);
        // The rungs pass all the same, with nobody on them.
        expect((await factsOf(stage, "request_escalated")).every((step) => step.to.length === 0)).toBe(true);
      },
    ),
  storyMs,
);

test.concurrent(
  "a strategy may have its small requests denied while everybody who could sign has quiet hours",
  () =>
    play(
      {
        settings: (same) => ({
          ...same,
          people: same.people.map((one) => ({ ...one, quietHours: always })),
          strategies: same.strategies.map((one) => ({ ...one, quietPolicy: "deny" as const })),
        }),
      },
      async (stage) => {
        const id = await stage.ask("SOL/USDT");
        expect(stage.books().approvals[id]).toMatchObject({ state: "declined", decidedBy: ["policy:quiet_hours"] });
        expect(chatsOf(stage).flatMap((chat) => chat.openPrompts())).toEqual([]);
      },
    ),
  storyMs,
);

test.concurrent(
  "what an expired request would have brought is measured, once",
  () =>
    play(waits(1_500), async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await stage.until(() => approvalState(stage, id) === "expired", "the end");
      const subject = stage.books().approvals[id]?.subject;
      const quoted = subject?.kind === "order" ? Number(subject.terms.quotedPrice) : 0;
      stage.exchange.faults.jump("SOL-USDT", (Math.round(quoted * 1.04 * 100) / 100).toFixed(2));
      await stage.until(() => stage.books().approvals[id]?.isValued === true, "its worth", 45_000);
      const [value] = await factsOf(stage, "silence_valued");
      expect(value?.how).toBe("target");
      expect(Number(value?.pnl)).toBeGreaterThan(0);
      expect(stage.books().days.today.silence?.count).toBe(1);
      const footers = () => chatsOf(stage).map((chat) => chat.messages[0]?.card.footer ?? "");
      await stage.until(
        () => footers().every((footer) => /EXPIRED .* · would have brought [\d.]+ USDT at its target/.test(footer)),
        "the worth on every copy of the prompt",
      );
    }),
  storyMs,
);

test.concurrent(
  "two open questions that fit alone but not together: the second yes is asked again, smaller, and the cap holds",
  () =>
    play(
      { settings: (same) => ({ ...same, overrides: { ...same.overrides, exposureShare: ratio("0.03") } }) },
      async (stage) => {
        const first = await stage.ask("SOL/USDT");
        const second = await stage.ask("ETH/USDT");
        const promptFor = (symbol: string) =>
          stage.discord.openPrompts().find((message) => message.card.title.includes(symbol));
        const tap = (symbol: string) => {
          const message = promptFor(symbol);
          return message === undefined ? Promise.resolve() : stage.discord.tap("Approve", { message });
        };
        await Promise.all([tap("SOL/USDT"), tap("ETH/USDT")]);
        await stage.until(
          () =>
            ["executed", "invalidated"].includes(approvalState(stage, first) ?? "") ||
            approvalState(stage, second) === "executed",
          "one of them",
        );
        await stage.until(() => sentEntries(stage).length >= 1, "an order");
        await stage.until(() => Object.keys(stage.books().chat.inbox).length === 0, "everything handled");
        const worth = sentEntries(stage).reduce(
          (sum, order) => sum + Number(order["price"]) * Number(order["size"]),
          0,
        );
        expect(worth).toBeLessThanOrEqual(10_000 * 0.03 * 1.001);
        await untilProtected(stage, approvalState(stage, first) === "executed" ? "SOL/USDT" : "ETH/USDT");
      },
    ),
  storyMs,
);
