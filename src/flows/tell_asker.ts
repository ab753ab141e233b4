/**
 * Answers to the one who asked. What a platform does not take now (429, 5xx, a cut, a tap too old to answer) waits in the outbox
 * like every other card; a question with buttons or a form is shown as soon as it may be. Nobody is left in front of a tap that
 * seems to have done nothing.
 */
import { chatKey } from "../core/books_people.ts";
import { type Button, type Card, sentAgainText, withFooter } from "../core/card.ts";
import type { Result } from "../core/result.ts";
import type { AnswerRef, ChatRef, Delivery, DeliveryProblem } from "../ports/messenger.ts";
import type { Needs } from "./needs.ts";
import { recordFacts } from "./record.ts";
import type { TapIn } from "./stale_tap.ts";

export type Asker = {
  readonly chat: ChatRef;
  readonly answerRef: AnswerRef;
  /** Only the one who asked may see it: it never waits in the outbox. */
  readonly isSecret?: boolean;
};

const triesMax = 5;
/** Real ms; whoever waits longer than this has gone on, and asks again. */
const waitMaxMs = 10_000;

/** Words for the one who asked. */
export async function tellAsker(needs: Needs, { chat, answerRef, isSecret = false }: Asker, card: Card): Promise<void> {
  const sent = await needs.messengers.get(chat.platform)?.reply(chat, answerRef, card);
  if (sent?.ok !== false) return;
  if (sent.problem.kind === "later") holdChat(needs, chat, sent.problem.retryAfterMs);
  if (!isSecret) await queueReply(needs, chat, againIf(sent.problem, card));
}

/** Its answer was lost, so it may stand there already. */
export const againIf = ({ kind }: DeliveryProblem, card: Card): Card =>
  kind === "unknown_outcome" ? withFooter(card, sentAgainText) : card;

/** Puts a card in the place of the message that was tapped, also of one that only the tapper sees. */
export async function editTapped(
  needs: Needs,
  { chat, answerRef, messageId }: TapIn,
  card: Card,
  buttons: readonly Button[],
): Promise<Delivery | undefined> {
  const messenger = needs.messengers.get(chat.platform);
  return await (messenger?.editTapped?.(chat, answerRef, messageId, card, buttons) ??
    messenger?.edit(chat, messageId, card, buttons));
}

/** Words in the place of a question that is answered or over, so that none of its buttons is left; under it where that fails. */
export async function tellInPlace(needs: Needs, tap: TapIn, card: Card): Promise<void> {
  const edited = await editTapped(needs, tap, card, []);
  if (edited?.ok !== true) await tellAsker(needs, tap, card);
}

/** Sends again for as long as the platform only asks us to wait, and for no longer than a person would. */
export async function patiently<Sent>(
  needs: Needs,
  chat: ChatRef,
  send: () => Promise<Result<Sent, DeliveryProblem>> | undefined,
): Promise<Result<Sent, DeliveryProblem> | undefined> {
  for (let tries = 1; ; tries += 1) {
    const sent = await send();
    if (sent?.ok !== false || sent.problem.kind !== "later" || tries === triesMax) return sent;
    const { retryAfterMs } = sent.problem;
    // Without a time to wait it is no wait at all: Discord takes a form as the first answer or never.
    if (retryAfterMs <= 0 || retryAfterMs > waitMaxMs || needs.memory.isStopping) return sent;
    holdChat(needs, chat, retryAfterMs);
    await needs.clock.sleep(retryAfterMs);
  }
}

/** What else leaves for this chat meanwhile would only use up the next turn of this answer. */
export function holdChat({ memory, clock }: Needs, chat: ChatRef, retryAfterMs: number): void {
  const key = chatKey(chat);
  memory.chatNotBefore.set(key, Math.max(memory.chatNotBefore.get(key) ?? 0, clock.mono() + retryAfterMs));
}

/** An answer that can't be given now waits in the outbox like every other card. */
export function queueReply(needs: Needs, { platform, chatId, threadId }: ChatRef, card: Card): Promise<void> {
  const cardId = needs.ids.next("card");
  const chat = { platform, chatId, threadId };
  const fact = { type: "card_queued", cardId, chat, severity: "info", alert: "reply", foldKey: cardId, card } as const;
  return recordFacts(needs, "house", [fact]);
}
