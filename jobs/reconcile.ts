import { z } from "zod";
import { between } from "../src/core/time.ts";
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
    // For its first minute the kill procedure has the venue's rate limit to itself; it reads the same lists at its end.
    const confirmedAt = needs.ledger.books().house.kill?.confirmedAt ?? null;
    if (confirmedAt !== null && between(confirmedAt, needs.clock.wall()) < 60_000) return;
    await reconcileWhenDue(needs);
  },
});
