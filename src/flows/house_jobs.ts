/** The jobs of this house as the queue wants them, guarded: one run at a time, and a stand-in loop for each vital one. */
import type { AnyJob } from "../define/job.ts";
import type { QueueJob } from "../ports/queue.ts";
import { guardJobs, type JobGuard } from "./job_guard.ts";
import type { Needs } from "./needs.ts";

/** House intervals shrink with the speed of the market, to at least this much real time. */
const intervalMinMs = 50;

export function houseJobs(needs: Needs, jobs: readonly AnyJob[]): JobGuard {
  const ready = jobs.map(
    (job): QueueJob => ({
      name: job.name,
      everyMs: intervalOf(needs, job),
      attempts: job.retry.attempts,
      deadlineMs: job.deadlineMs,
      run: (payload) => job.run({ payload: job.payload.parse(payload), needs }),
    }),
  );
  return guardJobs(ready, needs);
}

function intervalOf(needs: Needs, { schedule }: AnyJob): number | null {
  if (schedule === "on_demand") return null;
  const ms = "setting" in schedule ? needs.settings.cycleMs : schedule.everyMs;
  return schedule.clock === "house" ? Math.max(intervalMinMs, Math.round(ms / needs.clock.speed)) : ms;
}
