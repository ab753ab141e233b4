import { z } from "zod";
import { defineCommand } from "../src/define/command.ts";
import type { Needs } from "../src/flows/needs.ts";
import { pnlCard } from "../src/flows/report.ts";

const options = z.object({
  period: z
    .enum(["day", "7d", "month"])
    .default("month")
    .describe("What the lines by strategy and instrument are about"),
});

export const pnl = defineCommand<typeof options, Needs>({
  name: "pnl",
  summary: "What closed trades brought today, in 7 days, this month; by strategy and instrument",
  options,
  access: { role: "viewer", urgency: "reads" },
  aliases: ["profit"],
  view: { hasRefresh: false },
  examples: ["/pnl", "/pnl 7d"],
  run: ({ needs, options: { period } }) => pnlCard(needs, period),
});
