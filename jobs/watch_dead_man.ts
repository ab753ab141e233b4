import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import type { Needs } from "../src/flows/needs.ts";
import { watchDeadMan as watch } from "../src/flows/watch_dead_man.ts";

const payload = z.object({});

export const watchDeadMan = defineJob<typeof payload, Needs>({
  name: "watch_dead_man",
  summary: "Asks the venue whether somebody set a dead-man switch that could cancel our stops",
  payload,
  schedule: { everyMs: 10_000, clock: "wall" },
  isVital: true,
  retry: { attempts: 1 },
  deadlineMs: 30_000,
  async run({ needs }) {
    await watch(needs);
  },
});
