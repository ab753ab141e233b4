/**
 * The life of one approval: consent of people to exactly what they saw, executed at most once.
 *
 *   pending --yes, quorum--> approved --TX1--> executing --> executed | exec_failed | exec_unknown --> executed | exec_failed
 *      |--one no--> declined      |--too late, drift, refused--> invalidated
 *      |--silence--> expired      '-- (restart) --> invalidated
 *      |--newer request--> superseded      |--kill, withdrawn--> canceled      |--drift > hard--> invalidated
 *
 * A vote binds to `digest`, the hash of the canonical order that the person saw. A changed digit is a new version, and
 * every yes for the old one is worthless. A no counts however late it comes.
 */
import type { Role, Tier } from "./authority.ts";
import type { Level } from "./events.ts";
import type { Mode, OrderIntent } from "./intent.ts";
import { mark } from "./mark.ts";
import type { Notional, Price, Quantity, Ratio } from "./money.ts";
import { fail, ok, type Result } from "./result.ts";
import type { Instant } from "./time.ts";

export const approvalStates = [
  "pending",
  "approved",
  "executing",
  "executed",
  "exec_failed",
  "exec_unknown",
  "declined",
  "expired",
  "canceled",
  "superseded",
  "invalidated",
] as const;
export type ApprovalState = (typeof approvalStates)[number];

export const approvalTable: Readonly<Record<ApprovalState, readonly ApprovalState[]>> = {
  pending: ["approved", "declined", "expired", "canceled", "superseded", "invalidated"],
  approved: ["executing", "invalidated", "canceled"],
  executing: ["executed", "exec_failed", "exec_unknown"],
  exec_unknown: ["executed", "exec_failed"],
  executed: [],
  exec_failed: [],
  declined: [],
  expired: [],
  canceled: [],
  superseded: [],
  invalidated: [],
};

/** What the buttons of a prompt say. */
export type PromptVerb = "approve" | "decline" | "smaller" | "later";

/** What is asked. An order carries the numbers that its prompt shows, taken when this version was quoted. */
export type ApprovalSubject =
  | { readonly kind: "order"; readonly intent: OrderIntent; readonly terms: OrderTerms }
  | { readonly kind: "flatten"; readonly positions: readonly { readonly positionId: string; readonly line: string }[] }
  | {
      readonly kind: "lower_level";
      readonly from: Level;
      readonly reason: string;
      /** Although nobody has proven that nothing is held. */
      readonly isOverride: boolean;
      /** Only one person may decide: when the time is over and nobody has said no, it is done. */
      readonly isAlone: boolean;
    }
  | {
      readonly kind: "loosen_limit";
      readonly name: string;
      /** As it was typed. */
      readonly text: string;
      readonly from: string;
      readonly to: string;
      readonly reason: string;
      readonly isAlone: boolean;
    }
  | {
      readonly kind: "raise_role";
      readonly personId: string;
      readonly name: string;
      readonly from: Role;
      readonly to: Role;
      readonly reason: string;
      readonly isAlone: boolean;
    };

export type OrderTerms = {
  /** Executable price for the size at the time of the quote, before the soft band. */
  readonly quotedPrice: Price;
  readonly quotedAt: Instant;
  readonly risk: Notional;
  readonly riskShare: Ratio;
  readonly notional: Notional;
  readonly notionalShare: Ratio;
  readonly exposureNow: Ratio;
  readonly exposureThen: Ratio;
  readonly because: string;
  readonly strength: Ratio;
  /** What the account was worth then; absent in requests of earlier versions. */
  readonly equity?: Notional;
  /** Unit of every amount of money above, e.g. USDT. */
  readonly currency: string;
  /** The market as it was when people were asked; absent in requests of earlier versions. */
  readonly market?: string;
};

export type Approval = {
  readonly approvalId: string;
  readonly tradeId: string | null;
  readonly tier: Tier;
  readonly requester: string;
  readonly mode: Mode;
  readonly subject: ApprovalSubject;
  readonly digest: string;
  readonly version: number;
  readonly state: ApprovalState;
  readonly softBps: number;
  readonly hardBps: number;
  readonly quorum: number;
  /** Wall time. */
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly execDeadlineMs: number;
  /** One open request per key. */
  readonly dedupeKey: string;
  /** A veto window: silence executes it when the window ends, a no stops it. Absent = silence means no. */
  readonly isVeto?: true;
  /** Persons who said yes to this version. */
  readonly yes: readonly string[];
  /** By person: the account that the yes came from, as `platform:userId`; absent in ledgers of before. */
  readonly signedWith?: Readonly<Record<string, string>>;
  readonly decidedAt: Instant | null;
  readonly decidedBy: readonly string[];
  /** Of the fact that decided it: the first 8 hex digits of its place in the chain. */
  readonly decidedHash?: string;
  readonly reason: string | null;
  readonly supersededBy: string | null;
  /** No later version is larger; absent = as the house plans it. */
  readonly quantityMax?: Quantity;
  /** By person: until when he wants no reminder of this version. */
  readonly snoozed?: Readonly<Record<string, Instant>>;
  /** Rungs of the ladder that this version has climbed. */
  readonly rung?: number;
  /** Why it was declined, in the words of whoever said no. */
  readonly declinedBecause?: string;
  /** What silence cost or saved was measured. */
  readonly isValued?: boolean;
  /** What it was: money after fees, below 0 = silence saved it. Absent in ledgers of before. */
  readonly silence?: { readonly pnl: Notional; readonly how: "stop" | "target" | "time" };
};

export function isOpen(state: ApprovalState): boolean {
  return state === "pending";
}

export function isClosed(state: ApprovalState): boolean {
  return state !== "pending" && state !== "approved" && state !== "executing" && state !== "exec_unknown";
}

/** Ends by itself with a yes unless somebody says no: what one person alone asked for, and a veto window. */
export function isWait({ subject, isVeto }: Pick<Approval, "subject" | "isVeto">): boolean {
  return isVeto === true || ("isAlone" in subject && subject.isAlone);
}

/** Whether whoever asked may also answer: only what adds no power beyond a second person's word. */
export function mayDecideOwn({ subject }: Pick<Approval, "subject">): boolean {
  return !("isAlone" in subject);
}

export type VoteProblem =
  | {
      readonly kind: "already_settled";
      readonly state: ApprovalState;
      readonly by: readonly string[];
      readonly at: Instant | null;
    }
  | { readonly kind: "other_version"; readonly version: number }
  | { readonly kind: "too_late" }
  | { readonly kind: "voted_already" }
  | { readonly kind: "own_request" };

export type Vote = {
  readonly personId: string;
  readonly verdict: "yes" | "no";
  readonly version: number;
  /** Wall time of the decision. */
  readonly at: Instant;
  /** Set by the single-operator rule: the only approver may answer an own request. */
  readonly isAlone: boolean;
};

/** What one vote does to an approval: nothing yet, approved, or declined. Pure; freshness and price are judged by the caller before. */
export function countVote(approval: Approval, vote: Vote): Result<"counted" | "approved" | "declined", VoteProblem> {
  if (approval.state !== "pending") {
    mark("H02.decided_once");
    return fail({ kind: "already_settled", state: approval.state, by: approval.decidedBy, at: approval.decidedAt });
  }
  // One refusal suffices, whatever version was on the screen and however late: a no never needs to be precise.
  if (vote.verdict === "no") return ok("declined");
  if (vote.at >= approval.expiresAt) {
    mark("H03.yes_after_its_time");
    return fail({ kind: "too_late" });
  }
  if (vote.version !== approval.version) return fail({ kind: "other_version", version: approval.version });
  if (approval.yes.includes(vote.personId)) return fail({ kind: "voted_already" });
  if (approval.requester === `person:${vote.personId}` && !vote.isAlone) return fail({ kind: "own_request" });
  return ok(approval.yes.length + 1 >= approval.quorum ? "approved" : "counted");
}
