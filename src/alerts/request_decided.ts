import { tradedLabelNames, tradedLabels } from "../core/alert_labels.ts";
import { subjectMoney, subjectWords } from "../core/alert_words.ts";
import type { FactOf } from "../core/events.ts";
import { statusLine } from "../core/prompt_card.ts";
import { vetoPolicy } from "../core/veto.ts";
import { defineAlert } from "../define/alert.ts";

/** An edit of the prompt makes no sound: whoever was called to something large hears how it ended. */
type Decision = Pick<FactOf<"approval_settled">, "by" | "to">;

const isBySilence = ({ by }: Decision): boolean => by.includes(vetoPolicy);
const wordOf = (fact: Decision): string =>
  fact.to === "approved" ? (isBySilence(fact) ? "Nobody stopped it" : "Approved") : "Declined";

export const requestDecided = defineAlert({
  name: "request_decided",
  summary: "Something large was decided; the edited prompt alone would tell nobody",
  // With a sound, which the edit of the prompt does not make.
  severity: "warning",
  wakesOn: ["approval_settled"],
  foldKey({ fact }, books) {
    const tier = books.approvals[fact.approvalId]?.tier;
    const isDecision = fact.from === "pending" && (fact.to === "approved" || fact.to === "declined");
    const isLarge = tier === "T2" || tier === "T3";
    return isDecision && (isLarge || isBySilence(fact)) ? fact.approvalId : null;
  },
  quietMinutes: 0,
  labels({ fact }, { approvals }) {
    const subject = approvals[fact.approvalId]?.subject;
    return tradedLabels(subject?.kind === "order" ? subject.intent : undefined);
  },
  labelNames: tradedLabelNames,
  grouping: "each",
  render({ fact }, books) {
    const approval = books.approvals[fact.approvalId];
    return {
      title: `${wordOf(fact)}${approval === undefined ? "" : `: ${subjectWords(approval)}`}`,
      tone: fact.to === "approved" ? "ok" : "closed",
      lines: [approval === undefined ? fact.approvalId : statusLine(approval, books)],
      fields: approval === undefined ? [] : subjectMoney(approval),
      footer: "The prompt above shows all of it.",
      chart: null,
    };
  },
});
