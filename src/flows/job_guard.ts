/**
 * Jobs that are safe to be called by anybody at any time: the queue, a stand-in loop, both at once.
 *
 *   called while idle     -> runs
 *   called while running  -> remembered; the running call is followed by one more for each different payload
 *   vital and overdue     -> run from here, because the queue is late or dead
 *
 * Two runs of one job never overlap, not even when one has passed its deadline: it is reported, and still awaited.
 */
import { canonicalJson } from "../core/canonical.ts";
import { mark } from "../core/mark.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { QueueHealth, QueueJob } from "../ports/queue.ts";

export type JobReport = {
  readonly name: string;
  /** Real ms between two runs; null = only when it is rung for. */
  readonly everyMs: number | null;
  readonly deadlineMs: number;
  readonly isRunning: boolean;
  /** Mono ms of the last start and end; null before the first. */
  readonly startedAtMono: number | null;
  readonly endedAtMono: number | null;
  /** Runs since the start of the process that ended with an error, one after the other up to now. */
  readonly failuresInARow: number;
  /** How often this process ran it because the queue did not. */
  readonly standIns: number;
};

export type JobGuard = {
  /** The same jobs, guarded: give these to the queue. */
  readonly jobs: readonly QueueJob[];
  report(): readonly JobReport[];
  /** Starts the stand-in loops of the named jobs. @returns a function that ends them. */
  standIn(vital: readonly string[], queueHealth: () => QueueHealth): () => void;
};

type Payload = Readonly<Record<string, string>>;
type Guarded = {
  readonly job: QueueJob;
  running: Promise<void> | null;
  readonly again: Map<string, Payload>;
  startedAt: number | null;
  endedAt: number | null;
  failures: number;
  standIns: number;
};
type Tools = { readonly clock: Clock; readonly log: Log };

export function guardJobs(jobs: readonly QueueJob[], tools: Tools): JobGuard {
  const all = jobs.map(
    (job): Guarded => ({
      job,
      running: null,
      again: new Map(),
      startedAt: null,
      endedAt: null,
      failures: 0,
      standIns: 0,
    }),
  );
  return {
    jobs: all.map((one) => ({ ...one.job, run: (payload) => enter(one, payload, tools) })),
    report: () =>
      all.map((one) => ({
        name: one.job.name,
        everyMs: one.job.everyMs,
        deadlineMs: one.job.deadlineMs,
        isRunning: one.running !== null,
        startedAtMono: one.startedAt,
        endedAtMono: one.endedAt,
        failuresInARow: one.failures,
        standIns: one.standIns,
      })),
    standIn(vital, queueHealth) {
      const ends = all.filter(({ job }) => vital.includes(job.name)).map((one) => watch(one, queueHealth, tools));
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

/** Rejects when this very run fails or passes its deadline; a call that was only remembered resolves at once. */
function enter(one: Guarded, payload: Payload, tools: Tools): Promise<void> {
  if (one.running !== null) {
    mark("R07.delivered_while_it_runs");
    one.again.set(canonicalJson(payload), payload);
    return Promise.resolve();
  }
  const first = runOnce(one, payload, tools);
  one.running = first
    .catch(() => undefined)
    .then(() => runRemembered(one, tools))
    .finally(() => {
      one.running = null;
    });
  return withDeadline(one, first, tools);
}

async function runOnce(one: Guarded, payload: Payload, { clock }: Tools): Promise<void> {
  one.startedAt = clock.mono();
  try {
    await one.job.run(payload);
    one.failures = 0;
  } catch (error) {
    one.failures += 1;
    throw error;
  } finally {
    one.endedAt = clock.mono();
  }
}

async function runRemembered(one: Guarded, tools: Tools): Promise<void> {
  for (let next = takeFirst(one.again); next !== null; next = takeFirst(one.again)) {
    await runOnce(one, next, tools).catch((error: Error) => {
      tools.log.warn("A job failed", { job: one.job.name, because: error.message });
    });
  }
}

function takeFirst(again: Map<string, Payload>): Payload | null {
  for (const [key, payload] of again) {
    again.delete(key);
    return payload;
  }
  return null;
}

async function withDeadline(one: Guarded, run: Promise<void>, { clock, log }: Tools): Promise<void> {
  const ended = new AbortController();
  const late = clock.sleep(one.job.deadlineMs, ended.signal).then(() => {
    if (ended.signal.aborted) return;
    log.error("A job has passed its deadline and is still awaited", {
      job: one.job.name,
      deadlineMs: one.job.deadlineMs,
    });
    throw new Error(`${one.job.name} passed its deadline of ${one.job.deadlineMs} ms`);
  });
  // Whichever comes second must not become an unhandled rejection.
  run.catch(() => undefined);
  late.catch(() => undefined);
  await Promise.race([run, late]).finally(() => ended.abort("ended"));
}

/** Looks twice per interval; runs the job when the queue has missed two intervals, or one while it is not alive. */
function watch(one: Guarded, queueHealth: () => QueueHealth, tools: Tools): () => void {
  const { clock, log } = tools;
  const everyMs = one.job.everyMs;
  if (everyMs === null) return () => undefined;
  const since = clock.mono();
  return clock.every(Math.max(50, everyMs / 2), async () => {
    const silentMs = clock.mono() - (one.startedAt ?? since);
    const isDead = !queueHealth().isAlive;
    const isMissed = silentMs > 2 * everyMs || (silentMs >= everyMs && isDead);
    if (!isMissed || one.running !== null) return;
    mark(isDead ? "R03.stand_in_for_a_dead_queue" : "R12.stand_in_for_a_late_queue");
    one.standIns += 1;
    await enter(one, {}, tools).catch((error: Error) => {
      log.warn("A job failed", { job: one.job.name, because: error.message });
    });
  });
}
