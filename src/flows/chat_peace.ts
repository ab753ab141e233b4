/** Whether a message rings: quiet hours belong to people, and a chat rests while everybody whom it reaches does. */
import type { Tier } from "../core/authority.ts";
import { chatKey, type Person } from "../core/books_people.ts";
import type { Severity } from "../core/card.ts";
import type { Chat } from "../core/events.ts";
import type { Peace } from "../core/ladder.ts";
import { isAtPeace } from "../core/quiet_hours.ts";
import type { Needs } from "./needs.ts";

export function peaceOf({ settings }: Pick<Needs, "settings">): Peace {
  return Object.fromEntries(settings.people.map((person) => [person.personId, person.quietHours ?? null]));
}

/** Active people whom this chat reaches. */
export function readersIn({ ledger }: Pick<Needs, "ledger">, chat: Chat): readonly Person[] {
  const { links, persons } = ledger.books().people;
  const ids = new Set(
    Object.values(links)
      .filter((link) => chatKey(link.chat) === chatKey(chat))
      .map((link) => link.personId),
  );
  return Object.values(persons).filter((person) => person.isActive && ids.has(person.personId));
}

/** Everybody whom this chat reaches has quiet hours, and this is small. Of a chat that is nobody's no hours are known: it rings. */
export function isChatAtPeace(
  needs: Pick<Needs, "ledger" | "settings" | "clock">,
  chat: Chat,
  about: Tier | Severity,
): boolean {
  const peace = peaceOf(needs);
  const readers = readersIn(needs, chat);
  return (
    readers.length > 0 &&
    readers.every(({ personId, timeZone }) =>
      isAtPeace({ timeZone, quietHours: peace[personId] ?? null }, about, needs.clock.wall()),
    )
  );
}
