import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import { keepTime as keep } from "../src/flows/measure_offset.ts";
import type { Needs } from "../src/flows/needs.ts";

const payload = z.object({});

export const keepTime = defineJob<typeof payload, Needs>({
  name: "keep_time",
  summary: "Follows the venue's clock, and notices when somebody sets the clock of this machine",
  payload,
  schedule: { everyMs: 2_000, clock: "wall" },
  isVital: true,
  retry: { attempts: 1 },
  deadlineMs: 30_000,
  async run({ needs }) {
    await keep(needs);
  },
});
