import { tradedLabelNames, tradedLabels } from "../core/alert_labels.ts";
import { exitWords, signedPercent } from "../core/alert_words.ts";
import type { Card } from "../core/card.ts";
import { cashText, lengthText } from "../core/facts.ts";
import { symbolOf } from "../core/instrument.ts";
import { isNegative, isPositive, ratioBetween } from "../core/money.ts";
import type { ExitReason, Position } from "../core/position.ts";
import { exitShown } from "../core/position_picture.ts";
import { signedCash } from "../core/report_cards.ts";
import { between } from "../core/time.ts";
import { defineAlert } from "../define/alert.ts";

function pictureOf(position: Position | undefined, left: Parameters<typeof exitShown>[1]): Pick<Card, "picture"> {
  const shown = position === undefined ? null : exitShown(position, left);
  return shown === null ? {} : { picture: { kind: "position", ...shown } };
}

/** Nobody chose the moment of these. */
const unasked: ReadonlySet<string> = new Set(["stop", "protection_failed", "liquidated"] satisfies ExitReason[]);

export const exitFired = defineAlert({
  name: "exit_fired",
  summary: "A position was closed: why, at what price, and what it brought; a stop-out with a loss is a warning",
  severity: "info",
  wakesOn: ["position_closed"],
  foldKey: ({ fact }) => (fact.reason === "no_fill" ? null : fact.positionId),
  // It is over when it is told: nothing is left to take on.
  quietMinutes: 0,
  grouping: "each",
  labels: ({ fact }, { positions }) => ({
    cause: fact.reason,
    result: isNegative(fact.pnl) ? "loss" : "gain",
    ...tradedLabels(positions[fact.positionId]),
  }),
  labelNames: ["cause", "result", ...tradedLabelNames],
  severityOf: ({ cause, result }) => (result === "loss" && unasked.has(cause ?? "") ? "warning" : "info"),
  render({ fact, at }, books) {
    const position = books.positions[fact.positionId];
    const currency = books.house.account?.currency ?? "";
    const share =
      position !== undefined && isPositive(position.entryCost)
        ? ` · ${signedPercent(ratioBetween(fact.pnl, position.entryCost))}`
        : "";
    const planned =
      fact.intendedExitPrice === null || fact.intendedExitPrice === fact.exitPrice
        ? ""
        : ` (planned ${fact.intendedExitPrice})`;
    const name = position === undefined ? fact.positionId : symbolOf(position.instrumentId);
    const why = fact.reason === "no_fill" ? "nothing" : exitWords[fact.reason];
    const openedAt = position?.openedAt ?? null;
    return {
      title: `${name} closed by ${why}: ${signedCash(fact.pnl, currency)}`,
      tone: isNegative(fact.pnl) ? "warning" : "ok",
      lines: [],
      fields: [
        {
          name: "Result",
          value: `${signedCash(fact.pnl, currency)}${share}, after fees of ${cashText(fact.fees, currency)}`,
        },
        { name: "Entry", value: fact.entryPrice ?? "none" },
        { name: "Exit", value: `${fact.exitPrice ?? "none"}${planned}` },
        ...(openedAt === null ? [] : [{ name: "Held", value: lengthText(between(openedAt, at)) }]),
        { name: "Strategy", value: position?.strategy ?? "" },
      ],
      footer: null,
      chart: null,
      ...pictureOf(position, { exitPrice: fact.exitPrice, pnl: fact.pnl, closedBy: why, currency, at }),
    };
  },
});
