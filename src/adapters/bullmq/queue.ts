/**
 * The doorbell on BullMQ. It may forget everything at any time: every few seconds the schedulers are compared with what
 * should be there, and made again. What is due is said by the ledger; a lost ring only costs time.
 */
import { assert } from "../../core/assert.ts";
import { mark } from "../../core/mark.ts";
import type { Queue, QueueHealth, QueueJob } from "../../ports/queue.ts";
import type { Payload } from "./backends.ts";
import { bounded, whenReady, within } from "./bounded.ts";
import { type QueueState, type QueueWish, queueName } from "./queue_state.ts";
import { alignSchedulers, optionsOf } from "./schedulers.ts";
import { isDeaf, openWorker, replaceWorker } from "./worker.ts";

const ringMsMax = 1_000;
/** Rings that wait for an answer at once; more are dropped, since each only says "look". */
const ringsMax = 200;
const startMsMax = 5_000;
const stopMsMax = 5_000;
const errorQuietMs = 10_000;
const stormErrors = 500;
/** So many comparisons that fail one after the other, and the connection itself is no longer believed. */
const failedChecksMax = 3;
/** How long a job that nobody here has made stays a reason to warn, ms. */
const forgedMs = 60_000;

export function openQueue(wish: QueueWish): Queue {
  let report: (error: Error) => void = () => undefined;
  const state: QueueState = {
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
function errorReporter(state: QueueState): (error: Error) => void {
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

async function start(state: QueueState, jobs: readonly QueueJob[]): Promise<void> {
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
function isStopped(state: QueueState): boolean {
  return state.isStopped;
}

/** Everything that should be there is made when it is not. Never throws. */
async function check(state: QueueState): Promise<void> {
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
async function dropQueue(state: QueueState): Promise<void> {
  const old = state.queue;
  state.failedChecks = 0;
  state.queue = null;
  if (old === null) return;
  mark("R04.queue_made_again");
  await bounded(state.wish.clock, 1_000, old.close(true));
}

/** Said when it begins and at every start; the ledger says what is due, so nothing but time is at stake. */
async function lookForWeakness(state: QueueState): Promise<void> {
  const { clock, log } = state.wish;
  const found = await within(clock, 3_000, state.backend.weakness());
  if (found !== null && found !== state.weakness) log.warn("The queue may lose rings", { because: found });
  state.weakness = found;
}

async function ring(state: QueueState, name: string, payload: Payload): Promise<void> {
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

function health(state: QueueState): QueueHealth {
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
function warningOf({ wish, weakness, forgedAt }: QueueState): string | null {
  const isForged = forgedAt !== null && wish.clock.mono() - forgedAt < forgedMs;
  return isForged ? "somebody else put a job into it, which was refused; see who can reach it" : weakness;
}

async function stop(state: QueueState): Promise<void> {
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
