/** The people's side: who exists, what they write and tap, and what they may do to spite the bot. */
import type { ParsedText } from "./entities.ts";
import { menuFor } from "./menus.ts";
import {
  addMessage,
  type Chat,
  type ChatType,
  chatJson,
  contentOf,
  type Message,
  messageJson,
  messageKey,
  pushUpdate,
  type QueryAnswer,
  queueUpdate,
  type Update,
  type User,
  type World,
} from "./world.ts";

const anonymousAdmin: User = { id: 1_087_968_824, is_bot: true, first_name: "Group", username: "GroupAnonymousBot" };
const channelVoice: User = { id: 136_817_688, is_bot: true, first_name: "Channel", username: "Channel_Bot" };

export type TextOptions = {
  /** When it was sent, milliseconds; now if absent. */
  readonly at?: number;
  readonly threadId?: number;
  readonly replyTo?: Message;
  readonly asAnonymousAdmin?: boolean;
  readonly asChannel?: Chat;
};

export type TapOptions = {
  readonly asAnonymousAdmin?: boolean;
  /** Through an inline message of the bot: no chat, no message, only an inline_message_id. */
  readonly isInline?: boolean;
  /** Sends this instead of the button's data, as a changed client can. */
  readonly forgedData?: string;
};

export function humansOf(world: World) {
  return {
    addUser: (fields: Partial<Omit<User, "id">> & { id?: number } = {}): User => addUser(world, fields),
    addChat: (fields: ChatFields = {}): Chat => addChat(world, fields),
    /** A private chat has the id of its person. */
    privateChat: (user: User): Chat => addChat(world, { id: user.id, type: "private" }),
    addTopic(chat: Chat, name: string): number {
      const id = world.nextMessageId++;
      chat.topics.set(id, name);
      return id;
    },
    sendText: (user: User, chat: Chat, text: string, options: TextOptions = {}) =>
      sendText(world, { user, chat, text, options }),
    editText(message: Message, text: string): void {
      message.history.push({ at: world.now(), content: { ...contentOf(message), text } });
      pushUpdate(world, "edited_message", messageJson(world, message));
    },
    tap: (user: User, message: Message, button: string, options: TapOptions = {}) =>
      tap(world, { user, message, button, options }),
    /** What the tapper saw over the button; null while the spinner turns. */
    answerOf: (queryId: string): QueryAnswer | null => world.queries.get(queryId)?.answer ?? null,
    block(chat: Chat): void {
      chat.refusal =
        chat.type === "private" ? "bot was blocked by the user" : `bot was kicked from the ${chat.type} chat`;
    },
    unblock(chat: Chat): void {
      chat.refusal = null;
    },
    mute(chat: Chat): void {
      chat.refusal = "not enough rights to send text messages to the chat";
    },
    upgrade(chat: Chat): Chat {
      const next = addChat(world, { type: "supergroup", title: chat.title ?? "group" });
      chat.movedTo = next.id;
      return next;
    },
    deleteMessage(message: Message): void {
      message.isDeleted = true;
    },
    /** The commands that the menu button offers to this person there. */
    menu: (user: User, chat: Chat): readonly string[] => menuFor(world, user, chat).map(({ command }) => command),
    ...eyesOf(world),
    /** Sends an update of any shape; a number is added unless it has one. */
    pushRaw: (update: Readonly<Record<string, unknown>>): number =>
      queueUpdate(world, { update_id: world.nextUpdateId++, ...update }),
    /** Delivers an update once more, even if it was confirmed. */
    redeliver(updateId: number, times = 1): void {
      const update = world.sentUpdates.get(updateId);
      if (update === undefined) throw new Error(`There was no update ${updateId}.`);
      world.replays.push(...Array.from({ length: times }, () => update));
      world.wake();
    },
    /** Not yet confirmed. */
    pending: (): readonly Update[] => [...world.queue],
  };
}

/** What stands in a chat. */
function eyesOf(world: World) {
  return {
    messages: (chat: Chat): readonly Message[] =>
      [...world.messages.values()].filter((message) => message.chatId === chat.id),
    /** Only what the bot wrote there, oldest first. */
    botMessages: (chat: Chat): readonly Message[] =>
      [...world.messages.values()].filter((message) => message.chatId === chat.id && message.from.id === world.bot.id),
    message: (chat: Chat, messageId: string | number): Message | null =>
      world.messages.get(messageKey(chat.id, Number(messageId))) ?? null,
  };
}

function addUser(world: World, fields: Partial<Omit<User, "id">> & { id?: number }): User {
  const id = fields.id ?? world.nextOtherId++;
  const user = { is_bot: false, first_name: `Person ${id % 1_000}`, ...fields, id };
  world.users.set(id, user);
  return user;
}

type ChatFields = { id?: number; type?: ChatType; title?: string; isForum?: boolean };

function addChat(world: World, fields: ChatFields): Chat {
  const type = fields.type ?? "group";
  const id = fields.id ?? (type === "group" ? -world.nextOtherId++ : -1_000_000_000_000 - world.nextOtherId++);
  const known = world.chats.get(id);
  if (known !== undefined) return known;
  const chat: Chat = {
    id,
    type,
    title: type === "private" ? null : (fields.title ?? "Operators"),
    isForum: fields.isForum ?? false,
    topics: new Map(),
    refusal: null,
    movedTo: null,
  };
  world.chats.set(id, chat);
  return chat;
}

function plain(text: string): ParsedText {
  const command = /^\/[A-Za-z0-9_]{1,32}(?:@[A-Za-z0-9_]+)?/.exec(text)?.[0];
  return { text, entities: command === undefined ? [] : [{ type: "bot_command", offset: 0, length: command.length }] };
}

type Sent = { user: User; chat: Chat; text: string; options: TextOptions };

function sendText(world: World, { user, chat, text, options }: Sent): Message & { updateId: number | null } {
  const isNobody = options.asAnonymousAdmin === true;
  const senderChat = isNobody ? chat : (options.asChannel ?? null);
  const message = addMessage(world, {
    chatId: chat.id,
    from: isNobody ? anonymousAdmin : options.asChannel === undefined ? user : channelVoice,
    senderChat,
    ...(options.at !== undefined && { date: Math.floor(options.at / 1_000) }),
    threadId: options.threadId ?? null,
    replyTo: options.replyTo?.messageId ?? null,
    isSilent: false,
    content: { ...plain(text), keyboard: null, photo: null },
  });
  const kind = chat.type === "channel" ? "channel_post" : "message";
  return Object.assign(message, { updateId: pushUpdate(world, kind, messageJson(world, message)) });
}

type Tapped = { user: User; message: Message; button: string; options: TapOptions };

/** @throws when nobody could tap that: the button isn't there (any more), and the data isn't forged either. */
function tap(world: World, { user, message, button, options }: Tapped): { queryId: string; updateId: number | null } {
  const buttons = contentOf(message).keyboard?.flat() ?? [];
  const found = buttons.find((one) => one.text === button || one.callback_data === button);
  const data = options.forgedData ?? found?.callback_data;
  if (data === undefined) throw new Error(`Message ${message.messageId} has no button "${button}".`);
  const queryId = String(4_000_000_000_000_000_000n + BigInt(world.nextOtherId++));
  world.queries.set(queryId, { id: queryId, bornAt: world.now(), answer: null });
  const chat = world.chats.get(message.chatId);
  const where = options.isInline
    ? { inline_message_id: `inline-${message.messageId}` }
    : { message: { ...messageJson(world, message), ...(chat !== undefined && { chat: chatJson(world, chat) }) } };
  const updateId = pushUpdate(world, "callback_query", {
    id: queryId,
    from: options.asAnonymousAdmin ? anonymousAdmin : user,
    ...where,
    chat_instance: String(message.chatId),
    data,
  });
  return { queryId, updateId };
}
