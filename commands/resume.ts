import { z } from "zod";
import { defineCommand } from "../src/define/command.ts";
import { resumeTrading } from "../src/flows/halt_trading.ts";
import type { Needs } from "../src/flows/needs.ts";

const options = z.object({
  reason: z
    .string()
    .min(5, "say why in at least five letters")
    .max(200)
    .describe("Why it is safe to trade again; goes to the audit trail"),
});

export const resume = defineCommand<typeof options, Needs>({
  name: "resume",
  summary: "Allow new positions again; needs a reason, and closes open breakers",
  options,
  access: { role: "approver", urgency: "adds_risk" },
  examples: ["/resume back at my desk, venue looks fine"],
  async run({ needs, actor, options: { reason } }) {
    const resumed = await resumeTrading(needs, { actor, reason });
    if (resumed === null)
      return { title: "Nothing was halted", tone: "info", lines: [], fields: [], footer: null, chart: null };
    const breakers = resumed.breakers.length === 0 ? "none were open" : resumed.breakers.join(", ");
    return {
      title: "Trading again",
      tone: "ok",
      lines: ["The next cycle may ask for new positions."],
      fields: [
        { name: "Was at", value: resumed.from },
        { name: "Breakers closed", value: breakers },
        { name: "Reason", value: reason },
        { name: "Undo", value: "/pause" },
      ],
      footer: `By ${actor} · fact ${needs.ledger.books().seq}`,
      chart: null,
    };
  },
});
