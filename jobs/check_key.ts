import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import { checkKey as check } from "../src/flows/arm_live.ts";
import type { Needs } from "../src/flows/needs.ts";

const payload = z.object({});

export const checkKey = defineJob<typeof payload, Needs>({
  name: "check_key",
  summary: "In LIVE: asks the venue each hour what the key may do; one that can withdraw trades no more",
  payload,
  schedule: { everyMs: 3_600_000, clock: "wall" },
  isVital: true,
  retry: { attempts: 3 },
  deadlineMs: 30_000,
  async run({ needs }) {
    await check(needs);
  },
});
