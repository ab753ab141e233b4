/** /why shows each refusal with the numbers that decided it. */
import { afterEach, describe, expect, test } from "vitest";
import { ratio } from "../../src/core/money.ts";
import type { HouseSettings } from "../../src/core/settings.ts";
import { instant } from "../../src/core/time.ts";
import { buy, textOf, told } from "./conversation.ts";
import { openStage, type Stage, type StageWish } from "./stage.ts";

const canary = (settings: HouseSettings, params = {}): HouseSettings => ({
  ...settings,
  strategies: [
    {
      name: "always_trade_canary",
      params: { strength: 0.5, stopPercent: 2, targetPercent: 3, holdCandles: 12, ...params },
      symbols: ["SOL/USDT"],
    },
  ],
});

describe("/why", () => {
  let stage: Stage;
  const open = async (wish: StageWish = {}) => {
    stage = await openStage(wish);
  };
  afterEach(async () => {
    await stage.judge().finally(() => stage.close());
  });
  const why = async (about = "") => textOf(await told(stage, stage.telegram, "why", about));

  test("a weak signal: its strength and the minimum", async () => {
    await open({ settings: (settings) => canary(settings, { strength: 0.05 }) });
    await stage.house().cycleNow();
    const text = await why("SOL/USDT");
    expect(text).toContain("SOL/USDT · always_trade_canary: refused at cycle");
    expect(text).toContain("Strength 0.05");
    expect(text).toContain("The signal is weaker than the minimum");
    expect(text).toMatch(/limit 0\.1 of 1.*strength 0\.05 of 1/);
    expect(stage.telegram.openPrompts()).toHaveLength(0);
    expect(textOf(await told(stage, stage.telegram, "signals"))).toContain("Denied: signal too weak");
    expect(await why("ETH/USDT")).toContain("Nothing refused for ETH/USDT");
  });

  test("a stop too far: its distance and the limit", async () => {
    await open({ settings: (settings) => canary(settings, { stopPercent: 7 }) });
    await stage.house().cycleNow();
    const text = await why("always_trade_canary");
    expect(text).toContain("The stop is further from the entry than allowed");
    expect(text).toMatch(/7(\.\d+)? %/);
    expect(text).toContain("3 %");
  });

  test("a downtrend: the price, the average now and before", async () => {
    let shift = 0;
    await open({
      settings: canary,
      clock: (system) => ({ ...system, now: () => instant(system.now() + shift) }),
    });
    stage.exchange.faults.jump("SOL-USDT", "80.00");
    shift = 10 * 60_000;
    await stage.until(() => stage.exchange.market.lastPrice("SOL-USDT") !== null);
    await stage.house().needs.clock.sleep(300);
    await stage.house().cycleNow();
    const text = await why("SOL");
    expect(text).toContain("No long entry while price is under a falling average");
    expect(text).toMatch(/price 7\d\.\d+ USDT|price 80(\.\d+)? USDT/);
    expect(text).toMatch(/average \d\d\.\d+ USDT \(EMA\(50\)\), average before \d\d\.\d+ USDT/);
    expect(text).toContain("may pass later");
  });

  test("a loss limit: the loss, what the day began with, and the limit", async () => {
    await open({
      settings: (settings) => ({
        ...canary(settings),
        overrides: {
          positionShare: ratio("1"),
          exposureShare: ratio("1"),
          assetShare: null,
          dailyLossNotional: { usd: "5" },
        },
      }),
    });
    await buy(stage, "ETH/USDT", { stop: "0.03" });
    stage.exchange.faults.jump("ETH-USDT", stage.position("ETH/USDT")?.exitPlan.stopPrice ?? "");
    await stage.until(() => stage.position("ETH/USDT")?.state === "closed", "the loss");
    await stage.house().cycleNow();
    const text = await why("SOL/USDT");
    expect(text).toContain("The daily loss limit is reached");
    expect(text).toMatch(/equity at day start 10,000\.00 USDT.*loss \d+\.\d+ USDT/);
    expect(text).toMatch(/limit in money 5(\.00)? USDT/);
  });

  test("a paused house: that entries are off, and it does not ask", async () => {
    await open({ settings: canary });
    await told(stage, stage.telegram, "pause", "dentist");
    await stage.house().cycleNow();
    expect(await why()).toContain("Trading is paused or halted");
    expect(stage.orderPosts()).toHaveLength(0);
  });
});
