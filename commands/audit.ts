import { z } from "zod";
import { defineCommand } from "../src/define/command.ts";
import { tradeCandidates } from "../src/flows/candidates.ts";
import type { Needs } from "../src/flows/needs.ts";
import { auditHeadCard, auditTradeCard } from "../src/flows/show_audit.ts";

const options = z.object({
  what: z.enum(["head", "trade"]).default("head").describe("head: is the record whole; trade: everything about one"),
  trade: z.string().max(80).default("").describe("Id of a trade or the end of it, as /positions shows it"),
});

export const audit = defineCommand<typeof options, Needs>({
  name: "audit",
  summary: "The head of the audit chain and its last check, or every fact of one trade in ms",
  options,
  access: { role: "viewer", urgency: "reads" },
  view: { hasRefresh: false },
  candidates: { trade: tradeCandidates },
  examples: ["/audit", "/audit trade 7h2kq9xa"],
  run: ({ needs, options: { what, trade } }) =>
    what === "head" ? Promise.resolve(auditHeadCard(needs)) : auditTradeCard(needs, trade.trim()),
});
