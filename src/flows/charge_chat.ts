/** An answer or a prompt left for this chat outside of the lanes: what waits there pays for it, so that the platform never has to refuse. */
import { chatKey } from "../core/books_people.ts";
import type { Chat } from "../core/events.ts";
import { budgetOf, charged, fullBucket } from "../core/lanes.ts";
import type { Needs } from "./needs.ts";

export function chargeChat({ memory, clock }: Pick<Needs, "memory" | "clock">, chat: Chat): void {
  const { buckets } = memory.telling;
  const key = chatKey(chat);
  buckets.set(key, charged(buckets.get(key) ?? fullBucket(budgetOf(chat), clock.mono())));
}
