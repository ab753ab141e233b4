import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import type { Needs } from "../src/flows/needs.ts";
import { expireApprovals as expire } from "../src/flows/settle_approval.ts";

const payload = z.object({});

export const expireApprovals = defineJob<typeof payload, Needs>({
  name: "expire_approvals",
  summary: "Ends requests that nobody answered in time: silence means no",
  payload,
  schedule: { everyMs: 1_000, clock: "wall" },
  isVital: true,
  retry: { attempts: 1 },
  deadlineMs: 10_000,
  async run({ needs }) {
    await expire(needs);
  },
});
