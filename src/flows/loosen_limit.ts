/**
 * Loosening a limit where proofs are asked for: after phrase and code of whoever asks, a second owner signs it, or, where one
 * person decides alone, it waits an hour in which every chat can stop it. Tightening never comes here.
 */
import type { Approval } from "../core/approval.ts";
import type { Books } from "../core/books.ts";
import type { Fact } from "../core/events.ts";
import type { Limits } from "../core/risk_view.ts";
import type { Instant } from "../core/time.ts";
import { currentLimits } from "./gather_view.ts";
import { limitText } from "./limit_controls.ts";
import type { Needs } from "./needs.ts";
import { askOwners, carriedOut, isDue, type OwnerQuestion, voided, whyMayNotAsk } from "./owner_question.ts";
import { draft, record } from "./record.ts";
import { reviseRequests } from "./revise_requests.ts";

export type LooseningWish = {
  readonly actor: string;
  readonly name: string;
  readonly text: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
};

/** The question to the others, or the wait of the only one. */
export function looseningDrafts(needs: Needs, books: Books, wish: LooseningWish, wallAt: Instant): OwnerQuestion {
  const { actor, ...asked } = wish;
  const subject = (isAlone: boolean) => ({ kind: "loosen_limit", ...asked, isAlone }) as const;
  return askOwners(needs, books, { actor, key: `loosen|${asked.name}`, subject }, wallAt);
}

/** Done once: by the yes of the second owner, or when the wait of the only one is over and nobody has stopped it. */
export async function executeLoosening(needs: Needs, approvalId: string): Promise<void> {
  const name = await record<string | null>(needs, (books, { wallAt }) => {
    const approval = books.approvals[approvalId];
    if (approval?.subject.kind !== "loosen_limit" || !isDue(needs, books, approval, wallAt))
      return { drafts: [], value: null };
    const because = whyMayNotAsk(books, approval, "owner") ?? whyAnother(needs, books, approval);
    if (because !== null) return { drafts: [voided(approval, because, wallAt)], value: null };
    const { subject } = approval;
    const changed: Fact = {
      type: "control_changed",
      name: subject.name,
      from: books.house.controls[subject.name] ?? null,
      to: subject.text,
      reason: subject.reason,
    };
    const drafts = [...carriedOut(approval, wallAt), draft(approval.requester, changed)];
    return { drafts, value: subject.name };
  });
  if (name !== null) await reviseRequests(needs, `${name} was changed`);
}

/** Somebody has changed the limit since: what was signed, or not stopped, was to loosen another one. null = it is the same. */
function whyAnother(needs: Needs, books: Books, { subject }: Approval): string | null {
  if (subject.kind !== "loosen_limit") return null;
  const name = subject.name as keyof Limits;
  const now = limitText(name, currentLimits(needs, books)[name]);
  return now === subject.from ? null : `${name} is ${now} now`;
}

/** Waits that are over, and yeses whose execution a crash kept from happening. */
export async function finishLoosenings(needs: Needs): Promise<void> {
  const now = needs.clock.wall();
  for (const approval of Object.values(needs.ledger.books().approvals))
    if (approval.subject.kind === "loosen_limit" && isDue(needs, needs.ledger.books(), approval, now))
      await executeLoosening(needs, approval.approvalId);
}
