import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import { cancelStrays } from "../src/flows/cancel_strays.ts";
import { tendPositions } from "../src/flows/manage_exit.ts";
import { markEquity } from "../src/flows/mark_equity.ts";
import type { Needs } from "../src/flows/needs.ts";

const payload = z.object({});

export const watchPositions = defineJob<typeof payload, Needs>({
  name: "watch_positions",
  summary: "Visits every open position: marks, stop, target, time limit, protection, exits",
  payload,
  schedule: { everyMs: 1_000, clock: "wall" },
  isVital: true,
  retry: { attempts: 1 },
  deadlineMs: 30_000,
  async run({ needs }) {
    tendPositions(needs);
    cancelStrays(needs);
    await markEquity(needs);
  },
});
