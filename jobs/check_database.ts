import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import { checkDatabase as check } from "../src/flows/check_database.ts";
import type { Needs } from "../src/flows/needs.ts";

const payload = z.object({});

export const checkDatabase = defineJob<typeof payload, Needs>({
  name: "check_database",
  summary: "Asks each hour whether the database keeps what it confirms; in LIVE nothing is opened while it does not",
  payload,
  schedule: { everyMs: 3_600_000, clock: "wall" },
  isVital: true,
  retry: { attempts: 3 },
  deadlineMs: 30_000,
  async run({ needs }) {
    await check(needs);
  },
});
