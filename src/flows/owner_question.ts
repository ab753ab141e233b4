/**
 * What one owner asks for and another one signs: a question to the other owners for ten minutes, or, where nobody else is
 * owner nor was within a day, a wait of an hour that every chat shows with a button to stop it. Asked anew it replaces the older one.
 */
import type { Approval, ApprovalSubject } from "../core/approval.ts";
import type { Role } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import { hasRole, ownersLately, personActing } from "../core/books_people.ts";
import type { Fact } from "../core/events.ts";
import { addMs, between, hour, type Instant, minute } from "../core/time.ts";
import type { Draft } from "../ports/ledger.ts";
import { isHeardEverywhere } from "./heard.ts";
import type { Needs } from "./needs.ts";
import { draft } from "./record.ts";
import { openApprovals, settle } from "./request_approval.ts";
import { waitedMs } from "./steady.ts";
import { isDeclinedInInbox } from "./stored_no.ts";

const secondOwnerMs = 10 * minute;

type OwnerSubject = Extract<ApprovalSubject, { kind: "loosen_limit" | "raise_role" }>;

export type OwnerQuestion = {
  readonly drafts: readonly Draft[];
  readonly isAlone: boolean;
  readonly waitMs: number;
};

/** @param wish `key` names what is changed: of two questions about the same thing the newer one stands. */
export function askOwners(
  needs: Needs,
  books: Books,
  wish: { readonly actor: string; readonly key: string; readonly subject: (isAlone: boolean) => OwnerSubject },
  wallAt: Instant,
): OwnerQuestion {
  const { actor, key } = wish;
  const isAlone = ownersLately(books.people, wallAt).every((personId) => actor === `person:${personId}`);
  const waitMs = isAlone ? hour : secondOwnerMs;
  const approvalId = needs.ids.next("apr");
  const subject = wish.subject(isAlone);
  const dedupeKey = `${needs.settings.account}|${key}`;
  const requested: Fact = {
    type: "approval_requested",
    approvalId,
    tier: "T3",
    requester: actor,
    mode: needs.settings.mode,
    subject,
    digest: needs.vault.sha256(JSON.stringify(subject)),
    softBps: 0,
    hardBps: 0,
    quorum: 1,
    createdAt: wallAt,
    expiresAt: addMs(wallAt, waitMs),
    execDeadlineMs: needs.settings.approvals.execDeadlineMs,
    dedupeKey,
  };
  const older = openApprovals(books).filter((approval) => approval.dedupeKey === dedupeKey);
  const replaced = older.map((approval) =>
    draft(actor, {
      ...settle(approval, { to: "superseded", by: ["house"], reason: "asked anew", at: wallAt }),
      supersededBy: approvalId,
    }),
  );
  return { drafts: [...replaced, draft(actor, requested)], isAlone, waitMs };
}

/** Signed by the second owner, or the wait of the only one is over and nobody has stopped it: a no that is only stored counts. */
export function isDue(needs: Needs, books: Books, approval: Approval, wallAt: Instant): boolean {
  return approval.state === "approved" || isWaitOver(needs, books, approval, wallAt);
}

/**
 * What one person alone asked for may be done now. A process that was away first hears what was said meanwhile: a platform
 * keeps it, and delivers it with its first answers. While a platform is deaf nothing is done by itself.
 */
export function isWaitOver(needs: Needs, books: Books, approval: Approval, wallAt: Instant): boolean {
  const { approvalId, state, subject, createdAt, expiresAt } = approval;
  if (state !== "pending" || !("isAlone" in subject) || !subject.isAlone) return false;
  const waited = waitedMs(needs, `${approvalId}|asked`, createdAt);
  if (wallAt < expiresAt || waited < between(createdAt, expiresAt)) return false;
  return needs.memory.back === null && isHeardEverywhere(needs, books) && !isDeclinedInInbox(needs, books, approval);
}

/** Whoever asked was taken out or has less power by now; then the question is void, whoever has answered it. null = may still ask. */
export function whyMayNotAsk({ people }: Books, { requester }: Approval, role: Role): string | null {
  const person = personActing(people, requester);
  if (person === null) return null;
  const isLinked = Object.values(people.links).some((link) => link.personId === person.personId);
  return isLinked && hasRole(people, person.personId, role)
    ? null
    : `${person.name}, who asked for it, may not any more`;
}

/** The way of the question to its end, in one commit with what it changes. */
export function carriedOut(approval: Approval, at: Instant): readonly Draft[] {
  const isSigned = approval.state === "approved";
  const by = isSigned ? approval.decidedBy : ["policy:single_operator"];
  const states = isSigned ? (["executing", "executed"] as const) : (["approved", "executing", "executed"] as const);
  let from: Approval["state"] = approval.state;
  return states.map((to) => {
    const move = settle({ ...approval, state: from }, { to, by, reason: null, at });
    from = to;
    return draft(approval.requester, move);
  });
}

export function voided(approval: Approval, reason: string, at: Instant): Draft {
  return draft("house", settle(approval, { to: "invalidated", by: ["house"], reason, at }));
}
