/**
 * More power for somebody, where proofs are asked for: after phrase, code and reason of one owner a second one signs it, or,
 * where nobody else is owner, it waits an hour in which every chat can stop it. Less power never comes here: it counts at once.
 */
import { actorName } from "../core/alert_words.ts";
import type { Approval } from "../core/approval.ts";
import type { Role } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import { linkedChats, type Person } from "../core/books_people.ts";
import { plainCard } from "../core/card.ts";
import type { Fact } from "../core/events.ts";
import type { Instant } from "../core/time.ts";
import type { Draft } from "../ports/ledger.ts";
import type { Needs } from "./needs.ts";
import { askOwners, carriedOut, isDue, type OwnerQuestion, voided, whyMayNotAsk } from "./owner_question.ts";
import { draft, record } from "./record.ts";

export type RaiseWish = {
  readonly actor: string;
  readonly person: Person;
  readonly to: Role;
  readonly reason: string;
};

export function raiseDrafts(needs: Needs, books: Books, wish: RaiseWish, wallAt: Instant): OwnerQuestion {
  const { actor, to, reason } = wish;
  const { personId, name, role: from } = wish.person;
  const subject = (isAlone: boolean) => ({ kind: "raise_role", personId, name, from, to, reason, isAlone }) as const;
  return askOwners(needs, books, { actor, key: `raise|${personId}`, subject }, wallAt);
}

/** Done once. A person who was changed or taken out meanwhile is not given what was asked for the one of before. */
export function executeRaise(needs: Needs, approvalId: string): Promise<void> {
  return record(needs, (books, { wallAt }) => {
    const approval = books.approvals[approvalId];
    if (approval?.subject.kind !== "raise_role" || !isDue(needs, books, approval, wallAt))
      return { drafts: [], value: undefined };
    const because = whyMayNotAsk(books, approval, "owner");
    if (because !== null) return { drafts: [voided(approval, because, wallAt)], value: undefined };
    const { personId, from, to } = approval.subject;
    const person = books.people.persons[personId];
    if (person?.isActive !== true || person.role !== from)
      return { drafts: [voided(approval, whoNow(person), wallAt)], value: undefined };
    const raised: Fact = { type: "person_set", ...person, role: to };
    const told = announced(
      needs,
      books,
      `${person.name} is ${to} now`,
      `Before: ${from}. ${signedText(books, approval)}`,
    );
    return { drafts: [...carriedOut(approval, wallAt), draft(approval.requester, raised), ...told], value: undefined };
  });
}

const whoNow = (person: Person | undefined): string =>
  person?.isActive === true ? `${person.name} is ${person.role} now` : "the person is not here any more";

function signedText(books: Books, { requester, state, decidedBy, subject }: Approval): string {
  const who =
    state === "approved"
      ? `signed by ${decidedBy.map((one) => actorName(books, one)).join(", ")}`
      : "nobody stopped it for an hour";
  return `Asked by ${actorName(books, requester)}; ${who}${subject.kind === "raise_role" ? `: ${subject.reason}` : ""}.`;
}

/** More power for somebody is said on every chat, so that nobody gets it in silence. */
export function announced(needs: Needs, { people }: Books, title: string, line: string): readonly Draft[] {
  const card = plainCard("warning", title, [line]);
  return linkedChats(people).map((chat) => {
    const cardId = needs.ids.next("card");
    return draft("house", {
      type: "card_queued",
      cardId,
      chat,
      severity: "warning",
      alert: "role_raised",
      foldKey: title,
      card,
    });
  });
}

/** Waits that are over, and yeses whose execution a crash kept from happening. */
export async function finishRaises(needs: Needs): Promise<void> {
  const now = needs.clock.wall();
  for (const approval of Object.values(needs.ledger.books().approvals))
    if (approval.subject.kind === "raise_role" && isDue(needs, needs.ledger.books(), approval, now))
      await executeRaise(needs, approval.approvalId);
}
