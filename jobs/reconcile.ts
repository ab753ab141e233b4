import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import type { Needs } from "../src/flows/needs.ts";
import { reconcileWhenDue } from "../src/flows/reconcile.ts";

const payload = z.object({});

export const reconcile = defineJob<typeof payload, Needs>({
  name: "reconcile",
  summary: "Every 10 s, or 2 s after a doubt: compares our orders and money with the venue and takes in what differs",
  payload,
  schedule: { everyMs: 1_000, clock: "wall" },
  isVital: true,
  retry: { attempts: 1 },
  deadlineMs: 60_000,
  async run({ needs }) {
    await reconcileWhenDue(needs);
  },
});
