import { symbolOf } from "../core/instrument.ts";
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
  labels: ({ fact }) => ({ order: fact.clientOrderId, stage: fact.stage }),
  stands: ({ order }, { orders }) => orders[order ?? ""]?.state === "unknown",
  render({ fact }, books) {
    const order = books.orders[fact.clientOrderId];
    const intent = order?.intent;
    const what =
      intent === undefined
        ? "An order"
        : `${intent.leg} ${intent.side} ${intent.quantity} ${symbolOf(intent.instrumentId)}`;
    const newest = new Map((order?.looks ?? []).map((look) => [look.endpoint, look]));
    return {
      title: `Unknown for ${Math.round(fact.ageMs / 1_000)} s`,
      tone: "critical",
      lines: [`${what}: ${order?.problem ?? "no answer"}.`, asks[fact.stage]],
      fields: [...newest.values()].map((look) => ({
        name: look.endpoint.replaceAll("_", " "),
        value: `${look.verdict} at ${isoTime(look.at).slice(11, 19)} UTC`,
      })),
      footer: `Order ${fact.clientOrderId}`,
      chart: null,
    };
  },
});
