import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import type { Needs } from "../src/flows/needs.ts";
import { sweep as sweepDue } from "../src/flows/sweep.ts";

const payload = z.object({});

export const sweep = defineJob<typeof payload, Needs>({
  name: "sweep",
  summary: "Finds everything that is due by itself, so that a lost queue loses nothing but seconds",
  payload,
  schedule: { everyMs: 1_000, clock: "wall" },
  isVital: true,
  retry: { attempts: 1 },
  deadlineMs: 60_000,
  run: ({ needs }) => sweepDue(needs),
});
