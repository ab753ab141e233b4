/** What Redis itself can do to the doorbell, on a real server: forget, restart, freeze, throw away, and be written by others. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Queue as BullQueue } from "bullmq";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { redisBackend } from "../../src/adapters/bullmq/backends.ts";
import { openQueue } from "../../src/adapters/bullmq/queue.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { guardJobs } from "../../src/flows/job_guard.ts";
import type { Queue, QueueJob } from "../../src/ports/queue.ts";
import { type KeptLog, keptLog } from "../fixtures/kept_log.ts";
import { hasRedis, type RedisServer, redisServer } from "../fixtures/redis_server.ts";
import { watchMarks } from "../fixtures/watch_marks.ts";
import { type WireProxy, wireProxy } from "../fixtures/wire_proxy.ts";

const marks = watchMarks();
const clock = systemClock();
const prefix = "test";
let server: RedisServer;
let wire: WireProxy;
let admin: Redis;
let log: KeptLog;
const open: Queue[] = [];

const newQueue = (): Queue => {
  const queue = openQueue({
    backend: (onError) => redisBackend(`redis://127.0.0.1:${wire.port}`, prefix, onError),
    clock,
    log,
    checkMs: 300,
    stalledMs: 500,
  });
  open.push(queue);
  return queue;
};
const jobOf = (name: string, run: QueueJob["run"], extra: Partial<QueueJob> = {}): QueueJob => ({
  name,
  everyMs: null,
  attempts: 1,
  deadlineMs: 5_000,
  run,
  ...extra,
});
const said = (text: string) => log.lines.filter((line) => line.text.includes(text));
/** How somebody else reaches the same store. */
const stranger = () => new BullQueue("countersign", { connection: { host: "127.0.0.1", port: server.port }, prefix });

describe.skipIf(!hasRedis)("a doorbell on Redis (skipped where redis-server is not installed)", () => {
  beforeEach(async () => {
    server = await redisServer();
    wire = await wireProxy(server.port);
    admin = new Redis(server.url);
    log = keptLog();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((queue) => queue.stop()));
    admin.disconnect();
    await wire.stop();
    await server.stop();
  });

  it("whose open connections die without a word is opened anew, queue and worker, within seconds [R04]", async () => {
    const times: number[] = [];
    const queue = newQueue();
    await queue.start([jobOf("watch", async () => void times.push(performance.now()), { everyMs: 200 })]);
    await expect.poll(() => times.length).toBeGreaterThan(2);
    wire.freezeOpen();
    const frozen = performance.now();
    await expect.poll(() => queue.health().isAlive, { timeout: 8_000 }).toBe(false);
    await expect.poll(() => times.some((time) => time > frozen + 1_000), { timeout: 25_000 }).toBe(true);
    await expect.poll(() => queue.health().isAlive, { timeout: 5_000 }).toBe(true);
    expect(marks.reached()).toEqual(expect.arrayContaining(["R04.queue_made_again", "R04.worker_made_again"]));
  }, 60_000);

  it("that may throw keys away is warned about at the start and while it runs; it rings all the same [R05]", async () => {
    const count: number[] = [];
    const queue = newQueue();
    await queue.start([jobOf("watch", async () => void count.push(1), { everyMs: 200 })]);
    expect(queue.health()).toMatchObject({ isAlive: true, problem: null });
    await admin.config("SET", "maxmemory-policy", "allkeys-lru");
    await expect.poll(() => queue.health().problem).toContain("allkeys-lru");
    const before = count.length;
    await expect.poll(() => count.length).toBeGreaterThan(before + 3);
    expect(queue.health().isAlive).toBe(true);
    expect(said("may lose rings")).toHaveLength(1);
    const next = newQueue();
    await next.start([jobOf("watch", async () => undefined, { everyMs: 200 })]);
    expect(next.health()).toMatchObject({ isAlive: true, problem: expect.stringContaining("noeviction") });
    await admin.config("SET", "maxmemory-policy", "noeviction");
    await expect.poll(() => queue.health().problem).toBeNull();
  });

  it("gives a job up whose workers were killed with it in their hands: said, and its work is done by the loop [R09]", async () => {
    const due = new Set(["x-1"]);
    const sweep = jobOf("sweep", async () => due.clear(), { everyMs: 300 });
    const other = stranger();
    await other.add("absorb", { order: "x-1" }, { attempts: 1 });
    for (const _death of [1, 2]) await takeAndDie();
    expect(await other.getJobCounts("active")).toMatchObject({ active: 1 });
    const queue = newQueue();
    const guard = guardJobs([jobOf("absorb", async () => undefined), sweep], { clock, log });
    const stop = guard.standIn(["sweep"], () => queue.health());
    await queue.start(guard.jobs);
    await expect.poll(() => said("given up by the queue").length, { timeout: 10_000 }).toBe(1);
    expect(await other.getJobCounts("failed")).toMatchObject({ failed: 1 });
    expect(due.size).toBe(0);
    stop();
    await other.close();
  }, 40_000);

  it("rings once a slot after twenty starts in a row, whatever schedules the old ones have left [R10]", async () => {
    for (let start = 0; start < 20; start += 1) {
      const dying = newQueue();
      await dying.start([jobOf("watch", async () => undefined, { everyMs: 500 })]);
      await dying.stop();
    }
    const other = stranger();
    for (const id of ["watch-1", "watch-2"]) await other.upsertJobScheduler(id, { every: 500 }, { name: "watch" });
    const times: number[] = [];
    await newQueue().start([jobOf("watch", async () => void times.push(Date.now()), { everyMs: 500 })]);
    await expect.poll(async () => (await other.getJobSchedulers()).map((one) => one.key)).toEqual(["watch"]);
    // What the removed schedules had already put into the queue still rings.
    await clock.sleep(700);
    times.length = 0;
    await clock.sleep(3_000);
    expect(times.length).toBeGreaterThan(3);
    // Two schedules would ring twelve times in six slots; a late ring may fall into the slot of the next.
    expect(times.length).toBeLessThan(9);
    await other.close();
  }, 60_000);

  it("is late because slow jobs fill it; the vital ones run from this process in time [R12]", async () => {
    const times: number[] = [];
    const queue = newQueue();
    const watch = jobOf("watch", async () => void times.push(Date.now()), { everyMs: 200 });
    const guard = guardJobs([watch], { clock, log });
    const stop = guard.standIn(["watch"], () => queue.health());
    // Not guarded, so that each takes a place of the worker for itself.
    await queue.start([jobOf("slow", () => clock.sleep(4_000)), ...guard.jobs]);
    const other = stranger();
    await other.addBulk(Array.from({ length: 30 }, () => ({ name: "slow", data: {} })));
    await clock.sleep(500);
    times.length = 0;
    await clock.sleep(2_500);
    expect(queue.health().isAlive).toBe(true);
    expect(times.length).toBeGreaterThan(3);
    expect(guard.report().find((one) => one.name === "watch")?.standIns).toBeGreaterThan(3);
    expect(marks.reached()).toContain("R12.stand_in_for_a_late_queue");
    stop();
    await other.close();
  }, 40_000);

  it("takes no job under a name with a colon [R15]", async () => {
    await expect(newQueue().start([jobOf("watch:all", async () => undefined)])).rejects.toThrow(/watch:all.*colon/);
  });
});

/** A worker in a process of its own that takes the next job and is killed while it has it. */
async function takeAndDie(): Promise<void> {
  const script = `
    const { Worker } = require("bullmq");
    new Worker("countersign", () => { process.stdout.write("taken"); return new Promise(() => setInterval(() => {}, 1000)); },
      { connection: { host: "127.0.0.1", port: ${server.port} }, prefix: "${prefix}", lockDuration: 500, stalledInterval: 300 });`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
}
