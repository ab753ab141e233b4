/** Whose turn it is at a database: records of practice money and of real money never meet. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { openHome } from "../../src/boot/home.ts";
import { openTrader } from "../../src/boot/trader.ts";
import type { Mode } from "../../src/core/intent.ts";
import { freshDatabase, type TestDatabase } from "../fixtures/database.ts";
import { houseStarted } from "../fixtures/facts.ts";
import { keptLog } from "../fixtures/kept_log.ts";

let database: TestDatabase;
let folder: string;
beforeEach(async () => {
  database = await freshDatabase();
  folder = mkdtempSync(join(tmpdir(), "countersign-trader-"));
});
afterEach(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function open(mode: Mode) {
  const tools = { clock: systemClock(), vault: systemVault(), log: keptLog() };
  const home = await openHome({ home: join(folder, mode), mode, ...tools });
  if (!home.ok) throw new Error(home.problem);
  const trader = await openTrader(database.pool, {
    ...tools,
    configHash: "",
    mode,
    home: home.value,
    acceptedBecause: null,
    venue: { hasMemory: false, absentAfterMs: 0 },
    stopping: new AbortController().signal,
    wallClock: tools.clock,
  });
  const close = async () => {
    if (trader.ok) {
      await trader.value.release();
      await trader.value.ledger.close();
    }
    await home.value.close();
  };
  return { trader, close };
}

test("a database with the records of PAPER takes no LIVE, and goes on for PAPER [O06]", async () => {
  const first = await open("paper");
  if (!first.trader.ok) throw new Error(first.trader.problem);
  const { ledger, epoch } = first.trader.value;
  await ledger.commit(() => ({
    drafts: [{ actor: "house", tradeId: null, causedBy: null, fact: { ...houseStarted, epoch } }],
    value: undefined,
  }));
  await first.close();
  const live = await open("live");
  expect(live.trader).toMatchObject({ ok: false, problem: expect.stringContaining("holds the records of PAPER") });
  await live.close();
  const again = await open("paper");
  expect(again.trader.ok).toBe(true);
  await again.close();
});
