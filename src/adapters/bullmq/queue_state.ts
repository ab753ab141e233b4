/** What the doorbell was given, and what it knows: shared by its checks, its schedulers and its worker. */
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { QueueJob } from "../../ports/queue.ts";
import type { Backend, BullQueue, BullWorker, Opening } from "./backends.ts";

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

/** The name under which it stands in the store. */
export const queueName = "countersign";

export type QueueState = {
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
