import { tradedLabelNames, tradedLabels } from "../core/alert_labels.ts";
import { capital, orderFate, orderWords, sentence, spokenName } from "../core/alert_words.ts";
import { lengthText } from "../core/facts.ts";
import { isoTime } from "../core/time.ts";
import { defineAlert } from "../define/alert.ts";

/** The first stage is told by order_unknown already; from the second on a person has to act. */
const asks = {
  warn: "I go on asking the venue; nothing is sent twice.",
  page: "Please look at the venue's own pages. If it will never be found, an owner can give it up: /unknown",
  breaker:
    "No entry leaves for this venue any more until a person has reset it. An owner can give the order up: /unknown",
} as const;

export const doubtAged = defineAlert({
  name: "doubt_aged",
  summary: "An order has been of unknown fate for too long; comes with everything that the venue said of it",
  severity: "critical",
  wakesOn: ["order_doubt_aged"],
  foldKey: ({ fact }) => (fact.stage === "warn" ? null : `${fact.clientOrderId} ${fact.stage}`),
  quietMinutes: 10,
  labels: ({ fact }, { orders }) => ({
    order: fact.clientOrderId,
    stage: fact.stage,
    ...tradedLabels(orders[fact.clientOrderId]?.intent),
  }),
  labelNames: ["order", "stage", ...tradedLabelNames],
  stands: ({ order }, { orders }) => orders[order ?? ""]?.state === "unknown",
  renderOver: ({ order }, { orders }, stoodMs) => ({
    title: "The order is known, nothing more to do",
    tone: "ok",
    lines: [`${orderFate(orders[order ?? ""])}, after ${lengthText(stoodMs)} more.`],
    fields: [{ name: "Order", value: order ?? "" }],
    footer: null,
    chart: null,
  }),
  render({ fact }, books) {
    const order = books.orders[fact.clientOrderId];
    const intent = order?.intent;
    const what = intent === undefined ? "An order" : capital(orderWords(intent));
    const newest = new Map((order?.looks ?? []).map((look) => [look.endpoint, look]));
    return {
      title: `Order unknown for ${lengthText(fact.ageMs)}`,
      tone: "critical",
      lines: [`${what}. ${sentence(order?.problem ?? "no answer")}`, asks[fact.stage]],
      fields: [...newest.values()].map((look) => ({
        name: spokenName(look.endpoint),
        value: `${look.verdict} at ${isoTime(look.at).slice(11, 19)} UTC`,
      })),
      footer: `Order ${fact.clientOrderId}`,
      chart: null,
    };
  },
});
