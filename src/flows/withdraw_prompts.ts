/** Takes the buttons from requests in chats that reach nobody any more: whoever was unlinked keeps nothing to press, and reads no more of it. */
import type { Books } from "../core/books.ts";
import type { Prompt } from "../core/books_approvals.ts";
import { chatKey, linkedChats } from "../core/books_people.ts";
import { plainCard } from "../core/card.ts";
import { revisionOf } from "../core/prompt_card.ts";
import type { ChatRef, Platform } from "../ports/messenger.ts";
import type { Needs } from "./needs.ts";
import { recordFacts } from "./record.ts";

export async function withdrawPrompts(needs: Needs): Promise<void> {
  const due = forsaken(needs.ledger.books());
  if (due.length > 0) await needs.locks.tryRun("withdraw", () => withdrawAll(needs, due));
}

async function withdrawAll(needs: Needs, due: readonly Prompt[]): Promise<void> {
  for (const prompt of due) await withdraw(needs, prompt);
}

/** Messages with live buttons where no account is linked any more. */
export function forsaken(books: Books): readonly Prompt[] {
  const reached = new Set(linkedChats(books.people).map(chatKey));
  return Object.values(books.prompts).filter((prompt) => {
    const approval = books.approvals[prompt.approvalId];
    if (approval === undefined || prompt.messageId === null || reached.has(chatKey(prompt.chat))) return false;
    return prompt.isLive && (approval.state === "pending" || prompt.revShown < revisionOf(approval, books));
  });
}

async function withdraw(needs: Needs, { promptId, chat, messageId, revShown, approvalId }: Prompt): Promise<void> {
  const key = chatKey(chat);
  const messenger = needs.messengers.get(chat.platform as Platform);
  if (messenger === undefined || messageId === null || !messenger.health().isHearing) return;
  if ((needs.memory.chatNotBefore.get(key) ?? 0) > needs.clock.mono()) return;
  const card = plainCard("closed", "This request is not shown here any more.", ["This account is not linked."]);
  const edited = await messenger.edit(chat as ChatRef, messageId, card, []);
  const isOver = edited.ok || edited.problem.kind === "message_gone" || edited.problem.kind === "edit_refused";
  if (!isOver) {
    needs.memory.chatNotBefore.set(key, needs.clock.mono() + 60_000);
    return;
  }
  const tradeId = needs.ledger.books().approvals[approvalId]?.tradeId ?? null;
  await recordFacts(
    needs,
    "house",
    [{ type: "prompt_lost", promptId, rev: revShown, because: "nobody in this chat is linked any more" }],
    tradeId,
  );
}
