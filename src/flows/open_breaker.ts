/**
 * Opens, warns and half-opens circuit breakers, each once: what already stands at least as high is left as it is. Whoever
 * finds a reason calls this; the table of core/breaker.ts says what may follow what.
 */

import type { Books } from "../core/books.ts";
import { type BreakerClass, breakerKey, classOf, covers } from "../core/breaker.ts";
import type { Instant } from "../core/time.ts";
import type { Draft } from "../ports/ledger.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { openApprovals, settle } from "./request_approval.ts";

export type BreakerWish = {
  readonly scope: string;
  readonly cause: string;
  readonly class: BreakerClass;
  readonly evidence: Readonly<Record<string, string>>;
  /** degraded: said and shown, stops nothing. Absent = open. */
  readonly grade?: "degraded" | "open";
};

/** The facts of one wish in the light of what stands; none when nothing changes by it. */
export function breakerDrafts(books: Books, wish: BreakerWish, wallAt: Instant): readonly Draft[] {
  const { scope, cause, evidence, grade = "open" } = wish;
  const key = breakerKey(scope, cause);
  const standing = books.house.breakers[key];
  if (grade === "degraded") {
    if (standing !== undefined) return [];
    return [draft("house", { type: "breaker_degraded", scope, cause, class: wish.class, evidence })];
  }
  if (standing?.state === "open" && (standing.class === "sticky" || wish.class === "transient")) return [];
  const kind = standing?.class === "sticky" ? "sticky" : classOf(wish.class, books.house.breakerHistory[key], wallAt);
  const opened = draft("house", { type: "breaker_opened", scope, cause, class: kind, evidence });
  return [opened, ...voided(books, scope, `the breaker ${key} opened`, wallAt)];
}

/** Requests that it covers are void: nobody is asked for what would be refused at the tap. */
function voided(books: Books, scope: string, reason: string, at: Instant): readonly Draft[] {
  return openApprovals(books).flatMap((approval) => {
    if (approval.subject.kind !== "order" || !covers(scope, approval.subject.intent)) return [];
    return [draft("house", settle(approval, { to: "invalidated", by: ["house"], reason, at }), approval.tradeId)];
  });
}

export function openBreaker(needs: Needs, wish: BreakerWish): Promise<void> {
  return record(needs, (books, { wallAt }) => ({ drafts: breakerDrafts(books, wish, wallAt), value: undefined }));
}
