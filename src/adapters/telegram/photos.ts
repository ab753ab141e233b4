/**
 * Pictures on Telegram: a quiet photo that follows its message as a reply to it. Following, not leading: Telegram takes one
 * message a second in a chat, so a photo in front would be the reason why the prompt is refused. Behind it, it is at most
 * late or missing, and the prompt stays a text that can be edited.
 *
 *   message --its number is known--> painted --1.1 s after the message--> sendPhoto --429--> once more at the time named
 *                                                                             '--all else--> no picture
 */
import { type Api, InputFile } from "grammy";
import type { Card } from "../../core/card.ts";
import { cutText, oneLine } from "../../core/clean_text.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { ChatRef } from "../../ports/messenger.ts";
import type { PaintCard, Picture } from "../../ports/painter.ts";
import { wireProblem } from "./problems.ts";

/** Telegram counts by the second; a little more is safe against clocks that differ. */
const paceMs = 1_100;
/** A chat takes about 20 messages a minute in a group: pictures leave most of them to words. */
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
};

type Wish = { readonly chat: ChatRef; readonly messageId: number; readonly card: Card; readonly place: object };

export type Photos = {
  /** Returns at once. `nonce` = the post that it belongs to: one picture for each, however often it was posted. */
  follow(wish: Wish, nonce: string | null): void;
  /** Ends what still waits. */
  stop(): Promise<void>;
};

export function followsWithPhotos(needs: Needs): Photos {
  const { clock, log, paint } = needs;
  const ending = new AbortController();
  const shown = new Set<string>();
  const sentAt = new Map<string, readonly number[]>();
  const lines = new Map<string, Promise<void>>();

  async function show(wish: Wish): Promise<void> {
    const { chatId } = wish.chat;
    const recent = (sentAt.get(chatId) ?? []).filter((at) => clock.mono() - at < minuteMs);
    if (recent.length >= perMinuteMax) {
      log.info("A picture is left out: this chat had several within a minute", { chatId });
      return;
    }
    const pace = clock.sleep(paceMs, ending.signal);
    const picture = await paint(wish.card);
    if (picture === null) return;
    await pace;
    sentAt.set(chatId, [...recent, clock.mono()]);
    for (const isLastTry of [false, true]) {
      if (ending.signal.aborted) return;
      const retryAfterMs = await sendPhoto(needs, wish, picture);
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

/** @returns how long to wait before it may be tried again; null = it is there, or it must not be tried again: it may be there. */
async function sendPhoto({ sendApi, token, log }: Needs, wish: Wish, picture: Picture): Promise<number | null> {
  const { chat, messageId, card, place } = wish;
  try {
    await sendApi.sendPhoto(chat.chatId, new InputFile(picture.png, "picture.png"), {
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
    log.warn("A picture did not reach Telegram; its message did", { because: problem.because });
    return null;
  }
}
