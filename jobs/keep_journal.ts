import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import { keepJournal as keep } from "../src/flows/keep_journal.ts";
import type { Needs } from "../src/flows/needs.ts";

const payload = z.object({});

export const keepJournal = defineJob<typeof payload, Needs>({
  name: "keep_journal",
  summary: "Writes the newest fact to the local journal each minute, and records answers that wait there",
  payload,
  schedule: { everyMs: 5_000, clock: "wall" },
  isVital: true,
  retry: { attempts: 1 },
  deadlineMs: 30_000,
  async run({ needs }) {
    await keep(needs);
  },
});
