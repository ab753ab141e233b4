import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import { recordPulse } from "../src/flows/count_pulse.ts";
import { makeReports as make } from "../src/flows/make_reports.ts";
import type { Needs } from "../src/flows/needs.ts";

const payload = z.object({});

export const makeReports = defineJob<typeof payload, Needs>({
  name: "make_reports",
  summary:
    "Makes the review of a finished week and the report of a month, and sends again what no chat took; counts uptime",
  payload,
  schedule: { everyMs: 60_000, clock: "wall" },
  isVital: true,
  retry: { attempts: 1 },
  deadlineMs: 60_000,
  async run({ needs }) {
    await recordPulse(needs);
    await make(needs);
  },
});
