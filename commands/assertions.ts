import { z } from "zod";
import { defineCommand } from "../src/define/command.ts";
import { troubleNow } from "../src/flows/find_trouble.ts";
import type { Needs } from "../src/flows/needs.ts";

const options = z.object({});

export const assertions = defineCommand<typeof options, Needs>({
  name: "assertions",
  summary: "The promises that are checked every second, and which of them holds now",
  options,
  access: { role: "viewer", urgency: "reads" },
  view: { hasRefresh: true },
  examples: ["/assertions"],
  async run({ needs }) {
    const findings = troubleNow(needs);
    const board = [...needs.assertions]
      .sort((left, right) => (left.id < right.id ? -1 : 1))
      .map((assertion) => {
        const promise = `${assertion.id} ${assertion.name}`.trim();
        const broken = findings.filter((finding) => finding.promise === promise);
        const said = broken.map(({ scope, evidence }) =>
          [scope, ...Object.entries(evidence).map(([name, value]) => `${name} ${value}`)].join(", "),
        );
        return { name: promise, value: said.length === 0 ? "holds" : `BROKEN: ${said.join("; ")}`.slice(0, 300) };
      });
    const count = board.filter(({ value }) => value !== "holds").length;
    return {
      title: count === 0 ? `All ${board.length} promises hold` : `${count} of ${board.length} promises are broken`,
      tone: count === 0 ? "ok" : "critical",
      lines: [],
      fields: board,
      footer: "/breakers shows what that stops.",
      chart: null,
    };
  },
});
