import { instrumentLabelNames, instrumentLabels } from "../core/alert_labels.ts";
import { sentence } from "../core/alert_words.ts";
import { lengthText } from "../core/facts.ts";
import { symbolOf } from "../core/instrument.ts";
import { defineAlert } from "../define/alert.ts";

const instrumentOf = (source: string): string => source.slice("data:".length);

export const feedGap = defineAlert({
  name: "feed_gap",
  summary: "Market data of one instrument does not come; muted while its whole venue is gone",
  severity: "critical",
  wakesOn: ["source_gone"],
  foldKey: ({ fact }) => (fact.source.startsWith("data:") ? fact.source : null),
  quietMinutes: 1,
  labels: ({ fact }) => ({ source: fact.source, ...instrumentLabels(instrumentOf(fact.source)) }),
  labelNames: ["source", ...instrumentLabelNames],
  stands: ({ source }, { house }) => house.gone[source ?? ""] !== undefined,
  render: ({ fact }) => ({
    title: `Market data of ${symbolOf(instrumentOf(fact.source))} does not come`,
    tone: "critical",
    lines: [sentence(fact.because), "Nothing is opened on it meanwhile. Stops that rest at the venue stay there."],
    fields: [],
    footer: null,
    chart: null,
  }),
  renderOver: ({ instrument }, _books, stoodMs) => ({
    title: `Market data of ${symbolOf(instrument ?? "")} comes again`,
    tone: "ok",
    lines: [`It was gone for ${lengthText(stoodMs)}.`],
    fields: [],
    footer: null,
    chart: null,
  }),
});
