import { z } from "zod";
import { periodNames } from "../src/core/period.ts";
import { defineCommand } from "../src/define/command.ts";
import type { Needs } from "../src/flows/needs.ts";
import { reportCard } from "../src/flows/report.ts";

const options = z.object({
  period: z.enum(periodNames).default("day").describe("Today, the last 7 days, this week or this month, in UTC"),
});

export const report = defineCommand<typeof options, Needs>({
  name: "report",
  summary: "One period in full: money, trades, drawdown, approvals, what was denied; with a file at the desk",
  options,
  access: { role: "viewer", urgency: "reads" },
  examples: ["/report", "/report week", "/report month"],
  run: ({ needs, options: { period } }) => reportCard(needs, period),
});
