/** One counted yes or no, after all that had to be proven: the price is read, the vote is settled, what it decides is carried out. */
import { type Approval, isWait, type VoteProblem } from "../core/approval.ts";
import { unreachable } from "../core/assert.ts";
import type { Person } from "../core/books_people.ts";
import { standingSignatures } from "../core/consent.ts";
import type { FactOf } from "../core/events.ts";
import type { Quantity } from "../core/money.ts";
import { statusLine } from "../core/prompt_card.ts";
import { executeApproval } from "./execute_approval.ts";
import { executeFlatten } from "./flatten.ts";
import { readOutside } from "./gather_view.ts";
import { executeLoosening } from "./loosen_limit.ts";
import { executeLowering } from "./lower_level.ts";
import type { Needs } from "./needs.ts";
import { executeRaise } from "./raise_role.ts";
import { settleApproval, type TapOutcome } from "./settle_approval.ts";
import { showPrompts } from "./show_prompts.ts";

export type Signature = {
  readonly approval: Approval;
  readonly version: number;
  readonly verdict: "yes" | "no";
  /** Smaller than what was asked; null = as it stands. */
  readonly quantity: Quantity | null;
  readonly person: Person;
  readonly platform: string;
  readonly userId: string;
  readonly chatId: string;
  readonly messageId: string;
  readonly eventId: string;
  readonly tapAgeMs: number | null;
  readonly stepUp: NonNullable<FactOf<"vote_cast">["stepUp"]> | null;
};

/** @returns what came of it, and what the signer is told; null = the edited prompt says it all. */
export async function signRequest(
  needs: Needs,
  signature: Signature,
): Promise<{ readonly outcome: TapOutcome; readonly text: string | null }> {
  const { approval, verdict, ...rest } = signature;
  const isYes = verdict === "yes";
  const instrument =
    approval.subject.kind === "order" ? needs.memory.instruments.get(approval.subject.intent.instrumentId) : undefined;
  const outside = isYes && instrument !== undefined ? await readOutside(needs, instrument) : null;
  const tap = { ...rest, approvalId: approval.approvalId, verdict, reason: null };
  const outcome = await settleApproval(needs, tap, outside);
  if (outcome.kind === "approved")
    await carryOut(needs, approval, { outside, actor: `person:${rest.person.personId}` });
  void showPrompts(needs).catch((error: unknown) =>
    needs.log.warn("Prompts could not be refreshed at once", { error: String(error) }),
  );
  return { outcome, text: outcomeText(needs, approval, outcome, rest.person.personId) };
}

async function carryOut(
  needs: Needs,
  { approvalId, subject }: Approval,
  by: { outside: Awaited<ReturnType<typeof readOutside>> | null; actor: string },
): Promise<void> {
  switch (subject.kind) {
    case "order":
      return executeApproval(needs, approvalId, by.outside);
    case "flatten":
      return executeFlatten(needs, approvalId, by.actor);
    case "lower_level":
      return void (await executeLowering(needs, approvalId));
    case "loosen_limit":
      return executeLoosening(needs, approvalId);
    case "raise_role":
      return executeRaise(needs, approvalId);
    default:
      return unreachable(subject);
  }
}

function outcomeText(needs: Needs, approval: Approval, outcome: TapOutcome, personId: string): string | null {
  switch (outcome.kind) {
    case "approved":
    case "declined":
    case "counted":
      return null;
    case "repriced":
    case "capped":
      return outcome.text;
    case "invalidated":
      return `Not executed: ${outcome.text}.`;
    case "not_resized":
      return `${outcome.text}.`;
    case "outvoted":
      return "Somebody said no at the same moment, and a no wins.";
    case "not_allowed":
      return "Your role may not decide this any more.";
    case "unproven":
      return "The order is larger now and takes more than a tap: tap Approve again.";
    case "no_price":
      return "No fresh price right now. Tap again in a moment.";
    case "not_ready":
      return "Not counted: I am starting or stopping. It is asked anew as soon as I am ready.";
    case "gone":
      return "This request is not known any more.";
    case "problem":
      return problemText(needs, approval, outcome.problem, personId);
    default:
      return unreachable(outcome);
  }
}

/** @param personId who is told; absent = nobody in particular. */
export function problemText(needs: Needs, approval: Approval, problem: VoteProblem, personId?: string): string {
  switch (problem.kind) {
    case "already_settled":
      return `Already decided: ${statusLine(needs.ledger.books().approvals[approval.approvalId] ?? approval, needs.ledger.books())}`;
    case "other_version":
      return `The order changed to version ${problem.version}; look at the prompt and tap again.`;
    case "too_late":
      return "Too late: the time to answer is over. Silence means no.";
    case "voted_already":
      return votedText(needs, approval, personId);
    case "own_request":
      return isWait(approval)
        ? "You asked for this yourself: it is done when the time is over, and Decline stops it."
        : "You asked for this yourself; another person must answer.";
    default:
      return unreachable(problem);
  }
}

function votedText({ ledger }: Needs, { approvalId }: Approval, personId: string | undefined): string {
  const now = ledger.books().approvals[approvalId];
  const isVoid =
    now !== undefined && personId !== undefined && !standingSignatures(now, ledger.books()).includes(personId);
  return isVoid
    ? "Your yes counts no more: the account that gave it was unlinked since. Another person can sign this."
    : "Your yes is counted already.";
}
