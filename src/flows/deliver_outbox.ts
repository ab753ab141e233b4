/** Sends the cards that wait, critical ones first, one at a time per chat. What was sent is on record; what could not be is tried again. */

import type { WaitingCard } from "../core/books_chat.ts";
import { chatKey } from "../core/books_people.ts";
import type { Card } from "../core/card.ts";
import { lengthText } from "../core/facts.ts";
import { mark } from "../core/mark.ts";
import { ok } from "../core/result.ts";
import { between } from "../core/time.ts";
import type { ChatRef, Delivery, Platform } from "../ports/messenger.ts";
import type { Needs } from "./needs.ts";
import { draft, record, recordFacts } from "./record.ts";
import { sourceAnswered, sourceFailed } from "./watch_sources.ts";

const lane = { critical: 0, warning: 1, info: 2 } as const;
/** A card that waited longer than this says so. */
const lateAfterMs = 30_000;

export async function deliverOutbox(needs: Needs): Promise<void> {
  const keys = new Set(Object.values(needs.ledger.books().chat.outbox).map((card) => chatKey(card.chat)));
  await Promise.all([...keys].map((key) => needs.locks.refresh(`outbox:${key}`, () => deliverChat(needs, key))));
}

async function deliverChat(needs: Needs, key: string): Promise<void> {
  const waiting = Object.values(needs.ledger.books().chat.outbox).filter((card) => chatKey(card.chat) === key);
  const inOrder = waiting.sort(
    (left, right) => lane[left.severity] - lane[right.severity] || left.queuedAt - right.queuedAt,
  );
  for (const card of inOrder) {
    if ((needs.memory.chatNotBefore.get(key) ?? 0) > needs.clock.mono()) return;
    if (!(await deliver(needs, key, card))) return;
  }
}

/** @returns false when this chat should be left alone for now. */
async function deliver(needs: Needs, key: string, waiting: WaitingCard): Promise<boolean> {
  const messenger = needs.messengers.get(waiting.chat.platform as Platform);
  if (messenger === undefined) {
    await recordFacts(needs, "house", [
      { type: "card_dropped", cardId: waiting.cardId, because: `${waiting.chat.platform} is not configured any more` },
    ]);
    return true;
  }
  if (!messenger.health().isHearing) {
    mark("H06.chat_is_away");
    await sourceFailed(needs, `chat:${waiting.chat.platform}`, messenger.health().problem ?? "not connected");
    return false;
  }
  const lateMs = between(waiting.queuedAt, needs.clock.wall());
  // Posted before, but the ledger could not be told: only that is left to do.
  const posted = needs.memory.postedCards.get(waiting.cardId);
  if (posted !== undefined) return settle(needs, key, waiting, { sent: ok({ messageId: posted }), lateMs });
  const nonce = needs.vault.sha256(waiting.cardId).slice(0, 25);
  const sent = await messenger.post(waiting.chat as ChatRef, told(waiting.card, lateMs), {
    buttons: [],
    nonce,
    isQuiet: waiting.severity === "info",
  });
  return settle(needs, key, waiting, { sent, lateMs });
}

function told(card: Card, lateMs: number): Card {
  if (lateMs < lateAfterMs) return card;
  mark("H11.delivered_late");
  return {
    ...card,
    footer: `${card.footer === null ? "" : `${card.footer} · `}delivered late by ${lengthText(lateMs)}`,
  };
}

async function settle(
  needs: Needs,
  key: string,
  waiting: WaitingCard,
  done: { sent: Delivery; lateMs: number },
): Promise<boolean> {
  const { sent, lateMs } = done;
  const source = `chat:${waiting.chat.platform}`;
  if (sent.ok) {
    needs.memory.postedCards.set(waiting.cardId, sent.value.messageId);
    await sourceAnswered(needs, source);
    const { messageId } = sent.value;
    await record(needs, (books) => {
      // A commit whose fate was not known may have landed: then it is told already.
      const isWaiting = books.chat.outbox[waiting.cardId] !== undefined;
      const told = { type: "card_sent", cardId: waiting.cardId, messageId, lateMs } as const;
      return { drafts: isWaiting ? [draft("house", told)] : [], value: undefined };
    });
    needs.memory.postedCards.delete(waiting.cardId);
    return true;
  }
  const { problem } = sent;
  switch (problem.kind) {
    case "later":
      mark("H08.waits_and_is_kept");
      needs.memory.chatNotBefore.set(key, needs.clock.mono() + problem.retryAfterMs);
      return false;
    case "unknown_outcome":
      mark("H11.sent_again");
      needs.memory.chatNotBefore.set(key, needs.clock.mono() + 1_000);
      return false;
    case "chat_refused":
      needs.memory.chatNotBefore.set(key, needs.clock.mono() + 60_000);
      await sourceFailed(needs, source, problem.because);
      return false;
    case "message_gone":
    case "edit_refused":
      await recordFacts(needs, "house", [{ type: "card_dropped", cardId: waiting.cardId, because: problem.because }]);
      return true;
    default:
      return problem satisfies never;
  }
}
