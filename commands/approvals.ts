import { z } from "zod";
import { subjectWords } from "../src/core/alert_words.ts";
import { statusLine } from "../src/core/prompt_card.ts";
import { defineCommand } from "../src/define/command.ts";
import type { Needs } from "../src/flows/needs.ts";
import { approvalsText } from "../src/flows/summarize_day.ts";

const options = z.object({
  count: z.number().int().min(1).max(25).default(8).describe("How many of the newest requests"),
});

export const approvals = defineCommand<typeof options, Needs>({
  name: "approvals",
  summary: "Open requests first, then what was decided lately, by whom and what came of it",
  options,
  access: { role: "viewer", urgency: "reads" },
  aliases: ["requests"],
  view: { hasRefresh: true },
  examples: ["/approvals", "/approvals 3"],
  async run({ needs, options: { count } }) {
    const books = needs.ledger.books();
    const newest = Object.values(books.approvals).sort(
      (left, right) =>
        Number(right.state === "pending") - Number(left.state === "pending") || right.createdAt - left.createdAt,
    );
    const fields = newest.slice(0, count).map((approval) => {
      const { subject } = approval;
      const worst = subject.kind === "order" ? ` at most ${subject.intent.shape.limitPrice}` : "";
      return { name: `${subjectWords(approval)}${worst}`, value: statusLine(approval, books) };
    });
    const { today } = books.days;
    return {
      title: fields.length === 0 ? "Nothing was asked yet" : "Approvals",
      tone: "info",
      lines: [`Today: ${approvalsText(today)}`],
      fields,
      footer: null,
      chart: null,
    };
  },
});
