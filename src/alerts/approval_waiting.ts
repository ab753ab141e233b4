import { capital, subjectMoney, subjectWords } from "../core/alert_words.ts";
import { defineAlert } from "../define/alert.ts";

/** The prompt itself is the first call; this one speaks when a request was lost to silence, so that nobody learns it by chance. */
export const approvalWaiting = defineAlert({
  name: "approval_waiting",
  summary: "A request waited for an answer and got none in time",
  severity: "info",
  wakesOn: ["approval_settled"],
  foldKey: ({ fact }) => (fact.to === "expired" ? "expired" : null),
  quietMinutes: 30,
  render({ fact }, books) {
    const approval = books.approvals[fact.approvalId];
    const what = approval === undefined ? "A request" : capital(subjectWords(approval));
    return {
      title: "Approval expired",
      tone: "info",
      lines: [
        approval?.isVeto === true
          ? `${what} was ${fact.reason ?? "not done by itself"}.`
          : `${what} waited and nobody answered, so nothing was traded.`,
      ],
      fields: approval === undefined ? [] : subjectMoney(approval),
      footer: "/approvals lists what was asked.",
      chart: null,
    };
  },
});
