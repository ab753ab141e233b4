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
import { reset } from "./reset.ts";

const options = z.object({
  action: z
    .enum(["list", "reset", "withdraw"])
    .default("list")
    .describe("list what stands, reset one as /reset does, or withdraw a reset that waits"),
  name: z.string().max(120).default("").describe("The breaker that is reset, or whose waiting reset is withdrawn"),
  reason: z.string().max(200).default("").describe("Why it is safe to trade again; a reset needs it"),
});

type Options = z.infer<typeof options>;
const asReset = ({ name, reason }: Options) => ({ breaker: name, reason });

export const breakers = defineCommand<typeof options, Needs>({
  name: "breakers",
  summary: "Circuit breakers that stand: cause, evidence, since when, and what closes each",
  options,
  access: { role: "viewer", urgency: "reads" },
  examples: [
    "/breakers",
    "/breakers reset two_writers the old machine is switched off",
    "/breakers withdraw two_writers@global",
  ],
  view: { hasRefresh: false, isView: ({ action }) => action === "list" },
  candidates: { name: breakerCandidates },
  // Under either name a reset is the same thing: as fresh, as proven, by the same role.
  addsRisk: ({ options: { action } }) => action === "reset",
  proof: ({ needs, options: asked }) =>
    asked.action === "reset" ? (reset.proof?.({ needs, options: asReset(asked) }) ?? "none") : "none",
  async run(call) {
    const { needs, actor, personId, options: asked } = call;
    const { action, name } = asked;
    if (action !== "list") {
      const role = needs.ledger.books().people.persons[personId ?? ""]?.role ?? "viewer";
      if (!includesRole(role, "operator")) {
        const what = action === "reset" ? "A reset" : "Withdrawing a reset";
        return plainCard("warning", `${what} needs the role operator; yours is ${role}.`);
      }
      return action === "reset" ? reset.run({ ...call, options: asReset(asked) }) : withdrawReset(needs, name, actor);
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
