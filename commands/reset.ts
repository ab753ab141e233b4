import { z } from "zod";
import { defineCommand } from "../src/define/command.ts";
import { breakerCandidates } from "../src/flows/candidates.ts";
import type { Needs } from "../src/flows/needs.ts";
import { resetBreaker, takesTwo } from "../src/flows/reset_breaker.ts";

const options = z.object({
  breaker: z.string().min(1).max(120).describe("Its name as /breakers shows it, such as two_writers"),
  reason: z.string().max(200).default("").describe("Why it is safe to trade again; goes to the audit trail"),
});

export const reset = defineCommand<typeof options, Needs>({
  name: "reset",
  summary: "Close a circuit breaker whose cause is gone; needs a reason",
  options,
  access: { role: "operator", urgency: "adds_risk" },
  examples: [
    "/reset two_writers the old machine is switched off",
    "/reset key_refused@venue:kucoin new key is in place",
  ],
  candidates: { breaker: breakerCandidates },
  proof: ({ needs, options: { breaker } }) => (takesTwo(needs, breaker) ? "phrase_and_code" : "none"),
  run: ({ needs, actor, personId, options: { breaker, reason } }) =>
    resetBreaker(needs, { word: breaker, reason, actor, personId }),
});
