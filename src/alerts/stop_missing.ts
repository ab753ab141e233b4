import { tradedLabelNames, tradedLabels } from "../core/alert_labels.ts";
import { cashText, lengthText } from "../core/facts.ts";
import { symbolOf } from "../core/instrument.ts";
import { defineAlert } from "../define/alert.ts";

export const stopMissing = defineAlert({
  name: "stop_missing",
  summary: "A position has no resting stop: it was refused, lost or canceled by someone else",
  severity: "critical",
  wakesOn: ["order_rejected", "order_ended", "order_answer_lost", "position_protected"],
  foldKey({ fact }, books) {
    if (fact.type === "position_protected") return fact.protection === "local_guard" ? fact.positionId : null;
    const order = books.orders[fact.clientOrderId];
    if (order === undefined || order.intent.leg !== "protect") return null;
    if (fact.type === "order_ended" && fact.by === "us") return null;
    const position = books.positions[order.tradeId];
    return position === undefined || position.state === "closed" || position.exitFacts.length > 0
      ? null
      : order.tradeId;
  },
  quietMinutes: 5,
  labels({ fact }, { orders, positions }) {
    const position = fact.type === "position_protected" ? fact.positionId : (orders[fact.clientOrderId]?.tradeId ?? "");
    return { position, ...tradedLabels(positions[position]) };
  },
  labelNames: ["position", ...tradedLabelNames],
  stands({ position }, { positions }) {
    const held = positions[position ?? ""];
    return held !== undefined && held.state !== "closed" && held.protection !== "placed";
  },
  renderOver({ position, instrument }, { positions }, stoodMs) {
    const isClosed = positions[position ?? ""]?.state === "closed";
    return {
      title: isClosed ? "Stop missing: the position is closed" : "The stop rests at the venue again",
      tone: "ok",
      lines: [`${symbolOf(instrument ?? "")} was without one for ${lengthText(stoodMs)}.`],
      fields: [],
      footer: null,
      chart: null,
    };
  },
  isVital: () => true,
  render({ fact, tradeId }, books) {
    const position = books.positions[tradeId ?? ""];
    const name = position === undefined ? (tradeId ?? "") : `${position.quantity} ${symbolOf(position.instrumentId)}`;
    const because =
      fact.type === "order_rejected" ? `the venue refused it: ${fact.message.replace(/[.!]+$/, "")}` : fact.because;
    return {
      title: "Stop missing",
      tone: "critical",
      lines: [
        `${name} has no stop at the venue: ${because}.`,
        "I watch the price myself, place the stop again, and close the position if that fails.",
      ],
      fields:
        position === undefined
          ? []
          : [
              { name: "Stop wanted at", value: position.exitPlan.stopPrice },
              { name: "Paid for it", value: cashText(position.entryCost, books.house.account?.currency ?? "") },
            ],
      footer: null,
      chart: null,
    };
  },
});
