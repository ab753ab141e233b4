/**
 * Pictures and files on Telegram: quiet messages that follow theirs as replies to it. Following, not leading: Telegram takes one
 * message a second in a chat, so a photo in front would be the reason why the prompt is refused. Behind it, it is at most
 * late or missing, and the prompt stays a text that can be edited.
 *
 *   message --its number is known--> made --1.1 s after the message--> sendPhoto, sendDocument --429--> once more at the time named
 *                                                                             '--all else--> none
 *   edit that says other prices --> the photo of before is taken away --> a new one, said to be new
 */
import { type Api, InputFile } from "grammy";
import { type Card, pictureOf, pictureSays } from "../../core/card.ts";
import { cutText, oneLine } from "../../core/clean_text.ts";
import type { WriteFile } from "../../ports/card_files.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { ChatRef } from "../../ports/messenger.ts";
import type { PaintCard } from "../../ports/painter.ts";
import { remembersPhotos, standsInLine } from "./photo_memory.ts";
import { wireProblem } from "./problems.ts";

/** Telegram counts by the second; a little more is safe against clocks that differ. */
const paceMs = 1_100;
/** A chat takes about 20 messages a minute in a group: pictures leave most of them to words. Files are few and always sent. */
const perMinuteMax = 6;
const minuteMs = 60_000;
/** Whoever must wait longer than this for a picture has decided without it. */
const retryMostMs = 15_000;
const captionMax = 120;

type Needs = {
  readonly sendApi: Api;
  readonly token: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly paint: PaintCard;
  readonly write: WriteFile;
};

type Wish = {
  readonly chat: ChatRef;
  readonly messageId: number;
  readonly card: Card;
  readonly place: object;
  /** In the place of an earlier one, which may still stand. */
  readonly isAnew?: true;
};

/** One more message, ready to leave. */
type Enclosure = { readonly what: "picture" | "file"; send(extra: object): Promise<unknown> };

export type Photos = {
  /** Returns at once. `nonce` = the post that it belongs to: one picture for each, however often it was posted. */
  follow(wish: Wish, nonce: string | null): void;
  /** Returns at once. The message says something else now: a picture that no longer fits goes, and the right one comes. */
  redraw(wish: Wish): void;
  /** Ends what still waits. */
  stop(): Promise<void>;
};

export function followsWithPhotos(needs: Needs): Photos {
  const { clock } = needs;
  const ending = new AbortController();
  const line = standsInLine();
  const memory = remembersPhotos();
  const isCrowded = countsPictures(needs);
  const isOvertaken = (wish: Wish): boolean => memory.of(keyOf(wish))?.says !== pictureSays(wish.card);

  async function show(wish: Wish): Promise<void> {
    if (pictureOf(wish.card) !== null && !isOvertaken(wish) && !isCrowded(wish.chat.chatId))
      await sendOne(wish, () => photoOf(needs, wish));
    if (wish.card.file !== undefined && wish.isAnew !== true) await sendOne(wish, () => documentOf(needs, wish));
  }

  /** Made while the pace is kept. */
  async function sendOne(wish: Wish, make: () => Promise<Enclosure | null>): Promise<void> {
    const pace = clock.sleep(paceMs, ending.signal);
    const made = await make();
    if (made === null) return;
    await pace;
    const isInVain = () => ending.signal.aborted || (made.what === "picture" && isOvertaken(wish));
    for (const isLastTry of [false, true]) {
      if (isInVain()) return;
      const { retryAfterMs, messageId } = await sendBehind(needs, wish, made);
      if (made.what === "picture") memory.stands(keyOf(wish), messageId);
      if (retryAfterMs === null || isLastTry || retryAfterMs > retryMostMs) return;
      await clock.sleep(retryAfterMs, ending.signal);
    }
  }

  async function replace(wish: Wish): Promise<void> {
    const photoId = memory.of(keyOf(wish))?.photoId ?? null;
    if (photoId !== null) {
      await takeAway(needs, wish, photoId);
      memory.stands(keyOf(wish), null);
    }
    await show(wish);
  }

  return {
    follow(wish, nonce) {
      if (ending.signal.aborted || (nonce !== null && !memory.isFirst(nonce))) return;
      memory.expect(keyOf(wish), { says: pictureSays(wish.card), photoId: null });
      line.add(wish.chat.chatId, () => show(wish));
    },
    redraw(wish) {
      const known = memory.of(keyOf(wish));
      const says = pictureSays(wish.card);
      // Of a message of before a restart nobody knows the photo: only a question of prices gets one more, said to be new.
      const isRight = known === undefined ? pictureOf(wish.card)?.kind !== "prompt" : known.says === says;
      if (ending.signal.aborted || isRight) return;
      memory.expect(keyOf(wish), { says, photoId: known?.photoId ?? null });
      line.add(wish.chat.chatId, () => replace({ ...wish, isAnew: true }));
    },
    async stop() {
      ending.abort();
      await line.settled();
    },
  };
}

const keyOf = ({ chat, messageId }: Wish): string => `${chat.chatId} ${messageId}`;

/** Whether a chat has had its pictures of this minute; one more is counted when it has not. */
function countsPictures({ clock, log }: Needs): (chatId: string) => boolean {
  const sentAt = new Map<string, readonly number[]>();
  return (chatId) => {
    const recent = (sentAt.get(chatId) ?? []).filter((at) => clock.mono() - at < minuteMs);
    const isCrowded = recent.length >= perMinuteMax;
    sentAt.set(chatId, isCrowded ? recent : [...recent, clock.mono()]);
    if (isCrowded) log.info("A picture is left out: this chat had several within a minute", { chatId });
    return isCrowded;
  };
}

async function photoOf({ paint, sendApi }: Needs, { card, chat }: Wish): Promise<Enclosure | null> {
  const picture = await paint(card);
  if (picture === null) return null;
  const send = (extra: object) => sendApi.sendPhoto(chat.chatId, new InputFile(picture.png, "picture.png"), extra);
  return { what: "picture", send };
}

async function documentOf({ write, sendApi }: Needs, { card, chat }: Wish): Promise<Enclosure | null> {
  const file = await write(card);
  if (file === null) return null;
  const send = (extra: object) => sendApi.sendDocument(chat.chatId, new InputFile(file.data, file.name), extra);
  return { what: "file", send };
}

type SentBehind = { readonly retryAfterMs: number | null; readonly messageId: number | null };

/** `retryAfterMs` null = it is there, or it must not be tried again: it may be there. */
async function sendBehind({ token, log }: Needs, wish: Wish, { what, send }: Enclosure): Promise<SentBehind> {
  const { messageId, card, place, isAnew } = wish;
  try {
    const sent = await send({
      caption: `${cutText(oneLine(card.title), captionMax)}${isAnew === true ? " New prices." : ""}`,
      disable_notification: true,
      ...place,
      reply_parameters: { message_id: messageId, allow_sending_without_reply: true },
    });
    const number: unknown = (sent as { message_id?: unknown } | null)?.message_id;
    return { retryAfterMs: null, messageId: typeof number === "number" ? number : null };
  } catch (error) {
    const problem = wireProblem(error, token);
    if (problem.kind === "refused" && problem.code === 429 && problem.retryAfterMs !== null)
      return { retryAfterMs: problem.retryAfterMs, messageId: null };
    log.warn(`A ${what} did not reach Telegram; its message did`, { because: problem.because });
    return { retryAfterMs: null, messageId: null };
  }
}

/** Where it can't be taken away the new one stands below it and says that it is new. */
async function takeAway({ sendApi, token, log }: Needs, { chat }: Wish, photoId: number): Promise<void> {
  try {
    await sendApi.deleteMessage(chat.chatId, photoId);
  } catch (error) {
    log.warn("A picture of earlier prices still stands on Telegram", { because: wireProblem(error, token).because });
  }
}
