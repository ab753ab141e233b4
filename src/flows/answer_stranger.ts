/** What somebody who is not linked is told when they ask for access; who is linked hears what they have. */
import type { NoRequest } from "../core/access.ts";
import { personBehind } from "../core/books_people.ts";
import { type Card, plainCard } from "../core/card.ts";
import type { CommandCall } from "../define/command.ts";
import { askAccess } from "./ask_access.ts";
import type { Needs } from "./needs.ts";

/** All that the house says of itself to somebody who is not linked. */
export const notLinkedCard: Card = plainCard("warning", "You are not linked to this house.", [
  "Send /access to ask the owner, or /link CODE with a code of theirs.",
]);

export async function answerStranger(needs: Needs, origin: CommandCall<unknown, Needs>["origin"]): Promise<Card> {
  const { platform, chatId, userId, isPrivate } = origin;
  const person = personBehind(needs.ledger.books().people, platform, userId);
  if (person !== null) return plainCard("info", `You are in: ${person.name}, role ${person.role}.`);
  if (platform === "desk") return plainCard("warning", "The desk is opened with the code that the start prints.");
  if (platform === "telegram" && !isPrivate) return plainCard("warning", "Ask in our private chat, not in a group.");
  const name = origin.displayName ?? userId;
  const chat = { platform, chatId: isPrivate ? chatId : `user:${userId}`, threadId: null };
  const asked = await askAccess(needs, { platform, userId, name, chat });
  return plainCard("warning", "This chat is not linked yet.", [
    asked.ok ? askedText : texts[asked.problem],
    "With a code of the owner's: /link CODE",
  ]);
}

const askedText = "The owner is asked and answers here. Until then nothing is shown to you.";

const texts: Readonly<Record<NoRequest, string>> = {
  asked_already: "The owner is asked already and answers here.",
  answered_lately: "An owner said no; you may ask again in a day.",
  too_many: "Too many people ask at present; try again tomorrow.",
};
