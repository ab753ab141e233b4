import { sentence } from "../core/alert_words.ts";
import { defineAlert } from "../define/alert.ts";

export const healthFailure = defineAlert({
  name: "health_failure",
  summary: "The program ended by a fault of its own; what was under way is found by the next start",
  severity: "critical",
  wakesOn: ["house_died"],
  foldKey: ({ seq }) => String(seq),
  quietMinutes: 30,
  isVital: () => true,
  render: ({ fact }) => ({
    title: "The program ended by a fault",
    tone: "critical",
    lines: [
      sentence(fact.because),
      fact.openPositions.length === 0
        ? "No position was open."
        : `Open: ${fact.openPositions.join(", ")}. Their stops rest at the venue.`,
    ],
    fields: [],
    footer: null,
    chart: null,
  }),
});
