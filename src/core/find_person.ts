/** Whom somebody means, by id or by name; and the other way round, the word by which an owner names a person. */
import { plainName } from "./access.ts";
import type { PeopleBooks, Person } from "./books_people.ts";
import { fail, ok, type Result } from "./result.ts";

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

/** What is typed for this person: the name where it says who is meant and reads as plain words, else the id. */
export function wordFor(people: PeopleBooks, personId: string): string {
  const name = people.persons[personId]?.name ?? personId;
  const found = findPerson(people, name);
  return /^[\p{L}\p{N}][\p{L}\p{N} _-]*$/u.test(name) && found.ok && found.value.personId === personId
    ? name
    : personId;
}
