/**
 * What one yes or no does, in one transaction on the newest books. Everything from outside (a fresh quote) is read before;
 * the price is judged against the version that the tapper saw.
 *
 *   no  -------------------------------------------------------> declined (however late, however stale)
 *   yes --fresh tap--> drift <= soft ---> vote [quorum] -------> approved --> execution
 *                      soft < drift <= hard, or much better ---> new version, asked again
 *                      drift > hard, or checks refuse ---------> invalidated
 */
import { type Approval, countVote, isWait, mayDecideOwn, type VoteProblem } from "../core/approval.ts";
import { mayTap } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import { type Person, personBehind } from "../core/books_people.ts";
import { consentRefusal, quorumFor, standingSignatures, tierOfOrder } from "../core/consent.ts";
import { refusalWords } from "../core/denial.ts";
import { digestOf } from "../core/digest.ts";
import type { Fact, FactOf } from "../core/events.ts";
import type { Instrument } from "../core/instrument.ts";
import { mark } from "../core/mark.ts";
import { isMore, type Quantity } from "../core/money.ts";
import { resized, type SizedOrder } from "../core/resize.ts";
import { ok, type Result } from "../core/result.ts";
import type { Instant } from "../core/time.ts";
import type { Draft } from "../ports/ledger.ts";
import type { Outside } from "./gather_view.ts";
import { judgePrice, otherAccount, type Priced, type Refused, refusedAtTap, withoutOwn } from "./judge_request.ts";
import type { Needs } from "./needs.ts";
import { exposureShare, planEntry, signalBehind } from "./plan_entry.ts";
import { proofOfYes } from "./proofs.ts";
import { draft, record } from "./record.ts";
import { boundOf, settle } from "./request_approval.ts";
import { isDeclinedInInbox } from "./stored_no.ts";

export type Tap = {
  readonly approvalId: string;
  readonly version: number;
  readonly verdict: "yes" | "no";
  readonly person: Person;
  readonly platform: string;
  readonly userId: string;
  readonly chatId: string;
  readonly messageId: string;
  readonly eventId: string;
  readonly tapAgeMs: number | null;
  readonly reason: string | null;
  /** Smaller than what was asked; null = as it stands. */
  readonly quantity: Quantity | null;
  /** What proved beside the tap who signs; null = nothing. */
  readonly stepUp: NonNullable<FactOf<"vote_cast">["stepUp"]> | null;
};

export type TapOutcome =
  | { readonly kind: "approved" | "declined" | "counted" }
  | { readonly kind: "repriced"; readonly text: string }
  | { readonly kind: "invalidated"; readonly text: string }
  | { readonly kind: "capped"; readonly text: string }
  | { readonly kind: "not_resized"; readonly text: string }
  | { readonly kind: "outvoted" | "not_allowed" }
  | { readonly kind: "unproven" }
  | { readonly kind: "no_price" | "not_ready" }
  | { readonly kind: "problem"; readonly problem: VoteProblem }
  | { readonly kind: "gone" };

type Settling = { readonly drafts: readonly Draft[]; readonly value: TapOutcome };
const nothing = (value: TapOutcome): Settling => ({ drafts: [], value });

/** @param outside fresh facts for a yes on an order; null for a no, or when nothing could be read. */
export function settleApproval(needs: Needs, tap: Tap, outside: Outside | null): Promise<TapOutcome> {
  return record<TapOutcome>(needs, (books, { wallAt }) => {
    const approval = books.approvals[tap.approvalId];
    if (approval === undefined) return nothing({ kind: "gone" });
    const { person, verdict, version } = tap;
    if (!mayStillTap(books, approval, tap)) return nothing({ kind: "not_allowed" });
    // Who has signed the larger order may still want less of it.
    const asked = tap.quantity === null ? approval : { ...approval, yes: [] };
    const counted = countVote(asked, {
      personId: person.personId,
      verdict,
      version,
      at: wallAt,
      isAlone: mayDecideOwn(approval),
    });
    if (!counted.ok) return nothing({ kind: "problem", problem: counted.problem });
    if (counted.value === "declined") {
      const declined = settle(approval, { to: "declined", by: [whoOf(tap)], reason: tap.reason, at: wallAt });
      return { drafts: facts(tap, approval, [voteOf(tap, approval), declined]), value: { kind: "declined" } };
    }
    return tap.quantity === null
      ? signed(needs, books, { approval, tap, outside, wallAt }, [])
      : sizedDown(needs, books, { approval, tap, outside, wallAt });
  });
}

/** Between the tap and its decision a price is read: whoever was unlinked or lost the role meanwhile decides nothing. */
function mayStillTap({ people }: Books, { tier }: Approval, { platform, userId, person, verdict }: Tap): boolean {
  const now = personBehind(people, platform, userId);
  if (now?.personId !== person.personId) return false;
  return mayTap(now.role, verdict === "yes" ? "approve" : "decline", tier);
}

/** A yes whose order stands as it is; `before` is what led to this version in the same commit. */
function signed(needs: Needs, books: Books, yes: Yes, before: readonly Fact[]): Settling {
  const { approval, tap, wallAt } = yes;
  if (isDeclinedInInbox(needs, books, approval)) return nothing({ kind: "outvoted" });
  const capped = cappedAt(needs, books, yes);
  if (capped !== null) return capped;
  if (!isProven(needs, approval, tap)) return nothing({ kind: "unproven" });
  const obstacle = obstacleOf(needs, books, yes);
  // A smaller order that meets an obstacle was asked for all the same: what follows builds on that version.
  if (obstacle !== null)
    return obstacle.drafts.length === 0
      ? obstacle
      : { ...obstacle, drafts: [...facts(tap, approval, before), ...obstacle.drafts] };
  if (standingSignatures(approval, books).length + 1 < approval.quorum) return waiting(tap, approval, before);
  const approved = settle(approval, { to: "approved", by: [whoOf(tap)], reason: null, at: wallAt });
  return { drafts: facts(tap, approval, [...before, voteOf(tap, approval), approved]), value: { kind: "approved" } };
}

/** What this tier takes was given with this very answer; a version that grew meanwhile is asked again. */
function isProven(needs: Needs, approval: Approval, tap: Tap): boolean {
  const needed = proofOfYes(needs, approval);
  if (needed === "none") return true;
  return needed === "phrase" ? tap.stepUp !== null : tap.stepUp?.proof === "phrase_and_code";
}

/** The same order, smaller: a new version that whoever asked for it has signed already, and the others are asked again. */
function sizedDown(needs: Needs, books: Books, yes: Yes): Settling {
  const { approval, tap } = yes;
  const smaller = tap.quantity === null ? null : smallerOrder(needs, approval, tap.quantity);
  if (smaller === null) return nothing({ kind: "gone" });
  if (!smaller.ok) return nothing({ kind: "not_resized", text: smaller.problem });
  const { fact } = smaller.value;
  const next = { ...approval, ...revisedBy(fact) };
  return signed(needs, books, { ...yes, approval: next }, [fact]);
}

type Revised = FactOf<"approval_revised">;

/** The version that this size would be. null = it is no order, or its market is not known any more. */
export function smallerOrder(
  needs: Needs,
  approval: Approval,
  wanted: Quantity,
): Result<{ readonly fact: Revised }, string> | null {
  const { subject } = approval;
  const instrument = subject.kind === "order" ? needs.memory.instruments.get(subject.intent.instrumentId) : undefined;
  if (subject.kind !== "order" || instrument === undefined) return null;
  // Others may have been opened since it was first asked.
  const terms = { ...subject.terms, exposureNow: exposureShare(needs) };
  const sized = resized({ ...subject, terms }, wanted, { instrument, intentId: needs.ids.next("int") });
  if (!sized.ok) return sized;
  const { quantity } = sized.value.intent;
  const fact = { ...revisionFact(needs, approval, sized.value), quantityMax: quantity };
  return ok({ fact: { ...fact, reason: `sized down to ${quantity}` } });
}

function revisionFact(needs: Needs, approval: Approval, { intent, terms }: SizedOrder): Revised {
  const { approvals } = needs.settings;
  const version = approval.version + 1;
  return {
    type: "approval_revised",
    approvalId: approval.approvalId,
    version,
    subject: { kind: "order", intent, terms },
    digest: digestOf(intent, boundOf(needs, version), needs.vault.sha256),
    quorum: quorumFor(terms.notional, approvals),
    tier: tierOfOrder(terms, approvals),
    reason: "",
  };
}

const revisedBy = ({ version, subject, digest, quorum, tier, quantityMax }: Revised) => ({
  version,
  subject,
  digest,
  yes: [],
  ...(quorum === undefined ? {} : { quorum }),
  ...(tier === undefined ? {} : { tier }),
  ...(quantityMax === undefined ? {} : { quantityMax }),
});

/** One of the people that this order takes has signed. */
function waiting(tap: Tap, approval: Approval, before: readonly Fact[]): Settling {
  mark("M09.waits_for_the_second");
  return { drafts: facts(tap, approval, [...before, voteOf(tap, approval)]), value: { kind: "counted" } };
}

/** This person has signed as much as one may; the question stays open for another one. */
function cappedAt(
  needs: Needs,
  books: Books,
  { approval, tap, wallAt }: { approval: Approval; tap: Tap; wallAt: Instant },
): Settling | null {
  const { personId } = tap.person;
  const refusal = consentRefusal(books, { approval, personId, wallAt }, needs.settings.approvals);
  if (refusal === null) return null;
  mark("M09.daily_cap");
  const drafts = refusal.fact === null ? [] : facts(tap, approval, [refusal.fact]);
  return { drafts, value: { kind: "capped", text: refusal.text } };
}

const whoOf = (tap: Tap): string => `${tap.person.name} (${tap.platform})`;

type Yes = {
  readonly approval: Approval;
  readonly tap: Tap;
  readonly outside: Outside | null;
  readonly wallAt: Instant;
};

/** Why a yes does not count as it is: no fresh price, a price that moved, or checks that refuse now. null = it counts. */
function obstacleOf(needs: Needs, books: Books, { approval, tap, outside, wallAt }: Yes): Settling | null {
  if (approval.subject.kind !== "order") return null;
  const priced = judgePrice(needs, approval, outside);
  if (priced.kind === "none" || outside === null) return nothing({ kind: "no_price" });
  if (priced.kind === "moved") return reprice(needs, books, { approval, tap, outside, text: priced.text, wallAt });
  const refused = refusalOf(needs, books, approval, outside, priced);
  if (refused === null) return null;
  // A house that starts or stops refuses everything: that says nothing about this order, which is asked anew when it is ready.
  if (refused.isStarting) return nothing({ kind: "not_ready" });
  if (refused.isSizeOnly) {
    const text = "The account changed since you were asked, so the size did too. Look at it and tap again";
    return reprice(needs, books, { approval, tap, outside, text, wallAt });
  }
  const invalidated = settle(approval, { to: "invalidated", by: ["house"], reason: refused.text, at: wallAt });
  return {
    drafts: facts(tap, approval, [...refused.denial, invalidated]),
    value: { kind: "invalidated", text: refused.text },
  };
}

function refusalOf(needs: Needs, books: Books, approval: Approval, outside: Outside, priced: Priced): Refused | null {
  const text = priced.kind === "beyond" ? priced.text : otherAccount(needs, books, approval, outside);
  return text === null
    ? refusedAtTap(needs, books, approval, outside)
    : { text, denial: [], isSizeOnly: false, isStarting: false };
}

function facts(tap: Tap, approval: Approval, list: readonly Fact[]): readonly Draft[] {
  return list.map((fact) => draft(`person:${tap.person.personId}`, fact, approval.tradeId));
}

function voteOf(tap: Tap, approval: Approval): Fact {
  const { platform, userId, chatId, messageId, eventId, tapAgeMs, reason, verdict } = tap;
  return {
    type: "vote_cast",
    approvalId: approval.approvalId,
    version: approval.version,
    digest: approval.digest,
    personId: tap.person.personId,
    verdict,
    platform,
    userId,
    chatId,
    messageId,
    eventId,
    tapAgeMs,
    reason,
    ...(tap.stepUp === null ? {} : { stepUp: tap.stepUp }),
  };
}

/** The same wish at the present price is a new version; every yes for the old one is void. */
function reprice(
  needs: Needs,
  books: Books,
  about: { approval: Approval; tap: Tap; outside: Outside; text: string; wallAt: Instant },
) {
  const { approval, tap, outside, text } = about;
  const revised = revise(needs, books, approval, outside);
  if (revised.kind === "refused") {
    return {
      drafts: facts(tap, approval, [
        settle(approval, { to: "invalidated", by: ["house"], reason: revised.text, at: about.wallAt }),
      ]),
      value: { kind: "invalidated" as const, text: revised.text },
    };
  }
  return {
    drafts: facts(tap, approval, [{ ...revised.fact, reason: text }]),
    value: { kind: "repriced" as const, text },
  };
}

export type Revision =
  | { readonly kind: "revised"; readonly fact: Extract<Fact, { type: "approval_revised" }> }
  | { readonly kind: "refused"; readonly text: string };

/** A new version of an open order request at the quote in `outside`. */
export function revise(needs: Needs, books: Books, approval: Approval, outside: Outside): Revision {
  if (approval.subject.kind !== "order") return { kind: "refused", text: "only orders have a price" };
  const { intent, terms } = approval.subject;
  const instrument = needs.memory.instruments.get(intent.instrumentId);
  if (instrument === undefined) return { kind: "refused", text: `${intent.instrumentId} is not known at the venue` };
  const signal = signalBehind(intent, terms);
  const wish = {
    instrument,
    signal,
    signalId: intent.signalId ?? "",
    strategy: intent.strategy,
    tradeId: intent.tradeId,
  };
  const planned = planEntry(needs, withoutOwn(books, approval), wish, outside);
  if (!planned.ok) return { kind: "refused", text: refusalWords(planned.problem.denials.map(({ code }) => code)) };
  const within = withinWish(approval, planned.value, instrument);
  return within.ok
    ? { kind: "revised", fact: revisionFact(needs, approval, within.value) }
    : { kind: "refused", text: within.problem };
}

/** Whoever asked for less gets no more when the price moves. */
function withinWish(
  { quantityMax }: Approval,
  planned: SizedOrder,
  instrument: Instrument,
): Result<SizedOrder, string> {
  if (quantityMax === undefined || !isMore(planned.intent.quantity, quantityMax)) return ok(planned);
  return resized(planned, quantityMax, { instrument, intentId: planned.intent.intentId });
}

/** Silence means no: every open request past its time is expired. @returns how many. */
export function expireApprovals(needs: Needs): Promise<number> {
  return record(needs, (books, { wallAt }) => {
    const due = Object.values(books.approvals).filter(
      (approval) => approval.state === "pending" && wallAt >= approval.expiresAt && !isWait(approval),
    );
    return {
      drafts: due.map((approval) =>
        draft(
          "house",
          settle(approval, { to: "expired", by: ["house"], reason: "nobody answered", at: wallAt }),
          approval.tradeId,
        ),
      ),
      value: due.length,
    };
  });
}
