import { defineAlert } from "../define/alert.ts";

/** Stands until a later test alarm is heard: what failed once would fail again. */
export const drillFailed = defineAlert({
  name: "drill_failed",
  summary: "Nobody acknowledged the test alarm in time, or a chat never took it: a real alarm could go unheard",
  severity: "warning",
  wakesOn: ["drill_ended"],
  foldKey: ({ fact }) => (fact.how === "acknowledged" ? null : fact.drillId),
  grouping: "each",
  quietMinutes: 0,
  stands: (labels, { drills: { failed } }) => failed?.drillId === labels["about"],
  render: ({ fact }) => ({
    title: fact.how === "missed" ? "Nobody heard the test alarm" : "The test alarm did not reach every chat",
    tone: "warning",
    lines:
      fact.how === "missed"
        ? [
            "It was not acknowledged in its time; a real alarm might not have been heard either.",
            "See that the sound of this chat is on and that people are linked (/people). /drill alarm tries again.",
          ]
        : [
            "Its message was never confirmed there: the bot may be blocked or out of the group. /drill alarm tries again.",
          ],
    fields: fact.unreached.length === 0 ? [] : [{ name: "Not reached", value: fact.unreached.join(", ") }],
    footer: "Stands until a test alarm is heard.",
    chart: null,
  }),
});
