/** The schedulers in the store: compared with what should be there, and made again. */
import { mark } from "../../core/mark.ts";
import type { QueueJob } from "../../ports/queue.ts";
import type { BullQueue } from "./backends.ts";
import type { QueueState } from "./queue_state.ts";

/** What rings by itself is made where it is missing, and removed where nobody wants it any more. */
export async function alignSchedulers(state: QueueState, queue: BullQueue): Promise<void> {
  const found = await queue.getJobSchedulers(0, -1);
  const wanted = [...state.jobs.values()].filter((job) => job.everyMs !== null);
  for (const { key } of found) {
    if (wanted.some((job) => job.name === key)) continue;
    mark("R10.scheduler_of_nobody_removed");
    await queue.removeJobScheduler(key);
  }
  for (const job of wanted) {
    const known = found.find((one) => one.key === job.name);
    const isRight = known !== undefined && Number(known.every) === job.everyMs;
    if (known === undefined && state.startedAt.has(job.name)) mark("R02.schedule_made_again");
    if (!isRight || isSilent(state, job)) await schedule(queue, job);
  }
}

async function schedule(queue: BullQueue, job: QueueJob): Promise<void> {
  if (job.everyMs === null) return;
  await queue.upsertJobScheduler(job.name, { every: job.everyMs }, { name: job.name, data: {}, opts: optionsOf(job) });
}

export const optionsOf = (job: QueueJob) => ({
  attempts: job.attempts,
  backoff: { type: "fixed", delay: 1_000 },
  // A finished job that is kept would block its id, and tells nobody anything.
  removeOnComplete: true,
  removeOnFail: { count: 50 },
});

/** Its scheduler is there and yet nothing came: the next job was lost, or was never made. */
function isSilent(state: QueueState, job: QueueJob): boolean {
  const last = Math.max(state.startedAt.get(job.name) ?? 0, state.workerSince);
  return state.worker !== null && state.wish.clock.mono() - last > Math.max(3 * (job.everyMs ?? 0), 3 * state.checkMs);
}
