import { z } from "zod";
import { defineCommand } from "../src/define/command.ts";
import type { Needs } from "../src/flows/needs.ts";
import { haltAndAsk } from "../src/flows/tell_kill.ts";

const options = z.object({
  reason: z.string().max(200).default("no reason given").describe("Why, in one sentence; goes to the audit trail"),
});

export const emergency = defineCommand<typeof options, Needs>({
  name: "emergency",
  summary: "Halt at once, then close everything after one tap or 30 s of silence; takes over a running flatten",
  options,
  access: { role: "operator", urgency: "safe" },
  aliases: ["panic", "sos"],
  examples: ["/emergency", "/emergency key may be stolen"],
  run: ({ needs, actor, inboxId, options: { reason } }) => haltAndAsk(needs, "emergency", { actor, reason, inboxId }),
});
