import { instrumentLabels, tradedLabelNames, tradedLabels } from "../core/alert_labels.ts";
import { capital, evidenceFields, sentence } from "../core/alert_words.ts";
import type { Labels } from "../core/alerting.ts";
import type { Books } from "../core/books.ts";
import type { Fact } from "../core/events.ts";
import { symbolOf } from "../core/instrument.ts";
import type { OrderIntent } from "../core/intent.ts";
import type { Position } from "../core/position.ts";
import { defineAlert } from "../define/alert.ts";

type Woken = Extract<
  Fact,
  {
    type:
      | "order_adopted"
      | "order_suspected"
      | "holdings_compared"
      | "position_reduced"
      | "foreign_orders_seen"
      | "stop_lost"
      | "fill_reversed";
  }
>;

/** What it is about: one thing is told once, however many facts it has. null = nobody has to know. */
function subjectOf(fact: Woken): string | null {
  switch (fact.type) {
    case "order_adopted":
    case "order_suspected":
      return fact.clientOrderId;
    case "holdings_compared":
      return fact.isShort ? fact.asset : null;
    case "foreign_orders_seen":
      return fact.orderIds.length === 0 ? null : fact.instrumentId;
    case "position_reduced":
    case "stop_lost":
      return fact.positionId;
    case "fill_reversed":
      return fact.supersededBy === null ? fact.clientOrderId : null;
  }
}

/** The position or the order that it is about, where it is about one. */
function tradedOf({ positions, orders }: Books, fact: Woken): Position | OrderIntent | undefined {
  if ("positionId" in fact) return positions[fact.positionId];
  return "clientOrderId" in fact ? orders[fact.clientOrderId]?.intent : undefined;
}

/** "SOL/USDT: ", or nothing where no instrument is known. */
function about(books: Books, fact: Woken): string {
  const traded = tradedOf(books, fact);
  return traded === undefined ? "" : `${symbolOf(traded.instrumentId)}: `;
}

const tradedIn = (books: Books, fact: Woken): Labels =>
  fact.type === "foreign_orders_seen" ? instrumentLabels(fact.instrumentId) : tradedLabels(tradedOf(books, fact));

function saidOf(fact: Woken, books: Books): readonly [string, string] {
  switch (fact.type) {
    case "order_adopted":
      return fact.origin === "external"
        ? [
            `${symbolOf(fact.intent.instrumentId)}: ${fact.because}.`,
            "I take it in and do not undo it: the position and its stop follow, and no entry leaves until you reset the breaker.",
          ]
        : [
            `The venue holds an order of ours that our records lack: ${fact.intent.side} ${fact.intent.quantity} ${symbolOf(fact.intent.instrumentId)}.`,
            "What it bought gets a stop 2 % under its price; what it still wants is taken back.",
          ];
    case "order_suspected":
      return [
        `${about(books, fact)}${sentence(fact.because)}`,
        "No money was moved by it. Please compare with the venue's own history.",
      ];
    case "holdings_compared":
      return [
        `The account holds ${fact.theirs} ${fact.asset}, our positions say ${fact.ours}.`,
        "Exits sell at most what is there, and no entry leaves until somebody explains it.",
      ];
    case "foreign_orders_seen":
      return [
        `${symbolOf(fact.instrumentId)}: ${fact.orderIds.length === 1 ? "an order" : `${fact.orderIds.length} orders`} of somebody else ${fact.orderIds.length === 1 ? "rests" : "rest"} there.`,
        "I leave them alone, count them, and make no entry beside them.",
      ];
    case "position_reduced":
      return [
        `${about(books, fact)}${fact.quantity} left the position. ${sentence(fact.because)}`,
        "Its stop follows.",
      ];
    case "stop_lost":
      return [
        `${about(books, fact)}the stop is gone. ${sentence(fact.because)}`,
        "I place it again once. The next time I only watch, and ask you.",
      ];
    case "fill_reversed":
      return [
        `${about(books, fact)}a fill of ${fact.quantity} was taken back. ${sentence(fact.because)}`,
        "The books no longer count it.",
      ];
  }
}

export const venueDiffers = defineAlert({
  name: "venue_differs",
  summary: "The venue shows something that we did not do: another's trade, a lost stop, missing coins, odd numbers",
  severity: "critical",
  wakesOn: [
    "order_adopted",
    "order_suspected",
    "holdings_compared",
    "position_reduced",
    "foreign_orders_seen",
    "stop_lost",
    "fill_reversed",
  ],
  foldKey: ({ fact }) => {
    const subject = subjectOf(fact);
    return subject === null ? null : `${fact.type} ${subject}`;
  },
  quietMinutes: 10,
  labels: ({ fact }, books) => ({ kind: fact.type, subject: subjectOf(fact) ?? "", ...tradedIn(books, fact) }),
  labelNames: ["kind", "subject", ...tradedLabelNames],
  stands({ kind, subject }, { house }) {
    if (kind === "holdings_compared") return house.shortOf?.[subject ?? ""] !== undefined;
    return kind === "foreign_orders_seen" ? house.foreign?.[subject ?? ""] !== undefined : null;
  },
  isVital: () => true,
  render: ({ fact }, books) => ({
    title: "The venue differs from our books",
    tone: "critical",
    lines: saidOf(fact, books).map(capital),
    fields: fact.type === "order_suspected" ? evidenceFields(fact.evidence) : [],
    footer: null,
    chart: null,
  }),
});
