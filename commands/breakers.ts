import { z } from "zod";
import { actorName } from "../src/core/alert_words.ts";
import { includesRole } from "../src/core/authority.ts";
import { type Breaker, coolingMs, withinDay } from "../src/core/breaker.ts";
import { whatResets } from "../src/core/breaker_causes.ts";
import { plainCard } from "../src/core/card.ts";
import { lengthText } from "../src/core/facts.ts";
import { isoTime } from "../src/core/time.ts";
import { defineCommand } from "../src/define/command.ts";
import { breakerCandidates } from "../src/flows/candidates.ts";
import type { Needs } from "../src/flows/needs.ts";
import { withdrawReset } from "../src/flows/reset_breaker.ts";

const options = z.object({
  action: z.enum(["list", "withdraw"]).default("list").describe("list what stands, or withdraw a reset that waits"),
  name: z.string().max(120).default("").describe("The breaker whose waiting reset is withdrawn"),
});

export const breakers = defineCommand<typeof options, Needs>({
  name: "breakers",
  summary: "Circuit breakers that stand: cause, evidence, since when, and what closes each",
  options,
  access: { role: "viewer", urgency: "reads" },
  examples: ["/breakers", "/breakers withdraw two_writers@global"],
  view: { hasRefresh: false, isView: ({ action }) => action === "list" },
  candidates: { name: breakerCandidates },
  async run({ needs, actor, personId, options: { action, name } }) {
    if (action === "withdraw") {
      const role = needs.ledger.books().people.persons[personId ?? ""]?.role ?? "viewer";
      return includesRole(role, "operator")
        ? withdrawReset(needs, name, actor)
        : plainCard("warning", `Withdrawing a reset needs the role operator; yours is ${role}.`);
    }
    const standing = Object.values(needs.ledger.books().house.breakers);
    if (standing.length === 0) return plainCard("ok", "All breakers are closed.");
    return {
      title: `${standing.length} ${standing.length === 1 ? "breaker stands" : "breakers stand"}`,
      tone: standing.some((breaker) => breaker.state === "open") ? "critical" : "warning",
      lines: ["An open one stops new positions in its scope; stops and exits always work."],
      fields: standing.map((breaker) => ({ name: breaker.key, value: lineOf(needs, breaker) })),
      footer: "/reset NAME REASON closes one whose cause is gone.",
      chart: null,
    };
  },
});

function lineOf({ ledger, clock }: Needs, breaker: Breaker): string {
  const { state, evidence, openedWallAt, canary, asked } = breaker;
  const proof = Object.entries(evidence).map(([name, value]) => `${name} ${value}`);
  const history = ledger.books().house.breakerHistory[breaker.key];
  const openings = withinDay(history?.opened ?? [], clock.wall()).length;
  const cooling = breaker.class === "transient" ? ` Clear time ${lengthText(coolingMs(openings))}.` : "";
  const trial = state === "half_open" ? ` Trial order: ${canary ?? "not sent yet"}.` : "";
  const waits = asked === null ? "" : ` Reset asked by ${actorName(ledger.books(), asked.by)}: ${asked.reason}.`;
  return `${state.replace("_", " ")} since ${isoTime(openedWallAt).slice(0, 19)}Z: ${proof.join(", ")}. ${whatResets(breaker.class, breaker.key)}${cooling}${trial}${waits}`;
}
