/**
 * A stranger asks to be let in, an owner answers by a button or by /people. The request, its messages and its end are facts;
 * the messages are posted by the outbox and edited in place when it is answered.
 *
 *   /access --recorded, one per account--> cards of owners --button on record--> tap --proof where asked for--> settled
 */
import {
  type AccessRequest,
  accessMs,
  freeName,
  isOpenRequest,
  type NoRequest,
  personIdOf,
  shownName,
  whyNoRequest,
} from "../core/access.ts";
import type { Role } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import { chatKey, hasRole, linkedChats, linkKey, type PeopleBooks } from "../core/books_people.ts";
import { type Card, plainCard } from "../core/card.ts";
import type { Recordation } from "../core/change_card.ts";
import type { Chat, Fact } from "../core/events.ts";
import { mark } from "../core/mark.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { addMs } from "../core/time.ts";
import type { Draft } from "../ports/ledger.ts";
import { deliverOutbox } from "./deliver_outbox.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { tendAccess } from "./show_access.ts";

export type Account = {
  readonly platform: string;
  readonly userId: string;
  readonly name: string;
  readonly chat: Chat;
};

/** @returns how many chats of owners show the request, or why there is none. */
export async function askAccess(needs: Needs, account: Account): Promise<Result<number, NoRequest>> {
  const asked = await record<Result<number, NoRequest>>(needs, (books, { wallAt }) => {
    const because = whyNoRequest(books.people, account, wallAt);
    if (because !== null) return { drafts: [], value: fail(because) };
    const requestId = needs.ids.next("acc");
    const cards = ownerChats(books.people).map((chat) => ({ cardId: needs.ids.next("card"), chat }));
    const name = shownName(account.name);
    const { platform, userId, chat } = account;
    const expiresAt = addMs(wallAt, accessMs);
    const fact: Fact = { type: "access_asked", requestId, platform, userId, name, chat, cards, expiresAt };
    const words = plainCard("waiting", "Somebody asks for access");
    const queued = cards.map((card) =>
      draft("house", {
        type: "card_queued",
        ...card,
        severity: "warning",
        alert: "access",
        foldKey: requestId,
        card: words,
      }),
    );
    return { drafts: [draft(linkKey(platform, userId), fact), ...queued], value: ok(cards.length) };
  });
  if (asked.ok) soon(needs);
  return asked;
}

/** Chats that speak for an owner; what others read in them decides nothing. */
function ownerChats(people: PeopleBooks): readonly Chat[] {
  const owners = Object.values(people.links).filter((link) => people.persons[link.personId]?.role === "owner");
  const theirs = new Set(owners.map((link) => chatKey(link.chat)));
  return linkedChats(people).filter((chat) => theirs.has(chatKey(chat)));
}

export type Settled =
  | { readonly kind: "gone" }
  | { readonly kind: "not_allowed" }
  | { readonly kind: "settled_before"; readonly request: AccessRequest }
  | {
      readonly kind: "settled";
      readonly request: AccessRequest;
      readonly name: string;
      readonly recorded: Recordation;
    };

/** @param role null = no. Who was an owner when it was tapped may be none any more when it is decided. */
export async function settleAccess(
  needs: Needs,
  wish: { readonly requestId: string; readonly role: Role | null; readonly personId: string },
): Promise<Settled> {
  const settled = await record<Settled>(needs, (books, { wallAt }) => {
    const request = books.people.access[wish.requestId];
    if (request === undefined) return { drafts: [], value: { kind: "gone" } };
    if (!hasRole(books.people, wish.personId, "owner")) return { drafts: [], value: { kind: "not_allowed" } };
    if (!isOpenRequest(request, wallAt)) {
      mark("H02.decided_once");
      return { drafts: [], value: { kind: "settled_before", request } };
    }
    const name = freeName(books.people, request.name, personIdOf(request));
    const drafts = settling(needs, books, { ...wish, request, name });
    const recorded = { since: wallAt, seq: books.seq + 1 };
    return { drafts, value: { kind: "settled", request, name, recorded } };
  });
  if (settled.kind === "settled") soon(needs);
  return settled;
}

function settling(
  needs: Needs,
  books: Books,
  about: { request: AccessRequest; role: Role | null; personId: string; name: string },
): readonly Draft[] {
  const { request, role, name } = about;
  const { requestId, platform, userId, chat } = request;
  const by = books.people.persons[about.personId]?.name ?? about.personId;
  const isIn = role !== null;
  const personId = isIn ? personIdOf(request) : null;
  const facts: Fact[] = [{ type: "access_settled", requestId, how: isIn ? "granted" : "refused", role, personId, by }];
  if (isIn && personId !== null) {
    const timeZone = books.people.persons[about.personId]?.timeZone ?? "UTC";
    facts.push({ type: "person_set", personId, name, role, timeZone, isActive: true, origin: "chat" });
    facts.push({ type: "chat_linked", personId, platform, userId, chat });
  }
  const card: Card = isIn
    ? {
        ...plainCard("ok", `You are in, ${name}`, ["Prompts, alerts and the daily summary come here from now on."]),
        fields: [{ name: "Role", value: role }],
        footer: "/help shows what you can say.",
      }
    : plainCard("closed", "An owner said no.", ["You may ask again in a day."]);
  const cardId = needs.ids.next("card");
  facts.push({ type: "card_queued", cardId, chat, severity: "info", alert: "reply", foldKey: requestId, card });
  return facts.map((fact) => draft(`person:${about.personId}`, fact));
}

/** The sweep would do it within a second; a person waits. */
function soon(needs: Needs): void {
  void Promise.all([deliverOutbox(needs), tendAccess(needs)]).catch((error: unknown) =>
    needs.log.warn("A request for access could not be shown at once", { error: String(error) }),
  );
}
