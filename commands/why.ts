import { z } from "zod";
import { sentence } from "../src/core/alert_words.ts";
import { denials } from "../src/core/denial.ts";
import { symbolOf } from "../src/core/instrument.ts";
import { isoTime } from "../src/core/time.ts";
import { defineCommand } from "../src/define/command.ts";
import { refusedCandidates } from "../src/flows/candidates.ts";
import type { Needs } from "../src/flows/needs.ts";

const options = z.object({
  what: z.string().max(60).default("").describe("Instrument, strategy, trade or signal id; empty = the newest refusal"),
});

export const why = defineCommand<typeof options, Needs>({
  name: "why",
  summary: "Why something did not happen, with every number that decided it",
  options,
  access: { role: "viewer", urgency: "reads" },
  view: { hasRefresh: false },
  candidates: { what: refusedCandidates },
  examples: ["/why", "/why SOL/USDT", "/why ema_trend"],
  async run({ needs, options: { what } }) {
    const books = needs.ledger.books();
    const wanted = what.trim().toLowerCase();
    const denied = books.signals.denied.findLast(
      (one) =>
        wanted === "" ||
        [one.instrumentId, one.strategy, one.tradeId ?? "", one.signalId ?? ""].some((text) =>
          text.toLowerCase().includes(wanted),
        ),
    );
    if (denied === undefined) {
      return {
        title: wanted === "" ? "Nothing was refused lately" : `Nothing refused for ${what}`,
        tone: "info",
        lines: ["/signals shows what the strategies saw, /approvals what people decided."],
        fields: [],
        footer: null,
        chart: null,
      };
    }
    const signal = books.signals.recent.findLast((one) => one.signalId === denied.signalId);
    const fields = denied.denials.map((denial) => ({
      name: denials[denial.code].summary,
      value: `${Object.entries(denial.facts)
        .map(([name, value]) => `${spoken(name)} ${value}`)
        .join(", ")} (${denial.check}${denials[denial.code].mayPass ? ", may pass later" : ""})`,
    }));
    const intent = denied.intent;
    return {
      title: `${symbolOf(denied.instrumentId)} · ${denied.strategy}: refused at ${denied.stage}`,
      tone: "warning",
      lines: [
        ...(signal === undefined ? [] : [`Signal: ${sentence(signal.because)} Strength ${signal.strength}.`]),
        ...(intent === null
          ? []
          : [
              `Wanted: ${intent.side} ${intent.quantity}, at most ${intent.shape.limitPrice}, stop ${intent.exitPlan?.stopPrice ?? "none"}.`,
            ]),
        ...denied.notes,
      ],
      fields,
      footer: `${isoTime(denied.at).slice(0, 19).replace("T", " ")} UTC · ${denied.tradeId ?? denied.signalId ?? ""}`,
      chart: null,
    };
  },
});

/** "averageBefore" is "average before". */
function spoken(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
