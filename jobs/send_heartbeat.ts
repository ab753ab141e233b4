import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import type { Needs } from "../src/flows/needs.ts";
import { sendHeartbeat as send } from "../src/flows/send_heartbeat.ts";

const payload = z.object({});

export const sendHeartbeat = defineJob<typeof payload, Needs>({
  name: "send_heartbeat",
  summary: "Reports to the outside monitor that the house lives and its self-audit passes, where one is set",
  payload,
  schedule: { everyMs: 30_000, clock: "wall" },
  isVital: true,
  retry: { attempts: 1 },
  deadlineMs: 25_000,
  async run({ needs }) {
    await send(needs);
  },
});
