/**
 * Asking to be let in: one open request per account, answered by an owner, with an end to how much strangers may ask.
 *
 *   open --owner grants a role--> granted      open --owner says no--> refused      open --a day--> expired
 */
import type { AccessAnswer } from "./access_facts.ts";
import type { Role } from "./authority.ts";
import type { PeopleBooks } from "./books_people.ts";
import type { Card } from "./card.ts";
import { oneLine } from "./clean_text.ts";
import type { Chat, Recorded } from "./events.ts";
import { addMs, between, day, type Instant, isoTime } from "./time.ts";

export type AccessCard = {
  readonly chat: Chat;
  /** null = not posted yet. */
  readonly messageId: string | null;
  /** Answers by the SHA-256 of their token. */
  readonly tokens: Readonly<Record<string, AccessAnswer>>;
  readonly isShown: boolean;
};

export type AccessRequest = {
  readonly requestId: string;
  readonly platform: string;
  readonly userId: string;
  readonly name: string;
  readonly chat: Chat;
  readonly askedAt: Instant;
  readonly expiresAt: Instant;
  readonly state: "open" | "granted" | "refused" | "expired";
  readonly role: Role | null;
  readonly by: string | null;
  readonly settledAt: Instant | null;
  readonly cards: Readonly<Record<string, AccessCard>>;
};

export type AccessRequests = Readonly<Record<string, AccessRequest>>;

export const accessMs = day;
/** Of all strangers together: owners have a life. */
export const openRequestsMax = 5;
export const requestsPerDayMax = 20;

export type NoRequest = "asked_already" | "answered_lately" | "too_many";

/** Why this account may not ask now; null = it may. */
export function whyNoRequest(
  people: PeopleBooks,
  account: { readonly platform: string; readonly userId: string },
  wallAt: Instant,
): NoRequest | null {
  const lately = Object.values(people.access).filter((one) => between(one.askedAt, wallAt) < day);
  const own = lately.filter((one) => one.platform === account.platform && one.userId === account.userId);
  if (own.some((one) => isOpenRequest(one, wallAt))) return "asked_already";
  // Whoever was let in and taken out again may ask once more; whoever heard a no waits for a day.
  if (own.some((one) => one.state === "refused")) return "answered_lately";
  const open = lately.filter((one) => isOpenRequest(one, wallAt)).length;
  return open >= openRequestsMax || lately.length >= requestsPerDayMax ? "too_many" : null;
}

export function isOpenRequest({ state, expiresAt }: AccessRequest, wallAt: Instant): boolean {
  return state === "open" && wallAt < expiresAt;
}

/** A name as it is shown beside the numeric id, which alone decides. */
export function shownName(displayName: string): string {
  const name = oneLine(displayName).slice(0, 32).trim();
  return name === "" ? "somebody" : name;
}

/** The name that this person bears here: nobody may come in under the name of somebody else. */
export function freeName(people: PeopleBooks, wanted: string, personId: string): string {
  const taken = new Set(
    Object.values(people.persons)
      .filter((one) => one.personId !== personId)
      .flatMap((one) => [plainName(one.name), plainName(one.personId)]),
  );
  const numbered = (number: number): string => (number === 1 ? wanted : `${wanted} ${number}`);
  let number = 1;
  while (taken.has(plainName(numbered(number)))) number += 1;
  return numbered(number);
}

export const plainName = (name: string): string => name.normalize("NFKC").trim().replace(/\s+/g, " ").toLowerCase();

/** The same account is the same person whenever it comes back. */
export const personIdOf = ({ platform, userId }: { readonly platform: string; readonly userId: string }): string =>
  `${platform}${userId}`;

export function accessOfCard(people: PeopleBooks, cardId: string): AccessRequest | null {
  return Object.values(people.access).find((one) => one.cards[cardId] !== undefined) ?? null;
}

export type AccessTarget = {
  readonly request: AccessRequest;
  readonly cardId: string;
  readonly card: AccessCard;
  readonly answer: AccessAnswer;
};

export function accessOfToken(people: PeopleBooks, hash: string): AccessTarget | null {
  for (const request of Object.values(people.access))
    for (const [cardId, card] of Object.entries(request.cards)) {
      const answer = card.tokens[hash];
      if (answer !== undefined) return { request, cardId, card, answer };
    }
  return null;
}

export const accountText = ({ platform, userId }: { readonly platform: string; readonly userId: string }): string =>
  `${platform} ${userId}`;

export function accessCard(request: AccessRequest): Card {
  const { name, askedAt, expiresAt, state } = request;
  const isOpen = state === "open";
  return {
    title: isOpen ? "Somebody asks for access" : `Access of ${name}: ${endText(request)}`,
    tone: isOpen ? "waiting" : "closed",
    lines: isOpen
      ? ["Let in only whom you know: the name is what they call themselves. A button gives a role; silence means no."]
      : [],
    fields: [
      { name: "Calls themselves", value: name },
      { name: "Account", value: accountText(request) },
      { name: "Asked", value: `${isoTime(askedAt).slice(0, 16).replace("T", " ")} UTC` },
    ],
    footer: isOpen
      ? `Until ${isoTime(expiresAt).slice(0, 16).replace("T", " ")} UTC · or /people grant ${request.userId} ROLE`
      : null,
    chart: null,
  };
}

export function endText({ state, role, by, settledAt }: AccessRequest): string {
  const at = settledAt === null ? "" : ` at ${isoTime(settledAt).slice(11, 16)} UTC`;
  if (state === "granted") return `${role ?? "granted"}, by ${by ?? "an owner"}${at}`;
  return state === "refused" ? `no, by ${by ?? "an owner"}${at}` : `nobody answered${at}`;
}

export function evolveAccess(access: AccessRequests, { fact, wallAt }: Recorded): AccessRequests {
  switch (fact.type) {
    case "access_asked": {
      const { type: _type, cards, ...asked } = fact;
      const fresh = cards.map(
        ({ cardId, chat }) => [cardId, { chat, messageId: null, tokens: {}, isShown: false }] as const,
      );
      const request: AccessRequest = {
        ...asked,
        askedAt: wallAt,
        state: "open",
        role: null,
        by: null,
        settledAt: null,
        cards: Object.fromEntries(fresh),
      };
      return { ...access, [fact.requestId]: request };
    }
    case "access_prepared": {
      const tokens = fact.tokens.map(({ hash, answer }) => [hash, answer] as const);
      // A try whose answer was lost may stand in the chat: its buttons go on to count.
      return changeCard(access, fact, (card) => ({
        ...card,
        tokens: { ...card.tokens, ...Object.fromEntries(tokens) },
      }));
    }
    case "access_settled": {
      const request = access[fact.requestId];
      if (request === undefined) return access;
      const { how: state, role, by } = fact;
      return { ...access, [fact.requestId]: { ...request, state, role, by, settledAt: wallAt } };
    }
    case "access_shown":
      return changeCard(access, fact, (card) => ({ ...card, isShown: true }));
    case "card_sent":
    case "card_dropped": {
      const request = Object.values(access).find((one) => one.cards[fact.cardId] !== undefined);
      if (request === undefined) return access;
      const about = { requestId: request.requestId, cardId: fact.cardId };
      const messageId = fact.type === "card_sent" ? fact.messageId : null;
      // What left after the end said so already.
      const isShown = fact.type === "card_dropped" || request.state !== "open";
      return changeCard(access, about, (card) => ({ ...card, messageId, isShown }));
    }
    default:
      return access;
  }
}

function changeCard(
  access: AccessRequests,
  { requestId, cardId }: { readonly requestId: string; readonly cardId: string },
  next: (old: AccessCard) => AccessCard,
): AccessRequests {
  const request = access[requestId];
  const card = request?.cards[cardId];
  if (request === undefined || card === undefined) return access;
  return { ...access, [requestId]: { ...request, cards: { ...request.cards, [cardId]: next(card) } } };
}

/** Whom a day ago nobody let in may ask again; until then the answer is known. */
export function staysAsked({ askedAt, settledAt }: AccessRequest, wallAt: Instant): boolean {
  return wallAt < addMs(settledAt ?? askedAt, 2 * day);
}
