/** The doorbell. A lost, doubled or late ring costs time and nothing else: the ledger says what is due. */

export type QueueHealth = {
  readonly isAlive: boolean;
  readonly lastRingAtMono: number | null;
  /** What a person should know: why it is not alive, or what is wrong although it is. */
  readonly problem: string | null;
};

export interface Queue {
  /** Registers one handler a job name, then starts workers and schedulers. `every` is real time in ms. */
  start(jobs: readonly QueueJob[]): Promise<void>;
  /** Rings for one job now. Never throws and never waits longer than 1 s: a ring that fails is only a lost wake-up. */
  ring(job: string, payload: Readonly<Record<string, string>>): Promise<void>;
  health(): QueueHealth;
  stop(): Promise<void>;
}

export type QueueJob = {
  readonly name: string;
  /** null = only by ring(). */
  readonly everyMs: number | null;
  readonly attempts: number;
  readonly deadlineMs: number;
  run(payload: Readonly<Record<string, string>>): Promise<void>;
};
