import { z } from "zod";
import { capital, sentence } from "../src/core/alert_words.ts";
import { symbolOf } from "../src/core/instrument.ts";
import { isoTime } from "../src/core/time.ts";
import { defineCommand } from "../src/define/command.ts";
import type { Needs } from "../src/flows/needs.ts";

const options = z.object({
  count: z.number().int().min(1).max(25).default(8).describe("How many of the newest signals"),
});

export const signals = defineCommand<typeof options, Needs>({
  name: "signals",
  summary: "What the strategies saw lately, and what became of it",
  options,
  access: { role: "viewer", urgency: "reads" },
  view: { hasRefresh: false },
  examples: ["/signals", "/signals 20"],
  async run({ needs, options: { count } }) {
    const books = needs.ledger.books();
    const fields = books.signals.recent
      .slice(-count)
      .reverse()
      .map((signal) => {
        const denied = books.signals.denied.findLast((denial) => denial.signalId === signal.signalId);
        const asked = Object.values(books.approvals).find(
          (approval) => approval.subject.kind === "order" && approval.subject.intent.signalId === signal.signalId,
        );
        const fate =
          asked !== undefined
            ? `asked: ${asked.state}`
            : denied !== undefined
              ? `denied: ${denied.denials.map(({ code }) => code.replaceAll("_", " ")).join(", ")}`
              : signal.direction === "flat"
                ? "exit"
                : "no order";
        return {
          name: `${symbolOf(signal.instrumentId)} ${signal.direction} · ${signal.strategy}`,
          value: `${sentence(signal.because)} Strength ${signal.strength}, price ${signal.price}. ${capital(fate)}. ${isoTime(signal.at).slice(0, 16).replace("T", " ")} UTC`,
        };
      });
    return {
      title: fields.length === 0 ? "No signals yet" : "Signals",
      tone: "info",
      lines:
        fields.length === 0
          ? [
              `${needs.memory.cycles} cycles ran; strategies: ${needs.settings.strategies.map((one) => one.name).join(", ")}`,
            ]
          : [],
      fields,
      footer: "/why explains a refusal with its numbers.",
      chart: null,
    };
  },
});
