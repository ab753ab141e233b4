/**
 * A queue that rings late, twice, or not at all, and is dead for a while, so that the stand-in loops have to do its work.
 * It decides nothing: whatever it does, only time may be lost.
 */
import type { Queue, QueueJob } from "../../../src/ports/queue.ts";
import type { Chance, Scheduler, Weather } from "../contract.ts";
import type { Life } from "./life.ts";

export type SimQueue = Queue & { kill(): void; revive(): void };

export function simQueue(wish: {
  scheduler: Scheduler;
  chance: Chance;
  weather: Weather;
  life: Life;
  mono: () => number;
}): SimQueue {
  const { scheduler, chance, weather, life, mono } = wish;
  const jobs = new Map<string, QueueJob>();
  let isDead = false;
  let isStopped = false;
  let lastRing: number | null = null;

  const run = (job: QueueJob, payload: Readonly<Record<string, string>>): void => {
    life.deliver(() => {
      if (isDead || isStopped) return;
      lastRing = mono();
      // The guard has logged it; BullMQ would keep it as a failed job.
      job.run(payload).catch(() => undefined);
    });
  };
  const ring = (job: QueueJob, payload: Readonly<Record<string, string>>): void => {
    if (isDead || chance.hits(weather.rate("queue_lost"))) return;
    const late = chance.hits(weather.rate("queue_lost")) ? chance.int(500, 8_000) : chance.int(0, 6);
    scheduler.after(late, `queue ${job.name}`, () => run(job, payload));
    if (chance.hits(weather.rate("queue_doubled")))
      scheduler.after(late + chance.int(0, 3_000), `queue again ${job.name}`, () => run(job, payload));
  };
  const repeat = (job: QueueJob, everyMs: number): void => {
    scheduler.after(everyMs, `schedule ${job.name}`, () => {
      if (isStopped || !life.isAlive()) return;
      ring(job, {});
      repeat(job, everyMs);
    });
  };
  return {
    start(all) {
      for (const job of all) {
        jobs.set(job.name, job);
        if (job.everyMs !== null) repeat(job, job.everyMs);
      }
      return Promise.resolve();
    },
    ring(name, payload) {
      const job = jobs.get(name);
      if (job !== undefined) ring(job, payload);
      return Promise.resolve();
    },
    health: () => ({ isAlive: !isDead, lastRingAtMono: lastRing, problem: isDead ? "the queue is away" : null }),
    async stop() {
      isStopped = true;
    },
    kill() {
      isDead = true;
    },
    revive() {
      isDead = false;
    },
  };
}
