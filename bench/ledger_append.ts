/** How fast facts become durable on embedded PostgreSQL with fsync on, beside what this disk needs for one fdatasync. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { startEmbeddedPostgres } from "../src/adapters/embedded_postgres/embedded_postgres.ts";
import { takeEpoch } from "../src/adapters/postgres/epoch.ts";
import { type LedgerStore, openLedgerStore } from "../src/adapters/postgres/ledger_store.ts";
import { migrate } from "../src/adapters/postgres/migrate.ts";
import { openPool } from "../src/adapters/postgres/pool.ts";
import { systemClock } from "../src/adapters/system/clock.ts";
import { systemVault } from "../src/adapters/system/vault.ts";
import { ledgerFold } from "../src/boot/database.ts";
import type { Books } from "../src/core/books.ts";
import type { Fact } from "../src/core/events.ts";
import { median, milliseconds, printRows } from "./figures.ts";

type Ledger = LedgerStore<Books, Fact>;
const clock = systemClock();
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const singles = 400;
const writers = 32;
const streamMs = 3_000;
const batchFacts = 5_000;
const batches = 6;

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-bench-"));
  const vault = systemVault();
  const server = await startEmbeddedPostgres({ folder, clock, log, token: () => vault.token() });
  if (!server.ok) throw new Error(server.problem);
  const pool = openPool({ address: server.value.connection, name: "bench", max: 4, log });
  try {
    await migrate(pool, { folder: "migrations", at: clock.wall(), vault });
    const taken = await takeEpoch(pool, {
      holder: "bench",
      gitSha: "",
      configHash: "",
      at: clock.wall(),
      leaseMs: 1,
      from: "anyone",
    });
    if (!taken.ok) throw new Error("The epoch is held");
    const ledger: Ledger = await openLedgerStore({
      pool,
      epoch: taken.value.epoch,
      host: "bench",
      clock,
      vault,
      log,
      fold: ledgerFold,
    });
    const disk = fdatasyncTimes(folder);
    const bare = await bareInserts(pool);
    const single = await oneByOne(ledger);
    const stream = await streamed(ledger);
    const batch = await batched(ledger);
    await ledger.close();
    printRows("Ledger append (chained facts with a table row each, fsync on)", [
      { name: "fdatasync of 8 kB on this disk", value: milliseconds(disk), target: "reference" },
      { name: "a bare insert of one row, committed", value: milliseconds(bare), target: "reference" },
      {
        name: "one fact, committed",
        value: `${milliseconds(single)}, ${(median(single) / median(disk)).toFixed(1)} x fdatasync, ${(median(single) / median(bare)).toFixed(1)} x bare insert`,
        target: "<= 5 x fdatasync",
      },
      { name: `${writers} callers, one writer`, value: `${Math.round(stream)} facts/s`, target: ">= 1,500" },
      { name: `batches of ${batchFacts}`, value: `median ${Math.round(median(batch))} facts/s`, target: ">= 20,000" },
    ]);
  } finally {
    await pool.end();
    await server.value.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function fdatasyncTimes(folder: string): number[] {
  const file = openSync(join(folder, "fdatasync"), "w");
  const bytes = Buffer.alloc(8_192, 1);
  writeSync(file, Buffer.alloc(8_192 * singles));
  const times = Array.from({ length: singles }, (_, index) => {
    const started = clock.mono();
    writeSync(file, bytes, 0, bytes.length, index * bytes.length);
    fdatasyncSync(file);
    return clock.mono() - started;
  });
  closeSync(file);
  return times;
}

const draft = {
  tradeId: null,
  actor: "house",
  causedBy: null,
  fact: { type: "source_back", source: "bench", goneMs: 1 },
} as const;
const appendOne = (ledger: Ledger): Promise<null> => ledger.commit(() => ({ drafts: [draft], value: null }));

async function oneByOne(ledger: Ledger): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < singles + 50; count += 1) {
    const started = clock.mono();
    await appendOne(ledger);
    if (count >= 50) times.push(clock.mono() - started);
  }
  return times;
}

/** What any program pays on this server for one durable row. */
async function bareInserts(pool: pg.Pool): Promise<number[]> {
  await pool.query("create table bare (id bigint primary key, body text not null)");
  const times: number[] = [];
  for (let id = 0; id < singles; id += 1) {
    const started = clock.mono();
    await pool.query({
      name: "bare",
      text: "insert into bare (id, body) values ($1, $2)",
      values: [id, "x".repeat(400)],
    });
    times.push(clock.mono() - started);
  }
  return times;
}

async function streamed(ledger: Ledger): Promise<number> {
  const started = clock.mono();
  const from = ledger.head().seq;
  const caller = async (): Promise<void> => {
    while (clock.mono() - started < streamMs) await appendOne(ledger);
  };
  await Promise.all(Array.from({ length: writers }, caller));
  return ((ledger.head().seq - from) / (clock.mono() - started)) * 1_000;
}

async function batched(ledger: Ledger): Promise<number[]> {
  const rates: number[] = [];
  const drafts = Array.from({ length: batchFacts }, () => draft);
  for (let count = 0; count < batches; count += 1) {
    const started = clock.mono();
    await ledger.commit(() => ({ drafts, value: null }));
    rates.push((batchFacts / (clock.mono() - started)) * 1_000);
  }
  return rates;
}
