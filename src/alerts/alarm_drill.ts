import { runningDrill } from "../core/drill.ts";
import { lengthText } from "../core/facts.ts";
import { clockText } from "../core/local_time.ts";
import { defineAlert } from "../define/alert.ts";

/** A test goes the same way as what it stands for: critical, with sound, again and again until somebody takes it on. */
export const alarmDrill = defineAlert({
  name: "alarm_drill",
  summary: "The test alarm of the week, or one that was asked for: somebody must acknowledge it in time",
  severity: "critical",
  wakesOn: ["drill_started"],
  foldKey: ({ fact }) => fact.drillId,
  quietMinutes: 0,
  stands: (labels, { drills }) => runningDrill(drills)?.drillId === labels["about"],
  render({ fact }, books) {
    const owner = Object.values(books.people.persons).find(({ role, isActive }) => isActive && role === "owner");
    return {
      title: "Test alarm: acknowledge it",
      tone: "critical",
      lines: [
        "Nothing is wrong. A real alarm takes this way, so somebody has to answer this one as well.",
        `Tap Acknowledge, or type /ack, by ${clockText(fact.dueAt, owner?.timeZone ?? "UTC")}.`,
      ],
      fields: [],
      footer: fact.personId === null ? "The one of the week" : "/drill alarm",
      chart: null,
    };
  },
  renderOver({ about }, { drills: { last }, people }) {
    const end = last?.drillId === about ? (last?.end ?? null) : null;
    const name = end?.personId == null ? "" : (people.persons[end.personId]?.name ?? end.personId);
    const isPassed = end?.how === "acknowledged";
    return {
      title: isPassed ? "The test alarm was heard" : "The test alarm is over",
      tone: isPassed ? "ok" : "warning",
      lines: [
        end?.afterMs == null
          ? "Nobody acknowledged it in time."
          : `${name} acknowledged it after ${lengthText(end.afterMs)}.`,
      ],
      fields: [],
      footer: null,
      chart: null,
    };
  },
});
