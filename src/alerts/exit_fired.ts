import { cashText } from "../core/facts.ts";
import { symbolOf } from "../core/instrument.ts";
import { isNegative, isPositive, ratioBetween, showPercent } from "../core/money.ts";
import { defineAlert } from "../define/alert.ts";

export const exitFired = defineAlert({
  name: "exit_fired",
  summary: "A position was closed: why, at what price, and what it brought",
  severity: "info",
  wakesOn: ["position_closed"],
  foldKey: ({ fact }) => (fact.reason === "no_fill" ? null : fact.positionId),
  quietMinutes: 60,
  grouping: "each",
  render({ fact }, books) {
    const position = books.positions[fact.positionId];
    const currency = books.house.account?.currency ?? "";
    const share =
      position !== undefined && isPositive(position.entryCost)
        ? ` · ${showPercent(ratioBetween(fact.pnl, position.entryCost))}`
        : "";
    const intended = fact.intendedExitPrice === null ? "" : ` (meant ${fact.intendedExitPrice})`;
    return {
      title: `${position === undefined ? fact.positionId : symbolOf(position.instrumentId)} closed by ${fact.reason.replaceAll("_", " ")}`,
      tone: isNegative(fact.pnl) ? "warning" : "ok",
      lines: [],
      fields: [
        { name: "Result", value: `${cashText(fact.pnl, currency)}${share}` },
        { name: "Entry", value: fact.entryPrice ?? "none" },
        { name: "Exit", value: `${fact.exitPrice ?? "none"}${intended}` },
        { name: "Fees", value: cashText(fact.fees, currency) },
        { name: "Strategy", value: position?.strategy ?? "" },
      ],
      footer: null,
      chart: null,
    };
  },
});
