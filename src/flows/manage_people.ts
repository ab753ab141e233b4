/**
 * What an owner changes about people in a chat: roles, links, leaving. Taking power away counts at its commit, since every tap
 * and command asks the books anew. People of the settings file are changed there alone, and one owner always stays.
 */

import { type AccessRequest, isOpenRequest, plainName } from "../core/access.ts";
import { actorName } from "../core/alert_words.ts";
import { includesRole, type Role } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import { type Link, linkKey, lockedOutWithout, type PeopleBooks, type Person } from "../core/books_people.ts";
import type { Recordation } from "../core/change_card.ts";
import type { Fact } from "../core/events.ts";
import { lengthText } from "../core/facts.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { Instant } from "../core/time.ts";
import type { Decision } from "../ports/ledger.ts";
import type { Needs } from "./needs.ts";
import { announced, raiseDrafts } from "./raise_role.ts";
import { draft, record } from "./record.ts";
import { showPrompts } from "./show_prompts.ts";

const riskyAgeMaxMs = 30_000;

/** What was done, or why nothing was. */
export type Managed = Result<ManagedCard, string>;
type ManagedCard = {
  readonly said: string;
  readonly now: string;
  readonly undo: string;
  readonly recorded: Recordation;
};

type By = { readonly actor: string; readonly sentAt: Instant };

/** By id or by name, whatever its case; two of one name are told apart by id. */
export function findPerson(people: PeopleBooks, words: string): Result<Person, string> {
  const active = Object.values(people.persons).filter((one) => one.isActive);
  const byId = active.find((one) => plainName(one.personId) === plainName(words));
  if (byId !== undefined) return ok(byId);
  const named = active.filter((one) => plainName(one.name) === plainName(words));
  const [only] = named;
  if (only !== undefined && named.length === 1) return ok(only);
  if (named.length > 1) return fail(`Several people are called that; type an id: ${ids(named)}.`);
  return fail(`Nobody here is called "${words.slice(0, 40)}". People: ${ids(active)}.`);
}

const ids = (people: readonly Person[]): string => people.map((one) => one.personId).join(", ");

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
    const because = whyKept(needs, person) ?? (isMore ? null : whyNeeded(books, person));
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
  return record<Managed>(needs, ({ people, seq }, { wallAt }) => {
    const found = findPerson(people, wish.who);
    if (!found.ok) return nothing(found.problem);
    const { name } = found.value;
    const links = linksOf(people, found.value).filter(
      (link) => wish.platform === null || link.platform === wish.platform,
    );
    const free = links.filter((link) => link.origin !== "settings");
    if (links.length === 0) return nothing(`${name} has no account linked${on(wish.platform)}.`);
    if (free.length === 0)
      return nothing(`The accounts of ${name}${on(wish.platform)} stand in the settings file; ${whereText}`);
    if (lockedOutWithout(people, { links: free.map((link) => linkKey(link.platform, link.userId)) }))
      return nothing("That would leave no owner with a linked account; link another one first.");
    const facts = [...unlinkFacts(free), ...(free.some(isDesk) ? sessionFacts(people, found.value) : [])];
    const left = linksOf(people, found.value).length - free.length;
    const recorded = { since: wallAt, seq: seq + 1 };
    return done(wish, facts, { ...unlinkedTexts(name, { free, kept: links.length - free.length, left }), recorded });
  });
}

function unlinkedTexts(name: string, about: { free: readonly Link[]; kept: number; left: number }) {
  const { free, kept, left } = about;
  const rest = kept === 0 ? "" : ` ${kept} more ${kept === 1 ? "stands" : "stand"} in the settings file.`;
  const gone = free.map((link) => `${link.platform} ${link.userId}`).join(", ");
  return {
    said: `${name}: ${gone} counts for nothing from this moment.${rest}`,
    now: `${name}: ${left === 0 ? "no account linked" : `${left} linked`}`,
    undo: "a one-time code from /link brings it back",
  };
}

export function removePerson(needs: Needs, wish: By & { readonly who: string }): Promise<Managed> {
  return record<Managed>(needs, (books, { wallAt }) => {
    const { people } = books;
    const found = findPerson(people, wish.who);
    if (!found.ok) return nothing(found.problem);
    const person = found.value;
    const because = whyKept(needs, person) ?? whyNeeded(books, person);
    if (because !== null) return nothing(because);
    const gone: Fact = { type: "person_set", ...person, isActive: false };
    const facts = [gone, ...unlinkFacts(linksOf(people, person)), ...sessionFacts(people, person)];
    const said = `${person.name} is out: no account, no role, from this moment.`;
    const recorded = { since: wallAt, seq: books.seq + 1 };
    const undo = "they ask with /access, and an owner lets them in again";
    return done(wish, facts, { said, now: `${person.name}: not here any more`, undo, recorded });
  });
}

const whereText = "change it there (people, in countersign.yaml) and start again.";

function whyKept({ settings }: Needs, { personId, name }: Person): string | null {
  const isNamed = settings.people.some((one) => one.personId === personId);
  return isNamed ? `${name} is named in the settings file; ${whereText}` : null;
}

function whyNeeded({ people }: Books, { personId, role }: Person): string | null {
  if (role !== "owner" || !lockedOutWithout(people, { personId })) return null;
  return "That would leave no owner with a linked account; make somebody else owner first.";
}

const linksOf = ({ links }: PeopleBooks, { personId }: Person): readonly Link[] =>
  Object.values(links).filter((link) => link.personId === personId);

const isDesk = ({ platform }: Link): boolean => platform === "desk";
const on = (platform: string | null): string => (platform === null ? "" : ` on ${platform}`);

const unlinkFacts = (links: readonly Link[]): readonly Fact[] =>
  links.map(({ platform, userId }) => ({ type: "chat_unlinked", platform, userId, reason: "/people" }));

function sessionFacts({ sessions }: PeopleBooks, { personId }: Person): readonly Fact[] {
  const theirs = Object.entries(sessions).filter(([, session]) => session.personId === personId);
  return theirs.map(([sessionHash]) => ({ type: "desk_session_closed", sessionHash }));
}

function done({ actor }: By, facts: readonly Fact[], card: ManagedCard): Decision<Managed> {
  return { drafts: facts.map((fact) => draft(actor, fact)), value: ok(card) };
}

const nothing = (because: string): Decision<Managed> => ({ drafts: [], value: fail(because) });
