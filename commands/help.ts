import { z } from "zod";
import { includesRole } from "../src/core/authority.ts";
import { personBehind } from "../src/core/books_people.ts";
import { plainCard } from "../src/core/card.ts";
import { defineCommand } from "../src/define/command.ts";
import type { Needs } from "../src/flows/needs.ts";

const options = z.object({ command: z.string().max(32).default("").describe("A command to explain; empty lists all") });

export const help = defineCommand<typeof options, Needs>({
  name: "help",
  summary: "What you can say, and how",
  options,
  access: { role: "anyone", urgency: "reads" },
  examples: ["/help", "/help pause"],
  async run({ needs, origin, options: { command } }) {
    const wanted = command.replace(/^\//, "").toLowerCase();
    if (wanted !== "") {
      const found = needs.commands.find((one) => one.name === wanted);
      if (found === undefined) return plainCard("warning", `There is no /${wanted}.`, ["/help lists all commands."]);
      return {
        title: `/${found.name}`,
        tone: "info",
        lines: [found.summary],
        fields: [
          { name: "Examples", value: found.examples.join("\n") },
          { name: "Role", value: found.access.role },
        ],
        footer: null,
        chart: null,
      };
    }
    const person = personBehind(needs.ledger.books().people, origin.platform, origin.userId);
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
