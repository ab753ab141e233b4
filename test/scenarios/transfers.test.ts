/** Money that the owner moves to or from the account, of which the venue has a record: booked once, and never taken for a gain or a loss. */
import { describe, expect, test } from "vitest";
import { equityOf } from "../../src/core/portfolio.ts";
import { marksOf } from "../../src/flows/memory.ts";
import { reconcile } from "../../src/flows/reconcile.ts";
import { buy } from "./conversation.ts";
import { approvalState, factsOf, play, sentEntries, storyMs, untilProtected } from "./play.ts";
import type { Stage } from "./stage.ts";

const move = (stage: Stage, asset: string, amount: string) =>
  stage.exchange.faults.transfer(stage.exchange.credentials[0]?.key ?? "", asset, amount);

/** What is concluded from two looks, two seconds apart and not right after something of ours. */
async function lookUntil(stage: Stage, holds: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; looks < 12 && !(await holds()); looks += 1) {
    await new Promise((done) => setTimeout(done, 2_200));
    await reconcile(stage.house().needs);
  }
  expect(await holds()).toBe(true);
}

describe.concurrent("a transfer that the venue lists", () => {
  test("of money that came is booked once, with its record, and entries go on [V41]", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      await buy(stage, "SOL/USDT");
      const dayStart = stage.books().house.account?.dayStartEquity;
      move(stage, "USDT", "2500");
      await lookUntil(stage, async () => (await factsOf(stage, "transfer_recorded")).length > 0);
      for (let again = 0; again < 2; again += 1) await reconcile(stage.house().needs);
      const recorded = await factsOf(stage, "transfer_recorded");
      expect(recorded).toMatchObject([{ asset: "USDT", amount: "2500", direction: "in", worth: "2500" }]);
      const equity = Number(equityOf(stage.books(), marksOf(stage.house().needs.memory)));
      const account = stage.books().house.account;
      expect(equity).toBeGreaterThan(12_000);
      // The day began with as much more: what was paid in is no gain.
      expect(Number(account?.dayStartEquity) - Number(dayStart)).toBeCloseTo(2_500, 6);
      const id = await stage.ask("ETH/USDT");
      await stage.telegram.tap("Approve");
      await stage.until(() => approvalState(stage, id) === "executed", "an entry afterwards");
      await untilProtected(stage, "ETH/USDT");
      expect(sentEntries(stage)).toHaveLength(2);
    }),
  );

  test("of money that went is no loss: no limit of losses is reached [V41]", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      await buy(stage, "SOL/USDT");
      move(stage, "USDT", "-3000");
      await lookUntil(stage, async () => (await factsOf(stage, "transfer_recorded")).length > 0);
      const [recorded] = await factsOf(stage, "transfer_recorded");
      expect(recorded).toMatchObject({ asset: "USDT", amount: "3000", direction: "out" });
      expect(Object.values(stage.books().house.breakers).map((one) => one.cause)).toEqual([]);
      expect(stage.books().house.level).toBe("none");
      expect(stage.position("SOL/USDT")?.protection).toBe("placed");
    }),
  );
});
