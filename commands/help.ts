import { z } from "zod";
import { includesRole } from "../src/core/authority.ts";
import { personBehind } from "../src/core/books_people.ts";
import { plainCard } from "../src/core/card.ts";
import { commandNamed, defineCommand, type Urgency } from "../src/define/command.ts";
import { notLinkedCard } from "../src/flows/answer_stranger.ts";
import { commandCandidates } from "../src/flows/candidates.ts";
import type { Needs } from "../src/flows/needs.ts";

const options = z.object({ command: z.string().max(32).default("").describe("A command to explain; empty lists all") });

export const help = defineCommand<typeof options, Needs>({
  name: "help",
  summary: "What you can say, and how",
  options,
  access: { role: "anyone", urgency: "reads" },
  aliases: ["start", "commands"],
  view: { hasRefresh: false },
  candidates: { command: commandCandidates },
  examples: ["/help", "/help pause"],
  async run({ needs, origin, options: { command } }) {
    const wanted = command.replace(/^\//, "").toLowerCase();
    const person = personBehind(needs.ledger.books().people, origin.platform, origin.userId);
    if (wanted !== "") {
      const found = commandNamed(needs.commands, wanted);
      // What a house can do is nobody's business who is not in it.
      if (person === null && found?.access.role !== "anyone") return notLinkedCard;
      if (found === undefined) return plainCard("warning", `There is no /${wanted}.`, ["/help lists all commands."]);
      return {
        title: `/${found.name}`,
        tone: "info",
        lines: [found.summary],
        fields: [
          { name: "Examples", value: found.examples.join(" · ") },
          ...(found.aliases === undefined
            ? []
            : [{ name: "Also", value: found.aliases.map((alias) => `/${alias}`).join(", ") }]),
          { name: "Role", value: found.access.role },
          { name: "When late", value: lateTexts[found.access.urgency] },
        ],
        footer: null,
        chart: null,
      };
    }
    const mine = needs.commands.filter(
      ({ access }) => access.role === "anyone" || (person !== null && includesRole(person.role, access.role)),
    );
    return {
      title: "Commands",
      tone: "info",
      lines: [],
      fields: mine.map((one) => ({ name: `/${one.name}`, value: one.summary })),
      footer: "/help COMMAND shows examples.",
      chart: null,
    };
  },
});

/** What becomes of it when it was sent while the bot was away. */
const lateTexts: Readonly<Record<Urgency, string>> = {
  reads: "answered whenever it arrives; what adds risk is asked again after 30 s",
  safe: "counts however late it arrives",
  adds_risk: "asked again after 30 s",
};
