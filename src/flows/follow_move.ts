/**
 * A group that became a supergroup has another id, and the platform says which when we speak to the old one. Whoever was
 * reached there is reached in the new one from now on, what waited goes there, and open prompts are shown there anew.
 */
import { chatKey } from "../core/books_people.ts";
import type { Chat, Fact } from "../core/events.ts";
import { mark } from "../core/mark.ts";
import type { DeliveryProblem, Platform } from "../ports/messenger.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";

/** @returns false when the chat did not move, or where the settings name the chats that count and not this one. */
export async function followMove(needs: Needs, from: Chat, problem: DeliveryProblem): Promise<boolean> {
  const movedTo = problem.kind === "chat_refused" ? problem.movedTo : undefined;
  if (movedTo === undefined || movedTo === from.chatId || !mayBe(needs, from.platform as Platform, movedTo))
    return false;
  const to: Chat = { platform: from.platform, chatId: movedTo, threadId: null };
  const key = chatKey(from);
  const count = await record(needs, ({ people, chat }) => {
    const links = Object.values(people.links).filter((link) => chatKey(link.chat) === key);
    const linked = links.map(
      ({ personId, platform, userId, origin }): Fact => ({
        type: "chat_linked",
        personId,
        platform,
        userId,
        chat: to,
        ...(origin === "settings" ? { origin } : {}),
      }),
    );
    const waiting = Object.values(chat.outbox).filter((card) => chatKey(card.chat) === key);
    const queued = waiting.flatMap(({ cardId, queuedAt: _queuedAt, ...card }): readonly Fact[] => [
      { type: "card_dropped", cardId, because: `the chat is ${movedTo} now, and it goes there` },
      { type: "card_queued", ...card, cardId: needs.ids.next("card"), chat: to },
    ]);
    // What was told in the old group stands there as it is: nobody can edit it any more.
    const lost = Object.values(chat.alerts.notices)
      .filter((notice) => chatKey(notice.chat) === key && notice.messageId !== null)
      .map(({ cardId }): Fact => ({ type: "notice_lost", cardId, because: `the chat is ${movedTo} now` }));
    const facts = [...linked, ...queued, ...lost];
    return { drafts: facts.map((fact) => draft("house", fact)), value: facts.length };
  });
  if (count === 0) return false;
  mark("H09.chat_moved");
  needs.log.info("A group has another id now; it is followed", { from: from.chatId, to: movedTo });
  return true;
}

/** Where the settings name the chats, only a person adds one. */
function mayBe({ settings }: Needs, platform: Platform, chatId: string): boolean {
  if (platform === "desk") return false;
  const allowed = settings.allowedChats[platform];
  return allowed.length === 0 || allowed.includes(chatId);
}
