/**
 * What the signature of one person is worth. A large order takes two people, and nobody signs more in a day than the cap: who
 * has taken over somebody's phone must not be able to spend the account. Whoever reaches the cap cools off; a no, a pause
 * and a flatten of the same person count as ever.
 */
import type { Approval, OrderTerms } from "./approval.ts";
import { includesRole, mayDecide, type Tier } from "./authority.ts";
import type { Books } from "./books.ts";
import { linkKey } from "./books_people.ts";
import type { Fact } from "./events.ts";
import { isMore, type Notional, plus, ratio, zeroNotional } from "./money.ts";
import { addMs, day, hour, type Instant, utcDay } from "./time.ts";

/** What one person has signed in a UTC day of real time, in the accounting currency. */
export type Consent = { readonly day: string; readonly signed: Notional; readonly cooledUntil: Instant | null };

export type ConsentRules = {
  /** Orders worth more take two people; null or absent = one is enough for every order. */
  readonly secondPersonAbove?: Notional | null;
  /** One person's signatures of a UTC day are worth this much together; null or absent = without end. */
  readonly dailyCap?: Notional | null;
};

/** At least an hour, so that midnight gives nobody two caps in a row. */
const cooledMinMs = hour;

export function quorumFor(notional: Notional, { secondPersonAbove }: ConsentRules): number {
  return secondPersonAbove != null && isMore(notional, secondPersonAbove) ? 2 : 1;
}

/** A larger share of equity is a large order, whatever it is worth. */
const largeShare = ratio("0.05");

/** How much it takes to sign an entry. Where no proofs are asked for, as in practice, every entry is small. */
export function tierOfOrder(
  terms: Pick<OrderTerms, "notional" | "notionalShare">,
  rules: { readonly isStepUp?: boolean; readonly largeAbove?: Notional },
): Tier {
  if (rules.isStepUp !== true) return "T1";
  const isLarge = rules.largeAbove !== undefined && isMore(terms.notional, rules.largeAbove);
  return isLarge || isMore(terms.notionalShare, largeShare) ? "T2" : "T1";
}

/** Active people with a linked chat whose yes to an order counts. */
export function approversOf({ people }: Pick<Books, "people">): number {
  const linked = new Set(Object.values(people.links).map((link) => link.personId));
  return Object.values(people.persons).filter(
    (person) => person.isActive && linked.has(person.personId) && includesRole(person.role, "approver"),
  ).length;
}

/** Whose yes to this version still counts: whoever lost the role or the account since then has signed nothing. */
export function standingSignatures(
  { yes, signedWith, tier }: Pick<Approval, "yes" | "signedWith" | "tier">,
  { people }: Pick<Books, "people">,
): readonly string[] {
  return yes.filter((personId) => {
    const person = people.persons[personId];
    if (person?.isActive !== true || !mayDecide(person.role, tier)) return false;
    const account = signedWith?.[personId];
    const links = Object.values(people.links).filter((link) => link.personId === personId);
    return links.some(({ platform, userId }) => account === undefined || account === linkKey(platform, userId));
  });
}

export function signedOn(consent: Consent | undefined, wallAt: Instant): Notional {
  return consent?.day === utcDay(wallAt) ? consent.signed : zeroNotional;
}

/** The books of one person after another yes of this worth. */
export function withSignature(consent: Consent | undefined, worth: Notional, wallAt: Instant): Consent {
  return {
    day: utcDay(wallAt),
    signed: plus(signedOn(consent, wallAt), worth),
    cooledUntil: consent?.cooledUntil ?? null,
  };
}

export type ConsentRefusal = {
  readonly text: string;
  readonly fact: Extract<Fact, { type: "approver_cooled" }> | null;
};

/** Why this person's yes to this order does not count, however fresh it is; null = it counts. The fact is new only once a cool-off. */
export function consentRefusal(
  books: Pick<Books, "consents">,
  about: { readonly approval: Approval; readonly personId: string; readonly wallAt: Instant },
  { dailyCap }: ConsentRules,
): ConsentRefusal | null {
  const { approval, personId, wallAt } = about;
  if (approval.subject.kind !== "order" || dailyCap == null) return null;
  const consent = books.consents[personId];
  if (consent?.cooledUntil != null && wallAt < consent.cooledUntil)
    return { text: "You have signed as much as one person may for now. Another person can sign this.", fact: null };
  const signed = signedOn(consent, wallAt);
  if (!isMore(plus(signed, approval.subject.terms.notional), dailyCap)) return null;
  const midnight = Math.ceil((wallAt + 1) / day) * day;
  return {
    text: `With this you would have signed more than ${dailyCap} ${approval.subject.terms.currency} today. Another person can sign it.`,
    fact: {
      type: "approver_cooled",
      personId,
      approvalId: approval.approvalId,
      signed,
      cap: dailyCap,
      currency: approval.subject.terms.currency,
      until: Math.max(midnight, addMs(wallAt, cooledMinMs)) as Instant,
    },
  };
}
