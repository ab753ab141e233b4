/**
 * Back to trading. A pause is lifted by one person with a reason. After flatten or emergency the venue must have been seen
 * flat twice, or the person says `override`; and it takes two people. Where only one person may decide, that one may do it
 * alone after a wait that every chat shows with a button to stop it.
 *
 *   ask --not verified, no override--> refused
 *       --two may decide--> question to the others --yes--> lowered
 *       --alone--> wait (0 in paper unless set) --nobody stops it--> lowered
 */
import type { Approval } from "../core/approval.ts";
import type { Books } from "../core/books.ts";
import { reachable } from "../core/books_people.ts";
import type { Recordation } from "../core/change_card.ts";
import type { Fact, Level } from "../core/events.ts";
import { isSelling } from "../core/kill.ts";
import { mark } from "../core/mark.ts";
import { addMs, type Instant } from "../core/time.ts";
import type { Draft } from "../ports/ledger.ts";
import type { Needs } from "./needs.ts";
import { isDue, whyMayNotAsk } from "./owner_question.ts";
import { draft, record } from "./record.ts";
import { openApprovals, settle } from "./request_approval.ts";
import { safeModeDrafts } from "./safe_mode.ts";

export type LowerWish = {
  readonly actor: string;
  readonly reason: string;
  /** Lower although nobody has proven that nothing is held. */
  readonly isOverride?: boolean;
};

export type Lowered =
  | { readonly kind: "nothing"; readonly breakers: readonly string[] }
  | {
      readonly kind: "lowered";
      readonly from: Level;
      readonly breakers: readonly string[];
      readonly recorded: Recordation;
    }
  | { readonly kind: "refused"; readonly because: string }
  | {
      readonly kind: "asked";
      readonly approvalId: string;
      readonly isAlone: boolean;
      readonly waitMs: number;
      readonly recorded: Recordation;
    };

/** How long a question to a second person stays open. */
const secondPersonMs = 10 * 60_000;

export function resumeTrading(needs: Needs, by: LowerWish): Promise<Lowered> {
  return record<Lowered>(needs, (books, { wallAt }) => {
    const from = books.house.level;
    const safe = safeModeDrafts(books, by);
    if (from === "none" && safe.length === 0)
      return { drafts: [], value: { kind: "nothing", breakers: standing(books) } };
    const isDeep = from === "flatten" || from === "emergency";
    const because = isDeep ? whyNotYet(books, by.isOverride === true) : null;
    if (because !== null) return { drafts: [], value: { kind: "refused", because } };
    if (!isDeep) return lowering(books, by, wallAt);
    const isAlone = reachable(books.people, "approver").every((personId) => by.actor === `person:${personId}`);
    const waitMs = isAlone ? needs.settings.kill.resumeWaitMs : secondPersonMs;
    return isAlone && waitMs === 0
      ? lowering(books, by, wallAt)
      : asking(needs, books, { by, isAlone, waitMs, wallAt });
  });
}

function whyNotYet(books: Books, isOverride: boolean): string | null {
  const { kill } = books.house;
  if (!isSelling(kill) || isOverride) return null;
  mark("O02.resume_while_flatten_runs");
  const left = kill?.left.length ?? 0;
  return `the ${kill?.level ?? "flatten"} still runs (${kill?.step.replaceAll("_", " ")}, ${left} left); wait until it is verified flat, or say /resume override: REASON`;
}

function asking(
  needs: Needs,
  books: Books,
  about: { by: LowerWish; isAlone: boolean; waitMs: number; wallAt: Instant },
): { drafts: readonly Draft[]; value: Lowered } {
  const { by, isAlone, waitMs, wallAt } = about;
  const approvalId = needs.ids.next("apr");
  const subject = {
    kind: "lower_level" as const,
    from: books.house.level,
    reason: by.reason,
    isOverride: by.isOverride === true,
    isAlone,
  };
  const requested: Fact = {
    type: "approval_requested",
    approvalId,
    tier: "T2",
    requester: by.actor,
    mode: needs.settings.mode,
    subject,
    digest: needs.vault.sha256(JSON.stringify(subject)),
    softBps: 0,
    hardBps: 0,
    quorum: 1,
    createdAt: wallAt,
    expiresAt: addMs(wallAt, waitMs),
    execDeadlineMs: needs.settings.approvals.execDeadlineMs,
    dedupeKey: `${needs.settings.account}|lower_level`,
  };
  const older = openApprovals(books).filter((approval) => approval.subject.kind === "lower_level");
  const replaced = older.map((approval) =>
    draft(by.actor, {
      ...settle(approval, { to: "superseded", by: ["house"], reason: "asked anew", at: wallAt }),
      supersededBy: approvalId,
    }),
  );
  return {
    drafts: [...replaced, draft(by.actor, requested)],
    value: { kind: "asked", approvalId, isAlone, waitMs, recorded: { since: wallAt, seq: books.seq + 1 } },
  };
}

function lowering(books: Books, by: LowerWish, at: Instant): { drafts: readonly Draft[]; value: Lowered } {
  const from = books.house.level;
  const facts: Fact[] = [];
  if (from !== "none") facts.push({ type: "level_changed", from, to: "none", reason: by.reason });
  const { kill } = books.house;
  if (kill !== null) {
    const how = kill.confirmedAt === null ? "withdrawn" : kill.verifiedAt === null ? "overridden" : "reset";
    facts.push({ type: "flatten_ended", procedureId: kill.procedureId, how, reason: by.reason });
  }
  // A question of a flatten that was called off must not keep a live button; what asks for a limit or a role goes on to wait.
  const questions = openApprovals(books).filter(
    ({ subject }) => subject.kind === "flatten" || subject.kind === "lower_level",
  );
  const withdrawn = questions.map((approval) =>
    settle(approval, { to: "canceled", by: [by.actor], reason: "trading was resumed", at }),
  );
  return {
    drafts: [...[...facts, ...withdrawn].map((fact) => draft(by.actor, fact)), ...safeModeDrafts(books, by)],
    value: { kind: "lowered", from, breakers: standing(books), recorded: { since: at, seq: books.seq + 1 } },
  };
}

/** Breakers that go on stopping entries: a level says nothing about their causes, so each is closed by /reset. */
const standing = ({ house }: Books): readonly string[] =>
  Object.values(house.breakers)
    .filter((breaker) => breaker.state === "open")
    .map((breaker) => breaker.key);

/** A yes of the second person lowers; so does a wait of the only one that nobody stopped. The state is judged again first. */
export function executeLowering(needs: Needs, approvalId: string): Promise<Lowered> {
  return record<Lowered>(needs, (books, { wallAt }) => {
    const approval = books.approvals[approvalId];
    if (approval?.subject.kind !== "lower_level")
      return { drafts: [], value: { kind: "nothing", breakers: standing(books) } };
    const { subject } = approval;
    if (!isDue(needs, books, approval, wallAt))
      return { drafts: [], value: { kind: "nothing", breakers: standing(books) } };
    const consent = consentMoves(approval, wallAt);
    const because = whyMayNotAsk(books, approval, "approver") ?? whyNotYet(books, subject.isOverride);
    if (because !== null || isChanged(books, subject.from)) {
      const reason = because ?? `trading is at ${books.house.level} now`;
      return { drafts: consent.failed(reason), value: { kind: "refused", because: reason } };
    }
    const others = { ...books, approvals: without(books.approvals, approvalId) };
    const lowered = lowering(others, { actor: approval.requester, reason: subject.reason }, wallAt);
    return { drafts: [...consent.done, ...lowered.drafts], value: lowered.value };
  });
}

const isChanged = (books: Books, from: Level): boolean => books.house.level !== from;

function without(approvals: Books["approvals"], id: string): Books["approvals"] {
  return Object.fromEntries(Object.entries(approvals).filter(([key]) => key !== id));
}

function consentMoves(approval: Approval, at: Instant) {
  const by = approval.state === "approved" ? approval.decidedBy : ["policy:single_operator"];
  const states = ["pending", "approved", "executing", "executed"] as const;
  const begun = states.indexOf(approval.state as (typeof states)[number]);
  const move = (from: Approval["state"], to: Approval["state"], reason: string | null) =>
    draft(by[0] ?? "house", settle({ ...approval, state: from }, { to, by, reason, at }));
  const done = states.slice(begun + 1).map((to, index) => move(states[begun + index] ?? "pending", to, null));
  const failed = (reason: string): readonly Draft[] => [move(approval.state, "invalidated", reason)];
  return { done, failed };
}

/** Waits of single operators that are over, and yeses whose execution a crash kept from happening. */
export async function finishLowerings(needs: Needs): Promise<void> {
  const now = needs.clock.wall();
  const books = needs.ledger.books();
  const due = Object.values(books.approvals).filter(
    (approval) => approval.subject.kind === "lower_level" && isDue(needs, books, approval, now),
  );
  for (const approval of due) await executeLowering(needs, approval.approvalId);
}
