import { tradedLabelNames, tradedLabels } from "../core/alert_labels.ts";
import { sentence } from "../core/alert_words.ts";
import { refusedExits } from "../core/books_positions.ts";
import { symbolOf } from "../core/instrument.ts";
import { defineAlert } from "../define/alert.ts";

export const exitRefused = defineAlert({
  name: "exit_refused",
  summary: "The venue refused to close a position more than once; it is not protected meanwhile",
  severity: "critical",
  wakesOn: ["order_rejected"],
  foldKey({ fact }, books) {
    const order = books.orders[fact.clientOrderId];
    return order?.intent.leg === "exit" && refusedExits(books, order.tradeId) >= 2 ? order.tradeId : null;
  },
  quietMinutes: 5,
  labels({ fact }, { orders, positions }) {
    const position = orders[fact.clientOrderId]?.tradeId ?? "";
    return { position, ...tradedLabels(positions[position]) };
  },
  labelNames: ["position", ...tradedLabelNames],
  stands: ({ position }, books) =>
    books.positions[position ?? ""]?.state !== "closed" && refusedExits(books, position ?? "") >= 2,
  isVital: () => true,
  render({ fact, tradeId }, books) {
    const position = books.positions[tradeId ?? ""];
    const name = position === undefined ? (tradeId ?? "") : `${position.quantity} ${symbolOf(position.instrumentId)}`;
    return {
      title: `Exit refused${position === undefined ? "" : `: ${symbolOf(position.instrumentId)}`}`,
      tone: "critical",
      lines: [
        `The venue does not let me sell ${name}: ${sentence(fact.message)}`,
        "I try again, at longer and longer intervals up to a minute. Look at the account yourself.",
      ],
      fields: [{ name: "Refused in a row", value: String(refusedExits(books, tradeId ?? "")) }],
      footer: null,
      chart: null,
    };
  },
});
