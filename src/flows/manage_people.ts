/**
 * What an owner changes about people in a chat: roles, links, leaving. Taking power away counts at its commit, since every tap
 * and command asks the books anew. Roles of the settings file are changed there alone; its accounts lose their power here too,
 * and stay out. One owner always stays.
 */

import { type AccessRequest, accountText, isOpenRequest, plainName } from "../core/access.ts";
import { actorName } from "../core/alert_words.ts";
import { includesRole, type Role } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import { type Link, linkKey, lockedOutWithout, type PeopleBooks, type Person } from "../core/books_people.ts";
import type { Recordation } from "../core/change_card.ts";
import type { Fact } from "../core/events.ts";
import { lengthText } from "../core/facts.ts";
import { findPerson, wordFor } from "../core/find_person.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { Instant } from "../core/time.ts";
import type { Decision } from "../ports/ledger.ts";
import { closedSessions } from "./link_people.ts";
import type { Needs } from "./needs.ts";
import { announced, raiseDrafts } from "./raise_role.ts";
import { draft, record } from "./record.ts";
import { showPrompts } from "./show_prompts.ts";

const riskyAgeMaxMs = 30_000;

/** What was done, or why nothing was. */
export type Managed = Result<ManagedCard, string>;
type ManagedCard = {
  readonly said: string;
  readonly lines?: readonly string[];
  readonly now: string;
  readonly undo: string;
  readonly recorded: Recordation;
};

type By = { readonly actor: string; readonly sentAt: Instant };

/** An open request, by its id, the account's id or the name that it gave. */
export function findRequest(people: PeopleBooks, words: string, wallAt: Instant): Result<AccessRequest, string> {
  const open = Object.values(people.access).filter((one) => isOpenRequest(one, wallAt));
  const exact = open.filter((one) => one.requestId === words || one.userId === words);
  const found = exact.length > 0 ? exact : open.filter((one) => plainName(one.name) === plainName(words));
  const [only] = found;
  if (only !== undefined && found.length === 1) return ok(only);
  if (found.length > 1) return fail("Several accounts ask under that name; type the number of the account.");
  const known = open.map((one) => `${one.name} (${one.userId})`).join(", ");
  return fail(open.length === 0 ? "Nobody asks for access now." : `Nobody asks under that name. Open: ${known}.`);
}

/** Whether this role is more than the person has: then it takes what can't be undone takes. */
export function isRaise(people: PeopleBooks, who: string, role: Role): boolean {
  const found = findPerson(people, who);
  return found.ok && found.value.role !== role && includesRole(role, found.value.role);
}

type RoleWish = By & { readonly who: string; readonly role: Role; readonly reason: string };

export async function changeRole(needs: Needs, wish: RoleWish): Promise<Managed> {
  const managed = await record<Managed>(needs, (books, { wallAt }) => {
    const found = findPerson(books.people, wish.who);
    if (!found.ok) return nothing(found.problem);
    const person = found.value;
    if (person.role === wish.role) return nothing(`${person.name} is ${wish.role} already.`);
    const isMore = includesRole(wish.role, person.role);
    if (isMore && wallAt - wish.sentAt > riskyAgeMaxMs)
      return nothing("This came too late to raise a role; send it again if you still want it.");
    const because = whyKept(needs, books, { person, isLess: !isMore }) ?? (isMore ? null : whyNeeded(books, person));
    if (because !== null) return nothing(because);
    return isMore && needs.settings.approvals.isStepUp === true
      ? askedOthers(needs, books, { wish, person, wallAt })
      : givenNow(needs, books, { wish, person, wallAt });
  });
  if (managed.ok)
    void showPrompts(needs).catch((error: unknown) =>
      needs.log.warn("The question could not be shown at once", { error: String(error) }),
    );
  return managed;
}

type Changing = { readonly wish: RoleWish; readonly person: Person; readonly wallAt: Instant };

function givenNow(needs: Needs, books: Books, { wish, person, wallAt }: Changing): Decision<Managed> {
  const { name } = person;
  const change = draft(wish.actor, { type: "person_set", ...person, role: wish.role, origin: "chat" });
  const said = `${name} is ${wish.role} from this moment; before: ${person.role}.`;
  const told = includesRole(wish.role, person.role)
    ? announced(
        needs,
        books,
        `${name} is ${wish.role} now`,
        `Before: ${person.role}. By ${actorName(books, wish.actor)}.`,
      )
    : [];
  const undo = `/people role ${name} ${person.role}`;
  const recorded = { since: wallAt, seq: books.seq + 1 };
  return { drafts: [change, ...told], value: ok({ said, now: `${name}: ${wish.role}`, undo, recorded }) };
}

const reasonMin = 5;

/** Where proofs are asked for, whoever asks has proven himself by now; another owner, or an hour, decides. */
function askedOthers(needs: Needs, books: Books, { wish, person, wallAt }: Changing): Decision<Managed> {
  const { actor, role: to, reason } = wish;
  const { name } = person;
  if (reason.trim().length < reasonMin)
    return nothing(`Giving more power needs a reason: /people role ${name} ${to}: WHY, in one sentence.`);
  const asked = raiseDrafts(needs, books, { actor, person, to, reason }, wallAt);
  const said = asked.isAlone
    ? `${name} becomes ${to} in ${lengthText(asked.waitMs)} unless somebody declines; every chat shows it.`
    : `Another owner must approve within ${lengthText(asked.waitMs)} that ${name} becomes ${to}.`;
  const recorded = { since: wallAt, seq: books.seq + asked.drafts.length };
  const undo = "Decline on the prompt, by anybody";
  return { drafts: asked.drafts, value: ok({ said, now: `${name}: ${person.role}, as before`, undo, recorded }) };
}

/** Whether this wish about a role lacks the reason that it needs: nobody is asked for proofs in vain. */
export function lacksReason(needs: Needs, wish: { readonly isMore: boolean; readonly reason: string }): boolean {
  return wish.isMore && needs.settings.approvals.isStepUp === true && wish.reason.trim().length < reasonMin;
}

/** @param wish.platform null = all of them. */
export function unlinkPerson(
  needs: Needs,
  wish: By & { readonly who: string; readonly platform: string | null },
): Promise<Managed> {
  return unlink(needs, { ...wish, reason: "/people" }, (people) => {
    const found = findPerson(people, wish.who);
    if (!found.ok) return found;
    const theirs = linksOf(people, found.value);
    const links = theirs.filter(({ platform }) => wish.platform === null || platform === wish.platform);
    if (links.length === 0) return fail(`${found.value.name} has no account linked${on(wish.platform)}.`);
    const said = `${found.value.name}: ${namesOf(links)} counts for nothing from this moment.`;
    return ok({ person: found.value, links, said });
  });
}

/** One account by its number; on the desk by the id of its person. */
export function unlinkAccount(
  needs: Needs,
  wish: By & { readonly platform: string; readonly userId: string },
): Promise<Managed> {
  const { platform, userId } = wish;
  return unlink(needs, { ...wish, reason: "/unlink" }, (people) => {
    const link = people.links[linkKey(platform, userId)];
    const person = people.persons[link?.personId ?? ""];
    if (link === undefined || person === undefined)
      return fail(`No account ${userId} is linked on ${platform}. Linked: ${namesOf(Object.values(people.links))}.`);
    const says = ["Its buttons and commands count for nothing from this moment."];
    return ok({ person, links: [link], said: `Unlinked: ${namesOf([link])}`, says });
  });
}

type Unlinking = {
  readonly person: Person;
  readonly links: readonly Link[];
  readonly said: string;
  readonly says?: readonly string[];
};

/** Looked up and judged in the commit itself: two owners who take each other out at once must not both succeed. */
function unlink(
  needs: Needs,
  wish: By & { readonly reason: string },
  find: (people: PeopleBooks) => Result<Unlinking, string>,
): Promise<Managed> {
  return record<Managed>(needs, ({ people, seq }, { wallAt }) => {
    const found = find(people);
    if (!found.ok) return nothing(found.problem);
    const { links, person, said, says = [] } = found.value;
    if (lockedOutWithout(people, { links: keysOf(links) }))
      return nothing("That would leave no owner with a linked account; link another one first: /link");
    const sessions = links.some(isDesk) ? closedSessions(people, person.personId) : [];
    const isNamed = links.some(({ origin }) => origin === "settings");
    const left = linksOf(people, person).filter((link) => !links.includes(link));
    const lines = [
      ...says,
      ...(sessions.length > 0 ? ["Whoever is signed in at the desk as this person is out."] : []),
      ...(isNamed ? ["The settings file names it; it stays out after a restart too."] : []),
      ...stillLinked(people, person, left),
    ];
    return done(wish, [...unlinkFacts(links, wish.reason), ...sessions], {
      said,
      lines,
      now: `${person.name}: ${left.length === 0 ? "no account linked" : `${left.length} more linked`}`,
      undo: "a one-time code from /link brings it back",
      recorded: { since: wallAt, seq: seq + 1 },
    });
  });
}

/** Whoever takes one account away often means the person: the others are named, with the words that end them. */
function stillLinked(people: PeopleBooks, { personId }: Person, left: readonly Link[]): readonly string[] {
  if (left.length === 0) return [];
  const named = `Still linked: ${left.map((link) => (isDesk(link) ? "desk" : accountText(link))).join(", ")}.`;
  const [only] = left;
  // Words that would be refused are no help.
  if (only === undefined || lockedOutWithout(people, { personId })) return [named];
  return [
    left.length === 1
      ? `${named} ${unlinkWords(only)} ends it.`
      : `${named} /people unlink ${wordFor(people, personId)} ends them all.`,
  ];
}

const unlinkWords = ({ platform, userId }: Link): string => `/unlink ${platform} ${userId}`;
const namesOf = (links: readonly Link[]): string => links.map(accountText).join(", ");
const keysOf = (links: readonly Link[]) => links.map((link) => linkKey(link.platform, link.userId));

export function removePerson(needs: Needs, wish: By & { readonly who: string }): Promise<Managed> {
  return record<Managed>(needs, (books, { wallAt }) => {
    const { people } = books;
    const found = findPerson(people, wish.who);
    if (!found.ok) return nothing(found.problem);
    const person = found.value;
    const because = whyKept(needs, books, { person, isLess: true }) ?? whyNeeded(books, person);
    if (because !== null) return nothing(because);
    const gone: Fact = { type: "person_set", ...person, isActive: false };
    const facts = [
      gone,
      ...unlinkFacts(linksOf(people, person), "/people"),
      ...closedSessions(people, person.personId),
    ];
    const said = `${person.name} is out: no account, no role, from this moment.`;
    const recorded = { since: wallAt, seq: books.seq + 1 };
    const undo = "they ask with /access, and an owner lets them in again";
    return done(wish, facts, { said, now: `${person.name}: not here any more`, undo, recorded });
  });
}

/** What the settings file says of a person is not changed here; their accounts may be unlinked at once. */
function whyKept(
  { settings }: Needs,
  { people }: Books,
  { person, isLess }: { readonly person: Person; readonly isLess: boolean },
): string | null {
  const { personId, name } = person;
  if (!settings.people.some((one) => one.personId === personId)) return null;
  const where = `${name} is named in the settings file; change it there (people, in countersign.yaml) and start again.`;
  const links = linksOf(people, person);
  if (!isLess || links.length === 0 || lockedOutWithout(people, { personId })) return where;
  return `${where} To take the power now: ${links.map(unlinkWords).join(" and ")}`;
}

function whyNeeded({ people }: Books, { personId, role }: Person): string | null {
  if (role !== "owner" || !lockedOutWithout(people, { personId })) return null;
  return "That would leave no owner with a linked account; make somebody else owner first.";
}

const linksOf = ({ links }: PeopleBooks, { personId }: Person): readonly Link[] =>
  Object.values(links).filter((link) => link.personId === personId);

const isDesk = ({ platform }: Link): boolean => platform === "desk";
const on = (platform: string | null): string => (platform === null ? "" : ` on ${platform}`);

const unlinkFacts = (links: readonly Link[], reason: string): readonly Fact[] =>
  links.map(({ platform, userId }) => ({ type: "chat_unlinked", platform, userId, reason }));

function done({ actor }: By, facts: readonly Fact[], card: ManagedCard): Decision<Managed> {
  return { drafts: facts.map((fact) => draft(actor, fact)), value: ok(card) };
}

const nothing = (because: string): Decision<Managed> => ({ drafts: [], value: fail(because) });
