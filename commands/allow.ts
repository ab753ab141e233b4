import { z } from "zod";
import { proofFor } from "../src/core/question.ts";
import { defineCommand } from "../src/define/command.ts";
import { listedCandidates } from "../src/flows/candidates.ts";
import type { Needs } from "../src/flows/needs.ts";
import { setList } from "../src/flows/set_list.ts";

const options = z.object({
  what: z.string().min(1).max(60).describe("What was denied: an instrument, a strategy, or the word trading"),
  reason: z.string().max(200).default("").describe("Why; needed, and announced on every chat"),
});

export const allow = defineCommand<typeof options, Needs>({
  name: "allow",
  summary: "Take back a /deny; an owner with a reason, announced on every chat",
  options,
  access: { role: "owner", urgency: "adds_risk" },
  candidates: { what: listedCandidates },
  examples: ["/allow SOL/USDT the network works again"],
  // It disables a guard that somebody has set.
  proof: () => proofFor("T3"),
  run: ({ needs, actor, personId, sentAt, options: { what, reason } }) =>
    setList(needs, { word: what, verb: "allow", reason, actor, personId, sentAt }),
});
