import { lengthText } from "../core/facts.ts";
import { symbolOf } from "../core/instrument.ts";
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
    instrument: orders[fact.clientOrderId]?.intent.instrumentId ?? "",
  }),
  stands: ({ order }, { orders }) => orders[order ?? ""]?.state === "unknown",
  renderOver: ({ order }, { orders }, stoodMs) => ({
    title: "Order known again",
    tone: "ok",
    lines: [`It is ${(orders[order ?? ""]?.state ?? "settled").replaceAll("_", " ")}, after ${lengthText(stoodMs)}.`],
    fields: [{ name: "Order", value: order ?? "" }],
    footer: null,
    chart: null,
  }),
  render({ fact }, books) {
    const order = books.orders[fact.clientOrderId];
    const what =
      order === undefined
        ? fact.clientOrderId
        : `${order.intent.leg} ${order.intent.side} ${order.intent.quantity} ${symbolOf(order.intent.instrumentId)}`;
    return {
      title: "Order unknown",
      tone: "critical",
      lines: [
        `${what}: ${fact.because}.`,
        "Nothing is sent twice. I ask the venue until it is found or proven absent; this instrument takes no new entry meanwhile.",
      ],
      fields: [{ name: "Order", value: fact.clientOrderId }],
      footer: null,
      chart: null,
    };
  },
});
