import { z } from "zod";
import { periodNames } from "../src/core/period.ts";
import { defineCommand } from "../src/define/command.ts";
import type { Needs } from "../src/flows/needs.ts";
import { reportCard } from "../src/flows/report.ts";

const options = z.object({
  period: z
    .string()
    .max(20)
    .default("day")
    .describe(`${periodNames.join(", ")}; or 2026-02-06, 2026-W06, 2026-02; in UTC`),
});

export const report = defineCommand<typeof options, Needs>({
  name: "report",
  summary: "One period in full: money, trades, drawdown, approvals, what was denied; its trades as a file",
  options,
  access: { role: "viewer", urgency: "reads" },
  view: { hasRefresh: false },
  candidates: { period: () => periodNames.map((value) => ({ value, label: null })) },
  examples: ["/report", "/report 7d", "/report last_week", "/report 2026-02"],
  run: ({ needs, options: { period } }) => reportCard(needs, period.trim().toLowerCase().replace(/-w/, "-W")),
});
