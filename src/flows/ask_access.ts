/**
 * A stranger asks to be let in, an owner answers by a button or by /people. The request, its messages and its end are facts;
 * the messages are posted by the outbox and edited in place when it is answered.
 *
 *   /access --recorded, one per account--> cards of owners --button on record--> tap --proof where asked for--> settled
 *                                      who may sign, where proofs are asked for: in as viewer, then the way of raise_role.ts
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
import { includesRole, type Role } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import { chatKey, hasRole, linkedChats, linkKey, type PeopleBooks, type Person } from "../core/books_people.ts";
import { type Card, plainCard } from "../core/card.ts";
import type { Recordation } from "../core/change_card.ts";
import type { Chat, Fact } from "../core/events.ts";
import { lengthText } from "../core/facts.ts";
import { mark } from "../core/mark.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { addMs, type Instant } from "../core/time.ts";
import type { Draft } from "../ports/ledger.ts";
import { deliverOutbox } from "./deliver_outbox.ts";
import type { Needs } from "./needs.ts";
import { raiseDrafts } from "./raise_role.ts";
import { draft, record } from "./record.ts";
import { tendAccess } from "./show_access.ts";
import { showPrompts } from "./show_prompts.ts";

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
      /** As what they are in from this moment; null = not at all. */
      readonly role: Role | null;
      /** What has to happen before they have the role that was meant for them; null = they have it. */
      readonly later: string | null;
      readonly recorded: Recordation;
    };

type AccessWish = {
  readonly requestId: string;
  readonly role: Role | null;
  readonly personId: string;
  /** Why, where the role has to be signed by others; absent = that they asked. */
  readonly reason?: string;
};

/** @param role null = no. Who was an owner when it was tapped may be none any more when it is decided. */
export async function settleAccess(needs: Needs, wish: AccessWish): Promise<Settled> {
  const settled = await record<Settled>(needs, (books, { wallAt }) => {
    const request = books.people.access[wish.requestId];
    if (request === undefined) return { drafts: [], value: { kind: "gone" } };
    if (!hasRole(books.people, wish.personId, "owner")) return { drafts: [], value: { kind: "not_allowed" } };
    if (!isOpenRequest(request, wallAt)) {
      mark("H02.decided_once");
      return { drafts: [], value: { kind: "settled_before", request } };
    }
    const name = freeName(books.people, request.name, personIdOf(request));
    const recorded = { since: wallAt, seq: books.seq + 1 };
    const { drafts, role, later } = settling(needs, books, { wish, request, name, wallAt });
    return { drafts, value: { kind: "settled", request, name, role, later, recorded } };
  });
  if (settled.kind === "settled") soon(needs);
  return settled;
}

type Settling = {
  readonly wish: AccessWish;
  readonly request: AccessRequest;
  readonly name: string;
  readonly wallAt: Instant;
};
type SettledNow = { readonly drafts: readonly Draft[]; readonly role: Role | null; readonly later: string | null };

function settling(needs: Needs, books: Books, { wish, request, name, wallAt }: Settling): SettledNow {
  const { requestId, platform, userId, chat } = request;
  const actor = `person:${wish.personId}`;
  const owner = books.people.persons[wish.personId];
  const by = owner?.name ?? wish.personId;
  const role = wish.role === null ? null : roleAtOnce(needs, wish.role);
  const personId = role === null ? null : personIdOf(request);
  const how = role === null ? "refused" : "granted";
  const facts: Fact[] = [{ type: "access_settled", requestId, how, role, personId, by }];
  const raised: Draft[] = [];
  let later: string | null = null;
  if (role !== null && personId !== null) {
    const timeZone = owner?.timeZone ?? "UTC";
    const person: Person = { personId, name, role, timeZone, isActive: true, origin: "chat" };
    facts.push({ type: "person_set", ...person }, { type: "chat_linked", personId, platform, userId, chat });
    if (wish.role !== null && wish.role !== role) {
      const reason = wish.reason ?? `asked for access, let in by ${by}`;
      const asked = raiseDrafts(needs, books, { actor, person, to: wish.role, reason }, wallAt);
      raised.push(...asked.drafts);
      later = asked.isAlone
        ? `${wish.role} in ${lengthText(asked.waitMs)} unless somebody declines; every chat shows it.`
        : `${wish.role} when another owner approves it within ${lengthText(asked.waitMs)}.`;
    }
  }
  const card = role === null ? refusedCard : welcome(name, role, later);
  const cardId = needs.ids.next("card");
  facts.push({ type: "card_queued", cardId, chat, severity: "info", alert: "reply", foldKey: requestId, card });
  return { drafts: [...facts.map((fact) => draft(actor, fact)), ...raised], role, later };
}

/** Letting somebody sign is raising a role: an owner alone could else bring in a second account of his own as the second person. */
function roleAtOnce({ settings }: Needs, wanted: Role): Role {
  return settings.approvals.isStepUp === true && includesRole(wanted, "approver") ? "viewer" : wanted;
}

const refusedCard = plainCard("closed", "An owner said no.", ["You may ask again in a day."]);

function welcome(name: string, role: Role, later: string | null): Card {
  const lines = ["Prompts, alerts and the daily summary come here from now on."];
  return {
    ...plainCard("ok", `You are in, ${name}`, lines),
    fields: [{ name: "Role", value: role }, ...(later === null ? [] : [{ name: "Later", value: later }])],
    footer: "/help shows what you can say.",
  };
}

/** The sweep would do it within a second; a person waits. */
function soon(needs: Needs): void {
  void Promise.all([deliverOutbox(needs), tendAccess(needs), showPrompts(needs)]).catch((error: unknown) =>
    needs.log.warn("A request for access could not be shown at once", { error: String(error) }),
  );
}
