/** Lets go of what this process remembers of cards that the books know no more: a house that runs for months would keep them all. */
import type { Needs } from "./needs.ts";

const everyMs = 60_000;

/** Once a minute; harmless to call at any time. What waits, and every message about alerts that may still be edited, is kept. */
export function forgetCards({ ledger, memory, clock }: Pick<Needs, "ledger" | "memory" | "clock">): void {
  const { telling } = memory;
  if (telling.tidiedMono !== null && clock.mono() - telling.tidiedMono < everyMs) return;
  telling.tidiedMono = clock.mono();
  const { outbox, alerts } = ledger.books().chat;
  const isKnown = (cardId: string): boolean => outbox[cardId] !== undefined || alerts.notices[cardId] !== undefined;
  for (const cardId of telling.shownHere) if (!isKnown(cardId)) telling.shownHere.delete(cardId);
  for (const cardId of telling.cardTries.keys()) if (!isKnown(cardId)) telling.cardTries.delete(cardId);
}
