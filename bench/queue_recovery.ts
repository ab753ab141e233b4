/**
 * The queue loses everything it knew (schedulers, waiting jobs), or dies: how long until a vital job runs again. The stand-in
 * loops of the house run beside it, as in life.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import pg from "pg";
import { postgresBackend, redisBackend } from "../src/adapters/bullmq/backends.ts";
import { openQueue } from "../src/adapters/bullmq/queue.ts";
import type { QueueWish } from "../src/adapters/bullmq/queue_state.ts";
import { startEmbeddedPostgres } from "../src/adapters/embedded_postgres/embedded_postgres.ts";
import { systemClock } from "../src/adapters/system/clock.ts";
import { systemVault } from "../src/adapters/system/vault.ts";
import { guardJobs } from "../src/flows/job_guard.ts";
import { keptLog } from "../test/fixtures/kept_log.ts";
import { hasRedis, redisServer } from "../test/fixtures/redis_server.ts";
import { milliseconds, printRows, type Row } from "./figures.ts";

const rounds = 8;
const everyMs = 1_000;
const clock = systemClock();
const sleep = (ms: number) => clock.sleep(ms);

type Doorbell = { readonly backend: QueueWish["backend"]; lose(): Promise<void>; close(): Promise<void> };

export async function run(): Promise<void> {
  const rows: Row[] = [await measure("PostgreSQL backend, its tables emptied", await onPostgres())];
  if (hasRedis) rows.push(await measure("Redis backend, FLUSHALL", await onRedis()));
  else rows.push({ name: "Redis backend", value: "no redis-server on this machine", target: "<= 5 s" });
  printRows("Lost queue work: until a vital job of one second runs again", rows);
}

async function measure(name: string, bell: Doorbell): Promise<Row> {
  const runs: number[] = [];
  const log = keptLog();
  const job = { name: "vital", everyMs, attempts: 1, deadlineMs: 5_000, run: async () => void runs.push(clock.mono()) };
  const guard = guardJobs([job], { clock, log });
  const queue = openQueue({ backend: bell.backend, clock, log });
  const endLoops = guard.standIn(["vital"], () => queue.health());
  await queue.start(guard.jobs);
  await sleep(3 * everyMs);
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await sleep(everyMs * (1 + round / rounds));
    await bell.lose();
    const lostAt = clock.mono();
    while (!runs.some((at) => at > lostAt)) await sleep(10);
    samples.push((runs.find((at) => at > lostAt) ?? lostAt) - lostAt);
    process.stderr.write(`  ${name}: ${round + 1} of ${rounds}\n`);
  }
  endLoops();
  await queue.stop();
  await bell.close();
  return {
    name,
    value: `${milliseconds(samples)}, worst ${Math.max(...samples).toFixed(0)} ms`,
    target: "worst <= 5 s",
  };
}

async function onPostgres(): Promise<Doorbell> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-bench-"));
  const started = await startEmbeddedPostgres({ folder, clock, log: keptLog(), token: () => systemVault().token() });
  if (!started.ok) throw new Error(started.problem);
  const { connection, stop } = started.value;
  const pool = new pg.Pool(connection);
  return {
    backend: (onError) => postgresBackend(connection, onError),
    async lose() {
      const tables = await pool.query<{ name: string }>(
        "select quote_ident(tablename) as name from pg_tables where schemaname = 'bullmq' and tablename not like '%migration%'",
      );
      await pool.query(`truncate ${tables.rows.map((row) => `bullmq.${row.name}`).join(", ")} cascade`);
    },
    async close() {
      await pool.end();
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function onRedis(): Promise<Doorbell> {
  const server = await redisServer();
  const client = new Redis(server.url);
  return {
    backend: (onError) => redisBackend(server.url, "bench", onError),
    lose: async () => void (await client.flushall()),
    async close() {
      client.disconnect();
      await server.stop();
    },
  };
}
