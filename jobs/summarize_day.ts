import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import type { Needs } from "../src/flows/needs.ts";
import { summarizeDay as summarize } from "../src/flows/summarize_day.ts";

const payload = z.object({});

export const summarizeDay = defineJob<typeof payload, Needs>({
  name: "summarize_day",
  summary: "Posts the summary of a finished day at the hour that was chosen, late rather than never",
  payload,
  schedule: { everyMs: 1_000, clock: "wall" },
  isVital: true,
  retry: { attempts: 1 },
  deadlineMs: 30_000,
  async run({ needs }) {
    await summarize(needs);
  },
});
