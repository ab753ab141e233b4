import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import { writeLifeline as write } from "../src/flows/lifeline.ts";
import type { Needs } from "../src/flows/needs.ts";

const payload = z.object({});

export const writeLifeline = defineJob<typeof payload, Needs>({
  name: "write_lifeline",
  summary: "Leaves a file with positions, stops and orders for the emergency process and for people",
  payload,
  schedule: { everyMs: 60_000, clock: "wall" },
  isVital: true,
  retry: { attempts: 1 },
  deadlineMs: 10_000,
  async run({ needs }) {
    await write(needs);
  },
});
