/** One worker of a sweep: runs the seed that it is told, answers with what came of it, and waits for the next. */
import { type RunWish, runSeed, type SeedResult } from "./run.ts";

export type Task = RunWish;
export type Done = { readonly result: SeedResult; readonly ms: number };

process.on("message", (task: Task) => {
  const started = performance.now();
  void runSeed(task).then((result) => {
    const done: Done = { result, ms: performance.now() - started };
    process.send?.(done);
  });
});
process.on("disconnect", () => process.exit(0));
// The parent decides about Ctrl-C, so that its summary is whole.
process.on("SIGINT", () => undefined);
