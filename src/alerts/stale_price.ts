import { instrumentLabelNames, instrumentLabels } from "../core/alert_labels.ts";
import { evidenceFields } from "../core/alert_words.ts";
import { symbolOf } from "../core/instrument.ts";
import { defineAlert } from "../define/alert.ts";

export const stalePrice = defineAlert({
  name: "stale_price",
  summary: "An entry was refused because its price was too old; muted while the whole venue is gone",
  severity: "info",
  wakesOn: ["intent_denied"],
  foldKey: ({ fact }) => (fact.denials.some((denial) => denial.code === "data_stale") ? fact.instrumentId : null),
  quietMinutes: 60,
  labels: ({ fact }) => instrumentLabels(fact.instrumentId),
  labelNames: instrumentLabelNames,
  isMutedByHalt: true,
  render({ fact }) {
    const denial = fact.denials.find((one) => one.code === "data_stale");
    return {
      title: `Price of ${symbolOf(fact.instrumentId)} too old`,
      tone: "info",
      lines: [`${fact.strategy} wanted to enter; without a fresh price nothing is traded.`],
      fields: evidenceFields(denial?.facts ?? {}),
      footer: null,
      chart: null,
    };
  },
});
