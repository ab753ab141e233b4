/**
 * What waits for a chat is for the people whom it reaches. When the last of them goes, it stays in the house: whoever sits in that
 * chat now has no right to it. What is said there afterwards, such as that they are out, is said to the one who went.
 */
import type { Books } from "./books.ts";
import { chatKey, type PeopleBooks } from "./books_people.ts";
import type { Chat, Fact } from "./events.ts";

/** Somebody's power ends with it. */
export const takesPower = (fact: Fact): boolean =>
  fact.type === "chat_unlinked" || (fact.type === "person_set" && !fact.isActive);

/** Cards that waited before and lost their last reader. `named`: chats of the settings, which hear alerts whoever is linked. */
export function unreadableCards(before: Books, after: Books, named: readonly Chat[]): readonly Fact[] {
  const isNamed = new Set(named.map(chatKey));
  return Object.values(after.chat.outbox)
    .filter(
      ({ cardId, chat }) =>
        before.chat.outbox[cardId] !== undefined &&
        !isNamed.has(chatKey(chat)) &&
        isReached(before.people, chat) &&
        !isReached(after.people, chat),
    )
    .map(({ cardId }) => ({ type: "card_dropped", cardId, because: "nobody in this chat is linked any more" }));
}

/** By a link of somebody who is active, or as the private chat of such an account. */
function isReached({ links, persons }: PeopleBooks, chat: Chat): boolean {
  return Object.values(links).some(
    ({ personId, platform, userId, chat: linked }) =>
      persons[personId]?.isActive === true &&
      (chatKey(linked) === chatKey(chat) ||
        (platform === chat.platform && (chat.chatId === userId || chat.chatId === `user:${userId}`))),
  );
}
