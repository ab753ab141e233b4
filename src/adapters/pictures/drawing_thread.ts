/** One thread that draws, from its beginning to its end. It answers, or it ends: nothing else is ever heard of it. */
import { Worker } from "node:worker_threads";
import { canvas } from "./drawing.ts";

export type Order = { readonly id: number; readonly option: unknown; readonly as: "png" | "svg" };

/** What came of the order of that id: one of the three is there. */
export type Answer = {
  readonly id: number;
  readonly png?: Uint8Array;
  readonly svg?: string;
  readonly problem?: string;
};

export type DrawingThread = {
  give(order: Order): void;
  /** Nothing is heard of it any more, even of what it was drawing. */
  end(): Promise<void>;
};

/** Beside this file, in the sources as in a build. */
const ownFile = new URL("./picture_thread.js", import.meta.url);

export function beginThread(
  file: URL | undefined,
  heard: { readonly answer: (answer: Answer) => void; readonly death: (because: string) => void },
): DrawingThread {
  const worker = new Worker(file ?? ownFile, {
    name: "pictures",
    workerData: canvas,
    // Nothing of how the bot was started, nor its secrets, is the thread's business.
    env: {},
    argv: [],
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 160 },
  });
  // A picture keeps no process alive; whoever waits for one has a deadline that does.
  worker.unref();
  worker.on("message", heard.answer);
  worker.on("error", (error) => heard.death(error instanceof Error ? error.message : String(error)));
  worker.on("exit", (code) => heard.death(`it left with code ${code}`));
  return {
    give: (order) => worker.postMessage(order),
    end: async () => {
      worker.removeAllListeners();
      // An error without a listener would end the process.
      worker.on("error", () => undefined);
      await worker.terminate();
    },
  };
}
