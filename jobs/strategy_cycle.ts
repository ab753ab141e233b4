import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import type { Needs } from "../src/flows/needs.ts";
import { runCycle } from "../src/flows/run_cycle.ts";

const payload = z.object({});

export const strategyCycle = defineJob<typeof payload, Needs>({
  name: "strategy_cycle",
  summary: "Reads fresh candles, lets every strategy speak, judges and asks",
  payload,
  schedule: { setting: "cycle_interval", clock: "house" },
  isVital: false,
  retry: { attempts: 1 },
  deadlineMs: 120_000,
  run: ({ needs }) => runCycle(needs),
});
