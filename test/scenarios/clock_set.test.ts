/** The wall clock of the machine is set while a position is held: what is sold is priced at the market of now. */
import { describe, expect, test } from "vitest";
import { instant } from "../../src/core/time.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { buy, saleQuestion, told } from "./conversation.ts";
import { factsOf, sentExits, storyMs, untilClosed } from "./play.ts";
import { openStage, type Stage } from "./stage.ts";

/** A stage on a machine whose wall clock somebody sets; the exchange keeps its own time. */
async function openShifted(): Promise<{ readonly stage: Stage; set(byMs: number): void }> {
  let shift = 0;
  const isExchange = () => (new Error().stack ?? "").includes("/src/practice/");
  const shifted = (ms: number) => instant(ms + (isExchange() ? 0 : shift));
  const clock = (system: Clock): Clock => ({
    ...system,
    wall: () => shifted(system.wall()),
    now: () => shifted(system.now()),
  });
  const stage = await openStage({ clock });
  return {
    stage,
    set(byMs) {
      shift = byMs;
    },
  };
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

test.each([
  ["set back by an hour: an exit meets the present market [C02]", -3_600_000],
  ["set forward by an hour: an exit meets the present market, and the venue takes our signatures [C02]", 3_600_000],
])("%s", { timeout: storyMs }, async (_, byMs) => {
  const { stage, set } = await openShifted();
  try {
    await buy(stage, "SOL/USDT", { stop: "0.03", target: null });
    const before = Number(stage.exchange.market.lastPrice("SOL-USDT"));
    set(byMs);
    await pause(1_500);
    const now = before * 0.975;
    stage.exchange.faults.jump("SOL-USDT", now.toFixed(2));
    await pause(4_000);
    await told(stage, stage.telegram, "close", "sol");
    await untilClosed(stage, "SOL/USDT", 45_000);
    expect(Number(sentExits(stage)[0]?.["price"])).toBeLessThan(now);
  } finally {
    await stage.close();
  }
});

describe.concurrent("the silence that sells lasts 30 s, whatever the wall clock says [K02] [C02]", () => {
  test.each([
    ["set back by an hour", -3_600_000],
    ["set forward by an hour", 3_600_000],
  ])("%s", { timeout: storyMs }, async (_, byMs) => {
    const { stage, set } = await openShifted();
    try {
      await buy(stage, "SOL/USDT");
      const begun = performance.now();
      await told(stage, stage.telegram, "emergency", "out");
      await pause(1_500);
      set(byMs);
      await untilClosed(stage, "SOL/USDT", 60_000);
      const seconds = Math.round((performance.now() - begun) / 1_000);
      expect(seconds).toBeGreaterThanOrEqual(29);
      expect(seconds).toBeLessThan(45);
    } finally {
      await stage.close();
    }
  });

  test("set back while the list of what is held changes: people are asked once more, and not every second", {
    timeout: storyMs,
  }, async () => {
    const { stage, set } = await openShifted();
    try {
      await buy(stage, "SOL/USDT");
      await buy(stage, "BTC/USDT");
      await told(stage, stage.telegram, "flatten", "out");
      await stage.until(() => saleQuestion(stage.discord) !== undefined, "the question");
      set(-3_600_000);
      await told(stage, stage.telegram, "close", "sol");
      await untilClosed(stage, "SOL/USDT", 30_000);
      await told(stage, stage.telegram, "flatten", "out");
      await pause(6_000);
      const asked = (await factsOf(stage, "approval_requested")).filter((fact) => fact.subject.kind === "flatten");
      expect(asked).toHaveLength(2);
    } finally {
      await stage.close();
    }
  });
});
