/**
 * Sends the cards that wait, one at a time per chat and lane by lane (core/lanes.ts). What was sent is on record; what could
 * not be is tried again. Messages about alerts bear a button, and show what is true when they leave.
 *
 *   card --button on record--> post --ok--> card_sent
 *                                '--429, 5xx, away--> again when the chat may be told
 *                                '--its text is refused--> once more as bare words --> dropped, and told everywhere else
 *
 * A card that fails again and again lets others go first; when the chat takes those, the card itself is the trouble.
 */
import { noticeCard } from "../core/alert_cards.ts";
import type { Notice } from "../core/books_alerts.ts";
import type { WaitingCard } from "../core/books_chat.ts";
import { chatKey } from "../core/books_people.ts";
import { type Button, type Card, plainCard, sentAgainText, withFooter } from "../core/card.ts";
import { afterFailed, afterSent, type ChatHealth, newChat } from "../core/chat_health.ts";
import type { Chat, Fact } from "../core/events.ts";
import { lengthText } from "../core/facts.ts";
import { reminderAlert } from "../core/ladder.ts";
import { budgetOf, fullBucket, type Lane, nextTurn } from "../core/lanes.ts";
import { mark } from "../core/mark.ts";
import { withWay } from "../core/position_picture.ts";
import { ok } from "../core/result.ts";
import { between, day } from "../core/time.ts";
import type { ChatRef, Delivery, Platform } from "../ports/messenger.ts";
import { chargePicture } from "./charge_chat.ts";
import { isChatAtPeace } from "./chat_peace.ts";
import { followMove } from "./follow_move.ts";
import type { CardTries } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { draft, record, recordFacts } from "./record.ts";
import { accessFace } from "./show_access.ts";
import { ackButtons, dueNotice, showNotice } from "./show_notices.ts";
import { chatAnswered, chatRefused, namedChats, sourceFailed } from "./watch_sources.ts";

/** A card that waited longer than this says so. */
const lateAfterMs = 30_000;

export async function deliverOutbox(needs: Needs): Promise<void> {
  const { outbox, alerts } = needs.ledger.books().chat;
  const chats = [...Object.values(outbox), ...Object.values(alerts.notices)].map(({ chat }) => chatKey(chat));
  await Promise.all(
    [...new Set(chats)].map((key) => needs.locks.refresh(`outbox:${key}`, () => deliverChat(needs, key))),
  );
}

async function deliverChat(needs: Needs, key: string): Promise<void> {
  const isHeldBack = (): boolean => (needs.memory.chatNotBefore.get(key) ?? 0) > needs.clock.mono();
  while (!needs.memory.isFenced && !isHeldBack() && (await deliverNext(needs, key)));
}

/** @returns false when nothing is left, or nothing may leave now. */
async function deliverNext(needs: Needs, key: string): Promise<boolean> {
  // Asked anew after each card: what became critical meanwhile goes first. Edits share the last lane.
  const waiting = Object.values(needs.ledger.books().chat.outbox).filter((card) => chatKey(card.chat) === key);
  const edit = dueNotice(needs, key);
  const lanes = new Set(waiting.map(laneOf));
  const isLast = lanes.has("info") || edit !== null;
  const chat = waiting[0]?.chat ?? edit?.chat;
  if (chat === undefined) return false;
  if (!needs.messengers.has(chat.platform as Platform)) return dropOld(needs, waiting);
  if (!(await isHeard(needs, chat))) return false;
  const lane = takeTurn(needs, chat, { critical: lanes.has("critical"), warning: lanes.has("warning"), info: isLast });
  if (lane === null) return false;
  if (lane === "info" && edit !== null) return showNotice(needs, key, edit);
  const card = waiting.filter((one) => laneOf(one) === lane).sort(soonestOf(needs))[0];
  return card !== undefined && deliver(needs, key, card);
}

/** A token that is missing may be a slip of the pen in `.env`: what waits is kept for the next start that has it, but not for ever. */
const tokenlessMs = day;

async function dropOld(needs: Needs, waiting: readonly WaitingCard[]): Promise<false> {
  const old = waiting.filter(({ queuedAt }) => between(queuedAt, needs.clock.wall()) >= tokenlessMs);
  const dropped = old.map(({ cardId, chat }): Fact => {
    const because = `${chat.platform} has not been configured for ${lengthText(tokenlessMs)}`;
    return { type: "card_dropped", cardId, because };
  });
  if (dropped.length > 0) await recordFacts(needs, "house", dropped);
  return false;
}

/** Asked before a turn is taken: a chat that is away uses up nothing of what it may be told. */
async function isHeard(needs: Needs, { platform }: Chat): Promise<boolean> {
  const health = needs.messengers.get(platform as Platform)?.health();
  if (health?.isHearing !== false) return true;
  mark("H06.chat_is_away");
  await sourceFailed(needs, `chat:${platform}`, health.problem ?? "not connected");
  return false;
}

/** After so many tries in a row a card waits until nothing else does. */
const lastAfter = 3;
/** After so many, with others sent meanwhile, it is held for unsendable as it is. */
const unsendableAfter = { chat_refused: 3, unknown_outcome: 6 } as const;

/** A person who waits for an answer is first in the lane; all else leaves in the order in which it came, what failed often last. */
const soonestOf = ({ memory }: Needs) => {
  const isStuck = ({ cardId }: WaitingCard): number =>
    Number((memory.telling.cardTries.get(cardId)?.failed ?? 0) >= lastAfter);
  return (left: WaitingCard, right: WaitingCard): number =>
    isStuck(left) - isStuck(right) ||
    Number(right.alert === "reply") - Number(left.alert === "reply") ||
    left.queuedAt - right.queuedAt;
};

/** A person waits for an answer: it goes with what is critical. */
const laneOf = ({ severity, alert }: WaitingCard): Lane => (alert === "reply" ? "critical" : severity);

function takeTurn({ memory, clock }: Needs, chat: Chat, waiting: Readonly<Record<Lane, boolean>>): Lane | null {
  const key = chatKey(chat);
  const budget = budgetOf(chat);
  const now = clock.mono();
  const { lane, bucket } = nextTurn(memory.telling.buckets.get(key) ?? fullBucket(budget, now), waiting, budget, now);
  memory.telling.buckets.set(key, bucket);
  return lane;
}

/** @returns false when this chat should be left alone for now. */
async function deliver(needs: Needs, key: string, waiting: WaitingCard): Promise<boolean> {
  const messenger = needs.messengers.get(waiting.chat.platform as Platform);
  if (messenger === undefined) return false;
  if (isReminderOver(needs, waiting)) {
    const because = "the request that it reminds of waits no more";
    await recordFacts(needs, "house", [{ type: "card_dropped", cardId: waiting.cardId, because }]);
    return true;
  }
  const lateMs = between(waiting.queuedAt, needs.clock.wall());
  // Posted before, but the ledger could not be told: only that is left to do.
  const posted = needs.memory.postedCards.get(waiting.cardId);
  if (posted !== undefined) return settle(needs, key, waiting, { sent: ok(posted), lateMs, rev: posted.rev });
  const tries = needs.memory.telling.cardTries.get(waiting.cardId);
  const face = await faceOf(needs, waiting);
  if (waiting.hasLeft !== true && !face.isOnRecord)
    await recordFacts(needs, "house", [{ type: "card_leaving", cardId: waiting.cardId }]);
  // Meanwhile its last reader may have lost the right to it.
  if (needs.ledger.books().chat.outbox[waiting.cardId] === undefined) return true;
  const isBare = tries?.isRefused === true;
  const nonce = needs.vault.sha256(waiting.cardId).slice(0, 25);
  const sent = await messenger.post(waiting.chat as ChatRef, told(isBare ? bare(face.card) : face.card, lateMs), {
    // A button may be what was refused; /ack works without one.
    buttons: isBare ? [] : face.buttons,
    nonce,
    isQuiet: isSilent(needs, waiting),
  });
  if (sent.ok) chargePicture(needs, waiting.chat, face.card);
  return settle(needs, key, waiting, { sent, lateMs, rev: face.rev });
}

/** "Still waits" would be untrue of a request that was decided, or asked anew, while its chat was away. */
function isReminderOver({ ledger, memory }: Needs, { cardId, alert, foldKey }: WaitingCard): boolean {
  if (alert !== reminderAlert || memory.postedCards.has(cardId)) return false;
  const [approvalId = "", version] = foldKey.split("/v");
  const approval = ledger.books().approvals[approvalId];
  return approval?.state !== "pending" || approval.version !== Number.parseInt(version ?? "", 10);
}

/** What is critical rings at any hour; so does a reminder, whose people were chosen by their hours. */
const isSilent = (needs: Needs, { severity, alert, chat }: WaitingCard): boolean =>
  severity === "info" || (alert !== reminderAlert && isChatAtPeace(needs, chat, severity));

type Face = {
  readonly card: Card;
  readonly buttons: readonly Button[];
  readonly rev: number | null;
  /** A button of it was put on record just now. */
  readonly isOnRecord: boolean;
};

/** As it looks at this moment; the button is on record before it leaves, so a tap on a message whose answer was lost counts. */
async function faceOf(needs: Needs, waiting: WaitingCard): Promise<Face> {
  const books = needs.ledger.books();
  const notice = books.chat.alerts.notices[waiting.cardId];
  // What was on record before means a try whose end nobody knows: in this process, or in the one before it.
  const tries = needs.memory.telling.cardTries.get(waiting.cardId);
  const hasLeft = waiting.hasLeft === true || (notice !== undefined && notice.tokenHashes.length > 0);
  const isUnsure = tries === undefined ? hasLeft : tries.isUnsure;
  const face = notice === undefined ? await plainFace(needs, waiting) : await noticeFace(needs, waiting, notice);
  return isUnsure ? { ...face, card: withFooter(face.card, sentAgainText) } : face;
}

async function noticeFace(needs: Needs, waiting: WaitingCard, notice: Notice): Promise<Face> {
  const card = withWayOf(needs, noticeCard(needs.ledger.books(), notice) ?? waiting.card);
  const buttons = await ackButtons(needs, notice);
  return { card, buttons, rev: notice.revWanted, isOnRecord: buttons.length > 0 };
}

/** The record of an exit knows no market; this process remembers the newest of it. */
function withWayOf({ memory, settings }: Needs, card: Card): Card {
  const { picture } = card;
  if (picture?.kind !== "position") return card;
  const candles = memory.candles.get(picture.instrumentId) ?? [];
  return { ...card, picture: { kind: "position", ...withWay(picture, candles, settings.timeframeMs) } };
}

/** A request for access looks as it stands, with buttons that are on record. */
async function plainFace(needs: Needs, { cardId, card }: WaitingCard): Promise<Face> {
  const face = await accessFace(needs, cardId);
  return face === null
    ? { card, buttons: [], rev: null, isOnRecord: false }
    : { ...face, rev: null, isOnRecord: face.buttons.length > 0 };
}

function told(card: Card, lateMs: number): Card {
  if (lateMs < lateAfterMs) return card;
  mark("H11.delivered_late");
  return withFooter(card, `delivered late by ${lengthText(lateMs)}`);
}

/** Nothing of it that a platform could stumble over: words of one line, without signs. */
function bare(card: Card): Card {
  const clean = (text: string): string =>
    text
      .replace(/[^\p{L}\p{N} .,:;%/+-]/gu, " ")
      .replace(/ +/g, " ")
      .trim()
      .slice(0, 200);
  return plainCard(card.tone, clean(card.title), ["The whole text is on the desk."]);
}

type Done = { readonly sent: Delivery; readonly lateMs: number; readonly rev: number | null };

async function settle(needs: Needs, key: string, waiting: WaitingCard, done: Done): Promise<boolean> {
  const { sent } = done;
  const { memory, clock } = needs;
  const health = memory.telling.chatHealth.get(key) ?? newChat;
  if (sent.ok) {
    memory.telling.chatHealth.set(key, afterSent(health, clock.wall()));
    await keepSent(needs, waiting, { ...done, messageId: sent.value.messageId });
    return true;
  }
  const { problem } = sent;
  memory.telling.chatHealth.set(key, afterFailed(health, problem.because));
  const tried = failedAgain(triesOf(needs, waiting), problem.kind === "unknown_outcome");
  memory.telling.cardTries.set(waiting.cardId, tried);
  switch (problem.kind) {
    case "later":
      mark("H08.waits_and_is_kept");
      memory.chatNotBefore.set(key, clock.mono() + problem.retryAfterMs);
      return false;
    case "unknown_outcome":
      mark("H11.sent_again");
      if (isUnsendable(tried, health, problem.kind)) return afterRefusedText(needs, waiting, problem.because);
      memory.chatNotBefore.set(key, clock.mono() + 1_000);
      return false;
    case "chat_refused":
      if (problem.isText === true || isUnsendable(tried, health, problem.kind))
        return afterRefusedText(needs, waiting, problem.because);
      if (await followMove(needs, waiting.chat, problem)) return true;
      memory.chatNotBefore.set(key, clock.mono() + 60_000);
      return afterRefusal(needs, waiting, problem.because);
    case "message_gone":
    case "edit_refused":
      await recordFacts(needs, "house", [{ type: "card_dropped", cardId: waiting.cardId, because: problem.because }]);
      return true;
    default:
      return problem satisfies never;
  }
}

/** A private chat that was only tried as a way out, or that nobody is linked to any more, is not asked for ever. */
async function afterRefusal(needs: Needs, { cardId, chat }: WaitingCard, because: string): Promise<boolean> {
  if (namedChats(needs).some((one) => chatKey(one) === chatKey(chat))) {
    await chatRefused(needs, chat, because);
    return false;
  }
  await recordFacts(needs, "house", [{ type: "card_dropped", cardId, because: `${because}; nobody is linked there` }]);
  return false;
}

const triesOf = ({ memory, clock }: Needs, { cardId }: WaitingCard): CardTries =>
  memory.telling.cardTries.get(cardId) ?? {
    tries: 0,
    failed: 0,
    since: clock.wall(),
    isRefused: false,
    isUnsure: false,
  };

const failedAgain = (before: CardTries, isUnsure: boolean): CardTries => ({
  ...before,
  tries: before.tries + 1,
  failed: before.failed + 1,
  isUnsure: before.isUnsure || isUnsure,
});

/** The chat took others since this one began to fail. `health` is of before this failure. */
const isUnsendable = (
  { failed, since }: CardTries,
  { lastSentAt }: ChatHealth,
  kind: keyof typeof unsendableAfter,
): boolean => failed >= unsendableAfter[kind] && lastSentAt !== null && lastSentAt > since;

async function keepSent(needs: Needs, waiting: WaitingCard, done: Done & { messageId: string }): Promise<void> {
  const { memory } = needs;
  const { messageId, lateMs, rev } = done;
  memory.postedCards.set(waiting.cardId, { messageId, rev });
  await chatAnswered(needs, waiting.chat);
  const tries = (memory.telling.cardTries.get(waiting.cardId)?.tries ?? 0) + 1;
  await record(needs, (books) => {
    // A commit whose fate was not known may have landed: then it is told already.
    const isWaiting = books.chat.outbox[waiting.cardId] !== undefined;
    const more = { ...(rev === null ? {} : { rev }), ...(tries > 1 ? { tries } : {}) };
    const fact = { type: "card_sent", cardId: waiting.cardId, messageId, lateMs, ...more } as const;
    return { drafts: isWaiting ? [draft("house", fact)] : [], value: undefined };
  });
  memory.telling.shownHere.add(waiting.cardId);
  memory.postedCards.delete(waiting.cardId);
  memory.telling.cardTries.delete(waiting.cardId);
}

/** One text must not block a chat for ever: bare words once, then it is given up here and told in every other chat. */
async function afterRefusedText(needs: Needs, waiting: WaitingCard, because: string): Promise<boolean> {
  const { cardId, chat, alert, card } = waiting;
  const before = triesOf(needs, waiting);
  if (!before.isRefused) {
    const anew = { failed: 0, since: needs.clock.wall(), isRefused: true };
    needs.memory.telling.cardTries.set(cardId, { ...before, ...anew });
    return true;
  }
  needs.memory.telling.cardTries.delete(cardId);
  const refused = { alert, title: card.title, chat };
  await recordFacts(needs, "house", [{ type: "card_dropped", cardId, because, refused }]);
  return true;
}
