/** How a platform account becomes a person: one-time codes, stored as hashes, made on an already trusted side; and desk sessions. */
import type { Books } from "../core/books.ts";
import { chatKey, linkKey, lockedOutWithout, type PeopleBooks, type Person } from "../core/books_people.ts";
import type { Chat, Fact } from "../core/events.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { addMs, day, type Instant, minute } from "../core/time.ts";
import type { Needs } from "./needs.ts";
import { draft, record, recordFacts } from "./record.ts";

const codeMs = 15 * minute;
const sessionMs = 30 * day;

/** Makes people known as the configuration names them, and links the numeric ids that it gives. */
export function enrolPeople(needs: Needs): Promise<void> {
  return record(needs, (books) => {
    const facts: Fact[] = needs.settings.people.flatMap((person): readonly Fact[] => {
      const { personId, name, role } = person;
      const known = books.people.persons[personId];
      // What the desk told outlives a start, until the settings name a zone.
      const isHeard = person.isZoneOpen === true && known?.isZoneHeard === true;
      const timeZone = isHeard ? known.timeZone : person.timeZone;
      const isSame =
        known !== undefined &&
        known.name === name &&
        known.role === role &&
        known.timeZone === timeZone &&
        (known.isZoneHeard === true) === isHeard &&
        known.isActive &&
        known.origin !== "chat";
      const heard = isHeard ? ({ isZoneHeard: true } as const) : {};
      return isSame ? [] : [{ type: "person_set", personId, name, role, timeZone, ...heard, isActive: true }];
    });
    const named = new Set(needs.settings.people.map((person) => person.personId));
    const removed = Object.values(books.people.persons).filter(
      (person) => person.isActive && person.origin !== "chat" && !named.has(person.personId),
    );
    facts.push(...removed.map((person): Fact => ({ ...setFact(person), isActive: false })));
    facts.push(...configuredLinks(needs, books));
    return { drafts: facts.map((fact) => draft("house", fact)), value: undefined };
  });
}

function setFact(person: Person): Extract<Fact, { type: "person_set" }> {
  return { type: "person_set", ...person };
}

type ConfiguredLink = {
  readonly personId: string;
  readonly platform: string;
  readonly userId: string;
  readonly chat: Chat;
};

function wantedLinks(needs: Needs): readonly ConfiguredLink[] {
  return needs.settings.people.flatMap(({ personId, telegramUserId, discordUserId }) => {
    const ids = [
      ["telegram", telegramUserId],
      ["discord", discordUserId],
    ] as const;
    return ids.flatMap(([platform, userId]): readonly ConfiguredLink[] => {
      if (userId === null) return [];
      // On Telegram a private chat has the id of the person; on Discord it is opened when it is first written to.
      const chatId = platform === "telegram" ? userId : `user:${userId}`;
      return [{ personId, platform, userId, chat: { platform, chatId, threadId: null } }];
    });
  });
}

/** Ids in the settings are linked; one that was taken out, or that belongs to somebody else now, loses its power at once. */
function configuredLinks(needs: Needs, books: Books): readonly Fact[] {
  const wanted = wantedLinks(needs);
  const links = Object.values(books.people.links);
  const removed = new Set(
    Object.values(books.people.persons)
      .filter(
        ({ personId, origin }) =>
          origin !== "chat" && !needs.settings.people.some((person) => person.personId === personId),
      )
      .map((person) => person.personId),
  );
  const gone = links.filter(({ platform, userId, personId, origin }) => {
    const now = wanted.find((one) => one.platform === platform && one.userId === userId);
    return removed.has(personId) || (now === undefined ? origin === "settings" : now.personId !== personId);
  });
  const unlinked = gone.map(({ platform, userId }): Fact => {
    return { type: "chat_unlinked", platform, userId, reason: "not in the settings any more" };
  });
  const signedOut = gone.flatMap(({ platform, personId }) =>
    platform === "desk" ? closedSessions(books.people, personId) : [],
  );
  const missing = wanted.filter(({ platform, userId, personId }) => {
    const key = linkKey(platform, userId);
    return books.people.links[key]?.personId !== personId && books.people.barred?.[key] === undefined;
  });
  return [
    ...unlinked,
    ...signedOut,
    ...missing.map((one): Fact => ({ type: "chat_linked", ...one, origin: "settings" })),
  ];
}

/** @returns the code itself, shown once; only its hash is kept. */
export async function issueCode(needs: Needs, personId: string, actor: string): Promise<string> {
  const code = needs.vault.token();
  await record(needs, (_books, { wallAt }) => ({
    drafts: [
      draft(actor, {
        type: "link_code_issued",
        codeHash: needs.vault.sha256(code),
        personId,
        expiresAt: addMs(wallAt, codeMs),
      }),
    ],
    value: undefined,
  }));
  return code;
}

/** `seq`: the fact that bound it. `before`: where this account was reached until now, if that was another chat of this person. */
export type Linked = Person & { readonly seq: number; readonly before: Chat | null };
export type LinkProblem = "unknown_code" | "expired_code" | "last_owner";

/** Why a code was not taken, for who gave it. */
export const linkProblemTexts: Readonly<Record<LinkProblem, string>> = {
  unknown_code: "This code is wrong or was used already.",
  expired_code: "This code is too old.",
  last_owner: "This account is the last one that reaches an owner; link another account of an owner first.",
};

/** Binds a platform account to the person that the code was made for. The code is used up whatever comes after. */
export function useCode(
  needs: Needs,
  code: string,
  account: { platform: string; userId: string | null; chat: Chat },
): Promise<Result<Linked, LinkProblem>> {
  const codeHash = needs.vault.sha256(code.trim());
  return record<Result<Linked, LinkProblem>>(needs, (books, { wallAt }) => {
    const found = books.people.codes[codeHash];
    const person = found === undefined ? undefined : books.people.persons[found.personId];
    if (found === undefined || person === undefined || !person.isActive)
      return { drafts: [], value: fail("unknown_code") };
    const userId = account.userId ?? person.personId;
    if (takesLastOwner(books, person, linkKey(account.platform, userId)))
      return { drafts: [], value: fail("last_owner") };
    const used: Fact = { type: "link_code_used", codeHash };
    if (wallAt >= found.expiresAt) return { drafts: [draft("house", used)], value: fail("expired_code") };
    const linked: Fact = { type: "chat_linked", personId: person.personId, ...account, userId };
    const ended = staleSessions(books, person, account.platform);
    const drafts = [used, linked, ...ended].map((fact) => draft(`person:${person.personId}`, fact));
    const before = chatBefore(books, person, { ...account, userId });
    return { drafts, value: ok({ ...person, seq: books.seq + 2, before }) };
  });
}

/** Where this person was reached by this account until now; null = nowhere, or in the very same chat. */
function chatBefore(
  { people }: Books,
  { personId }: Person,
  account: { readonly platform: string; readonly userId: string; readonly chat: Chat },
): Chat | null {
  const old = people.links[linkKey(account.platform, account.userId)];
  return old?.personId === personId && chatKey(old.chat) !== chatKey(account.chat) ? old.chat : null;
}

/** Who signs in anew after the desk was taken from them brings no session of before along. */
function staleSessions({ people }: Books, { personId }: Person, platform: string): readonly Fact[] {
  const isTaken = platform === "desk" && people.links[linkKey("desk", personId)] === undefined;
  return isTaken ? closedSessions(people, personId) : [];
}

/** An account speaks for one person: given to another one, it may leave no owner whom a chat reaches. */
function takesLastOwner({ people }: Books, to: Person, key: string): boolean {
  const holder = people.links[key]?.personId;
  if (holder === undefined || holder === to.personId || to.role === "owner") return false;
  return people.persons[holder]?.role === "owner" && lockedOutWithout(people, { links: [key] });
}

/** Takes a one-time code at the desk: the desk becomes a linked chat of that person, under the person's own id. */
export function useCodeAtDesk(needs: Needs, code: string): Promise<Result<Person, LinkProblem>> {
  return useCode(needs, code, {
    platform: "desk",
    userId: null,
    chat: { platform: "desk", chatId: "desk", threadId: null },
  });
}

export function openDeskSession(
  needs: Needs,
  session: { readonly tokenHash: string; readonly personId: string; readonly openedAt: Instant },
): Promise<void> {
  const { personId, tokenHash, openedAt } = session;
  return recordFacts(needs, `person:${personId}`, [
    { type: "desk_session_opened", sessionHash: tokenHash, personId, expiresAt: addMs(openedAt, sessionMs) },
  ]);
}

/** When a living session was opened, and by whom; null when there is none. */
export function findDeskSession(
  needs: Needs,
  sessionHash: string,
): { readonly personId: string; readonly openedAt: Instant } | null {
  const session = needs.ledger.books().people.sessions[sessionHash];
  return session === undefined ? null : { personId: session.personId, openedAt: addMs(session.expiresAt, -sessionMs) };
}

/** Every desk where this person is signed in. */
export function closedSessions({ sessions }: PeopleBooks, personId: string): readonly Fact[] {
  const theirs = Object.entries(sessions).filter(([, session]) => session.personId === personId);
  return theirs.map(([sessionHash]) => ({ type: "desk_session_closed", sessionHash }));
}

export function closeDeskSession(needs: Needs, sessionHash: string): Promise<void> {
  return recordFacts(needs, "house", [{ type: "desk_session_closed", sessionHash }]);
}
