import { z } from "zod";
import { defineCommand } from "../src/define/command.ts";
import type { Needs } from "../src/flows/needs.ts";
import { riskCard } from "../src/flows/show_risk.ts";

const options = z.object({});

export const risk = defineCommand<typeof options, Needs>({
  name: "risk",
  summary: "Exposure, drawdown and losses against their limits, and what each instrument may still take",
  options,
  access: { role: "viewer", urgency: "reads" },
  view: { hasRefresh: true },
  examples: ["/risk"],
  run: async ({ needs }) => riskCard(needs),
});
