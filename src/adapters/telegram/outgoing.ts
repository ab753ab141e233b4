/**
 * Everything the bot says on Telegram: posts, edits, answers to taps, replies. One attempt each; who asked decides about another.
 * Telegram has no way to make a repeated post harmless, so a lost answer is told as `unknown_outcome` and never retried here.
 */
import type { Api } from "grammy";
import { type Button, type Card, pictureOf } from "../../core/card.ts";
import { cutText, oneLine } from "../../core/clean_text.ts";
import { fail, ok } from "../../core/result.ts";
import type { Log } from "../../ports/log.ts";
import type { AnswerRef, ChatRef, Delivery, Messenger } from "../../ports/messenger.ts";
import type { Photos } from "./photos.ts";
import {
  editProblem,
  explain,
  isNotModified,
  isParseProblem,
  isStaleQuery,
  postProblem,
  type WireProblem,
  wireProblem,
} from "./problems.ts";
import { keyboard, renderTelegram } from "./render.ts";

type Needs = {
  /** For posts and edits; its client gives up within seconds. */
  readonly sendApi: Api;
  /** For answers to taps; gives up after 2 s, the longest a decision waits for it. */
  readonly answerApi: Api;
  readonly token: string;
  readonly log: Log;
  readonly photos: Photos;
};

/** An alert over a tapped button holds at most 200 characters. */
const noticeMax = 200;

const messageNumber = /^[1-9][0-9]{0,15}$/;

type Mouth = Pick<Messenger, "post" | "edit" | "acknowledge" | "reply" | "ask"> & Required<Pick<Messenger, "remove">>;

export function speakTelegram(needs: Needs): Mouth {
  return {
    post: (chat, card, extra) =>
      send(needs, chat, card, {
        buttons: extra.buttons,
        isQuiet: extra.isQuiet,
        replyTo: null,
        nonce: extra.nonce,
      }),
    edit: (chat, messageId, card, buttons) => edit(needs, { chat, messageId }, card, buttons),
    acknowledge: (ref, notice) => acknowledge(needs, ref, notice),
    reply: (chat, ref, card, buttons = []) =>
      send(needs, chat, card, { buttons, isQuiet: false, replyTo: repliedMessage(ref) }),
    async ask(chat, ref, card, form) {
      void acknowledge(needs, ref, null);
      const hint = form.fields.map((field) => field.hint).join(" ");
      return send(needs, chat, card, {
        buttons: [],
        isQuiet: false,
        replyTo: repliedMessage(ref),
        forceReply: cutText(oneLine(hint), hintMax),
      });
    },
    async remove(chat, messageId) {
      if (!messageNumber.test(messageId)) return false;
      return (await attempt(needs, () => needs.sendApi.deleteMessage(chat.chatId, Number(messageId)))).ok;
    },
  };
}

type SendExtra = {
  readonly buttons: readonly Button[];
  readonly isQuiet: boolean;
  readonly replyTo: number | null;
  /** Of a post; a reply has none. */
  readonly nonce?: string;
  /** Opens the keyboard for an answer to this very message, with this in its empty line. */
  readonly forceReply?: string;
};

/** The placeholder of a forced reply holds at most 64 characters. */
const hintMax = 64;

async function send(needs: Needs, chat: ChatRef, card: Card, extra: SendExtra): Promise<Delivery> {
  const text = renderTelegram(card);
  const options = {
    // A preview would fetch whatever address a stranger's text holds.
    link_preview_options: { is_disabled: true },
    disable_notification: extra.isQuiet,
    ...threadOf(chat),
    ...markupOf(extra),
    ...(extra.replyTo !== null && {
      reply_parameters: { message_id: extra.replyTo, allow_sending_without_reply: true },
    }),
  };
  const outcome = await withPlainFallback(needs, {
    asHtml: () => needs.sendApi.sendMessage(chat.chatId, text.html, { ...options, parse_mode: "HTML" }),
    asPlain: () => needs.sendApi.sendMessage(chat.chatId, text.plain, options),
  });
  if (!outcome.ok) return fail(postProblem(outcome.problem));
  // grammY believes whatever JSON comes back; without a number the message can't be edited later.
  const messageId: unknown = (outcome.value as { message_id?: unknown } | null)?.message_id;
  if (typeof messageId !== "number" || !Number.isSafeInteger(messageId)) {
    return fail({ kind: "unknown_outcome", because: "Telegram accepted the message but gave it no number" });
  }
  if (pictureOf(card) !== null || card.file !== undefined)
    needs.photos.follow({ chat, messageId, card, place: threadOf(chat) }, extra.nonce ?? null);
  return ok({ messageId: String(messageId) });
}

function markupOf({ buttons, forceReply }: SendExtra) {
  if (forceReply !== undefined)
    return { reply_markup: { force_reply: true as const, input_field_placeholder: forceReply || "…" } };
  return buttons.length > 0 ? { reply_markup: keyboard(buttons) } : {};
}

type EditedMessage = { readonly chat: ChatRef; readonly messageId: string };

async function edit(needs: Needs, target: EditedMessage, card: Card, buttons: readonly Button[]): Promise<Delivery> {
  const { chat, messageId } = target;
  if (!messageNumber.test(messageId)) {
    return fail({
      kind: "message_gone",
      because: `"${oneLine(messageId).slice(0, 40)}" is no Telegram message number`,
    });
  }
  const text = renderTelegram(card);
  const options = { link_preview_options: { is_disabled: true }, reply_markup: keyboard(buttons) };
  const number = Number(messageId);
  const outcome = await withPlainFallback(needs, {
    asHtml: () => needs.sendApi.editMessageText(chat.chatId, number, text.html, { ...options, parse_mode: "HTML" }),
    asPlain: () => needs.sendApi.editMessageText(chat.chatId, number, text.plain, options),
  });
  // "Not modified" means that it already says what we want, perhaps through an edit whose answer was lost.
  if (!outcome.ok && !isNotModified(outcome.problem)) return fail(editProblem(outcome.problem));
  // A question that is over keeps the picture that it was answered by.
  if (buttons.length > 0) needs.photos.redraw({ chat, messageId: number, card, place: threadOf(chat) });
  return ok({ messageId });
}

type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: WireProblem };

async function withPlainFallback(
  needs: Needs,
  ways: { asHtml(): Promise<unknown>; asPlain(): Promise<unknown> },
): Promise<Outcome> {
  const first = await attempt(needs, ways.asHtml);
  if (first.ok || !isParseProblem(first.problem)) return first;
  needs.log.warn("Telegram refused our HTML; the card is sent as plain text", { because: first.problem.because });
  return attempt(needs, ways.asPlain);
}

async function attempt(needs: Pick<Needs, "token">, call: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    return { ok: false, problem: wireProblem(error, needs.token) };
  }
}

async function acknowledge(
  needs: Needs,
  ref: AnswerRef,
  notice: { text: string; isRefusal: boolean } | null,
): Promise<"ok" | "stale" | "failed"> {
  if (ref.platform !== "telegram") return "failed";
  // Only a tap shows a spinner; a command needs no answer but its reply.
  if (!ref.id.startsWith("q:")) return "ok";
  return answerTap(needs, ref.id.slice(2), notice);
}

/** Stops the spinner over a button. Never throws: a failed answer must not lose the decision behind it. */
export async function answerTap(
  needs: Pick<Needs, "answerApi" | "token" | "log">,
  queryId: string,
  notice: { text: string; isRefusal: boolean } | null,
): Promise<"ok" | "stale" | "failed"> {
  const text = notice === null ? "" : cutText(oneLine(notice.text), noticeMax);
  const shown = text === "" ? {} : { text, show_alert: notice?.isRefusal === true };
  const outcome = await attempt(needs, () => needs.answerApi.answerCallbackQuery(queryId, shown));
  if (outcome.ok) return "ok";
  if (isStaleQuery(outcome.problem)) return "stale";
  needs.log.warn("A tap on Telegram could not be answered", { because: explain(outcome.problem.because, needs.token) });
  return "failed";
}

function repliedMessage(ref: AnswerRef): number | null {
  const number = ref.id.startsWith("m:") ? ref.id.slice(2) : (ref.token ?? "");
  return ref.platform === "telegram" && messageNumber.test(number) ? Number(number) : null;
}

function threadOf(chat: ChatRef): { message_thread_id?: number } {
  // Topic 1 is "General": Telegram refuses to be told so and takes a message without a topic for it.
  if (chat.threadId === null || chat.threadId === "1" || !messageNumber.test(chat.threadId)) return {};
  return { message_thread_id: Number(chat.threadId) };
}
