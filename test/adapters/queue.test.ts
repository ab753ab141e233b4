/** The doorbell's contract, the same on both backends. Redis is left out where this machine has no redis-server. */
import { createPostgresBackend, withBackend } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Backend, postgresBackend, redisBackend } from "../../src/adapters/bullmq/backends.ts";
import { openQueue } from "../../src/adapters/bullmq/queue.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import type { Queue, QueueJob } from "../../src/ports/queue.ts";
import { freshDatabase, type TestDatabase } from "../fixtures/database.ts";
import { type KeptLog, keptLog } from "../fixtures/kept_log.ts";
import { hasRedis, type RedisServer, redisServer } from "../fixtures/redis_server.ts";
import { type WireProxy, wireProxy } from "../fixtures/wire_proxy.ts";

type Bench = {
  readonly wire: WireProxy;
  backend(onError: (error: Error) => void): Backend;
  /** Loses everything that the queue remembers. */
  lose(): Promise<void>;
  /** How somebody else would reach the same store. */
  readonly address: Readonly<Record<string, unknown>>;
  end(): Promise<void>;
};

async function postgresBench(): Promise<Bench> {
  const database: TestDatabase = await freshDatabase();
  const wire = await wireProxy(database.address.port);
  return {
    wire,
    address: { ...database.address, schema: "bullmq" },
    backend: (onError) => postgresBackend({ ...database.address, port: wire.port }, onError),
    async lose() {
      const tables = await database.pool.query<{ name: string }>(
        "select quote_ident(tablename) as name from pg_tables where schemaname = 'bullmq' and tablename not like '%migration%'",
      );
      await database.pool.query(`truncate ${tables.rows.map((row) => `bullmq.${row.name}`).join(", ")} cascade`);
    },
    async end() {
      await wire.stop();
      await database.drop();
    },
  };
}

async function redisBench(): Promise<Bench> {
  const server: RedisServer = await redisServer();
  const wire = await wireProxy(server.port);
  return {
    wire,
    address: { host: "127.0.0.1", port: server.port },
    backend: (onError) => redisBackend(`redis://127.0.0.1:${wire.port}`, "test", onError),
    async lose() {
      const client = new Redis(server.url);
      await client.flushall();
      client.disconnect();
    },
    async end() {
      await wire.stop();
      await server.stop();
    },
  };
}

const backends: readonly (readonly [string, boolean, () => Promise<Bench>])[] = [
  ["PostgreSQL", true, postgresBench],
  ["Redis (skipped where redis-server is not installed)", hasRedis, redisBench],
];

let bench: Bench;
let queue: Queue | null = null;
let log: KeptLog;
const unhandled: unknown[] = [];
const keepUnhandled = (reason: unknown): number => unhandled.push(reason);

async function startQueue(jobs: readonly QueueJob[]): Promise<Queue> {
  log = keptLog();
  queue = openQueue({ backend: bench.backend, clock: systemClock(), log, checkMs: 500 });
  await queue.start(jobs);
  return queue;
}
const jobOf = (name: string, run: QueueJob["run"], extra: Partial<QueueJob> = {}): QueueJob => ({
  name,
  everyMs: null,
  attempts: 1,
  deadlineMs: 5_000,
  run,
  ...extra,
});
const pause = (ms: number): Promise<void> => new Promise((settle) => setTimeout(settle, ms));

describe.each(backends)("the queue on %s", (_name, isHere, open) => {
  beforeAll(async () => {
    process.on("unhandledRejection", keepUnhandled);
    if (isHere) bench = await open();
  });
  afterAll(async () => {
    if (isHere) await bench.end();
    process.off("unhandledRejection", keepUnhandled);
    expect(unhandled.splice(0)).toEqual([]);
  });
  afterEach(async () => {
    if (isHere) bench.wire.set("pass");
    await queue?.stop();
    queue = null;
  });
  const check = test.skipIf(!isHere);

  check("a ring runs its job with its payload", async () => {
    const seen: unknown[] = [];
    const bell = await startQueue([jobOf("absorb", async (payload) => void seen.push(payload))]);
    expect(bell.health()).toMatchObject({ isAlive: true, problem: null });
    await bell.ring("absorb", { order: "x-1" });
    await bell.ring("absorb", { order: "x-1" });
    await expect.poll(() => seen).toEqual([{ order: "x-1" }, { order: "x-1" }]);
  });

  check("a job with an interval runs by itself, about as often as it says", async () => {
    const times: number[] = [];
    await startQueue([jobOf("watch", async () => void times.push(performance.now()), { everyMs: 200 })]);
    await pause(2_500);
    expect(times.length).toBeGreaterThanOrEqual(8);
    expect(times.length).toBeLessThanOrEqual(14);
  });

  check("a job that fails is tried again as often as it may, and said in the log", async () => {
    const tries: number[] = [];
    const bell = await startQueue([
      jobOf(
        "shaky",
        async () => {
          tries.push(1);
          throw new Error("not yet");
        },
        { attempts: 2 },
      ),
    ]);
    await bell.ring("shaky", {});
    await expect.poll(() => tries.length, { timeout: 5_000 }).toBe(2);
    await pause(1_500);
    expect(tries).toHaveLength(2);
    expect(log.lines.filter((line) => line.text === "A job failed").map((line) => line.level)).toEqual([
      "warn",
      "error",
    ]);
  });

  check("an unknown job is rung in vain and breaks nothing", async () => {
    const bell = await startQueue([jobOf("known", async () => undefined)]);
    await bell.ring("nobody", {});
    expect(bell.health().isAlive).toBe(true);
  });

  check("a slow job keeps no other job waiting", async () => {
    const done: string[] = [];
    const bell = await startQueue([
      jobOf("slow", async () => {
        await pause(1_000);
        done.push("slow");
      }),
      jobOf("quick", async () => void done.push("quick")),
    ]);
    await bell.ring("slow", {});
    await pause(100);
    await bell.ring("quick", {});
    await expect.poll(() => done, { timeout: 3_000 }).toEqual(["quick", "slow"]);
  });

  check("a job that no longer exists leaves no scheduler behind", async () => {
    const seen: string[] = [];
    await startQueue([jobOf("old", async () => void seen.push("old"), { everyMs: 200 })]);
    await expect.poll(() => seen.length).toBeGreaterThan(0);
    await queue?.stop();
    await startQueue([jobOf("young", async () => void seen.push("young"), { everyMs: 200 })]);
    await expect.poll(() => seen.includes("young")).toBe(true);
    await pause(1_000);
    const dropped = log.lines.filter((line) => line.text === "A job in the queue was dropped").length;
    expect(dropped).toBeLessThanOrEqual(2);
  });

  check("a queue that has lost everything rings again within seconds [R02]", async () => {
    const times: number[] = [];
    const bell = await startQueue([jobOf("watch", async () => void times.push(performance.now()), { everyMs: 200 })]);
    await expect.poll(() => times.length).toBeGreaterThan(2);
    await bench.lose();
    const lost = performance.now();
    await expect.poll(() => times.some((time) => time > lost + 1_500), { timeout: 8_000 }).toBe(true);
    await expect.poll(() => bell.health().isAlive, { timeout: 8_000 }).toBe(true);
  });

  check(
    "while it is away a ring ends within its second, health says so, and afterwards it works again [R03]",
    async () => {
      const seen: string[] = [];
      const bell = await startQueue([
        jobOf("watch", async () => void seen.push("tick"), { everyMs: 200 }),
        jobOf("absorb", async () => void seen.push("rung")),
      ]);
      await expect.poll(() => seen.length).toBeGreaterThan(0);
      bench.wire.set("cut");
      for (let count = 0; count < 5; count += 1) {
        const started = performance.now();
        await bell.ring("absorb", {});
        expect(performance.now() - started).toBeLessThan(1_300);
      }
      await expect.poll(() => bell.health().isAlive, { timeout: 5_000 }).toBe(false);
      expect(bell.health().problem).not.toBeNull();
      bench.wire.set("pass");
      await expect.poll(() => bell.health().isAlive, { timeout: 15_000 }).toBe(true);
      seen.length = 0;
      await expect.poll(() => seen.includes("tick"), { timeout: 15_000 }).toBe(true);
      await bell.ring("absorb", {});
      await expect.poll(() => seen.includes("rung"), { timeout: 5_000 }).toBe(true);
    },
    60_000,
  );

  check(
    "a store that hears and never answers delays a ring by one second only",
    async () => {
      const bell = await startQueue([jobOf("absorb", async () => undefined)]);
      bench.wire.set("deafen");
      const started = performance.now();
      await Promise.all(Array.from({ length: 50 }, () => bell.ring("absorb", {})));
      expect(performance.now() - started).toBeLessThan(1_500);
      bench.wire.set("cut");
    },
    30_000,
  );

  check(
    "starting while it is away neither throws nor hangs, and it is found later",
    async () => {
      bench.wire.set("cut");
      const seen: number[] = [];
      const started = performance.now();
      const bell = await startQueue([jobOf("watch", async () => void seen.push(1), { everyMs: 200 })]);
      expect(performance.now() - started).toBeLessThan(6_000);
      expect(bell.health().isAlive).toBe(false);
      bench.wire.set("pass");
      await expect.poll(() => seen.length, { timeout: 15_000 }).toBeGreaterThan(0);
    },
    40_000,
  );

  check("stopping waits for the job that runs, within bounds", async () => {
    const done: string[] = [];
    const bell = await startQueue([
      jobOf("slow", async () => {
        done.push("began");
        await pause(600);
        done.push("ended");
      }),
    ]);
    await bell.ring("slow", {});
    await expect.poll(() => done.length).toBe(1);
    await bell.stop();
    expect(done).toEqual(["began", "ended"]);
    expect(bell.health().isAlive).toBe(false);
  });
});

test("a forged or malformed job carries no right to anything: it is refused, laid aside and said [R13] [R14]", async () => {
  const own = await postgresBench();
  bench = own;
  const seen: unknown[] = [];
  await startQueue([jobOf("absorb", async (payload) => void seen.push(payload))]);
  const classes = withBackend(createPostgresBackend);
  const forger = new classes.Queue("countersign", { connection: own.address });
  await forger.add("absorb", { amount: 5 });
  await forger.add("withdraw", { to: "me" });
  await expect.poll(() => log.lines.filter((line) => line.text === "A job in the queue was dropped").length).toBe(2);
  expect(seen).toEqual([]);
  await expect.poll(() => forger.getJobCounts("waiting", "failed")).toMatchObject({ waiting: 0, failed: 2 });
  expect(queue?.health()).toMatchObject({ isAlive: true, problem: expect.stringContaining("somebody else") });
  await forger.close();
  await queue?.stop();
  queue = null;
  await own.end();
});
