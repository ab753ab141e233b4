import { z } from "zod";
import { defineCommand } from "../src/define/command.ts";
import { listedCandidates } from "../src/flows/candidates.ts";
import type { Needs } from "../src/flows/needs.ts";
import { setList } from "../src/flows/set_list.ts";

const options = z.object({
  what: z.string().min(1).max(60).describe("An instrument, a strategy, or the word trading"),
  reason: z.string().max(200).default("").describe("Why; goes to the audit trail"),
});

export const deny = defineCommand<typeof options, Needs>({
  name: "deny",
  summary: "Open nothing new on one instrument, by one strategy, or at all; counts at once",
  options,
  access: { role: "operator", urgency: "safe" },
  candidates: { what: listedCandidates },
  examples: ["/deny SOL/USDT", "/deny ema_trend too many false starts", "/deny trading"],
  run: ({ needs, actor, personId, sentAt, options: { what, reason } }) =>
    setList(needs, { word: what, verb: "deny", reason, actor, personId, sentAt }),
});
