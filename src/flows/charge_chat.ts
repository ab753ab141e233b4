/** An answer or a prompt left for this chat outside of the lanes: what waits there pays for it, so that the platform never has to refuse. */
import { chatKey } from "../core/books_people.ts";
import { type Card, pictureOf } from "../core/card.ts";
import type { Chat } from "../core/events.ts";
import { budgetOf, charged, fullBucket } from "../core/lanes.ts";
import type { Needs } from "./needs.ts";

type Charging = Pick<Needs, "memory" | "clock">;

/** @param posted the card of a new message or an answer; null = an edit, which never brings a picture. */
export function chargeChat(needs: Charging, chat: Chat, posted: Card | null): void {
  charge(needs, chat);
  if (posted !== null) chargePicture(needs, chat, posted);
}

/** On Telegram a picture is a message of its own, and so is a file. */
export function chargePicture(needs: Charging, chat: Chat, card: Card): void {
  if (chat.platform !== "telegram") return;
  if (pictureOf(card) !== null) charge(needs, chat);
  if (card.file !== undefined) charge(needs, chat);
}

function charge({ memory, clock }: Charging, chat: Chat): void {
  const { buckets } = memory.telling;
  const key = chatKey(chat);
  buckets.set(key, charged(buckets.get(key) ?? fullBucket(budgetOf(chat), clock.mono())));
}
