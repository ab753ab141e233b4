/** Runtime controls: lists and switches that people set while the house runs, and that every check reads at once. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openLedgerStore } from "../../src/adapters/postgres/ledger_store.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { ledgerFold } from "../../src/boot/database.ts";
import type { Books } from "../../src/core/books.ts";
import type { Fact } from "../../src/core/events.ts";
import { currentLimits } from "../../src/flows/gather_view.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import { cardsWith, noPrompts, textOf, told } from "./conversation.ts";
import { openStage, type Stage } from "./stage.ts";

describe("controls", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(async () => {
    await stage.judge().finally(() => stage.close());
  });
  const say = (name: string, text: string) => told(stage, stage.telegram, name, text);
  const row = async (name: string) =>
    (
      await stage.database.pool.query<{ value: string | null }>("select value from runtime_controls where name = $1", [
        name,
      ])
    ).rows[0]?.value;

  test("an instrument is denied at once, what waits for it is void, and allowing it again is announced", async () => {
    await stage.ask("SOL/USDT");
    await stage.until(() => stage.telegram.openPrompts().length === 1, "the prompt");
    expect((await say("deny", "sol")).title).toBe("Denied: kucoin:SOL/USDT");
    await stage.until(() => noPrompts(stage), "a void prompt");
    await expect(stage.ask("SOL/USDT")).rejects.toThrow(/instrument_not_allowed/);
    expect(await row("allowed_instruments")).not.toContain("SOL");
    expect((await say("allow", "SOL/USDT")).title).toBe("Allowing again needs a reason.");
    await say("allow", "SOL/USDT the network works again");
    await stage.until(() => cardsWith(stage.discord, "Allowed again").length === 1, "the announcement");
    expect(await row("allowed_instruments")).toBeNull();
    await stage.ask("SOL/USDT");
  });

  test("denying the last instrument allows nothing, not everything [G02]", async () => {
    for (const symbol of stage.house().needs.settings.symbols) await say("deny", symbol);
    for (const symbol of stage.house().needs.settings.symbols)
      await expect(stage.ask(symbol)).rejects.toThrow(/instrument_not_allowed/);
  });

  test("a strategy is denied by name; a name that nobody knows changes nothing", async () => {
    await say("deny", "always_trade_canary");
    await expect(stage.ask("SOL/USDT")).rejects.toThrow(/strategy_not_allowed/);
    expect(textOf(await say("deny", "doge"))).toContain("Nothing here is called doge");
  });

  test("trading switched off stays off over a restart and in its row, until an owner allows it", async () => {
    await say("deny", "trading");
    await expect(stage.ask("SOL/USDT")).rejects.toThrow(/trading_halted/);
    await stage.restart();
    expect(await row("trading_mode")).toBe("off");
    await expect(stage.ask("SOL/USDT")).rejects.toThrow(/trading_halted/);
    await say("allow", "trading all looks fine");
    await stage.ask("SOL/USDT");
  });

  test("max_position_usd is the limit of a position in dollars", async () => {
    await say("limits", "max_position_usd 40");
    expect(currentLimits(stage.house().needs, stage.books()).positionNotional).toBe("40");
  });

  test.each(["null", "Infinity", "-1", "NaN", "1e9"])(
    "a limit of %s is refused in one sentence, and nothing changes [G02]",
    async (word) => {
      const before = currentLimits(stage.house().needs, stage.books());
      for (const name of ["openPositionsMax", "positionNotional", "riskPerTrade"]) {
        const card = await say("limits", `${name} ${word}`);
        expect([name, card.tone, card.title]).toEqual([name, "warning", expect.stringContaining(`${name} takes a `)]);
      }
      expect(currentLimits(stage.house().needs, stage.books())).toEqual(before);
    },
  );

  test("zero means zero: not one position, not one dollar [G02]", async () => {
    await say("limits", "positionNotional 0");
    await expect(stage.ask("SOL/USDT")).rejects.toThrow(/position_above_limit/);
    expect(currentLimits(stage.house().needs, stage.books()).positionNotional).toBe("0");
  });

  test("what another process writes holds here within a second", async () => {
    const clock = systemClock();
    const other = await openLedgerStore<Books, Fact>({
      pool: stage.database.pool,
      epoch: stage.books().house.epoch,
      host: "elsewhere",
      clock,
      vault: systemVault(),
      log: keptLog(),
      fold: ledgerFold,
    });
    await other.commit(() => ({
      drafts: [
        {
          actor: "person:owner",
          tradeId: null,
          causedBy: null,
          fact: { type: "control_changed", name: "openPositionsMax", from: null, to: "0", reason: "from elsewhere" },
        },
      ],
      value: undefined,
    }));
    const since = clock.mono();
    await stage.until(
      () => currentLimits(stage.house().needs, stage.books()).openPositionsMax === 0,
      "the limit",
      3_000,
    );
    expect(clock.mono() - since).toBeLessThan(2_500);
    await expect(stage.ask("SOL/USDT")).rejects.toThrow(/too_many_positions/);
  });
});
