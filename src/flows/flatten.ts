/**
 * Asking for and confirming the sale of everything. The halt has happened at once and unasked; selling waits for one confirming
 * tap on the exact list, or for the silence that the owner has declared a yes. What follows is flatten_procedure.ts.
 */
import type { Approval } from "../core/approval.ts";
import type { Books } from "../core/books.ts";
import type { Fact } from "../core/events.ts";
import { cashText } from "../core/facts.ts";
import { symbolOf } from "../core/instrument.ts";
import type { KillProcedure } from "../core/kill.ts";
import { notionalOf, scale } from "../core/money.ts";
import { leavable, markOf, unrealizedPnl } from "../core/portfolio.ts";
import type { Position } from "../core/position.ts";
import { addMs, type Instant } from "../core/time.ts";
import type { Draft } from "../ports/ledger.ts";
import { leavingDrafts } from "./halt_trading.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { openApprovals, settle } from "./request_approval.ts";
import { isDeclinedInInbox } from "./stored_no.ts";

const confirmMs = 5 * 60_000;

/** Asks every chat to confirm the list of what would be sold. @returns null when nothing is held. */
export function requestFlatten(needs: Needs, actor: string): Promise<string | null> {
  return record(needs, (books, { wallAt }) => {
    // An entry whose answer was lost may turn out filled: it belongs on the list as much as what is held.
    const held = leavable(books);
    if (held.length === 0) return { drafts: [], value: null };
    const standing = standingQuestion(books, held);
    if (standing !== null) return { drafts: [], value: standing };
    const approvalId = needs.ids.next("apr");
    const subject = {
      kind: "flatten" as const,
      positions: held.map((position) => ({ positionId: position.positionId, line: lineOf(needs, books, position) })),
    };
    const requested: Fact = {
      type: "approval_requested",
      approvalId,
      tier: "TE",
      requester: actor,
      mode: needs.settings.mode,
      subject,
      digest: needs.vault.sha256(JSON.stringify(subject)),
      softBps: 0,
      hardBps: 0,
      quorum: 1,
      createdAt: wallAt,
      expiresAt: addMs(wallAt, confirmMs),
      execDeadlineMs: needs.settings.approvals.execDeadlineMs,
      dedupeKey: `${needs.settings.account}|flatten`,
    };
    const replaced = questions(books).map((approval) =>
      draft(actor, {
        ...settle(approval, { to: "superseded", by: ["house"], reason: "a newer list", at: wallAt }),
        supersededBy: approvalId,
      }),
    );
    return { drafts: [...replaced, draft(actor, requested)], value: approvalId };
  });
}

const questions = (books: Books): readonly Approval[] =>
  openApprovals(books).filter((approval) => approval.subject.kind === "flatten");

/** A question about the very same positions, asked since the level was raised: its buttons must not die because somebody asks again. */
function standingQuestion(books: Books, held: readonly Position[]): string | null {
  const asked = books.house.kill?.questions ?? [];
  const wanted = held.map((position) => position.positionId).join();
  const same = questions(books).find(
    ({ approvalId, subject, state }) =>
      state === "pending" &&
      asked.includes(approvalId) &&
      subject.kind === "flatten" &&
      subject.positions.map((position) => position.positionId).join() === wanted,
  );
  return same?.approvalId ?? null;
}

/** What is held, what it would fetch, what it brought so far, and what selling costs in fees. */
function lineOf(needs: Needs, books: Books, position: Position): string {
  const marks = marksOf(needs.memory);
  const currency = books.house.account?.currency ?? "";
  const at = markOf(position, marks);
  const fee = needs.memory.instruments.get(position.instrumentId)?.takerFee;
  const cost =
    fee === undefined ? "" : ` · costs about ${cashText(scale(notionalOf(at, position.quantity), fee), currency)}`;
  return `${position.quantity} ${symbolOf(position.instrumentId)} at about ${at} · ${cashText(unrealizedPnl(position, marks), currency)}${cost}`;
}

/**
 * Carries out a confirmed list: the consent is used up, the procedure may sell, and everything that is held gets its exit
 * reason in one commit. The procedure and the position loops do the selling, after a crash as well.
 */
export async function executeFlatten(needs: Needs, approvalId: string, actor: string): Promise<void> {
  await record(needs, (books, { wallAt }) => {
    const approval: Approval | undefined = books.approvals[approvalId];
    if (approval?.state !== "approved" || approval.subject.kind !== "flatten") return { drafts: [], value: undefined };
    const used = usedUp(approval, wallAt).map((fact) => draft(actor, fact));
    return { drafts: [...used, ...confirmDrafts(needs, books, { actor, because: "confirmed" })], value: undefined };
  });
}

function usedUp(approval: Approval, at: Instant): readonly Fact[] {
  return (["executing", "executed"] as const).map((to, index) =>
    settle(
      { ...approval, state: index === 0 ? "approved" : "executing" },
      { to, by: approval.decidedBy, reason: null, at },
    ),
  );
}

/** Nothing is held, so that there is nothing to ask about; what comes late is sold. */
export function confirmEmpty(needs: Needs): Promise<void> {
  const by = { actor: "house", because: "nothing is held:" };
  return confirmUnasked(needs, by, (books) => leavable(books).length === 0);
}

/** Silence counts as a yes by a setting, and a no is no silence: one that is only stored, or was counted since the last look, wins. */
export function confirmBySilence(needs: Needs): Promise<void> {
  const by = { actor: "policy:flatten_on_silence", because: "nobody answered for 30 s:" };
  return confirmUnasked(needs, by, (books, { questions }) => {
    const asked = (questions ?? []).flatMap((id) => books.approvals[id] ?? []);
    return !asked.some((question) => question.state === "declined" || isDeclinedInInbox(needs, books, question));
  });
}

/** Without a tap: open questions close with it. `mayStill` is asked of the newest books, in the commit that confirms. */
export async function confirmUnasked(
  needs: Needs,
  by: { readonly actor: string; readonly because: string },
  mayStill: (books: Books, kill: KillProcedure) => boolean = () => true,
): Promise<void> {
  await record(needs, (books, { wallAt }) => {
    const { kill } = books.house;
    if (kill === null || kill.confirmedAt !== null || kill.isDeclined) return { drafts: [], value: undefined };
    if (!mayStill(books, kill)) return { drafts: [], value: undefined };
    const closed = questions(books).map((approval) =>
      draft("house", settle(approval, { to: "canceled", by: [by.actor], reason: by.because, at: wallAt })),
    );
    return { drafts: [...closed, ...confirmDrafts(needs, books, by)], value: undefined };
  });
}

function confirmDrafts(needs: Needs, books: Books, by: { actor: string; because: string }): readonly Draft[] {
  const { kill } = books.house;
  const ids = leavable(books).map((position) => position.positionId);
  const reason = kill?.level === "emergency" ? "emergency" : "kill_flatten";
  const exits = leavingDrafts(needs, books, ids, { reason, actor: by.actor, note: `${by.because} ${reason}` });
  if (kill === null || kill.confirmedAt !== null) return exits;
  const confirmed: Fact = { type: "flatten_confirmed", procedureId: kill.procedureId, because: by.because };
  return [draft(by.actor, confirmed), ...exits];
}
