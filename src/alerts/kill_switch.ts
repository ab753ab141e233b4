import { actorName, sentence } from "../core/alert_words.ts";
import type { Card } from "../core/card.ts";
import type { FactOf } from "../core/events.ts";
import { lengthText, shareText } from "../core/facts.ts";
import { symbolOf } from "../core/instrument.ts";
import { defineAlert } from "../define/alert.ts";

type KillFactType = "flatten_started" | "flatten_upgraded" | "flatten_step" | "flatten_verified" | "flatten_ended";

/** Never muted and never folded over time: every step of closing everything is told once. */
export const killSwitch = defineAlert({
  name: "kill_switch",
  summary: "A flatten or an emergency began, waits, is held up by the venue, is verified flat, or was ended",
  severity: "critical",
  wakesOn: ["flatten_started", "flatten_upgraded", "flatten_step", "flatten_verified", "flatten_ended"],
  foldKey({ fact, seq }) {
    const isTold = fact.type !== "flatten_step" || fact.step === "halting" || fact.step === "waiting_venue";
    return isTold ? `${fact.procedureId}|${seq}` : null;
  },
  quietMinutes: 0,
  isVital: () => true,
  render: ({ fact, actor }, books): Card => ({
    title: titleOf(fact),
    tone: fact.type === "flatten_verified" || fact.type === "flatten_ended" ? "ok" : "critical",
    lines: linesOf(fact),
    fields:
      fact.type === "flatten_verified"
        ? fact.report.map((one) => ({
            name: symbolOf(books.positions[one.positionId]?.instrumentId ?? `?:${one.positionId}`),
            value: reportText(one),
          }))
        : [],
    footer: `By ${actorName(books, actor)}`,
    chart: null,
  }),
});

function titleOf(fact: FactOf<KillFactType>): string {
  switch (fact.type) {
    case "flatten_started":
      return fact.level === "emergency" ? "Emergency: entries are halted" : "Flatten: entries are halted";
    case "flatten_upgraded":
      return "Flatten is an emergency now";
    case "flatten_step":
      return fact.step === "halting" ? "The sale waits for a tap" : "The sale waits for the venue";
    case "flatten_verified":
      return "Verified flat";
    case "flatten_ended":
      return fact.how === "reset" ? "Kill switch reset" : `Kill switch ${fact.how}`;
    default:
      return fact satisfies never;
  }
}

function linesOf(fact: FactOf<KillFactType>): readonly string[] {
  switch (fact.type) {
    case "flatten_started":
    case "flatten_upgraded":
      return [
        `Reason: ${fact.reason}.`,
        "No new position anywhere; entries that still work are taken back. Every stop stays until its position is sold.",
      ];
    case "flatten_ended":
      return [`Reason: ${fact.reason}.`];
    case "flatten_step":
      return [sentence(fact.because), ...fact.left.slice(0, 20)];
    case "flatten_verified":
      return [
        `${fact.looks} looks at every list of the venue, ${lengthText(fact.spanMs)} apart, found nothing of ours. Late fills are looked for every 5 s for 10 min.`,
      ];
    default:
      return fact satisfies never;
  }
}

function reportText({ flatMs, slippage, dust }: FactOf<"flatten_verified">["report"][number]): string {
  const time = flatMs === null ? "not closed" : `flat in ${lengthText(flatMs)}`;
  const cost = slippage === null ? "price not known" : `${shareText(slippage)} under the price seen`;
  return `${time}, ${cost}, ${dust === null || dust === "0" ? "nothing left" : `${dust} left as dust`}`;
}
