/** The worker of the doorbell: runs the jobs that rang, refuses what nobody here has made, and is replaced when it goes deaf. */
import { UnrecoverableError } from "bullmq";
import { mark } from "../../core/mark.ts";
import type { QueueJob } from "../../ports/queue.ts";
import type { BullWorker, Handle, Opening, Payload } from "./backends.ts";
import { bounded, whenReady } from "./bounded.ts";
import { type QueueState, queueName } from "./queue_state.ts";

/** No job at all for a long time although there are frequent ones: a blocking read of a restarted Redis may never end. */
export function isDeaf(state: QueueState): boolean {
  const frequent = [...state.jobs.values()].flatMap((job) => (job.everyMs === null ? [] : [job.everyMs]));
  if (frequent.length === 0) return false;
  const last = Math.max(state.lastRingAt ?? 0, state.workerSince);
  return state.wish.clock.mono() - last > Math.max(6 * Math.min(...frequent), 6 * state.checkMs);
}

export async function replaceWorker(state: QueueState): Promise<void> {
  const old = state.worker;
  state.worker = null;
  mark("R04.worker_made_again");
  state.wish.log.warn("The queue's worker heard nothing for long and is replaced");
  if (old !== null) await bounded(state.wish.clock, 1_000, old.close(true));
}

export async function openWorker(state: QueueState): Promise<Opening<BullWorker>> {
  // One place for each job, so that a slow one never keeps the others waiting.
  const places = Math.max(4, state.jobs.size);
  const opened = await whenReady(
    state.wish.clock,
    state.backend.worker(queueName, (job) => run(state, job), {
      concurrency: places,
      stalledMs: state.wish.stalledMs ?? 30_000,
    }),
  );
  opened.thing.on("failed", (job, error) => sayLost(state, job?.name ?? "unknown", error));
  state.workerSince = state.wish.clock.mono();
  // It ends with close(), or with an error that the reporter has already heard; the checks then find it deaf.
  void opened.thing.run().catch(() => undefined);
  return opened;
}

/** Workers died with it in their hands until BullMQ gave it up. Its work is still due, and found by the next look at the ledger. */
function sayLost({ wish: { log } }: QueueState, job: string, { message }: Error): void {
  // Failures of its own run were said when they happened.
  if (!/stalled/.test(message)) return;
  mark("R09.given_up_by_the_queue");
  log.error("A job was left by its workers and given up by the queue; what was due is found by the sweep", { job });
}

/** A failure is reported to BullMQ, which tries again as often as the job allows: ours, whatever the one in the store says. */
async function run(state: QueueState, given: Parameters<Handle>[0]): Promise<void> {
  const { clock, log } = state.wish;
  const job = state.jobs.get(given.name);
  const payload = asPayload(given.data);
  if (job === undefined || payload === null) throw refused(state, given, job);
  state.lastRingAt = clock.mono();
  state.startedAt.set(job.name, state.lastRingAt);
  try {
    await job.run(payload);
  } catch (error) {
    const isLast = given.attemptsMade + 1 >= job.attempts;
    const because = (error as Error).message;
    log[isLast ? "error" : "warn"]("A job failed", {
      job: job.name,
      attempt: given.attemptsMade + 1,
      of: job.attempts,
      because,
    });
    throw isLast ? new UnrecoverableError(because) : error;
  }
}

/** Of another version, or forged: it carries no right to anything. It is laid among the failed ones and never tried again. */
function refused(state: QueueState, given: Parameters<Handle>[0], job: QueueJob | undefined): Error {
  const { clock, log } = state.wish;
  const because = job === undefined ? "no job of this name" : "its payload is no map of texts";
  // The scheduler of a job that an update took away leaves an empty one behind; anything else was put there by somebody.
  const isLeftover = job === undefined && Object.keys(given.data ?? {}).length === 0;
  mark(job === undefined ? "R14.forged_job_refused" : "R13.poison_payload_refused");
  if (!isLeftover) state.forgedAt = clock.mono();
  log.warn("A job in the queue was dropped", { job: given.name, because });
  return new UnrecoverableError(because);
}

function asPayload(data: unknown): Payload | null {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return null;
  const isTexts = Object.values(data).every((value) => typeof value === "string");
  return isTexts ? (data as Payload) : null;
}
