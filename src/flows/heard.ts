/**
 * Whether a no could be said by now. What one person alone asked for ends in a yes by itself, so it does not end while a linked
 * platform is deaf: a wait whose time is over goes on until each was heard for a minute, in which what it kept is told, and who
 * was not heard can say it again.
 */
import type { Books } from "../core/books.ts";
import { linkedChats } from "../core/books_people.ts";
import { minute } from "../core/time.ts";
import type { Messenger, Platform } from "../ports/messenger.ts";
import type { Needs } from "./needs.ts";

const heardMs = minute;

/** Looks come once a second. */
export function noteEars({ messengers, memory, clock }: Needs): void {
  for (const messenger of messengers.values())
    if (!messenger.health().isHearing) memory.telling.deafMono.set(messenger.platform, clock.mono());
}

export function isHeardEverywhere(needs: Needs, books: Books): boolean {
  const { memory, clock } = needs;
  return linkedMessengers(needs, books).every((messenger) => {
    const deafMono = memory.telling.deafMono.get(messenger.platform);
    return messenger.health().isHearing && (deafMono === undefined || clock.mono() - deafMono >= heardMs);
  });
}

/** Whether each linked platform hears at this moment: enough where nobody has time to wait for longer. */
export const hearsEverywhere = (needs: Needs, books: Books): boolean =>
  linkedMessengers(needs, books).every((messenger) => messenger.health().isHearing);

/** One that is not configured any more is not among them: nobody can speak there, so nobody is waited for. */
function linkedMessengers({ messengers }: Needs, { people }: Books): readonly Messenger[] {
  const platforms = new Set(linkedChats(people).map(({ platform }) => platform));
  return [...platforms].flatMap((platform) => messengers.get(platform as Platform) ?? []);
}
