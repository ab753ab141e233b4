/**
 * One recorded decision again, by the code of today, from the books as they were. What was decided from a market that is not
 * on record (candles, order book, balance) can't be decided again: that is said, and never called equal.
 *
 *   books before the fact + its recorded inputs --today's code--> the same?   equal | differs | not_recorded
 */
import { closedFact } from "./absorb.ts";
import type { ApprovalSubject } from "./approval.ts";
import { countVote } from "./approval.ts";
import type { Books } from "./books.ts";
import { liveOrderOf } from "./books_positions.ts";
import { canonicalJson, type Hash } from "./canonical.ts";
import { clientOrderIdOf } from "./client_order_id.ts";
import { digestOf } from "./digest.ts";
import type { Fact, FactOf, Recorded } from "./events.ts";
import { observeExit, throughGraceMs } from "./exit_plan.ts";

export type Replayed = {
  readonly seq: number;
  readonly what: string;
  readonly verdict: "equal" | "differs" | "not_recorded";
  /** What was compared; where it differs, both values. */
  readonly note: string;
};

type Seen = { readonly before: Books; readonly seq: number; readonly hash: Hash };

/** @returns nothing for facts that are no decision of ours: what a venue or a person did. */
export function replay(before: Books, recorded: Recorded, hash: Hash): readonly Replayed[] {
  const { fact, seq } = recorded;
  const seen: Seen = { before, seq, hash };
  switch (fact.type) {
    case "approval_requested":
      return digestAgain(seen, { subject: fact.subject, version: 1, digest: fact.digest });
    case "approval_revised":
      return digestAgain(seen, { subject: fact.subject, version: fact.version, digest: fact.digest });
    case "vote_cast":
      return [voteAgain(seen, fact, recorded)];
    case "intent_cleared":
      return [
        {
          seq,
          what: "size and checks",
          verdict: "not_recorded",
          note: `the candles, book and balance are not on record, only what the checks said: ${evidenceOf(fact.evidence)}`,
        },
      ];
    case "order_intended":
      return [nameAgain(seen, fact), ...consentAgain(seen, fact)];
    case "exit_triggered":
      return [exitAgain(seen, fact, recorded)];
    case "position_closed":
      return fact.reason === "no_fill" ? [] : [closeAgain(seen, fact)];
    default:
      return [];
  }
}

function compared(seq: number, what: string, pair: { readonly recorded: string; readonly today: string }): Replayed {
  return pair.recorded === pair.today
    ? { seq, what, verdict: "equal", note: pair.today }
    : { seq, what, verdict: "differs", note: `recorded ${pair.recorded}, today ${pair.today}` };
}

const evidenceOf = (evidence: Readonly<Record<string, string>>): string =>
  Object.entries(evidence)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ") || "nothing";

/** What people signed: the hash of every value that the prompt showed. */
function digestAgain(
  { before, seq, hash }: Seen,
  asked: { readonly subject: ApprovalSubject; readonly version: number; readonly digest: string },
): readonly Replayed[] {
  if (asked.subject.kind !== "order") return [];
  const bound = { version: asked.version, strategyConfigHash: before.house.configHash, phase: 1 };
  const today = digestOf(asked.subject.intent, bound, hash);
  return [compared(seq, "digest of the request", { recorded: asked.digest, today })];
}

function voteAgain({ before, seq }: Seen, vote: FactOf<"vote_cast">, { wallAt }: Recorded): Replayed {
  const approval = before.approvals[vote.approvalId];
  const what = `vote of ${vote.personId}`;
  if (approval === undefined) return { seq, what, verdict: "differs", note: "the books know no such request" };
  // Whether somebody was alone counts for an own request only, and orders are requested by strategies.
  const told = { personId: vote.personId, verdict: vote.verdict, version: vote.version, at: wallAt, isAlone: true };
  const counted = countVote(approval, told);
  return counted.ok
    ? { seq, what, verdict: "equal", note: counted.value }
    : { seq, what, verdict: "differs", note: `today it would not count: ${counted.problem.kind.replaceAll("_", " ")}` };
}

/** The name at the venue follows from the decision alone: the same decision can't be sent under two names. */
function nameAgain({ before, seq, hash }: Seen, fact: FactOf<"order_intended">): Replayed {
  const today = clientOrderIdOf(fact.intent, { epoch: before.house.epoch, digest: fact.digest }, hash);
  return compared(seq, `name of the ${fact.intent.leg} order`, { recorded: fact.clientOrderId, today });
}

function consentAgain({ before, seq }: Seen, fact: FactOf<"order_intended">): readonly Replayed[] {
  if (fact.approvalId === null) return [];
  const approval = before.approvals[fact.approvalId];
  const today = approval === undefined ? "no such request" : `${approval.version} ${approval.digest}`;
  const recorded = `${fact.approvalVersion ?? "?"} ${fact.digest}`;
  return [compared(seq, "order is what was signed", { recorded, today })];
}

function exitAgain({ before, seq }: Seen, fact: FactOf<"exit_triggered">, { at }: Recorded): Replayed {
  const what = `exit: ${fact.reason}`;
  const position = before.positions[fact.positionId];
  if (position === undefined) return { seq, what, verdict: "differs", note: "the books know no such position" };
  const isWatched = fact.reason === "stop" || fact.reason === "target" || fact.reason === "time";
  if (!isWatched || fact.source.startsWith("venue") || (fact.reason !== "time" && fact.observedPrice === null))
    return {
      seq,
      what,
      verdict: "not_recorded",
      note: `it came from ${fact.source}, not from a price that we watched`,
    };
  // How long the price had been through is part of the note alone: the rule itself is asked.
  const view = { bid: fact.observedPrice, at, throughStopMs: throughGraceMs, level: before.house.level };
  const today = observeExit(position, view, liveOrderOf(before, fact.positionId, "protect"))?.reason ?? "no exit";
  return compared(seq, what, { recorded: fact.reason, today });
}

/** Money from the fills, by today's arithmetic. */
function closeAgain({ before, seq }: Seen, fact: FactOf<"position_closed">): Replayed {
  const position = before.positions[fact.positionId];
  const recorded = moneyOf(fact);
  const today =
    position === undefined || fact.reason === "no_fill"
      ? "no such position"
      : moneyOf(closedFact(position, fact.reason));
  return compared(seq, "money of the close", { recorded, today });
}

function moneyOf(fact: Fact): string {
  if (fact.type !== "position_closed") return canonicalJson(fact.type);
  return `${fact.pnl} after fees of ${fact.fees}, in at ${fact.entryPrice ?? "?"}, out at ${fact.exitPrice ?? "?"}`;
}
