/** The day in one card: once, at the chosen hour, late rather than lost, with the numbers of the ledger. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Day } from "../../src/core/books_days.ts";
import { day as dayMs, instant } from "../../src/core/time.ts";
import { buy, cardsWith, chatsOf, factCount, textOf } from "./conversation.ts";
import { openStage, type Stage } from "./stage.ts";

const hourMs = 3_600_000;

describe("the daily summary", () => {
  let stage: Stage;
  let shift = 0;
  /** House time moves to this much after its present UTC midnight. Real time stays. */
  const goTo = (days: number, ms: number) => {
    const wall = Date.now();
    shift = Math.floor(wall / dayMs) * dayMs + days * dayMs + ms - wall;
  };
  beforeEach(async () => {
    goTo(0, 12 * hourMs);
    stage = await openStage({
      clock: (system) => ({ ...system, now: () => instant(system.now() + shift) }),
      settings: (settings) => ({ ...settings, summaryHour: 8 }),
    });
  });
  afterEach(async () => {
    await stage.judge().finally(() => stage.close());
  });
  const summaries = () => chatsOf(stage).map((chat) => cardsWith(chat, "Daily summary").length);
  const rests = (ms: number) => stage.house().needs.clock.sleep(ms);
  const arrives = (each: number) =>
    stage.until(() => summaries().every((count) => count === each), `${each} on every chat`);

  test("comes at the hour and not before, once on every chat, also after a restart", async () => {
    goTo(1, 7 * hourMs);
    await rests(2_500);
    expect(summaries()).toEqual([0, 0, 0]);
    goTo(1, 8 * hourMs);
    await arrives(1);
    await stage.restart();
    await rests(2_500);
    expect(summaries()).toEqual([1, 1, 1]);
    expect(await factCount(stage, "day_summarized")).toBe(1);
  });

  test("its numbers are those of the books and of the days table", async () => {
    await buy(stage, "SOL/USDT");
    stage.exchange.faults.jump("SOL-USDT", stage.position("SOL/USDT")?.exitPlan.stopPrice ?? "");
    await stage.until(() => stage.position("SOL/USDT")?.state === "closed", "the close");
    await stage.ask("ETH/USDT");
    await stage.until(() => stage.discord.openPrompts().length === 1, "the prompt");
    await stage.discord.tap("Decline");
    await stage.until(() => stage.books().days.today.declined === 1, "the no");
    const finished: Day = stage.books().days.today;
    expect(finished).toMatchObject({
      trades: 1,
      winners: 0,
      entries: 1,
      asked: 2,
      approved: 1,
      declined: 1,
      signals: 2,
    });
    goTo(1, 9 * hourMs);
    await arrives(1);
    const text = textOf(cardsWith(stage.telegram, "Daily summary")[0]);
    expect(text).toContain(`Daily summary ${finished.date} · PAPER`);
    expect(text).toContain("Trades: 1 (0 won), 1 entry");
    expect(text).toContain("Approvals: 2 asked, 1 approved, 1 declined, 0 expired, median answer ");
    expect(text).toContain("Signals: 2 raised, 0 denied");
    expect(text).toMatch(/P&L: -\S+ USDT · -0\.\d\d % after fees\n/);
    expect(text).toMatch(/Fees paid: 0\.\d\d USDT\n/);
    expect(text).toContain("Unknown orders: 0");
    expect(text).toMatch(/Audit head [0-9a-f]{8} at fact \d+/);
    const row = await stage.database.pool.query<Record<string, string>>("select * from days where date = $1", [
      finished.date,
    ]);
    expect(Number(row.rows[0]?.["pnl"])).toBeCloseTo(Number(finished.pnl), 9);
    expect(Number(row.rows[0]?.["fees"])).toBeCloseTo(Number(finished.fees), 9);
    expect(Number(row.rows[0]?.["trades"])).toBe(1);
  });

  test("a house that was down at the hour tells it when it is back, even days later", async () => {
    const date = stage.books().days.today.date;
    goTo(3, 2 * hourMs);
    await stage.restart();
    await arrives(1);
    expect(cardsWith(stage.telegram, "Daily summary")[0]?.title).toContain(date);
  });

  test("a day that was not told before its house went down again is told with the next", async () => {
    const first = stage.books().days.today.date;
    goTo(1, 5 * hourMs);
    await stage.restart();
    await rests(1_500);
    expect(summaries()).toEqual([0, 0, 0]);
    const second = stage.books().days.today.date;
    goTo(2, 9 * hourMs);
    await stage.restart();
    await stage.until(() => cardsWith(stage.telegram, second).length === 1, "the second day");
    await stage.until(() => cardsWith(stage.telegram, first).length === 1, "the first day", 4_000);
  });
});
