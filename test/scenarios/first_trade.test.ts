/** The promise in one trade, told from the first question to the closed position. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openStage, type Stage } from "./stage.ts";

describe("one trade from question to close", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(async () => {
    await stage.judge();
    await stage.close();
  });

  test("every linked chat shows the same prompt, one tap decides, and all copies close in place", async () => {
    await stage.ask("SOL/USDT");
    const prompts = [stage.telegram, stage.discord, stage.desk].map((chat) => chat.openPrompts()[0]?.card);
    expect(prompts.every((card) => card?.title === prompts[0]?.title && card?.title.includes("SOL/USDT"))).toBe(true);
    await stage.telegram.tap("Approve");
    await stage.until(() => stage.position("SOL/USDT")?.protection === "placed", "protection");
    await stage.until(
      () => [stage.telegram, stage.discord, stage.desk].every((chat) => chat.openPrompts().length === 0),
      "closed prompts",
    );
    expect(stage.discord.messages[0]?.card.footer).toMatch(/APPROVED .* by owner \(telegram\)/);
    expect(stage.orderPosts()).toHaveLength(2);
  });

  test("the target at the venue closes it with a profit that every chat hears of", async () => {
    await stage.ask("SOL/USDT");
    await stage.desk.tap("Approve");
    await stage.until(() => stage.position("SOL/USDT")?.protection === "placed", "protection");
    const target = stage.position("SOL/USDT")?.exitPlan.targetPrice ?? "";
    stage.exchange.faults.jump("SOL-USDT", target);
    await stage.until(() => stage.position("SOL/USDT")?.state === "closed", "the close");
    expect(stage.position("SOL/USDT")?.exitReason).toBe("target");
    expect(Number(stage.position("SOL/USDT")?.realizedPnl)).toBeGreaterThan(0);
    await stage.until(
      () => stage.telegram.messages.some((message) => message.card.title.includes("closed by target")),
      "the card",
    );
  });

  test("the stop at the venue closes it, and nothing of it is left at the exchange", async () => {
    await stage.ask("SOL/USDT");
    await stage.discord.tap("Approve");
    await stage.until(() => stage.position("SOL/USDT")?.protection === "placed", "protection");
    stage.exchange.faults.jump("SOL-USDT", stage.position("SOL/USDT")?.exitPlan.stopPrice ?? "");
    await stage.until(() => stage.position("SOL/USDT")?.state === "closed", "the close");
    expect(stage.position("SOL/USDT")?.exitReason).toBe("stop");
    expect(stage.exchange.balances()["SOL"]?.held ?? "0").toBe("0");
  });
});
