import { z } from "zod";
import { defineCommand } from "../src/define/command.ts";
import { alertCandidates } from "../src/flows/candidates.ts";
import type { Needs } from "../src/flows/needs.ts";
import { liftSilence, silenceAlerts, silencesCard } from "../src/flows/silence_alerts.ts";

const options = z.object({
  what: z.string().max(120).default("").describe("An alert, or label=value,label=value; or the word lift"),
  length: z.string().max(40).default("").describe("How long, at most 24h: 30m, 2h; empty shows what it would match"),
  reason: z.string().max(200).default("").describe("Why, in one sentence; goes to the audit trail"),
});

export const silence = defineCommand<typeof options, Needs>({
  name: "silence",
  summary: "Hold back alerts for a while, with a reason and an end; what could cost money is told all the same",
  options,
  access: { role: "operator", urgency: "reads" },
  aliases: ["mute"],
  view: { hasRefresh: false, isView: ({ length }) => length === "" },
  candidates: { what: alertCandidates },
  // To hear of something later than it happens is a risk; to look, or to lift a silence, is none.
  addsRisk: ({ options: { what, length } }) => what !== "lift" && length !== "",
  examples: ["/silence", "/silence feed_gap", "/silence alert=feed_gap,venue=kucoin 2h they announced maintenance"],
  async run({ needs, actor, personId, options: { what, length, reason } }) {
    if (what === "") return silencesCard(needs);
    if (what === "lift") return liftSilence(needs, length, actor);
    return silenceAlerts(needs, { what, length, reason, personId });
  },
});
