/** Brings the messages about alerts of one chat up to date in place: taken on by whom, over since when, how many more. */
import { isAckable, noticeCard } from "../core/alert_cards.ts";
import type { Notice } from "../core/books_alerts.ts";
import { chatKey } from "../core/books_people.ts";
import type { Button } from "../core/card.ts";
import { mark } from "../core/mark.ts";
import type { ChatRef, Platform } from "../ports/messenger.ts";
import { followMove } from "./follow_move.ts";
import type { Needs } from "./needs.ts";
import { recordFacts } from "./record.ts";

/** A message that was edited just now waits a little: what changes meanwhile is shown by one edit. */
const editEveryMs = 3_000;

/** The message of this chat that has been behind for longest; null = none is due. */
export function dueNotice({ ledger, memory, clock }: Needs, key: string): Notice | null {
  const behind = Object.values(ledger.books().chat.alerts.notices).filter(
    (notice) =>
      notice.messageId !== null &&
      (notice.revShown < notice.revWanted || isForgotten(notice, memory)) &&
      chatKey(notice.chat) === key &&
      (memory.telling.noticeNotBefore.get(notice.cardId) ?? 0) <= clock.mono(),
  );
  return behind.sort((left, right) => left.revShown - right.revShown || left.queuedAt - right.queuedAt)[0] ?? null;
}

/** After a start the desk shows its old messages as they were first posted. */
const isForgotten = ({ chat, cardId }: Notice, { telling }: Needs["memory"]): boolean =>
  chat.platform === "desk" && !telling.shownHere.has(cardId);

export async function ackButtons(needs: Needs, notice: Notice): Promise<readonly Button[]> {
  const { chat, at } = needs.ledger.books();
  if (notice.severity === "info" || !isAckable(chat.alerts, notice, at)) return [];
  const token = needs.vault.token();
  await recordFacts(needs, "house", [
    { type: "notice_prepared", cardId: notice.cardId, tokenHash: needs.vault.sha256(token) },
  ]);
  return [{ label: notice.kind === "digest" ? "Acknowledge all" : "Acknowledge", style: "plain", token }];
}

/** @returns false when this chat should be left alone for now. */
export async function showNotice(needs: Needs, key: string, notice: Notice): Promise<boolean> {
  const { cardId, messageId, chat, revWanted } = notice;
  const messenger = needs.messengers.get(chat.platform as Platform);
  const card = noticeCard(needs.ledger.books(), notice);
  // Whatever comes of it, the next one has its turn first.
  needs.memory.telling.shownHere.add(cardId);
  needs.memory.telling.noticeNotBefore.set(cardId, needs.clock.mono() + editEveryMs);
  if (messenger === undefined || messageId === null) return true;
  if (!messenger.health().isHearing) return false;
  if (card === null) {
    await recordFacts(needs, "house", [{ type: "notice_lost", cardId, because: "its alerts are known no more" }]);
    return true;
  }
  const sent = await messenger.edit(chat as ChatRef, messageId, card, await ackButtons(needs, notice));
  if (sent.ok) {
    if (needs.memory.telling.noticeNotBefore.size > 1_000) needs.memory.telling.noticeNotBefore.clear();
    if (notice.revShown < revWanted)
      await recordFacts(needs, "house", [{ type: "notice_shown", cardId, rev: revWanted }]);
    return true;
  }
  const { problem } = sent;
  switch (problem.kind) {
    case "message_gone":
    case "edit_refused":
      // Deleted, or too old to be changed: what matters of it is told anew while it stands.
      mark("H09.notice_deleted");
      await recordFacts(needs, "house", [{ type: "notice_lost", cardId, because: problem.because }]);
      return true;
    case "later":
      needs.memory.chatNotBefore.set(key, needs.clock.mono() + problem.retryAfterMs);
      return false;
    case "chat_refused":
      if (await followMove(needs, chat, problem)) return true;
      needs.memory.chatNotBefore.set(key, needs.clock.mono() + 60_000);
      return false;
    case "unknown_outcome":
      needs.memory.chatNotBefore.set(key, needs.clock.mono() + 1_000);
      return false;
    default:
      return problem satisfies never;
  }
}
