/** The wall clock of the machine is set while a position is held: what is sold is priced at the market of now. */
import { expect, test } from "vitest";
import { instant } from "../../src/core/time.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { buy, told } from "./conversation.ts";
import { sentExits, storyMs, untilClosed } from "./play.ts";
import { openStage } from "./stage.ts";

test.each([
  ["set back by an hour: an exit meets the present market [C02]", -3_600_000],
  ["set forward by an hour: an exit meets the present market, and the venue takes our signatures [C02]", 3_600_000],
])("%s", { timeout: storyMs }, async (_, byMs) => {
  let shift = 0;
  const isExchange = () => (new Error().stack ?? "").includes("/src/practice/");
  // The exchange keeps its own time.
  const shifted = (ms: number) => instant(ms + (isExchange() ? 0 : shift));
  const clock = (system: Clock): Clock => ({
    ...system,
    wall: () => shifted(system.wall()),
    now: () => shifted(system.now()),
  });
  const stage = await openStage({ clock });
  try {
    await buy(stage, "SOL/USDT", { stop: "0.03", target: null });
    const before = Number(stage.exchange.market.lastPrice("SOL-USDT"));
    shift = byMs;
    await new Promise((done) => setTimeout(done, 1_500));
    const now = before * 0.975;
    stage.exchange.faults.jump("SOL-USDT", now.toFixed(2));
    await new Promise((done) => setTimeout(done, 4_000));
    await told(stage, stage.telegram, "close", "sol");
    await untilClosed(stage, "SOL/USDT", 45_000);
    expect(Number(sentExits(stage)[0]?.["price"])).toBeLessThan(now);
  } finally {
    await stage.close();
  }
});
