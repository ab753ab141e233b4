/** Many seeds on several worker processes, each seed in one of them from beginning to end. */
import { type ChildProcess, fork } from "node:child_process";
import { createHash } from "node:crypto";
import type { SeedResult } from "./run.ts";
import { addTotals, noTotals, type Totals } from "./stats.ts";
import type { Done, Task } from "./worker.ts";

export type SweepWish = {
  readonly tasks: readonly Task[];
  readonly jobs: number;
  readonly workerPath: string;
  /** Ends the sweep after what is under way. */
  readonly signal: AbortSignal;
  readonly onDone: (done: Done, finished: number) => void;
};

export type SweepResult = {
  readonly finished: number;
  readonly failed: readonly SeedResult[];
  readonly totals: Totals;
  /** Seeds in which a whole trade happened: entry, protection, exit. */
  readonly seedsWithTrade: number;
  /** Hash of all trace hashes, in the order of the tasks. */
  readonly trace: string;
  /** By label. */
  readonly traces: ReadonlyMap<string, string>;
};

export async function sweep(wish: SweepWish): Promise<SweepResult> {
  const results = new Map<string, SeedResult>();
  const totals = noTotals();
  let next = 0;
  const take = (): Task | null => {
    if (wish.signal.aborted) return null;
    next += 1;
    return wish.tasks[next - 1] ?? null;
  };
  const finish = (done: Done): void => {
    results.set(done.result.label, done.result);
    addTotals(totals, done.result.totals);
    wish.onDone(done, results.size);
  };
  const workers = Array.from({ length: Math.max(1, wish.jobs) }, () => work(wish.workerPath, take, finish));
  await Promise.all(workers);
  const hash = createHash("sha256");
  for (const { seed, label = seed } of wish.tasks) hash.update(`${label}:${results.get(label)?.trace ?? "not run"}\n`);
  const all = [...results.values()];
  return {
    finished: results.size,
    failed: all.filter((result) => result.violations.length > 0),
    totals,
    seedsWithTrade: all.filter((result) => result.totals.trades > 0).length,
    trace: hash.digest("hex").slice(0, 16),
    traces: new Map(all.map((result) => [result.label, result.trace])),
  };
}

/** Resolves when there is nothing left to take. A worker that dies takes its seed with it: that ends the sweep with an error. */
function work(path: string, take: () => Task | null, finish: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = fork(path, [], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      execArgv: ["--enable-source-maps"],
    });
    let current: Task | null = null;
    const give = (): void => {
      current = take();
      if (current === null) child.disconnect();
      else child.send(current);
    };
    child.on("message", (done: Done) => {
      finish(done);
      give();
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      if (current === null) resolve();
      else reject(new Error(`The worker of seed ${current.label ?? current.seed} ended with ${String(code)}`));
    });
    give();
  });
}
