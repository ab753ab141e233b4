import { z } from "zod";
import { defineJob } from "../src/define/job.ts";
import { deliverOutbox as deliver } from "../src/flows/deliver_outbox.ts";
import type { Needs } from "../src/flows/needs.ts";
import { showPrompts } from "../src/flows/show_prompts.ts";
import { tendAlerts } from "../src/flows/tend_alerts.ts";

const payload = z.object({});

export const deliverOutbox = defineJob<typeof payload, Needs>({
  name: "deliver_outbox",
  summary: "Tends alerts, sends waiting cards and brings every prompt up to date",
  payload,
  schedule: { everyMs: 1_000, clock: "wall" },
  isVital: true,
  retry: { attempts: 1 },
  deadlineMs: 60_000,
  async run({ needs }) {
    await tendAlerts(needs);
    await Promise.all([deliver(needs), showPrompts(needs)]);
  },
});
