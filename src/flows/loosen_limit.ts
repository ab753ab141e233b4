/**
 * Loosening a limit where proofs are asked for: after phrase and code of whoever asks, a second owner signs it, or, where one
 * person decides alone, it waits an hour in which every chat can stop it. Tightening never comes here.
 */
import type { Approval } from "../core/approval.ts";
import { includesRole } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import type { Fact } from "../core/events.ts";
import { addMs, hour, type Instant, minute } from "../core/time.ts";
import type { Draft } from "../ports/ledger.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { openApprovals, settle } from "./request_approval.ts";
import { reviseRequests } from "./revise_requests.ts";

const secondOwnerMs = 10 * minute;

export type LooseningWish = {
  readonly actor: string;
  readonly name: string;
  readonly text: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
};

/** The question to the others, or the wait of the only one. */
export function looseningDrafts(
  needs: Needs,
  books: Books,
  wish: LooseningWish,
  wallAt: Instant,
): { readonly drafts: readonly Draft[]; readonly isAlone: boolean; readonly waitMs: number } {
  const { actor, ...asked } = wish;
  const isAlone = otherOwners(books, actor) === 0;
  const waitMs = isAlone ? hour : secondOwnerMs;
  const approvalId = needs.ids.next("apr");
  const subject = { kind: "loosen_limit", ...asked, isAlone } as const;
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
    dedupeKey: `${needs.settings.account}|loosen|${asked.name}`,
  };
  const older = openApprovals(books).filter((approval) => approval.dedupeKey === requested.dedupeKey);
  const replaced = older.map((approval) =>
    draft(actor, {
      ...settle(approval, { to: "superseded", by: ["house"], reason: "asked anew", at: wallAt }),
      supersededBy: approvalId,
    }),
  );
  return { drafts: [...replaced, draft(actor, requested)], isAlone, waitMs };
}

function otherOwners({ people }: Books, actor: string): number {
  const linked = new Set(Object.values(people.links).map((link) => link.personId));
  return Object.values(people.persons).filter(
    ({ personId, role, isActive }) =>
      isActive && includesRole(role, "owner") && linked.has(personId) && actor !== `person:${personId}`,
  ).length;
}

/** Done once: by the yes of the second owner, or when the wait of the only one is over and nobody has stopped it. */
export async function executeLoosening(needs: Needs, approvalId: string): Promise<void> {
  const name = await record<string | null>(needs, (books, { wallAt }) => {
    const approval = books.approvals[approvalId];
    if (approval?.subject.kind !== "loosen_limit" || !isDue(approval, wallAt)) return { drafts: [], value: null };
    const { subject } = approval;
    const isSigned = approval.state === "approved";
    const by = isSigned ? approval.decidedBy : ["policy:single_operator"];
    const states = isSigned ? (["executing", "executed"] as const) : (["approved", "executing", "executed"] as const);
    let from: Approval["state"] = approval.state;
    const moves = states.map((to) => {
      const move = settle({ ...approval, state: from }, { to, by, reason: null, at: wallAt });
      from = to;
      return draft(approval.requester, move);
    });
    const changed: Fact = {
      type: "control_changed",
      name: subject.name,
      from: books.house.controls[subject.name] ?? null,
      to: subject.text,
      reason: subject.reason,
    };
    return { drafts: [...moves, draft(approval.requester, changed)], value: subject.name };
  });
  if (name !== null) await reviseRequests(needs, `${name} was changed`);
}

function isDue({ state, subject, expiresAt }: Approval, wallAt: Instant): boolean {
  if (subject.kind !== "loosen_limit") return false;
  return state === "approved" || (state === "pending" && subject.isAlone && wallAt >= expiresAt);
}

/** Waits that are over, and yeses whose execution a crash kept from happening. */
export async function finishLoosenings(needs: Needs): Promise<void> {
  const now = needs.clock.wall();
  for (const approval of Object.values(needs.ledger.books().approvals))
    if (isDue(approval, now)) await executeLoosening(needs, approval.approvalId);
}
