/**
 * Jobs, run once however often they are rung for. The queue rings; a vital job also has a loop in this process that runs it
 * when no ring came in time, so that a stop watcher never waits for a queue. Runs of one job never overlap.
 */
import type { AnyJob } from "../define/job.ts";
import type { QueueJob } from "../ports/queue.ts";
import type { Needs } from "./needs.ts";

export type Runner = {
  /** For the queue: the same run that the loop uses. */
  readonly queueJobs: readonly QueueJob[];
  /** Starts the loops of the vital jobs. @returns how to stop them. */
  startLoops(): () => void;
  /** When each job last began, mono ms; null = never. */
  lastRuns(): ReadonlyMap<string, number>;
};

export function makeRunner(needs: Needs, jobs: readonly AnyJob[]): Runner {
  const lastRun = new Map<string, number>();

  async function run(job: AnyJob, payload: Readonly<Record<string, string>>): Promise<void> {
    await needs.locks.tryRun(`job:${job.name}`, async () => {
      lastRun.set(job.name, needs.clock.mono());
      try {
        await job.run({ payload: job.payload.parse(payload), needs });
      } catch (error) {
        // A job that failed is due again at its next ring; its facts, if any, are in the ledger.
        needs.log.warn("A job failed and will run again", {
          job: job.name,
          error: error instanceof Error ? error.message : String(error),
        });
      }
    });
  }

  const everyMs = (job: AnyJob): number | null => intervalOf(needs, job);

  return {
    queueJobs: jobs.map((job) => ({
      name: job.name,
      everyMs: everyMs(job),
      attempts: job.retry.attempts,
      deadlineMs: job.deadlineMs,
      run: (payload) => run(job, payload),
    })),
    startLoops() {
      const stops = jobs.flatMap((job) => {
        const interval = everyMs(job);
        if (!job.isVital || interval === null) return [];
        return [
          needs.clock.every(interval, () => {
            const last = lastRun.get(job.name) ?? Number.NEGATIVE_INFINITY;
            return needs.clock.mono() - last >= interval * 1.5 ? run(job, {}) : undefined;
          }),
        ];
      });
      return () => {
        for (const stop of stops) stop();
      };
    },
    lastRuns: () => lastRun,
  };
}

/** Real ms between two runs; house intervals shrink with the speed of the market, to at least 50 ms. */
function intervalOf(needs: Needs, job: AnyJob): number | null {
  const { schedule } = job;
  if (schedule === "on_demand") return null;
  const ms = "setting" in schedule ? needs.settings.cycleMs : schedule.everyMs;
  return schedule.clock === "house" ? Math.max(50, Math.round(ms / needs.clock.speed)) : ms;
}
