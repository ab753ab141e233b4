/**
 * Turns one raw Telegram update into an Incoming, or says why it is none. Pure, and never throws: whatever stands in an update
 * was typed or forged by a stranger, and an update that could not be read would otherwise be asked for again for ever.
 *
 *   update --+-- callback_query --+-- data "a1." + 16 characters --> tap
 *            |                    +-- anything else --------------> malformed_tap (still answered: the spinner must stop)
 *            +-- message.text ----+-- /name, /name@us ------------> command
 *            |                    +-- /name@other ----------------> ignored
 *            |                    +-- else -----------------------> text
 *            +-- edited, channel post, sticker, ... --------------> ignored
 */
import { z } from "zod";
import { buttonPrefix } from "../../core/card.ts";
import { cutText, oneLine, storableText } from "../../core/clean_text.ts";
import { instant } from "../../core/time.ts";
import type { ChatRef, Incoming, Sender } from "../../ports/messenger.ts";

export type Heard =
  | { readonly kind: "incoming"; readonly incoming: Incoming }
  | { readonly kind: "malformed_tap"; readonly queryId: string; readonly because: string }
  /** `because` is null for the ordinary noise of a chat (joins, stickers), which is not worth a log line. */
  | { readonly kind: "ignored"; readonly because: string | null };

/** Known to the poller, not to the update. `botUsername` without "@". */
export type HearingFacts = { readonly botUsername: string; readonly arrivedLate: boolean };

const textMax = 4_000;
const nameMax = 64;
/** The group bot that speaks for anonymous admins, the one that speaks for channels, and Telegram's own service account. */
const voicesOfNobody: readonly number[] = [1_087_968_824, 136_817_688, 777_000];

const wholeNumber = z.number().int();
const personWire = z.object({
  id: wholeNumber,
  is_bot: z.boolean().optional(),
  first_name: z.string().optional(),
  last_name: z.string().optional(),
  username: z.string().optional(),
});
const chatWire = z.object({ id: wholeNumber, type: z.string() });
const messageWire = z.object({
  message_id: wholeNumber.nonnegative(),
  date: wholeNumber.min(0).max(8_000_000_000_000),
  chat: chatWire,
  from: personWire.optional(),
  sender_chat: z.unknown().optional(),
  message_thread_id: wholeNumber.optional(),
  is_topic_message: z.boolean().optional(),
  text: z.string().optional(),
  reply_to_message: z.object({ message_id: wholeNumber }).optional().catch(undefined),
});
const queryIdWire = z.object({ id: z.string().regex(/^[\x21-\x7e]{1,64}$/) });
const queryWire = queryIdWire.extend({
  from: personWire,
  message: messageWire.omit({ text: true, reply_to_message: true, from: true }).optional(),
  inline_message_id: z.string().optional(),
  data: z.string().optional(),
});
const updateWire = z.object({
  // A negative offset would tell Telegram to forget what was never heard.
  update_id: wholeNumber.positive(),
  message: z.unknown().optional(),
  callback_query: z.unknown().optional(),
});

type Person = z.infer<typeof personWire>;
type Message = z.infer<typeof messageWire>;

/** The id by which an update is confirmed; null when it has none and so can't be. */
export function updateIdOf(update: unknown): number | null {
  const parsed = updateWire.pick({ update_id: true }).safeParse(update);
  return parsed.success ? parsed.data.update_id : null;
}

export function hear(update: unknown, facts: HearingFacts): Heard {
  const parsed = updateWire.safeParse(update);
  if (!parsed.success) return { kind: "ignored", because: "an update without a number" };
  const { update_id: updateId, message, callback_query: query } = parsed.data;
  if (query !== undefined) return hearTap(updateId, query, facts);
  if (message !== undefined) return hearMessage(updateId, message, facts);
  return { kind: "ignored", because: null };
}

function hearTap(updateId: number, raw: unknown, facts: HearingFacts): Heard {
  const parsed = queryWire.safeParse(raw);
  if (!parsed.success) {
    const id = queryIdWire.safeParse(raw);
    if (!id.success) return { kind: "ignored", because: "a tap without an id" };
    return { kind: "malformed_tap", queryId: id.data.id, because: "a tap of an unknown shape" };
  }
  const query = parsed.data;
  const { message } = query;
  const token = tokenOf(query.data);
  if (token === null) return { kind: "malformed_tap", queryId: query.id, because: "button data that is not ours" };
  const inlineId = query.inline_message_id;
  if (message === undefined && inlineId === undefined) {
    return { kind: "malformed_tap", queryId: query.id, because: "a tap on no message" };
  }
  const messageId = message === undefined ? oneLine(inlineId ?? "").slice(0, 200) : String(message.message_id);
  return {
    kind: "incoming",
    incoming: {
      kind: "tap",
      eventIds: [`u:${updateId}`, `q:${query.id}`],
      // An inline message stands in a chat that the bot can't see; "inline" is in no allow-list.
      chat: message === undefined ? { platform: "telegram", chatId: "inline", threadId: null } : chatRef(message),
      isPrivate: message?.chat.type === "private",
      guildId: null,
      sender: senderOf(query.from, undefined),
      answerRef: { platform: "telegram", id: `q:${query.id}`, token: message === undefined ? null : messageId },
      arrivedLate: facts.arrivedLate,
      messageId,
      token,
      tappedAt: null,
      isInline: inlineId !== undefined,
    },
  };
}

function tokenOf(data: string | undefined): string | null {
  if (data === undefined || !data.startsWith(buttonPrefix)) return null;
  const token = data.slice(buttonPrefix.length);
  return /^[A-Za-z0-9_-]{16}$/.test(token) ? token : null;
}

function hearMessage(updateId: number, raw: unknown, facts: HearingFacts): Heard {
  const parsed = messageWire.safeParse(raw);
  if (!parsed.success) return { kind: "ignored", because: "a message of an unknown shape" };
  const message = parsed.data;
  if (message.text === undefined || message.chat.type === "channel") return { kind: "ignored", because: null };
  const sender = message.from ?? { id: message.chat.id, is_bot: true };
  const common = {
    eventIds: [`u:${updateId}`],
    chat: chatRef(message),
    isPrivate: message.chat.type === "private",
    guildId: null,
    sender: senderOf(sender, message.sender_chat),
    answerRef: { platform: "telegram", id: `m:${message.message_id}`, token: null },
    arrivedLate: facts.arrivedLate,
    sentAt: instant(message.date * 1_000),
  } as const;
  const command = commandOf(message.text);
  if (command === null) {
    const replyTo = message.reply_to_message ? String(message.reply_to_message.message_id) : null;
    const text = storableText(message.text, textMax);
    return {
      kind: "incoming",
      incoming: { ...common, kind: "text", text, replyTo, messageId: String(message.message_id) },
    };
  }
  if (command.addressee !== null && command.addressee !== facts.botUsername.toLowerCase()) {
    return { kind: "ignored", because: null };
  }
  const text = storableText(command.rest, textMax);
  return { kind: "incoming", incoming: { ...common, kind: "command", name: command.name, options: null, text } };
}

/** Telegram's own idea of a command: a slash and word characters. A frightened "/EMERGENCY!!" is still /emergency. */
function commandOf(text: string): { name: string; addressee: string | null; rest: string } | null {
  const match = /^\/([A-Za-z0-9_]{1,32})(?![A-Za-z0-9_])(?:@([A-Za-z0-9_]{1,64}))?/.exec(text.trimStart());
  if (match === null) return null;
  const [whole, name = "", addressee] = match;
  return {
    name: name.toLowerCase(),
    addressee: addressee === undefined ? null : addressee.toLowerCase(),
    rest: text.trimStart().slice(whole.length).trim(),
  };
}

function chatRef(message: Pick<Message, "chat" | "is_topic_message" | "message_thread_id">): ChatRef {
  // Replies in an ordinary group carry a thread id too, but sending into it is refused; only topics are threads.
  const threadId = message.is_topic_message === true ? (message.message_thread_id ?? null) : null;
  return {
    platform: "telegram",
    chatId: String(message.chat.id),
    threadId: threadId === null ? null : String(threadId),
  };
}

function senderOf(person: Person, senderChat: unknown): Sender {
  const names = [person.first_name, person.last_name].filter((name) => name !== undefined).join(" ");
  const shown = oneLine(names) || oneLine(person.username ?? "") || String(person.id);
  return {
    userId: String(person.id),
    displayName: cutText(shown, nameMax),
    isPerson: person.is_bot !== true && senderChat === undefined && !voicesOfNobody.includes(person.id),
  };
}
