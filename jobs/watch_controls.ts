import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import type { Needs } from "../src/flows/needs.ts";
import { watchHouse } from "../src/flows/watch_house.ts";

const payload = z.object({});

export const watchControls = defineJob<typeof payload, Needs>({
  name: "watch_controls",
  summary: "Takes in limits, levels and facts that other processes wrote, at most a second old",
  payload,
  schedule: { everyMs: 1_000, clock: "wall" },
  isVital: true,
  retry: { attempts: 1 },
  deadlineMs: 10_000,
  run: ({ needs }) => watchHouse(needs),
});
