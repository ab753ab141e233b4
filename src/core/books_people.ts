/** The part of the books about people: who they are, which chats speak for them, and open one-time codes. */
import { type AccessRequests, evolveAccess } from "./access.ts";
import { includesRole, type Role } from "./authority.ts";
import { without } from "./books_house.ts";
import type { Chat, Recorded } from "./events.ts";
import { between, day, type Instant, minute } from "./time.ts";

export type Person = {
  readonly personId: string;
  readonly name: string;
  readonly role: Role;
  readonly timeZone: string;
  /** Told by the browser at the desk. */
  readonly isZoneHeard?: true;
  readonly isActive: boolean;
  /** Let in by an owner in a chat; absent = named in the settings file, which alone changes it. */
  readonly origin?: "chat";
};

/** One platform account of one person, and the chat in which prompts reach it. */
export type Link = {
  readonly personId: string;
  readonly platform: string;
  readonly userId: string;
  readonly chat: Chat;
  readonly linkedAt: Instant;
  readonly origin: "code" | "settings";
  /** When this account last said something, wall time; absent = never. */
  readonly heardAt?: Instant;
};

/** Lately, of one account: what it was refused, and when it was told so. */
export type Refusals = { readonly at: readonly Instant[]; readonly toldAt: Instant | null };

export const refusalsMax = 5;
export const refusalWindowMs = 10 * minute;

export type PeopleBooks = {
  readonly persons: Readonly<Record<string, Person>>;
  /** Key: `platform:userId`. */
  readonly links: Readonly<Record<string, Link>>;
  /** Key: SHA-256 of the code. */
  readonly codes: Readonly<Record<string, { readonly personId: string; readonly expiresAt: Instant }>>;
  /** Desk sessions by SHA-256 of their token. */
  readonly sessions: Readonly<Record<string, { readonly personId: string; readonly expiresAt: Instant }>>;
  /** Who asked to be let in, by request. */
  readonly access: AccessRequests;
  /** Accounts that an owner took out although the settings file names them: only a one-time code brings one back. Absent = none. */
  readonly barred?: Readonly<Record<string, true>>;
  /** Key: `platform:userId`. */
  readonly refusals: Readonly<Record<string, Refusals>>;
  /** Wall time at which a person in a chat made an owner less, or unreachable, by the owner's id; absent = never. */
  readonly ownersGone?: Readonly<Record<string, Instant>>;
};

/** For so long whoever was owner counts as one where it is asked whether a person decides alone. */
export const ownerGoneMs = day;

export const linkKey = (platform: string, userId: string): string => `${platform}:${userId}`;

export function evolvePeople(people: PeopleBooks, recorded: Recorded): PeopleBooks {
  const access = evolveAccess(people.access, recorded);
  const next = evolvePersons(access === people.access ? people : { ...people, access }, recorded);
  return changesOwners.has(recorded.fact.type) ? notingGone(people, next, recorded) : next;
}

const changesOwners: ReadonlySet<string> = new Set(["person_set", "chat_linked", "chat_unlinked"]);

/** Active people of at least this role whom a chat, or the desk, reaches: who is linked nowhere decides nothing. */
export function reachable({ persons, links }: PeopleBooks, role: Role): readonly string[] {
  const linked = new Set(Object.values(links).map((link) => link.personId));
  return Object.values(persons).flatMap((one) =>
    one.isActive && includesRole(one.role, role) && linked.has(one.personId) ? [one.personId] : [],
  );
}

/** What the settings file takes is not noted: who may write there needs nobody's consent. */
function notingGone(before: PeopleBooks, after: PeopleBooks, { actor, wallAt }: Recorded): PeopleBooks {
  if (!actor.startsWith("person:")) return after;
  const left = new Set(reachable(after, "owner"));
  const gone = reachable(before, "owner").filter((personId) => !left.has(personId));
  if (gone.length === 0) return after;
  return { ...after, ownersGone: { ...after.ownersGone, ...Object.fromEntries(gone.map((id) => [id, wallAt])) } };
}

/** Whoever is owner, or was within the last 24 hours: taking power from another one makes nobody the only one at once. */
export function ownersLately(people: PeopleBooks, wallAt: Instant): readonly string[] {
  const gone = Object.entries(people.ownersGone ?? {}).filter(([, at]) => between(at, wallAt) < ownerGoneMs);
  return [...new Set([...reachable(people, "owner"), ...gone.map(([personId]) => personId)])];
}

/** Refusals of this account that still count, the newest included. */
export function refusedLately(people: PeopleBooks, account: string, wallAt: Instant): number {
  return people.refusals[account]?.at.filter((at) => between(at, wallAt) < refusalWindowMs).length ?? 0;
}

function evolvePersons(people: PeopleBooks, { fact, wallAt, actor }: Recorded): PeopleBooks {
  switch (fact.type) {
    case "person_set": {
      const { type: _type, ...person } = fact;
      return { ...people, persons: { ...people.persons, [person.personId]: person } };
    }
    case "link_code_issued":
      return {
        ...people,
        codes: { ...people.codes, [fact.codeHash]: { personId: fact.personId, expiresAt: fact.expiresAt } },
      };
    case "link_code_used":
      return { ...people, codes: without(people.codes, fact.codeHash) };
    case "chat_linked": {
      const { personId, platform, userId, chat } = fact;
      return {
        ...people,
        ...(people.barred === undefined ? {} : { barred: without(people.barred, linkKey(platform, userId)) }),
        links: {
          ...people.links,
          [linkKey(platform, userId)]: {
            personId,
            platform,
            userId,
            chat,
            linkedAt: wallAt,
            origin: fact.origin ?? "code",
          },
        },
      };
    }
    case "chat_unlinked":
      return unlinked(people, linkKey(fact.platform, fact.userId), actor);
    case "message_received": {
      // The inbox row is written in the name of the account that spoke.
      const link = people.links[actor];
      return link === undefined
        ? people
        : { ...people, links: { ...people.links, [actor]: { ...link, heardAt: wallAt } } };
    }
    case "tap_refused": {
      const account = linkKey(fact.platform, fact.userId);
      const old = people.refusals[account];
      const at = [...(old?.at ?? []), wallAt].slice(-refusalsMax);
      const toldAt = fact.isTold === true ? wallAt : (old?.toldAt ?? null);
      return { ...people, refusals: { ...people.refusals, [account]: { at, toldAt } } };
    }
    case "desk_session_opened":
      return {
        ...people,
        sessions: { ...people.sessions, [fact.sessionHash]: { personId: fact.personId, expiresAt: fact.expiresAt } },
      };
    case "desk_session_closed":
      return { ...people, sessions: without(people.sessions, fact.sessionHash) };
    default:
      return people;
  }
}

/** Codes that its person has made go with it: whoever held the account may hold them too. */
function unlinked(people: PeopleBooks, key: string, actor: string): PeopleBooks {
  const link = people.links[key];
  const codes = Object.entries(people.codes).filter(([, code]) => code.personId !== link?.personId);
  // The next start reads the settings again: what a person took out must not come back by itself.
  const isBarred = link?.origin === "settings" && actor.startsWith("person:");
  const barred = isBarred ? { barred: { ...people.barred, [key]: true as const } } : {};
  return { ...people, links: without(people.links, key), codes: Object.fromEntries(codes), ...barred };
}

/** Every chat that hears alerts and prompts, once each, in a stable order. */
export function linkedChats(people: PeopleBooks): readonly Chat[] {
  const chats = Object.values(people.links)
    .filter((link) => people.persons[link.personId]?.isActive === true)
    .map((link) => link.chat);
  const byKey = new Map(chats.map((chat) => [chatKey(chat), chat]));
  return [...byKey.keys()].sort().flatMap((key) => byKey.get(key) ?? []);
}

export const chatKey = (chat: Chat): string => `${chat.platform}:${chat.chatId}:${chat.threadId ?? ""}`;

/** The active person behind a platform account; null for a stranger or one who was removed. */
export function personBehind(people: PeopleBooks, platform: string, userId: string): Person | null {
  const link = people.links[linkKey(platform, userId)];
  const person = link === undefined ? undefined : people.persons[link.personId];
  return person?.isActive === true ? person : null;
}

/** Whether an owner would be left whom a chat, or the desk, reaches. */
export function lockedOutWithout(
  people: PeopleBooks,
  gone: { readonly links?: readonly string[]; readonly personId?: string },
): boolean {
  const links = new Set(gone.links ?? []);
  return !Object.values(people.links).some(
    (link) =>
      !links.has(linkKey(link.platform, link.userId)) &&
      link.personId !== gone.personId &&
      people.persons[link.personId]?.isActive === true &&
      people.persons[link.personId]?.role === "owner",
  );
}

/** Whether this person is here, linked or not, with at least this role. */
export function hasRole({ persons }: PeopleBooks, personId: string, role: Role): boolean {
  const person = persons[personId];
  return person?.isActive === true && includesRole(person.role, role);
}

/** The person behind an actor such as `person:ana`; null = the house, a policy, an account that is not linked. */
export function personActing({ persons }: PeopleBooks, actor: string): Person | null {
  const [kind, personId] = actor.split(":");
  return kind === "person" && personId !== undefined ? (persons[personId] ?? null) : null;
}
