/** One worker process that runs seeds one after the other, for callers that decide after each seed which one comes next. */
import { fork } from "node:child_process";
import type { RunWish, SeedResult } from "./run.ts";
import type { Done } from "./worker.ts";

export type Runner = {
  /** Calls are answered in their order. */
  run(wish: RunWish): Promise<SeedResult>;
  end(): void;
};

type Waiting = { readonly resolve: (result: SeedResult) => void; readonly reject: (error: Error) => void };

export function openRunner(workerPath: string): Runner {
  const child = fork(workerPath, [], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const waiting: Waiting[] = [];
  let ended: Error | null = null;
  child.on("message", ({ result }: Done) => waiting.shift()?.resolve(result));
  child.on("exit", (code) => {
    ended = new Error(`A worker of the simulator ended with ${String(code)}`);
    for (const { reject } of waiting.splice(0)) reject(ended);
  });
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(wish) {
      const answer = last.then(
        () =>
          new Promise<SeedResult>((resolve, reject) => {
            if (ended !== null) return reject(ended);
            waiting.push({ resolve, reject });
            child.send(wish);
          }),
      );
      last = answer.catch(() => undefined);
      return answer;
    },
    end() {
      if (child.connected) child.disconnect();
    },
  };
}
