/**
 * The doorbell on BullMQ. It may forget everything at any time: every few seconds the schedulers are compared with what
 * should be there, and made again. What is due is said by the ledger; a lost ring only costs time.
 */
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
  state.jobs = new Map(jobs.map((job) => [job.name, job]));
  state.checking = check(state);
  state.endChecks = clock.every(state.checkMs, () => {
    state.checking = state.checking.then(() => check(state));
    return state.checking;
  });
  // Trading does not wait for a doorbell: when it is not there yet, it is brought up by the checks.
  await bounded(clock, startMsMax, state.checking);
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
    if (state.problem !== null) log.info("The queue works", { on: state.backend.kind });
    state.problem = null;
    state.checkedAt = clock.mono();
  } catch (error) {
    state.problem = (error as Error).message || "no answer";
  }
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
    if (!wanted.some((job) => job.name === key)) await queue.removeJobScheduler(key);
  }
  for (const job of wanted) {
    const known = found.find((one) => one.key === job.name);
    const isRight = known !== undefined && Number(known.every) === job.everyMs;
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
  state.wish.log.warn("The queue's worker heard nothing for long and is replaced");
  if (old !== null) await bounded(state.wish.clock, 1_000, old.close(true));
}

async function openWorker(state: State): Promise<Opening<BullWorker>> {
  // One place for each job, so that a slow one never keeps the others waiting.
  const places = Math.max(4, state.jobs.size);
  const opened = await whenReady(
    state.wish.clock,
    state.backend.worker(queueName, (job) => run(state, job), places),
  );
  state.workerSince = state.wish.clock.mono();
  // It ends with close(), or with an error that the reporter has already heard; the checks then find it deaf.
  void opened.thing.run().catch(() => undefined);
  return opened;
}

/** A failure is reported to BullMQ, which tries again as often as the job allows. */
async function run(state: State, given: Parameters<Handle>[0]): Promise<void> {
  const { clock, log } = state.wish;
  const job = state.jobs.get(given.name);
  const payload = asPayload(given.data);
  if (job === undefined || payload === null) {
    // Of another version, or forged: it carries no right to anything and is dropped.
    log.warn("A job in the queue was dropped", {
      job: given.name,
      because: job === undefined ? "no job of this name" : "its payload is no map of texts",
    });
    return;
  }
  state.lastRingAt = clock.mono();
  state.startedAt.set(job.name, state.lastRingAt);
  try {
    await job.run(payload);
  } catch (error) {
    const isLast = given.attemptsMade + 1 >= job.attempts;
    log[isLast ? "error" : "warn"]("A job failed", {
      job: job.name,
      attempt: given.attemptsMade + 1,
      of: job.attempts,
      because: (error as Error).message,
    });
    throw error;
  }
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
    problem: isAlive ? null : (state.problem ?? "no answer for a while"),
  };
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

async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  if (!(await bounded(clock, ms, work))) throw new Error(`no answer within ${ms / 1000} s`);
  await work;
}
