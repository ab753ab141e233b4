/** What the ledger store promises, on a real PostgreSQL. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { takeEpoch } from "../../src/adapters/postgres/epoch.ts";
import { type LedgerStore, type LedgerWish, openLedgerStore } from "../../src/adapters/postgres/ledger_store.ts";
import { openPool } from "../../src/adapters/postgres/pool.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { instant } from "../../src/core/time.ts";
import { FenceLost, LedgerUnavailable } from "../../src/ports/ledger.ts";
import { freshDatabase, type TestDatabase } from "../fixtures/database.ts";
import { type KeptLog, keptLog } from "../fixtures/kept_log.ts";
import { addToyTables, type ToyBooks, type ToyFact, toyFold } from "../fixtures/toy_fold.ts";

type Toy = LedgerStore<ToyBooks, ToyFact>;
let database: TestDatabase;
let log: KeptLog;
let opened: { store: Toy; pool: ReturnType<typeof openPool> }[] = [];

beforeEach(async () => {
  database = await freshDatabase();
  await addToyTables(database);
  log = keptLog();
});
afterEach(async () => {
  for (const { store, pool } of opened) {
    await store.close();
    await pool.end();
  }
  opened = [];
  await database.drop();
});

const claim = { holder: "test", gitSha: "abc", configHash: "def", at: instant(0), leaseMs: 0, from: "anyone" } as const;
async function epochOf(): Promise<number> {
  const taken = await takeEpoch(database.pool, claim);
  if (!taken.ok) throw new Error("The epoch was held");
  return taken.value.epoch;
}
async function openStore(wish: Partial<LedgerWish<ToyBooks, ToyFact>> & { epoch: number }): Promise<Toy> {
  const pool = openPool({ address: database.address, name: "ledger", max: 3, log });
  const clock = systemClock();
  const store = await openLedgerStore({ pool, host: "test", clock, vault: systemVault(), log, fold: toyFold, ...wish });
  opened.push({ store, pool });
  return store;
}
const draft = (fact: ToyFact) => ({ tradeId: null, actor: "house", causedBy: null, fact });
const pay = (store: Toy, account: string, amount: number): Promise<number> =>
  store.commit((books) => ({
    drafts: [draft({ type: "paid", account, amount })],
    value: (books.balances[account] ?? 0) + amount,
  }));

test("a thousand commits at once all land, each on the books of the one before", async () => {
  const store = await openStore({ epoch: await epochOf() });
  const values = await Promise.all(Array.from({ length: 1_000 }, () => pay(store, "ana", 1)));
  expect(values).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
  expect(store.head().seq).toBe(1_000);
  const rows = await database.pool.query("select account, balance, seq from toy_balances");
  expect(rows.rows).toEqual([{ account: "ana", balance: 1_000, seq: 1_000 }]);
});
