/** Reminds people of what waits, rung by rung; each step is on record once, with the messages that it sends. */
import type { Approval } from "../core/approval.ts";
import type { Card, Severity } from "../core/card.ts";
import { standingSignatures } from "../core/consent.ts";
import type { Fact } from "../core/events.ts";
import { lengthText } from "../core/facts.ts";
import { dueStep, lastRung, reminderAlert, type Step } from "../core/ladder.ts";
import { mark } from "../core/mark.ts";
import { promptCard } from "../core/prompt_card.ts";
import { between, type Instant, isoTime } from "../core/time.ts";
import { peaceOf } from "./chat_peace.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { openApprovals } from "./request_approval.ts";

/** Every step that is due, each once, however often and wherever this runs. */
export async function climbLadders(needs: Needs): Promise<void> {
  const { clock, ledger } = needs;
  const peace = peaceOf(needs);
  const due = openApprovals(ledger.books()).filter(
    (approval) => dueStep(approval, ledger.books(), peace, clock.wall()) !== null,
  );
  for (const { approvalId } of due)
    await record(needs, (books, { wallAt }) => {
      const approval = books.approvals[approvalId];
      const step = approval === undefined ? null : dueStep(approval, books, peace, wallAt);
      if (approval === undefined || step === null) return { drafts: [], value: undefined };
      if (step.to.length > 0) mark("M09.asked_again_elsewhere");
      const facts = [stepFact(approval, step), ...reminders(needs, approval, step, wallAt)];
      return { drafts: facts.map((fact) => draft("house", fact, approval.tradeId)), value: undefined };
    });
}

const stepFact = ({ approvalId, version }: Approval, { stepId, rung, to }: Step): Fact => ({
  type: "request_escalated",
  approvalId,
  version,
  stepId,
  rung,
  to,
});

/** Only a request for an order has a button for a rest. */
const footerOf = ({ subject }: Approval): string =>
  subject.kind === "order"
    ? "Answer on the prompt above; Later… there ends these reminders."
    : "Answer on the prompt above.";

/** New messages, because an edit makes no sound. They have no buttons: the prompt has them, and one set of them is enough. */
function reminders(needs: Needs, approval: Approval, { stepId, rung, to }: Step, wallAt: Instant): readonly Fact[] {
  const { title } = promptCard(approval, needs.ledger.books(), null);
  const left = lengthText(between(wallAt, approval.expiresAt));
  const isVeto = approval.isVeto === true;
  const signed = standingSignatures(approval, needs.ledger.books()).length;
  const until = `until ${isoTime(approval.expiresAt).slice(11, 19)} UTC`;
  const isLarge = approval.tier !== "T1";
  const severity: Severity = rung === lastRung && isLarge ? "critical" : "warning";
  const card: Card = {
    title: isVeto ? `Goes by itself: ${title}` : `Still waits: ${title}`,
    tone: "waiting",
    lines: [
      isVeto
        ? `${left} left to stop it, ${until}. Silence lets it happen.`
        : `${left} left to answer, ${until}. Silence means no.`,
    ],
    fields: approval.quorum > 1 ? [{ name: "Signed", value: `${signed} of ${approval.quorum}` }] : [],
    footer: footerOf(approval),
    chart: null,
  };
  return to.map(({ chat }): Fact => {
    const cardId = needs.ids.next("card");
    return { type: "card_queued", cardId, chat, severity, alert: reminderAlert, foldKey: stepId, card };
  });
}
