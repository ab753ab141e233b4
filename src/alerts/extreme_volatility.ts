import { instrumentLabelNames, instrumentLabels } from "../core/alert_labels.ts";
import { lengthText, shareText } from "../core/facts.ts";
import { symbolOf } from "../core/instrument.ts";
import { defineAlert } from "../define/alert.ts";

export const extremeVolatility = defineAlert({
  name: "extreme_volatility",
  summary: "The market moved more within a day than allowed: nothing is opened until it is calmer",
  severity: "warning",
  wakesOn: ["market_judged"],
  foldKey: ({ fact }) => (fact.isWild ? fact.instrumentId : null),
  quietMinutes: 60,
  labels: ({ fact }) => instrumentLabels(fact.instrumentId),
  labelNames: instrumentLabelNames,
  stands: ({ instrument }, { house }) => house.wild?.[instrument ?? ""] !== undefined,
  render: ({ fact }) => ({
    title: "Extreme volatility",
    tone: "warning",
    lines: ["The market moved so far within a day that no position is opened. Stops and exits work as always."],
    fields: [
      { name: "Move", value: `${shareText(fact.move)} within 24 h` },
      { name: "Limit", value: `${shareText(fact.limit)} within 24 h` },
      { name: "Watched", value: symbolOf(fact.instrumentId) },
    ],
    footer: null,
    chart: null,
  }),
  renderOver: ({ instrument }, _books, stoodMs) => ({
    title: "The market is calmer again",
    tone: "ok",
    lines: [
      `${symbolOf(instrument ?? "")} moved more than the limit for ${lengthText(stoodMs)}. It stops no entry any more.`,
    ],
    fields: [],
    footer: null,
    chart: null,
  }),
});
