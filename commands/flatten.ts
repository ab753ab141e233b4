import { z } from "zod";
import { defineCommand } from "../src/define/command.ts";
import type { Needs } from "../src/flows/needs.ts";
import { haltAndAsk } from "../src/flows/tell_kill.ts";

const options = z.object({
  reason: z.string().max(200).default("no reason given").describe("Why, in one sentence; goes to the audit trail"),
});

export const flatten = defineCommand<typeof options, Needs>({
  name: "flatten",
  summary: "Halt new positions at once, then close everything after one confirming tap",
  options,
  access: { role: "operator", urgency: "safe" },
  aliases: ["closeall"],
  examples: ["/flatten", "/flatten exchange acts strangely"],
  run: ({ needs, actor, inboxId, options: { reason } }) => haltAndAsk(needs, "flatten", { actor, reason, inboxId }),
});
