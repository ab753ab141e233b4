/** A background job: what it carries, when it runs, how it fails. BullMQ schedulers, the vital loops, docs and tests derive from it. */
import type { z } from "zod";

/** `every` is real time, unless `clock` is "house": then it shrinks with --speed. `setting` reads the interval from the configuration. */
export type Schedule =
  | { readonly everyMs: number; readonly clock: "wall" | "house" }
  | { readonly setting: "cycle_interval"; readonly clock: "house" }
  | "on_demand";

export type JobDefinition<Payload extends z.ZodObject, Needs> = {
  readonly name: string;
  readonly summary: string;
  /** Ids only: truth is read from the books when the job runs. */
  readonly payload: Payload;
  readonly schedule: Schedule;
  /** A vital job also has a loop in this process that runs it when the queue is late or dead. Running it twice changes nothing. */
  readonly isVital: boolean;
  readonly retry: { readonly attempts: number };
  readonly deadlineMs: number;
  run(call: { payload: z.infer<Payload>; needs: Needs }): Promise<void>;
};

// biome-ignore lint/suspicious/noExplicitAny: a registry holds jobs whose payload types differ.
export type AnyJob = JobDefinition<z.ZodObject, any>;

export function defineJob<Payload extends z.ZodObject, Needs>(
  job: JobDefinition<Payload, Needs>,
): JobDefinition<Payload, Needs> {
  return job;
}
