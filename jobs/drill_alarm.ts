import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import { tendDrill } from "../src/flows/drill_alarm.ts";
import type { Needs } from "../src/flows/needs.ts";

const payload = z.object({});

export const drillAlarm = defineJob<typeof payload, Needs>({
  name: "drill_alarm",
  summary: "Begins the test alarm of the week, and ends one: acknowledged by a person in time, or told as failed",
  payload,
  schedule: { everyMs: 10_000, clock: "wall" },
  isVital: true,
  retry: { attempts: 1 },
  deadlineMs: 30_000,
  async run({ needs }) {
    await tendDrill(needs);
  },
});
