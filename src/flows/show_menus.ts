/** Shows each chat the commands that its people may use, where the platform has such menus. A menu only shows: every command asks again. */
import { includesRole, type Role, roles } from "../core/authority.ts";
import type { PeopleBooks } from "../core/books_people.ts";
import type { AnyCommand } from "../define/command.ts";
import type { Menu, Platform } from "../ports/messenger.ts";
import type { Needs } from "./needs.ts";

/** Cheap while nobody's role or account changes. */
export function showMenus(needs: Needs): void {
  const { people } = needs.ledger.books();
  const { telling } = needs.memory;
  if (telling.menusOf === people.links && telling.menusFor === people.persons) return;
  telling.menusOf = people.links;
  telling.menusFor = people.persons;
  for (const messenger of needs.messengers.values())
    messenger.setMenus?.(menusOf(people, needs.commands, messenger.platform));
}

/** Strangers see how to get in; a private chat what its person may say; a group what the mightiest in it may, without secrets. */
export function menusOf(people: PeopleBooks, commands: readonly AnyCommand[], platform: Platform): readonly Menu[] {
  const links = Object.values(people.links).filter((link) => link.platform === platform);
  const known = links.flatMap(({ personId, userId, chat }) => {
    const person = people.persons[personId];
    return person?.isActive === true ? [{ role: person.role, userId, chatId: chat.chatId }] : [];
  });
  const groups = new Map<string, Role>();
  for (const { role, userId, chatId } of known)
    if (chatId !== userId) groups.set(chatId, mightier(role, groups.get(chatId) ?? role));
  return [
    { chatId: null, commands: shown(commands.filter(({ access }) => access.role === "anyone")) },
    ...known.map(({ role, userId }) => ({ chatId: userId, commands: shown(commandsOf(commands, role)) })),
    ...[...groups].map(([chatId, role]) => ({
      chatId,
      commands: shown(commandsOf(commands, role).filter(({ isSecret }) => isSecret !== true)),
    })),
  ];
}

const mightier = (one: Role, other: Role): Role => (roles.indexOf(one) > roles.indexOf(other) ? one : other);

const commandsOf = (commands: readonly AnyCommand[], role: Role): readonly AnyCommand[] =>
  commands.filter(({ access }) => access.role === "anyone" || includesRole(role, access.role));

const shown = (commands: readonly AnyCommand[]): Menu["commands"] =>
  commands.map(({ name, summary }) => ({ name, summary }));
