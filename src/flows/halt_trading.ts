/**
 * Raising the level: pause, flatten, emergency. Never refused, never stale, never waits for anybody; a level that is in force
 * is never lowered by it. From flatten on the same commit begins the one procedure that ends with nothing held, or lets a
 * higher level take over the one that runs.
 */
import type { Books } from "../core/books.ts";
import type { Recordation } from "../core/change_card.ts";
import type { Fact, Level } from "../core/events.ts";
import { mark } from "../core/mark.ts";
import { mayStillTrade } from "../core/order.ts";
import { leavable } from "../core/portfolio.ts";
import type { Draft } from "../ports/ledger.ts";
import { dropDrafts } from "./drop_order.ts";
import { cancelOrder } from "./follow_order.ts";
import { exitDraft, startVisit } from "./manage_exit.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { openApprovals, settle } from "./request_approval.ts";

const levels: readonly Level[] = ["none", "pause", "flatten", "emergency"];

export const isHigher = (one: Level, other: Level): boolean => levels.indexOf(one) > levels.indexOf(other);

export type Raised = {
  readonly from: Level;
  readonly to: Level;
  readonly voided: number;
  readonly mayStillLeave: readonly string[];
  /** Of the level that is in force now. */
  readonly recorded: Recordation;
};

/** Who raises it and why; the message that asks for it, where one does. */
export type Raiser = { readonly actor: string; readonly reason: string; readonly inboxId?: string | undefined };

/**
 * Commits the level, voids open requests, then closes the gate: when this resolves no entry can leave, except those named.
 * An equal or higher level in force stays as it is.
 */
export async function raiseLevel(needs: Needs, to: Level, by: Raiser): Promise<Raised> {
  const raised = await record(needs, (books, { wallAt }) => {
    const from = books.house.level;
    const level = isHigher(to, from) ? to : from;
    const voiding = haltDrafts(books, { actor: by.actor, reason: `trading is at ${level}`, isRaise: true }, wallAt);
    const facts = [...levelFacts(from, level, by), ...procedureFacts(needs, books, level, by.reason)];
    const drafts = [...facts.map((fact) => draft(by.actor, fact)), ...voiding.drafts];
    const since = from === level ? (books.house.levelAt ?? wallAt) : wallAt;
    const seq = books.seq + (drafts.length === 0 ? 0 : 1);
    return { drafts, value: { from, to: level, voided: voiding.voided, recorded: { since, seq } } };
  });
  return { ...raised, mayStillLeave: await needs.gate.close() };
}

function levelFacts(from: Level, to: Level, { reason, inboxId }: Raiser): readonly Fact[] {
  if (from === to) return [];
  return [{ type: "level_changed", from, to, reason, ...(inboxId === undefined ? {} : { inboxId }) }];
}

/** One procedure, whatever was pressed and how often: started once, taken over by a higher level, never doubled. */
function procedureFacts(needs: Needs, books: Books, level: Level, reason: string): readonly Fact[] {
  if (level !== "flatten" && level !== "emergency") return [];
  const { kill } = books.house;
  if (kill === null) return [{ type: "flatten_started", procedureId: needs.ids.next("kill"), level, reason }];
  if (!isHigher(level, kill.level)) return [];
  mark("O01.upgraded_in_place");
  return [{ type: "flatten_upgraded", procedureId: kill.procedureId, level, reason }];
}

/** Open requests are void, orders that were only decided are dropped. Asked again every round of a flatten. */
export function haltDrafts(
  books: Books,
  by: { readonly actor: string; readonly reason: string; readonly isRaise?: boolean },
  at: number,
): { readonly drafts: readonly Draft[]; readonly voided: number } {
  const open = openApprovals(books).filter(
    // A question to go back to trading is void once somebody raises the level, not by the level that it wants to leave.
    ({ subject }) => subject.kind === "order" || (subject.kind === "lower_level" && by.isRaise === true),
  );
  const canceled = open.map((approval) =>
    draft(by.actor, settle(approval, { to: "canceled", by: [by.actor], reason: by.reason, at }), approval.tradeId),
  );
  const undecided = Object.values(books.orders).filter(
    (order) => order.state === "intent" && order.intent.leg === "entry",
  );
  const dropped = dropDrafts(books, undecided, by.reason, at as never);
  return { drafts: [...canceled, ...dropped], voided: open.length };
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
  wish: {
    reason: "emergency" | "kill_flatten" | "operator";
    actor: string;
    note: string;
    positionIds: readonly string[] | null;
  },
): Promise<{ readonly ids: readonly string[]; readonly recorded: Recordation }> {
  const { positionIds } = wish;
  const leaving = await record(needs, (books, { wallAt }) => {
    const wanted = leavable(books)
      .map((position) => position.positionId)
      .filter((id) => positionIds === null || positionIds.includes(id));
    const recorded = { since: wallAt, seq: books.seq + 1 };
    return { drafts: leavingDrafts(needs, books, wanted, wish), value: { ids: wanted, recorded } };
  });
  for (const id of leaving.ids) startVisit(needs, id);
  return leaving;
}

/** The exit reason for each, with the price that it could be sold at now: slippage is measured from it. */
export function leavingDrafts(
  needs: Needs,
  books: Books,
  positionIds: readonly string[],
  wish: { reason: "emergency" | "kill_flatten" | "operator"; actor: string; note: string },
): readonly Draft[] {
  const marks = marksOf(needs.memory);
  return positionIds.flatMap((id) => {
    const instrumentId = books.positions[id]?.instrumentId ?? "";
    const { reason, actor, note } = wish;
    return exitDraft(books, id, { reason, source: actor, note, observedPrice: marks[instrumentId] ?? null });
  });
}
