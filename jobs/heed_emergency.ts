import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import { heedEmergency as heed } from "../src/flows/lifeline.ts";
import type { Needs } from "../src/flows/needs.ts";

const payload = z.object({});

export const heedEmergency = defineJob<typeof payload, Needs>({
  name: "heed_emergency",
  summary: "Stands back at once when the emergency process works, and takes in what it did",
  payload,
  schedule: { everyMs: 1_000, clock: "wall" },
  isVital: true,
  retry: { attempts: 1 },
  deadlineMs: 30_000,
  async run({ needs }) {
    await heed(needs);
  },
});
