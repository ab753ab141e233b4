/** Pause, flatten and resume as durable levels. Raising is never refused and never waits; lowering needs a reason. */
import type { Level } from "../core/events.ts";
import { mayStillTrade } from "../core/order.ts";
import { leavable } from "../core/portfolio.ts";
import type { Draft } from "../ports/ledger.ts";
import { dropDrafts } from "./drop_order.ts";
import { cancelOrder } from "./follow_order.ts";
import { exitDraft, startVisit } from "./manage_exit.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { openApprovals, settle } from "./request_approval.ts";

const levels: readonly Level[] = ["none", "pause", "flatten", "emergency"];

export type Raised = {
  readonly from: Level;
  readonly to: Level;
  readonly voided: number;
  readonly mayStillLeave: readonly string[];
};

/**
 * Commits the level, voids open requests, then closes the gate: when this resolves no entry can leave, except those named.
 * An equal or higher level in force stays as it is.
 */
export async function raiseLevel(needs: Needs, to: Level, by: { actor: string; reason: string }): Promise<Raised> {
  const raised = await record(needs, (books, { wallAt }) => {
    const from = books.house.level;
    const isHigher = levels.indexOf(to) > levels.indexOf(from);
    const open = openApprovals(books).filter((approval) => approval.subject.kind === "order");
    const drafts: Draft[] = isHigher ? [draft(by.actor, { type: "level_changed", from, to, reason: by.reason })] : [];
    drafts.push(
      ...open.map((approval) =>
        draft(
          by.actor,
          settle(approval, {
            to: "canceled",
            by: [by.actor],
            reason: `trading is at ${isHigher ? to : from}`,
            at: wallAt,
          }),
          approval.tradeId,
        ),
      ),
    );
    const undecided = Object.values(books.orders).filter(
      (order) => order.state === "intent" && order.intent.leg === "entry",
    );
    drafts.push(...dropDrafts(books, undecided, `trading is at ${isHigher ? to : from}`, wallAt));
    return { drafts, value: { from, to: isHigher ? to : from, voided: open.length } };
  });
  return { ...raised, mayStillLeave: await needs.gate.close() };
}

/** @returns null when nothing was halted. Sticky breakers are closed by the same act, since it carries a person and a reason. */
export function resumeTrading(
  needs: Needs,
  by: { actor: string; reason: string },
): Promise<{ readonly from: Level; readonly breakers: readonly string[] } | null> {
  return record(needs, (books, { wallAt }) => {
    const from = books.house.level;
    const breakers = Object.values(books.house.breakers);
    if (from === "none" && breakers.length === 0) return { drafts: [], value: null };
    const lowered: Draft[] =
      from === "none" ? [] : [draft(by.actor, { type: "level_changed", from, to: "none", reason: by.reason })];
    const closed = breakers.map((breaker) =>
      draft(by.actor, { type: "breaker_closed", scope: breaker.scope, cause: breaker.cause, reason: by.reason }),
    );
    // The question of a flatten that was called off must not keep a live button.
    const questions = openApprovals(books).filter((approval) => approval.subject.kind === "flatten");
    const withdrawn = questions.map((approval) =>
      draft(by.actor, settle(approval, { to: "canceled", by: [by.actor], reason: "trading was resumed", at: wallAt })),
    );
    return {
      drafts: [...lowered, ...closed, ...withdrawn],
      value: { from, breakers: breakers.map((breaker) => breaker.scope) },
    };
  });
}

/** Cancels every working entry. Stops and exits stay. */
export async function cancelEntries(needs: Needs, because: string): Promise<number> {
  const entries = Object.values(needs.ledger.books().orders).filter(
    (order) => order.intent.leg === "entry" && mayStillTrade(order.state),
  );
  await Promise.all(entries.map((order) => cancelOrder(needs, order.clientOrderId, because)));
  return entries.length;
}

/** Gives every named position (null = all that is held or may be) the exit reason in one commit; the loops retry until it is flat. */
export async function closePositions(
  needs: Needs,
  wish: { reason: "kill_flatten" | "operator"; actor: string; note: string; positionIds: readonly string[] | null },
): Promise<readonly string[]> {
  const { reason, actor, note, positionIds } = wish;
  const ids = await record(needs, (books) => {
    const wanted = leavable(books)
      .map((position) => position.positionId)
      .filter((id) => positionIds === null || positionIds.includes(id));
    const drafts = wanted.flatMap((id) => exitDraft(books, id, { reason, source: actor, note, observedPrice: null }));
    return { drafts, value: wanted };
  });
  for (const id of ids) startVisit(needs, id);
  return ids;
}
