/**
 * Closing everything, in two steps: the halt happens at once and unasked; selling waits for one confirming tap on the exact list.
 */
import type { Approval } from "../core/approval.ts";
import type { Fact } from "../core/events.ts";
import { cashText } from "../core/facts.ts";
import { symbolOf } from "../core/instrument.ts";
import { leavable, markOf, unrealizedPnl } from "../core/portfolio.ts";
import { addMs } from "../core/time.ts";
import { exitDraft, startVisit } from "./manage_exit.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { openApprovals, settle } from "./request_approval.ts";

const confirmMs = 5 * 60_000;

/** Asks every chat to confirm the list of what would be sold. @returns null when nothing is held. */
export function requestFlatten(needs: Needs, actor: string): Promise<string | null> {
  return record(needs, (books, { wallAt }) => {
    // An entry whose answer was lost may turn out filled: it belongs on the list as much as what is held.
    const held = leavable(books);
    if (held.length === 0) return { drafts: [], value: null };
    const marks = marksOf(needs.memory);
    const positions = held.map((position) => ({
      positionId: position.positionId,
      line: `${position.quantity} ${symbolOf(position.instrumentId)} at about ${markOf(position, marks)} · ${cashText(unrealizedPnl(position, marks), books.house.account?.currency ?? "")}`,
    }));
    const older = openApprovals(books).filter((approval) => approval.subject.kind === "flatten");
    const approvalId = needs.ids.next("apr");
    const subject = { kind: "flatten" as const, positions };
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
    const replaced = older.map((approval) =>
      draft(actor, {
        ...settle(approval, { to: "superseded", by: ["house"], reason: "a newer list", at: wallAt }),
        supersededBy: approvalId,
      }),
    );
    return { drafts: [...replaced, draft(actor, requested)], value: approvalId };
  });
}

/** Executes a confirmed list: the consent is used up and every position gets its exit reason in one commit; the position loops do the selling. */
export async function executeFlatten(needs: Needs, approvalId: string, actor: string): Promise<void> {
  const listed = await record(needs, (books, { wallAt }) => {
    const approval: Approval | undefined = books.approvals[approvalId];
    if (approval?.state !== "approved" || approval.subject.kind !== "flatten") return { drafts: [], value: [] };
    const { subject } = approval;
    const moves = (["executing", "executed"] as const).map((to, index) =>
      settle(
        { ...approval, state: index === 0 ? "approved" : "executing" },
        { to, by: approval.decidedBy, reason: null, at: wallAt },
      ),
    );
    const exits = subject.positions.flatMap(({ positionId }) =>
      exitDraft(books, positionId, {
        reason: "kill_flatten",
        source: actor,
        note: "confirmed flatten",
        observedPrice: null,
      }),
    );
    const ids = subject.positions.map((position) => position.positionId);
    return { drafts: [...moves.map((fact) => draft(actor, fact)), ...exits], value: ids };
  });
  for (const positionId of listed) startVisit(needs, positionId);
}
