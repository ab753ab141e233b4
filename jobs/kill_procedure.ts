import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import { continueFlatten } from "../src/flows/flatten_procedure.ts";
import type { Needs } from "../src/flows/needs.ts";

const payload = z.object({});

export const killProcedure = defineJob<typeof payload, Needs>({
  name: "kill_procedure",
  summary: "Carries a flatten or an emergency on until nothing of ours is left, whoever began it",
  payload,
  schedule: { everyMs: 1_000, clock: "wall" },
  isVital: true,
  retry: { attempts: 1 },
  deadlineMs: 120_000,
  async run({ needs }) {
    await continueFlatten(needs);
  },
});
