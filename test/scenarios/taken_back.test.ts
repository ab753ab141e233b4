/** A strategy that wants out before anybody has answered: its request is over on every chat, and silence buys nothing of it. */
import { expect, test } from "vitest";
import { notional, ratio } from "../../src/core/money.ts";
import type { AnyStrategy } from "../../src/define/strategy.ts";
import { runCycle } from "../../src/flows/run_cycle.ts";
import { alwaysTradeCanary } from "../../src/strategies/always_trade_canary.ts";
import { chatsOf, noPrompts } from "./conversation.ts";
import { approvalState, factsOf, play, sentEntries, storyMs } from "./play.ts";
import type { Stage, StageWish } from "./stage.ts";

const windowed: StageWish = {
  settings: (same) => ({
    ...same,
    approvals: { ...same.approvals, policy: "automatic", veto: { from: notional("1"), windowMs: 4_000, seenMs: 800 } },
  }),
};

const leaver: AnyStrategy = {
  ...alwaysTradeCanary,
  read: () => ({
    direction: "flat",
    strength: ratio("0.5"),
    because: "the trend is over",
    exit: { stopDistance: ratio("0.02"), targetDistance: null, timeLimitMs: null },
  }),
};

/** One pass in which the strategy of the request says "leave" for these instruments. */
async function leave(stage: Stage, symbols: readonly string[]): Promise<void> {
  const { needs } = stage.house();
  const keys = symbols.map((symbol) => `always_trade_canary|kucoin:${symbol}`);
  for (const key of keys) needs.memory.lastRead.set(key, 0);
  const strategies = [{ name: "always_trade_canary", params: {}, symbols }];
  await runCycle({ ...needs, strategies: [leaver], settings: { ...needs.settings, strategies } });
  for (const key of keys) expect(needs.memory.lastRead.get(key)).toBeGreaterThan(0);
}

const isTakenBack = (stage: Stage): boolean =>
  chatsOf(stage).every((chat) =>
    chat.messages.some(
      ({ card, buttons }) =>
        /CANCELED .* by strategy:always_trade_canary · the strategy took it back: the trend is over/.test(
          card.footer ?? "",
        ) && buttons.length === 0,
    ),
  );

test.concurrent(
  "a request that waits is over when its strategy says flat, on every chat; that of another instrument waits on",
  () =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      const other = await stage.ask("ETH/USDT");
      await stage.until(() => chatsOf(stage).every((chat) => chat.openPrompts().length === 2), "the prompts");
      await leave(stage, ["SOL/USDT"]);
      expect(approvalState(stage, id)).toBe("canceled");
      await stage.until(() => isTakenBack(stage), "closed prompts");
      expect(approvalState(stage, other)).toBe("pending");
      expect(sentEntries(stage)).toEqual([]);
    }),
  storyMs,
);

test.concurrent(
  "silence buys nothing in a veto window whose strategy has taken its request back",
  () =>
    play(windowed, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await stage.until(() => chatsOf(stage).every((chat) => chat.openPrompts().length === 1), "the prompts");
      await leave(stage, ["SOL/USDT"]);
      await stage.until(() => isTakenBack(stage) && noPrompts(stage), "closed prompts");
      await new Promise((resolve) => setTimeout(resolve, 4_500));
      expect(approvalState(stage, id)).toBe("canceled");
      expect(sentEntries(stage)).toEqual([]);
    }),
  storyMs,
);

test.concurrent(
  "a strategy that says flat with nothing asked and nothing held says nothing",
  () =>
    play({}, async (stage) => {
      await leave(stage, ["SOL/USDT"]);
      expect(await factsOf(stage, "signal_raised")).toEqual([]);
    }),
  storyMs,
);
