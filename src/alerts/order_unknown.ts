import { tradedLabelNames, tradedLabels } from "../core/alert_labels.ts";
import { capital, orderFate, orderWords, sentence } from "../core/alert_words.ts";
import { lengthText } from "../core/facts.ts";
import { defineAlert } from "../define/alert.ts";

export const orderUnknown = defineAlert({
  name: "order_unknown",
  summary: "The venue did not answer an order in time; it may or may not exist",
  severity: "critical",
  wakesOn: ["order_answer_lost"],
  foldKey: ({ fact }) => fact.clientOrderId,
  quietMinutes: 10,
  labels: ({ fact }, { orders }) => ({
    order: fact.clientOrderId,
    ...tradedLabels(orders[fact.clientOrderId]?.intent),
  }),
  labelNames: ["order", ...tradedLabelNames],
  stands: ({ order }, { orders }) => orders[order ?? ""]?.state === "unknown",
  renderOver: ({ order }, { orders }, stoodMs) => ({
    title: "Order known again",
    tone: "ok",
    lines: [`${orderFate(orders[order ?? ""])}, after ${lengthText(stoodMs)}.`],
    fields: [{ name: "Order", value: order ?? "" }],
    footer: null,
    chart: null,
  }),
  render({ fact }, books) {
    const order = books.orders[fact.clientOrderId];
    const what = order === undefined ? fact.clientOrderId : capital(orderWords(order.intent));
    return {
      title: "Order unknown",
      tone: "critical",
      lines: [
        `${what}. ${sentence(fact.because)}`,
        "Nothing is sent twice. I ask the venue until it is found or proven absent; this instrument takes no new entry meanwhile.",
      ],
      fields: [{ name: "Order", value: fact.clientOrderId }],
      footer: null,
      chart: null,
    };
  },
});
