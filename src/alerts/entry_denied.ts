import { denials } from "../core/denial.ts";
import { symbolOf } from "../core/instrument.ts";
import { defineAlert } from "../define/alert.ts";

const lossLimits: ReadonlySet<string> = new Set(["daily_loss_reached", "session_loss_reached", "drawdown_reached"]);

export const entryDenied = defineAlert({
  name: "entry_denied",
  summary: "A loss or drawdown limit refused an entry",
  severity: "warning",
  wakesOn: ["intent_denied"],
  foldKey: ({ fact }) => fact.denials.find((denial) => lossLimits.has(denial.code))?.code ?? null,
  quietMinutes: 240,
  // Which limit it was, whatever strategy met it.
  labels: ({ fact }) => ({ limit: fact.denials.find((denial) => lossLimits.has(denial.code))?.code ?? "" }),
  labelNames: ["limit"],
  isMutedByHalt: true,
  render({ fact }) {
    const limits = fact.denials.filter((denial) => lossLimits.has(denial.code));
    return {
      title: "Entry denied by a loss limit",
      tone: "warning",
      lines: [`${fact.strategy} wanted ${symbolOf(fact.instrumentId)}; it was not traded.`],
      fields: limits.map((denial) => ({
        name: denials[denial.code].summary,
        value: Object.entries(denial.facts)
          .map(([name, value]) => `${name} ${value}`)
          .join(", "),
      })),
      footer: "/why shows every number; /breakers says what closes it.",
      chart: null,
    };
  },
});
