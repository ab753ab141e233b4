/** The database goes away between deciding and arming: nothing was sent, and nothing may wait for it for ever. */
import { expect, test } from "vitest";
import { LedgerUnavailable } from "../../src/ports/ledger.ts";
import { approvalState, play, sentEntries, sentStops, storyMs, untilProtected } from "./play.ts";
import type { StageWish } from "./stage.ts";

/** The n-th commit that would arm an order is lost; everything before and after it is kept. */
const losingArm = (nth: number): StageWish => {
  let arms = 0;
  return {
    ledger: (ledger) => ({
      ...ledger,
      commit: (decide) =>
        ledger.commit((books, times) => {
          const decision = decide(books, times);
          const isArm = decision.drafts.some((one) => one.fact.type === "order_sending");
          if (isArm) arms += 1;
          if (isArm && arms === nth) throw new LedgerUnavailable("away for a moment");
          return decision;
        }),
    }),
  };
};

test.concurrent(
  "an entry that was decided but never armed frees its slot, and its approval says that it failed",
  () =>
    play(losingArm(1), async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await stage.telegram.tap("Approve");
      await stage.until(() => approvalState(stage, id) === "exec_failed", "the end of the approval", 30_000);
      expect(sentEntries(stage)).toEqual([]);
      expect(stage.position("SOL/USDT")?.state).toBe("closed");
      await stage.ask("SOL/USDT");
    }),
  storyMs,
);

test.concurrent(
  "a stop that was decided but never armed is placed by a later attempt",
  () =>
    play(losingArm(2), async (stage) => {
      await stage.ask("SOL/USDT");
      await stage.telegram.tap("Approve");
      await untilProtected(stage, "SOL/USDT", 30_000);
      expect(sentStops(stage)).toHaveLength(1);
    }),
  storyMs,
);
