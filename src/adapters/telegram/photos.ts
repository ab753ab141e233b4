/**
 * Pictures and files on Telegram: quiet messages that follow theirs as replies to it. Following, not leading: Telegram takes one
 * message a second in a chat, so a photo in front would be the reason why the prompt is refused. Behind it, it is at most
 * late or missing, and the prompt stays a text that can be edited.
 *
 *   message --its number is known--> made --1.1 s after the message--> sendPhoto, sendDocument --429--> once more at the time named
 *                                                                             '--all else--> none
 */
import { type Api, InputFile } from "grammy";
import { type Card, pictureOf } from "../../core/card.ts";
import { cutText, oneLine } from "../../core/clean_text.ts";
import type { WriteFile } from "../../ports/card_files.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { ChatRef } from "../../ports/messenger.ts";
import type { PaintCard } from "../../ports/painter.ts";
import { wireProblem } from "./problems.ts";

/** Telegram counts by the second; a little more is safe against clocks that differ. */
const paceMs = 1_100;
/** A chat takes about 20 messages a minute in a group: pictures leave most of them to words. Files are few and always sent. */
const perMinuteMax = 6;
const minuteMs = 60_000;
/** Whoever must wait longer than this for a picture has decided without it. */
const retryMostMs = 15_000;
const captionMax = 120;
const rememberedMax = 1_000;

type Needs = {
  readonly sendApi: Api;
  readonly token: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly paint: PaintCard;
  readonly write: WriteFile;
};

type Wish = { readonly chat: ChatRef; readonly messageId: number; readonly card: Card; readonly place: object };

/** One more message, ready to leave. */
type Enclosure = { readonly what: "picture" | "file"; send(extra: object): Promise<unknown> };

export type Photos = {
  /** Returns at once. `nonce` = the post that it belongs to: one picture for each, however often it was posted. */
  follow(wish: Wish, nonce: string | null): void;
  /** Ends what still waits. */
  stop(): Promise<void>;
};

export function followsWithPhotos(needs: Needs): Photos {
  const { clock, log } = needs;
  const ending = new AbortController();
  const shown = new Set<string>();
  const sentAt = new Map<string, readonly number[]>();
  const lines = new Map<string, Promise<void>>();

  async function show(wish: Wish): Promise<void> {
    if (pictureOf(wish.card) !== null && !isCrowded(wish.chat)) await sendOne(wish, () => photoOf(needs, wish));
    if (wish.card.file !== undefined) await sendOne(wish, () => documentOf(needs, wish));
  }

  function isCrowded({ chatId }: ChatRef): boolean {
    const recent = (sentAt.get(chatId) ?? []).filter((at) => clock.mono() - at < minuteMs);
    sentAt.set(chatId, recent);
    if (recent.length < perMinuteMax) return false;
    log.info("A picture is left out: this chat had several within a minute", { chatId });
    return true;
  }

  /** Made while the pace is kept. */
  async function sendOne(wish: Wish, make: () => Promise<Enclosure | null>): Promise<void> {
    const { chatId } = wish.chat;
    const pace = clock.sleep(paceMs, ending.signal);
    const made = await make();
    if (made === null) return;
    await pace;
    if (made.what === "picture") sentAt.set(chatId, [...(sentAt.get(chatId) ?? []), clock.mono()]);
    for (const isLastTry of [false, true]) {
      if (ending.signal.aborted) return;
      const retryAfterMs = await sendBehind(needs, wish, made);
      if (retryAfterMs === null || isLastTry || retryAfterMs > retryMostMs) return;
      await clock.sleep(retryAfterMs, ending.signal);
    }
  }

  return {
    follow(wish, nonce) {
      if (ending.signal.aborted || (nonce !== null && shown.has(nonce))) return;
      if (nonce !== null) {
        if (shown.size >= rememberedMax) shown.delete(shown.values().next().value ?? "");
        shown.add(nonce);
      }
      // One after the other in a chat, so that they are counted and paced.
      const { chatId } = wish.chat;
      const line = (lines.get(chatId) ?? Promise.resolve()).then(() => show(wish));
      lines.set(chatId, line);
      void line.then(() => lines.get(chatId) === line && lines.delete(chatId));
    },
    async stop() {
      ending.abort();
      await Promise.allSettled([...lines.values()]);
    },
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

/** @returns how long to wait before it may be tried again; null = it is there, or it must not be tried again: it may be there. */
async function sendBehind({ token, log }: Needs, wish: Wish, { what, send }: Enclosure): Promise<number | null> {
  const { messageId, card, place } = wish;
  try {
    await send({
      caption: cutText(oneLine(card.title), captionMax),
      disable_notification: true,
      ...place,
      reply_parameters: { message_id: messageId, allow_sending_without_reply: true },
    });
    return null;
  } catch (error) {
    const problem = wireProblem(error, token);
    if (problem.kind === "refused" && problem.code === 429 && problem.retryAfterMs !== null)
      return problem.retryAfterMs;
    log.warn(`A ${what} did not reach Telegram; its message did`, { because: problem.because });
    return null;
  }
}
