/**
 * Whether an open request still means what people were shown: its price, the account that it was sized for, and every check,
 * on facts of this moment. Asked at a yes and at the end of a veto window.
 */
import type { Approval } from "../core/approval.ts";
import type { Books } from "../core/books.ts";
import { type DenialCode, refusalWords } from "../core/denial.ts";
import type { Fact } from "../core/events.ts";
import { mark } from "../core/mark.ts";
import { fromBps, isLess, isMore, negateRatio, type Price } from "../core/money.ts";
import { equityOf } from "../core/portfolio.ts";
import { adverseDrift, executablePrice, spreadOf } from "../core/quote.ts";
import { whatChanged } from "../core/request_drift.ts";
import { judge } from "../define/check.ts";
import { type Outside, viewOf } from "./gather_view.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { signalBehind } from "./plan_entry.ts";

export type Priced =
  | { readonly kind: "within" | "none" }
  | { readonly kind: "moved" | "beyond"; readonly text: string };

export function judgePrice(needs: Needs, approval: Approval, outside: Outside | null): Priced {
  if (approval.subject.kind !== "order") return { kind: "within" };
  if (
    outside === null ||
    outside.book === null ||
    needs.clock.wall() - outside.book.receivedAt > needs.settings.approvals.quoteTtlMs
  )
    return { kind: "none" };
  const { intent, terms } = approval.subject;
  const now: Price | null = executablePrice(outside.book, intent.side, intent.quantity);
  if (now === null) return { kind: "beyond", text: "the order book is too thin for this size" };
  const drift = adverseDrift(intent.side, terms.quotedPrice, now);
  if (isMore(drift, fromBps(approval.hardBps))) {
    mark("H04.beyond_the_hard_band");
    return {
      kind: "beyond",
      text: `the price moved from ${terms.quotedPrice} to ${now}, beyond the hard band of ${approval.hardBps} bps`,
    };
  }
  const isPastWorst = isMore(now, intent.shape.limitPrice);
  const isMuchBetter = isLess(drift, negateRatio(fromBps(approval.hardBps)));
  if (!isPastWorst && !isMuchBetter) return { kind: "within" };
  mark("H04.asked_again");
  return { kind: "moved", text: `Price moved from ${terms.quotedPrice} to ${now}: tap again` };
}

/** The account or the spread is another one than that which the request was made for. null = they are the same. */
export function otherAccount(needs: Needs, books: Books, approval: Approval, { book }: Outside): string | null {
  const equity = equityOf(books, marksOf(needs.memory));
  const changed = whatChanged(approval, { equity, spread: book === null ? null : spreadOf(book) });
  if (changed !== null) mark("H04.another_account_or_spread");
  return changed;
}

/** The books as if this request did not exist: it must not stand in its own way. */
export function withoutOwn(books: Books, approval: Approval): Books {
  const others = Object.entries(books.approvals).filter(([id]) => id !== approval.approvalId);
  return { ...books, approvals: Object.fromEntries(others) };
}

/** Refusals that a smaller order would pass: a fee or a small loss since the question must not void it, only make it smaller. */
const sizeCodes: ReadonlySet<DenialCode> = new Set([
  "risk_above_limit",
  "position_above_limit",
  "exposure_above_limit",
  "asset_above_limit",
  "balance_too_small",
]);

export type Refused = {
  readonly denial: readonly Fact[];
  readonly text: string;
  readonly isSizeOnly: boolean;
  /** The house itself is not ready, or not any more. */
  readonly isStarting: boolean;
};

export function refusedAtTap(needs: Needs, books: Books, approval: Approval, outside: Outside): Refused | null {
  if (approval.subject.kind !== "order") return null;
  const { intent, terms } = approval.subject;
  const instrument = needs.memory.instruments.get(intent.instrumentId);
  if (instrument === undefined) return null;
  const view = viewOf(needs, withoutOwn(books, approval), {
    instrument,
    outside,
    signal: signalBehind(intent, terms),
    strategy: intent.strategy,
  });
  const denials = judge(intent, view, needs.checks);
  if (denials.length === 0) return null;
  const fact: Fact = {
    type: "intent_denied",
    signalId: intent.signalId,
    strategy: intent.strategy,
    instrumentId: intent.instrumentId,
    intent,
    denials,
    stage: "tap",
    notes: [],
  };
  const isSizeOnly = denials.every((denial) => sizeCodes.has(denial.code));
  const isStarting = denials.some((denial) => denial.code === "starting_up");
  return { denial: [fact], text: refusalWords(denials.map(({ code }) => code)), isSizeOnly, isStarting };
}
