import { z } from "zod";
import { isSelling } from "../src/core/kill.ts";
import { between } from "../src/core/time.ts";
import { defineJob } from "../src/define/job.ts";
import type { Needs } from "../src/flows/needs.ts";
import { isQuarantined } from "../src/flows/quarantine.ts";
import { reconcileWhenDue } from "../src/flows/reconcile.ts";
import { steadyAt } from "../src/flows/steady.ts";

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
    // For its first minute the kill procedure has the venue's rate limit to itself; it reads the same lists at its end. In the
    // quarantine after a takeover it sends nothing, and what the last process canceled has to be found out all the same.
    const { kill } = needs.ledger.books().house;
    const confirmedAt = isSelling(kill) ? (kill?.confirmedAt ?? null) : null;
    const since = confirmedAt === null ? null : steadyAt(needs, "kill|confirmed", confirmedAt);
    const isYoung = since !== null && between(since, needs.clock.wall()) < 60_000;
    if (isYoung && !isQuarantined(needs)) return;
    await reconcileWhenDue(needs);
  },
});
