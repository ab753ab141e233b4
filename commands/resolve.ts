import { z } from "zod";
import type { Role } from "../src/core/authority.ts";
import { type Card, plainCard } from "../src/core/card.ts";
import { type CommandCall, defineCommand } from "../src/define/command.ts";
import { doubtCandidates } from "../src/flows/candidates.ts";
import { giveUp, keepLooking } from "../src/flows/give_up_order.ts";
import { resumeTrading } from "../src/flows/lower_level.ts";
import type { Needs } from "../src/flows/needs.ts";
import { resetBreaker, takesTwo } from "../src/flows/reset_breaker.ts";
import { openMatters, resolveCard, venueCauses } from "../src/flows/show_matters.ts";
import { resumedCard } from "./resume.ts";

const options = z.object({
  what: z.string().max(120).default("").describe("An order, a breaker or the word flatten; empty lists what waits"),
  act: z
    .enum(["show", "lost", "keep", "accept", "override"])
    .default("show")
    .describe("lost, keep: an order; accept: what others traded; override: leave a flatten"),
  reason: z.string().max(200).default("").describe("Why; goes to the audit trail"),
});

/** Acts that take more than the command as such. */
const roles: Readonly<Partial<Record<z.infer<typeof options>["act"], Role>>> = { lost: "owner", override: "approver" };

type Call = CommandCall<z.infer<typeof options>, Needs>;

export const resolve = defineCommand<typeof options, Needs>({
  name: "resolve",
  aliases: ["unknown"],
  summary: "What only a person can settle: lost orders, trades of others, a flatten that is not verified",
  options,
  access: { role: "operator", urgency: "reads" },
  examples: [
    "/resolve",
    "/resolve 7h2kq9xa",
    "/resolve 7h2kq9xa lost the venue confirmed by mail that it never arrived",
    "/resolve external_close accept I sold it on the venue's page",
    "/resolve flatten override sold it all by hand",
  ],
  view: { hasRefresh: true, isView: ({ act }) => act === "show" },
  candidates: { what: ({ needs }) => [...doubtCandidates({ needs }), ...openMatters(needs)] },
  // To go on looking for an order is the careful side, and counts however late.
  addsRisk: ({ options: { act } }) => act !== "show" && act !== "keep",
  roleFor: ({ options: { act } }) => roles[act] ?? "operator",
  proof({ needs, options: { what, act } }) {
    if (act === "lost" || act === "override") return "phrase_and_code";
    // To accept closes a breaker: what /reset takes for that, this takes too.
    return act === "accept" && venueCauses.has(causeIn(what)) && takesTwo(needs, what) ? "phrase_and_code" : "none";
  },
  async run(call) {
    const { needs, personId, options: asked } = call;
    if (asked.act === "show") return resolveCard(needs, asked.what);
    const person = needs.ledger.books().people.persons[personId ?? ""];
    if (person === undefined) return plainCard("warning", "Only a linked person may decide this.");
    if (asked.what === "") return plainCard("warning", "Which one?", ["/resolve lists what waits for a person."]);
    switch (asked.act) {
      case "keep":
        return keepLooking(needs, { word: asked.what, personId: person.personId });
      case "lost":
        return giveUp(needs, { word: asked.what, reason: asked.reason, personId: person.personId });
      case "accept":
        return accept(call);
      case "override":
        return override(call);
      default:
        return asked.act satisfies never;
    }
  },
});

const causeIn = (word: string): string => word.split("@")[0]?.toLowerCase() ?? "";

/** What others traded is in the books already: to accept it closes the breaker that says so. */
async function accept({ needs, actor, personId, options: { what, reason } }: Call): Promise<Card> {
  if (!venueCauses.has(causeIn(what)))
    return plainCard("warning", `${what.slice(0, 60)} is nothing that somebody traded.`, [
      `To be accepted: ${[...venueCauses].join(", ")}. Any other breaker: /reset NAME REASON.`,
    ]);
  return resetBreaker(needs, { word: what, reason, actor, personId });
}

async function override({ needs, actor, options: { what, reason } }: Call): Promise<Card> {
  if (what.toLowerCase() !== "flatten")
    return plainCard("warning", "Only a flatten is left by an override.", ["Type /resolve flatten override WHY."]);
  if (reason.trim().length < 5)
    return plainCard("warning", "Leaving a flatten needs a reason.", ["Type /resolve flatten override WHY."]);
  const resumed = await resumeTrading(needs, { actor, reason, isOverride: true });
  return resumedCard(needs, resumed, { actor, reason });
}
