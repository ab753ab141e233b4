/**
 * The doorbell on BullMQ. It may forget everything at any time: every few seconds the schedulers are compared with what
 * should be there, and made again. What is due is said by the ledger; a lost ring only costs time.
 */
import { UnrecoverableError } from "bullmq";
import { assert } from "../../core/assert.ts";
import { mark } from "../../core/mark.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Queue, QueueHealth, QueueJob } from "../../ports/queue.ts";
import type { Backend, BullQueue, BullWorker, Handle, Opening, Payload } from "./backends.ts";

export type QueueWish = {
  /** Given the reporter of connection errors, makes the backend: postgresBackend or redisBackend. */
  readonly backend: (onError: (error: Error) => void) => Backend;
  readonly clock: Clock;
  readonly log: Log;
  /** How often the schedulers are compared, and how soon a lost queue is noticed; 4,000 ms unless told otherwise. */
  readonly checkMs?: number;
  /** When a job counts as left by the worker that had it; 30,000 ms unless told otherwise. */
  readonly stalledMs?: number;
};

const queueName = "countersign";
const ringMsMax = 1_000;
/** Rings that wait for an answer at once; more are dropped, since each only says "look". */
const ringsMax = 200;
const startMsMax = 5_000;
const stopMsMax = 5_000;
const errorQuietMs = 10_000;
const stormErrors = 500;
const openMsMax = 4_000;
/** So many comparisons that fail one after the other, and the connection itself is no longer believed. */
const failedChecksMax = 3;
/** How long a job that nobody here has made stays a reason to warn, ms. */
const forgedMs = 60_000;

type State = {
  readonly wish: QueueWish;
  readonly backend: Backend;
  readonly checkMs: number;
  jobs: ReadonlyMap<string, QueueJob>;
  queue: Opening<BullQueue> | null;
  worker: Opening<BullWorker> | null;
  /** Mono ms of the last comparison that worked. */
  checkedAt: number | null;
  lastRingAt: number | null;
  readonly startedAt: Map<string, number>;
  workerSince: number;
  problem: string | null;
  failedChecks: number;
  /** What works and should still be mended: the set-up of the store. */
  weakness: string | null;
  /** Mono ms of the last job that nobody here has made. */
  forgedAt: number | null;
  ringsWaiting: number;
  isStopped: boolean;
  endChecks: () => void;
  checking: Promise<void>;
};

export function openQueue(wish: QueueWish): Queue {
  let report: (error: Error) => void = () => undefined;
  const state: State = {
    wish,
    backend: wish.backend((error) => report(error)),
    checkMs: wish.checkMs ?? 4_000,
    jobs: new Map(),
    queue: null,
    worker: null,
    checkedAt: null,
    lastRingAt: null,
    startedAt: new Map(),
    workerSince: 0,
    problem: "not started",
    failedChecks: 0,
    weakness: null,
    forgedAt: null,
    ringsWaiting: 0,
    isStopped: false,
    endChecks: () => undefined,
    checking: Promise.resolve(),
  };
  report = errorReporter(state);
  return {
    start: (jobs) => start(state, jobs),
    ring: (job, payload) => ring(state, job, payload),
    health: () => health(state),
    stop: () => stop(state),
  };
}

/**
 * An outage of Redis gives a hundred errors a second; one line now and then says as much. Thousands mean that a worker asks
 * again and again without a pause, which would leave no time for anything else in this process: it is closed at once.
 */
function errorReporter(state: State): (error: Error) => void {
  const { clock, log } = state.wish;
  let quietUntil = Number.NEGATIVE_INFINITY;
  let unsaid = 0;
  let second = { began: 0, errors: 0 };
  return (error) => {
    const now = clock.mono();
    second = now - second.began < 1_000 ? { ...second, errors: second.errors + 1 } : { began: now, errors: 1 };
    if (second.errors >= stormErrors && state.worker !== null) {
      void state.worker.close(true).catch(() => undefined);
      state.worker = null;
    }
    unsaid += 1;
    if (now < quietUntil) return;
    const facts = { because: error.message || error.name, errors: unsaid };
    log.warn("The queue's connection has trouble; the in-process loops stand in", facts);
    quietUntil = now + errorQuietMs;
    unsaid = 0;
  };
}

async function start(state: State, jobs: readonly QueueJob[]): Promise<void> {
  const { clock } = state.wish;
  for (const { name } of jobs) refuseColon(name);
  state.jobs = new Map(jobs.map((job) => [job.name, job]));
  state.checking = check(state);
  state.endChecks = clock.every(state.checkMs, () => {
    state.checking = state.checking.then(() => check(state));
    return state.checking;
  });
  // Trading does not wait for a doorbell: when it is not there yet, it is brought up by the checks.
  await bounded(clock, startMsMax, state.checking);
}

/** A name is also the id of its scheduler, and BullMQ builds the keys of its store from ids with colons between them. */
function refuseColon(name: string): void {
  if (name.includes(":")) mark("R15.colon_refused");
  assert(!name.includes(":"), `The job ${name} can't be queued under a name with a colon; write - or _ instead`);
}

/** Asked again after every wait, since stop() may have come meanwhile. */
function isStopped(state: State): boolean {
  return state.isStopped;
}

/** Everything that should be there is made when it is not. Never throws. */
async function check(state: State): Promise<void> {
  if (isStopped(state)) return;
  const { clock, log } = state.wish;
  try {
    if (state.problem !== null) await within(clock, 10_000, state.backend.prepare());
    if (isStopped(state)) return;
    state.queue ??= await whenReady(clock, state.backend.queue(queueName));
    await within(clock, 3_000, alignSchedulers(state, state.queue.thing));
    if (state.worker !== null && isDeaf(state)) await replaceWorker(state);
    state.worker ??= await openWorker(state);
    await lookForWeakness(state);
    if (state.problem !== null) log.info("The queue works", { on: state.backend.kind });
    state.problem = null;
    state.failedChecks = 0;
    state.checkedAt = clock.mono();
  } catch (error) {
    state.problem = (error as Error).message || "no answer";
    state.failedChecks += 1;
    if (state.failedChecks >= failedChecksMax) await dropQueue(state);
  }
}

/** A connection whose other end vanished without a word looks open for ever; the next check makes a new one. */
async function dropQueue(state: State): Promise<void> {
  const old = state.queue;
  state.failedChecks = 0;
  state.queue = null;
  if (old === null) return;
  mark("R04.queue_made_again");
  await bounded(state.wish.clock, 1_000, old.close(true));
}

/** Said when it begins and at every start; the ledger says what is due, so nothing but time is at stake. */
async function lookForWeakness(state: State): Promise<void> {
  const { clock, log } = state.wish;
  const found = await within(clock, 3_000, state.backend.weakness());
  if (found !== null && found !== state.weakness) log.warn("The queue may lose rings", { because: found });
  state.weakness = found;
}

async function whenReady<Thing>(clock: Clock, opened: Opening<Thing>): Promise<Opening<Thing>> {
  try {
    await within(clock, openMsMax, opened.ready);
    return opened;
  } catch (error) {
    await bounded(clock, 1_000, opened.close(true));
    throw error;
  }
}

async function alignSchedulers(state: State, queue: BullQueue): Promise<void> {
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

const optionsOf = (job: QueueJob) => ({
  attempts: job.attempts,
  backoff: { type: "fixed", delay: 1_000 },
  // A finished job that is kept would block its id, and tells nobody anything.
  removeOnComplete: true,
  removeOnFail: { count: 50 },
});

/** Its scheduler is there and yet nothing came: the next job was lost, or was never made. */
function isSilent(state: State, job: QueueJob): boolean {
  const last = Math.max(state.startedAt.get(job.name) ?? 0, state.workerSince);
  return state.worker !== null && state.wish.clock.mono() - last > Math.max(3 * (job.everyMs ?? 0), 3 * state.checkMs);
}

/** No job at all for a long time although there are frequent ones: a blocking read of a restarted Redis may never end. */
function isDeaf(state: State): boolean {
  const frequent = [...state.jobs.values()].flatMap((job) => (job.everyMs === null ? [] : [job.everyMs]));
  if (frequent.length === 0) return false;
  const last = Math.max(state.lastRingAt ?? 0, state.workerSince);
  return state.wish.clock.mono() - last > Math.max(6 * Math.min(...frequent), 6 * state.checkMs);
}

async function replaceWorker(state: State): Promise<void> {
  const old = state.worker;
  state.worker = null;
  mark("R04.worker_made_again");
  state.wish.log.warn("The queue's worker heard nothing for long and is replaced");
  if (old !== null) await bounded(state.wish.clock, 1_000, old.close(true));
}

async function openWorker(state: State): Promise<Opening<BullWorker>> {
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
function sayLost({ wish: { log } }: State, job: string, { message }: Error): void {
  // Failures of its own run were said when they happened.
  if (!/stalled/.test(message)) return;
  mark("R09.given_up_by_the_queue");
  log.error("A job was left by its workers and given up by the queue; what was due is found by the sweep", { job });
}

/** A failure is reported to BullMQ, which tries again as often as the job allows: ours, whatever the one in the store says. */
async function run(state: State, given: Parameters<Handle>[0]): Promise<void> {
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
function refused(state: State, given: Parameters<Handle>[0], job: QueueJob | undefined): Error {
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

async function ring(state: State, name: string, payload: Payload): Promise<void> {
  const job = state.jobs.get(name);
  const { queue } = state;
  if (job === undefined || queue === null || state.isStopped || state.ringsWaiting >= ringsMax) return;
  state.ringsWaiting += 1;
  const added = Promise.resolve()
    .then(() => queue.thing.add(name, payload, optionsOf(job)))
    .catch((error: Error) => {
      mark("R03.ring_fails_at_once");
      state.problem ??= error.message || "no answer";
    })
    .finally(() => {
      state.ringsWaiting -= 1;
    });
  await bounded(state.wish.clock, ringMsMax, added);
}

function health(state: State): QueueHealth {
  const { clock } = state.wish;
  const isFresh = state.checkedAt !== null && clock.mono() - state.checkedAt < 3 * state.checkMs;
  const isAlive = isFresh && state.problem === null && !state.isStopped;
  return {
    isAlive,
    lastRingAtMono: state.lastRingAt,
    problem: isAlive ? warningOf(state) : (state.problem ?? "no answer for a while"),
  };
}

/** It works, and yet a person should look. */
function warningOf({ wish, weakness, forgedAt }: State): string | null {
  const isForged = forgedAt !== null && wish.clock.mono() - forgedAt < forgedMs;
  return isForged ? "somebody else put a job into it, which was refused; see who can reach it" : weakness;
}

async function stop(state: State): Promise<void> {
  if (state.isStopped) return;
  state.isStopped = true;
  state.endChecks();
  const { clock } = state.wish;
  await bounded(clock, 1_000, state.checking);
  const { worker, queue } = state;
  if (worker !== null && !(await bounded(clock, stopMsMax, worker.close(false))))
    await bounded(clock, 1_000, worker.close(true));
  if (queue !== null) await bounded(clock, 1_000, queue.close(true));
  await bounded(clock, 1_000, state.backend.end());
}

/** Waits at most `ms`; a late failure is nobody's concern. @returns whether it ended in time. */
async function bounded(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  const done = new AbortController();
  const ended = work.then(
    () => true,
    () => true,
  );
  const isEnded = await Promise.race([ended, clock.sleep(ms, done.signal).then(() => false)]);
  done.abort();
  return isEnded;
}

async function within<Value>(clock: Clock, ms: number, work: Promise<Value>): Promise<Value> {
  if (!(await bounded(clock, ms, work))) throw new Error(`no answer within ${ms / 1000} s`);
  return await work;
}
