/** What could be typed here: the values of an option that exist now, for those who may use the command at all. */
import { includesRole } from "../core/authority.ts";
import { personBehind } from "../core/books_people.ts";
import { type AnyCommand, commandNamed } from "../define/command.ts";
import type { Candidate } from "../ports/messenger.ts";
import type { Needs } from "./needs.ts";
import { choicesOf } from "./read_options.ts";

/** Discord shows at most 25. */
const shownMax = 25;

export type Completing = { readonly command: string; readonly option: string; readonly prefix: string };

/** For an account of a platform; nothing for who is not linked or may not say this. */
export function completeFor(
  needs: Needs,
  account: { readonly platform: string; readonly userId: string },
  wish: Completing,
): readonly Candidate[] {
  const person = personBehind(needs.ledger.books().people, account.platform, account.userId);
  const command = commandNamed(needs.commands, wish.command);
  const role = command?.access.role;
  if (command === undefined || person === null || role === undefined) return [];
  return role === "anyone" || includesRole(person.role, role) ? complete(needs, wish) : [];
}

/** For whoever is known to be allowed to say it. What begins with the prefix comes before what only contains it. */
export function complete(needs: Needs, { command: name, option, prefix }: Completing): readonly Candidate[] {
  const command = commandNamed(needs.commands, name);
  if (command === undefined) return [];
  const wanted = prefix.trim().toLowerCase();
  const rank = ({ value, label }: Candidate): number => {
    if (value.toLowerCase().startsWith(wanted)) return 0;
    return value.toLowerCase().includes(wanted) || label?.toLowerCase().includes(wanted) === true ? 1 : 2;
  };
  return candidatesOf(needs, command, option)
    .filter((candidate) => rank(candidate) < 2)
    .toSorted((left, right) => rank(left) - rank(right))
    .slice(0, shownMax);
}

/** All values of an option that exist now, best first. */
export function candidatesOf(needs: Needs, command: AnyCommand, option: string): readonly Candidate[] {
  const choices = choicesOf(command, option);
  if (choices.length > 0) return choices.map((value) => ({ value, label: null }));
  // Named by what a person sent: nothing that every object has is a list of ours.
  const { candidates } = command;
  return candidates !== undefined && Object.hasOwn(candidates, option) ? (candidates[option]?.({ needs }) ?? []) : [];
}
