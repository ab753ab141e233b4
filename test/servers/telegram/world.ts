/**
 * The state behind the strict Telegram server: people, chats, messages with the history of their edits, taps, and the queue of
 * updates. Methods (bot side) and humans (people side) both change it here.
 */
import type { Entity } from "./entities.ts";

export type User = {
  readonly id: number;
  readonly is_bot: boolean;
  readonly first_name: string;
  readonly last_name?: string;
  readonly username?: string;
};

export type ChatType = "private" | "group" | "supergroup" | "channel";
export type Chat = {
  readonly id: number;
  readonly type: ChatType;
  readonly title: string | null;
  readonly isForum: boolean;
  readonly topics: Map<number, string>;
  /** Why the bot may not speak here, in the platform's words; null when it may. */
  refusal: string | null;
  /** Set when a group became a supergroup. */
  movedTo: number | null;
  /** The bot is an administrator who may delete what others wrote. */
  botMayDelete?: boolean;
};

export type KeyboardButton = {
  readonly text: string;
  readonly callback_data?: string;
  readonly [other: string]: unknown;
};
export type Keyboard = readonly (readonly KeyboardButton[])[];

/** What a message says at one moment. */
export type Content = {
  readonly text: string;
  readonly entities: readonly Entity[];
  readonly keyboard: Keyboard | null;
  /** The file that was sent; null = a message of words. */
  readonly photo: Buffer | null;
  /** A file of any kind; absent = none. */
  readonly document?: { readonly filename: string; readonly bytes: Buffer };
};

export type Message = {
  readonly chatId: number;
  readonly messageId: number;
  readonly from: User;
  readonly senderChat: Chat | null;
  /** Seconds. */
  readonly date: number;
  readonly threadId: number | null;
  readonly replyTo: number | null;
  readonly isSilent: boolean;
  /** Its reader is asked to reply to it. */
  readonly isForcingReply?: boolean;
  /** Oldest first; the last is what stands there now. */
  readonly history: { readonly at: number; readonly content: Content }[];
  isDeleted: boolean;
};

export type Query = { readonly id: string; readonly bornAt: number; answer: QueryAnswer | null };
export type QueryAnswer = { readonly text: string; readonly showAlert: boolean };
export type Update = { readonly update_id: number; readonly [kind: string]: unknown };

export type MenuCommand = { readonly command: string; readonly description: string };

export type World = {
  readonly bot: User & { readonly username: string };
  readonly now: () => number;
  readonly users: Map<number, User>;
  readonly chats: Map<number, Chat>;
  readonly messages: Map<string, Message>;
  readonly queries: Map<string, Query>;
  readonly queue: Update[];
  /** Delivered before the queue whatever the offset says: the platform sending an update again. */
  readonly replays: Update[];
  /** All updates ever made, so that one can be sent again. */
  readonly sentUpdates: Map<number, Update>;
  /** Command menus by scope, as scopeKey names them; an empty menu is none. */
  readonly menus: Map<string, readonly MenuCommand[]>;
  commandWrites: number;
  webhookUrl: string;
  allowedUpdates: readonly string[] | null;
  nextUpdateId: number;
  nextMessageId: number;
  nextOtherId: number;
  /** Called when an update was queued. */
  wake: () => void;
};

export function newWorld(options: { bot: World["bot"]; now: () => number }): World {
  return {
    ...options,
    users: new Map([[options.bot.id, options.bot]]),
    chats: new Map(),
    messages: new Map(),
    queries: new Map(),
    queue: [],
    replays: [],
    sentUpdates: new Map(),
    menus: new Map(),
    commandWrites: 0,
    webhookUrl: "",
    allowedUpdates: null,
    nextUpdateId: 870_000_001,
    // In a forum, 1 is the topic "General".
    nextMessageId: 2,
    nextOtherId: 5_000_000_001,
    wake: () => undefined,
  };
}

/** Off unless asked for by name. */
const shyUpdates = ["chat_member", "message_reaction", "message_reaction_count"];

/** The filter works when an update is made, not when it is fetched: what was queued before a change still comes. */
export function pushUpdate(world: World, kind: string, body: unknown): number | null {
  const isWanted = world.allowedUpdates === null ? !shyUpdates.includes(kind) : world.allowedUpdates.includes(kind);
  if (!isWanted) return null;
  return queueUpdate(world, { update_id: world.nextUpdateId++, [kind]: body });
}

export function queueUpdate(world: World, update: Update): number {
  world.queue.push(update);
  world.sentUpdates.set(update.update_id, update);
  world.wake();
  return update.update_id;
}

export function addMessage(
  world: World,
  fields: Omit<Message, "messageId" | "history" | "isDeleted" | "date"> & { date?: number; content: Content },
): Message {
  const { content, date, ...rest } = fields;
  const message: Message = {
    ...rest,
    messageId: world.nextMessageId++,
    date: date ?? Math.floor(world.now() / 1_000),
    history: [{ at: world.now(), content }],
    isDeleted: false,
  };
  world.messages.set(messageKey(message.chatId, message.messageId), message);
  return message;
}

export function messageKey(chatId: number, messageId: number): string {
  return `${chatId}:${messageId}`;
}

export function contentOf(message: Message): Content {
  const last = message.history.at(-1);
  if (last === undefined) throw new Error(`Message ${message.messageId} has no content.`);
  return last.content;
}

export function chatJson(world: World, chat: Chat): Record<string, unknown> {
  const user = chat.type === "private" ? world.users.get(chat.id) : undefined;
  const named = user === undefined ? { title: chat.title } : { first_name: user.first_name, username: user.username };
  return { id: chat.id, type: chat.type, ...named, ...(chat.isForum && { is_forum: true }) };
}

export function messageJson(world: World, message: Message): Record<string, unknown> {
  const chat = world.chats.get(message.chatId);
  const content = contentOf(message);
  const marks = isWords(content) ? "entities" : "caption_entities";
  const replied =
    message.replyTo === null ? undefined : world.messages.get(messageKey(message.chatId, message.replyTo));
  return {
    message_id: message.messageId,
    from: message.from,
    ...(message.senderChat !== null && { sender_chat: chatJson(world, message.senderChat) }),
    chat: chat === undefined ? { id: message.chatId, type: "private" } : chatJson(world, chat),
    date: message.date,
    ...(message.history.length > 1 && { edit_date: Math.floor((message.history.at(-1)?.at ?? 0) / 1_000) }),
    ...(message.threadId !== null && { message_thread_id: message.threadId, is_topic_message: true }),
    ...(replied !== undefined && { reply_to_message: messageJson(world, { ...replied, replyTo: null }) }),
    ...saidJson(content),
    ...(content.entities.length > 0 && { [marks]: content.entities }),
    ...(content.keyboard !== null && { reply_markup: { inline_keyboard: content.keyboard } }),
  };
}

/** Only a message of words has a text to edit; the others have a caption. */
export const isWords = ({ photo, document }: Content): boolean => photo === null && document === undefined;

function saidJson(content: Content): Record<string, unknown> {
  const { text, document } = content;
  if (isWords(content)) return { text };
  const caption = text === "" ? {} : { caption: text };
  if (document === undefined) return { ...caption, photo: photoJson(content) };
  const { filename, bytes } = document;
  return {
    ...caption,
    document: { file_id: "document", file_unique_id: "document", file_name: filename, file_size: bytes.length },
  };
}

function photoJson({ photo }: Content): unknown[] {
  return [{ file_id: "photo", file_unique_id: "photo", ...pngSize(photo), file_size: photo?.length ?? 0 }];
}

/** As its header says; a JPEG is taken for one of a usual size. */
export function pngSize(bytes: Buffer | null): { readonly width: number; readonly height: number } {
  const isPng = bytes !== null && bytes.length >= 24 && bytes.toString("latin1", 12, 16) === "IHDR";
  return isPng ? { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) } : { width: 800, height: 450 };
}
