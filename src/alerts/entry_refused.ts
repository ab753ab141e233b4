import { tradedLabelNames, tradedLabels } from "../core/alert_labels.ts";
import { orderWords, sentence } from "../core/alert_words.ts";
import { symbolOf } from "../core/instrument.ts";
import { defineAlert } from "../define/alert.ts";

export const entryRefused = defineAlert({
  name: "entry_refused",
  summary: "The venue refused an entry that was signed; nothing was bought",
  severity: "warning",
  wakesOn: ["order_rejected"],
  foldKey: ({ fact }, { orders }) => (orders[fact.clientOrderId]?.intent.leg === "entry" ? fact.clientOrderId : null),
  quietMinutes: 60,
  labels: ({ fact }, { orders }) => tradedLabels(orders[fact.clientOrderId]?.intent),
  labelNames: tradedLabelNames,
  render({ fact }, { orders }) {
    const intent = orders[fact.clientOrderId]?.intent;
    return {
      title: `Entry refused: ${symbolOf(intent?.instrumentId ?? "")}`,
      tone: "warning",
      lines: [`The venue says: ${sentence(fact.message)}`, "Nothing was bought, and it is not tried again by itself."],
      fields: [
        ...(intent === undefined ? [] : [{ name: "Wanted", value: orderWords(intent) }]),
        { name: "Code", value: fact.code },
      ],
      footer: `Order ${fact.clientOrderId}`,
      chart: null,
    };
  },
});
