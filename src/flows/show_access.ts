/** The messages about requests for access: their buttons when they leave, and their end in place, in every chat of an owner. */
import { type AccessRequest, accessCard, accessOfCard, isOpenRequest } from "../core/access.ts";
import { accessAnswers } from "../core/access_facts.ts";
import { chatKey } from "../core/books_people.ts";
import type { Button, Card } from "../core/card.ts";
import type { Chat } from "../core/events.ts";
import type { ChatRef, Platform } from "../ports/messenger.ts";
import type { Needs } from "./needs.ts";
import { draft, record, recordFacts } from "./record.ts";

/** What a waiting message about a request shows when it leaves; null = it is about something else. */
export async function accessFace(
  needs: Needs,
  cardId: string,
): Promise<{ readonly card: Card; readonly buttons: readonly Button[] } | null> {
  const request = accessOfCard(needs.ledger.books().people, cardId);
  if (request === null) return null;
  const card = accessCard(request);
  if (!isOpenRequest(request, needs.clock.wall())) return { card, buttons: [] };
  const made = accessAnswers.map((answer) => ({ answer, token: needs.vault.token() }));
  const tokens = made.map(({ answer, token }) => ({ answer, hash: needs.vault.sha256(token) }));
  await recordFacts(needs, "house", [{ type: "access_prepared", requestId: request.requestId, cardId, tokens }]);
  const buttons = made.map(({ answer, token }): Button => {
    const style = answer === "no" ? "no" : "plain";
    return { label: answer === "no" ? "No" : `As ${answer}`, style, token };
  });
  return { card, buttons };
}

/** Requests that nobody answered end, and every copy of one that ended shows it, without buttons. */
export async function tendAccess(needs: Needs): Promise<void> {
  const open = Object.values(needs.ledger.books().people.access).filter((one) => one.state === "open");
  if (open.some((one) => !isOpenRequest(one, needs.clock.wall()))) await expire(needs);
  await needs.locks.refresh("access", () => showEnds(needs));
}

function expire(needs: Needs): Promise<void> {
  return record(needs, (books, { wallAt }) => {
    const over = Object.values(books.people.access).filter(
      (one) => one.state === "open" && !isOpenRequest(one, wallAt),
    );
    const drafts = over.map(({ requestId }) =>
      draft("house", { type: "access_settled", requestId, how: "expired", role: null, personId: null, by: "house" }),
    );
    return { drafts, value: undefined };
  });
}

async function showEnds(needs: Needs): Promise<void> {
  const ended = Object.values(needs.ledger.books().people.access).filter((one) => one.state !== "open");
  for (const request of ended)
    for (const [cardId, { chat, messageId, isShown }] of Object.entries(request.cards))
      if (!isShown && messageId !== null) await showEnd(needs, request, { cardId, chat, messageId });
}

async function showEnd(
  needs: Needs,
  request: AccessRequest,
  { cardId, chat, messageId }: { cardId: string; chat: Chat; messageId: string },
): Promise<void> {
  const key = chatKey(chat);
  const messenger = needs.messengers.get(chat.platform as Platform);
  if ((needs.memory.chatNotBefore.get(key) ?? 0) > needs.clock.mono()) return;
  if (messenger?.health().isHearing === false) return;
  const sent = await messenger?.edit(chat as ChatRef, messageId, accessCard(request), []);
  const problem = sent === undefined || sent.ok ? null : sent.problem;
  const waitMs = problem?.kind === "later" ? problem.retryAfterMs : problem?.kind === "unknown_outcome" ? 1_000 : null;
  if (waitMs !== null) return void needs.memory.chatNotBefore.set(key, needs.clock.mono() + waitMs);
  // A copy that can't be changed has dead buttons: whoever taps one is told how it ended.
  const because = sent === undefined ? "its chat is not configured any more" : (problem?.because ?? "edited");
  await recordFacts(needs, "house", [
    { type: "access_shown", requestId: request.requestId, cardId, because: because.slice(0, 200) },
  ]);
}
