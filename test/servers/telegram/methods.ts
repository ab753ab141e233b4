/**
 * The Bot API methods that the strict server knows. Each checks everything the platform checks, in its order, and only then
 * changes the world. Fetching updates is in updates.ts, because it waits.
 */
import type { Call, UploadedFile } from "./body.ts";
import { type Entity, type ParsedText, parseText } from "./entities.ts";
import type { FloodControl } from "./flood.ts";
import { scopeParam } from "./menus.ts";
import {
  chatParam,
  flagParam,
  integerParam,
  isForcingReply,
  jsonParam,
  keyboardParam,
  type Params,
  textParam,
} from "./params.ts";
import { badRequest, refuse } from "./refusal.ts";
import {
  addMessage,
  type Chat,
  type Content,
  chatJson,
  contentOf,
  isWords,
  type Keyboard,
  type Message,
  messageJson,
  messageKey,
  pngSize,
  type World,
} from "./world.ts";

export type Server = { readonly world: World; readonly flood: FloodControl; readonly queryLifeMs: number };
type Method = (server: Server, call: Call) => unknown;

const textMax = 4_096;
const captionMax = 1_024;
const noticeMax = 200;
const deletableMs = 48 * 3_600_000;

export const methods: Readonly<Record<string, Method>> = {
  getme: ({ world }) => ({
    ...world.bot,
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
  }),
  getwebhookinfo: ({ world }) => ({
    url: world.webhookUrl,
    has_custom_certificate: false,
    pending_update_count: world.queue.length,
    ...(world.allowedUpdates !== null && { allowed_updates: world.allowedUpdates }),
  }),
  setwebhook: ({ world }, { params }) => {
    world.webhookUrl = textParam(params, "url");
    world.wake();
    return true;
  },
  deletewebhook: ({ world }, { params }) => {
    world.webhookUrl = "";
    if (flagParam(params, "drop_pending_updates")) world.queue.length = 0;
    return true;
  },
  getchat: ({ world }, { params }) => chatJson(world, chatParam(world, params)),
  sendmessage: (server, { params }) => {
    const chat = chatParam(server.world, params);
    const parsed = parseText(textParam(params, "text"), textParam(params, "parse_mode"));
    if (parsed.text === "") badRequest("message text is empty");
    if (parsed.text.length > textMax) badRequest("message is too long");
    return send(server, chat, params, { ...parsed, photo: null });
  },
  sendphoto: (server, call) => {
    const chat = chatParam(server.world, call.params);
    const photo = photoParam(call);
    const parsed = parseText(textParam(call.params, "caption"), textParam(call.params, "parse_mode"));
    if (parsed.text.length > captionMax) badRequest("message caption is too long");
    return send(server, chat, call.params, { ...parsed, photo: photo.bytes });
  },
  senddocument: (server, call) => {
    const chat = chatParam(server.world, call.params);
    const document = documentParam(call);
    const parsed = parseText(textParam(call.params, "caption"), textParam(call.params, "parse_mode"));
    if (parsed.text.length > captionMax) badRequest("message caption is too long");
    return send(server, chat, call.params, { ...parsed, photo: null, document });
  },
  editmessagetext: (server, { params }) => {
    const message = editedMessage(server.world, params, "edit");
    if (!isWords(contentOf(message))) badRequest("there is no text in the message to edit");
    const parsed = parseText(textParam(params, "text"), textParam(params, "parse_mode"));
    if (parsed.text === "") badRequest("message text is empty");
    if (parsed.text.length > textMax) badRequest("message is too long");
    return change(server, message, { ...contentOf(message), ...parsed, keyboard: keyboardParam(params) });
  },
  editmessagecaption: (server, { params }) => {
    const message = editedMessage(server.world, params, "edit");
    if (isWords(contentOf(message))) badRequest("there is no caption in the message to edit");
    const parsed = parseText(textParam(params, "caption"), textParam(params, "parse_mode"));
    if (parsed.text.length > captionMax) badRequest("message caption is too long");
    return change(server, message, { ...contentOf(message), ...parsed, keyboard: keyboardParam(params) });
  },
  editmessagereplymarkup: (server, { params }) => {
    const message = editedMessage(server.world, params, "edit");
    return change(server, message, { ...contentOf(message), keyboard: keyboardParam(params) });
  },
  deletemessage: ({ world }, { params }) => {
    const message = deletedMessage(world, params);
    if (world.now() - message.date * 1_000 > deletableMs) badRequest("message can't be deleted for everyone");
    message.isDeleted = true;
    return true;
  },
  answercallbackquery: answerQuery,
  getmycommands: ({ world }, { params }) => world.menus.get(scopeParam(world, params)) ?? [],
  deletemycommands({ world }, { params }) {
    world.menus.delete(scopeParam(world, params));
    return true;
  },
  setmycommands: setCommands,
};

function send({ world, flood }: Server, chat: Chat, params: Params, said: Omit<Content, "keyboard">): unknown {
  requireAllowed(chat);
  const keyboard = keyboardParam(params);
  const threadId = integerParam(params, "message_thread_id");
  if (threadId !== null && !chat.topics.has(threadId)) badRequest("message thread not found");
  const replyTo = repliedMessage(world, chat, params);
  flood.count(chat.id, chat.type !== "private");
  const message = addMessage(world, {
    chatId: chat.id,
    from: world.bot,
    senderChat: null,
    threadId,
    replyTo,
    isSilent: flagParam(params, "disable_notification"),
    isForcingReply: isForcingReply(params),
    content: { ...said, keyboard },
  });
  return messageJson(world, message);
}

function requireAllowed(chat: Chat): void {
  if (chat.movedTo !== null) {
    const moved = { migrate_to_chat_id: chat.movedTo };
    refuse(400, "Bad Request: group chat was upgraded to a supergroup chat", moved);
  }
  if (chat.refusal !== null) refuse(403, `Forbidden: ${chat.refusal}`);
}

function repliedMessage(world: World, chat: Chat, params: Params): number | null {
  const reply = jsonParam(params, "reply_parameters", "can't parse reply parameters JSON object");
  if (reply === undefined || reply === null) return null;
  const { message_id: messageId, allow_sending_without_reply: isOptional } = reply as Params;
  const replied = world.messages.get(messageKey(chat.id, Number(messageId)));
  if (replied !== undefined && !replied.isDeleted) return replied.messageId;
  return isOptional === true ? null : badRequest("message to be replied not found");
}

/** A bot may send 50 MB; an empty file is refused. */
function documentParam({ params, files }: Call): UploadedFile {
  const named = /^attach:\/\/(.+)$/.exec(textParam(params, "document"))?.[1];
  const file = files.get(named ?? "document");
  if (file === undefined) return badRequest("there is no document in the request");
  if (file.bytes.length === 0) badRequest("file must be non-empty");
  if (file.bytes.length > 50 * 1_024 * 1_024) refuse(413, "Request Entity Too Large");
  return file;
}

function photoParam({ params, files }: Call): UploadedFile {
  const named = /^attach:\/\/(.+)$/.exec(textParam(params, "photo"))?.[1];
  const file = files.get(named ?? "photo");
  if (file === undefined) return badRequest("there is no photo in the request");
  const isPng = file.bytes.subarray(0, 4).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47]));
  const isJpeg = file.bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]));
  if (!isPng && !isJpeg) badRequest("IMAGE_PROCESS_FAILED");
  if (file.bytes.length > 10 * 1_024 * 1_024) badRequest("file is too big");
  const { width, height } = pngSize(file.bytes);
  const isOdd = width + height > 10_000 || width > 20 * height || height > 20 * width;
  if (isOdd) badRequest("PHOTO_INVALID_DIMENSIONS");
  return file;
}

function editedMessage(world: World, params: Params, verb: "edit" | "delete"): Message {
  const chat = chatParam(world, params);
  const messageId = integerParam(params, "message_id");
  if (messageId === null) return badRequest("message identifier is not specified");
  const message = world.messages.get(messageKey(chat.id, messageId));
  if (message === undefined || message.isDeleted) return badRequest(`message to ${verb} not found`);
  if (chat.refusal !== null) refuse(403, `Forbidden: ${chat.refusal}`);
  if (message.from.id !== world.bot.id) return badRequest(`message can't be ${verb}${verb === "edit" ? "ed" : "d"}`);
  return message;
}

/** Own messages everywhere, those of people in private chats and where the bot is an administrator who may. */
function deletedMessage(world: World, params: Params): Message {
  const chat = chatParam(world, params);
  const messageId = integerParam(params, "message_id");
  const message = messageId === null ? undefined : world.messages.get(messageKey(chat.id, messageId));
  const mayDelete = chat.type === "private" || chat.botMayDelete === true;
  if (message !== undefined && !message.isDeleted && mayDelete && chat.refusal === null) return message;
  return editedMessage(world, params, "delete");
}

function change({ world, flood }: Server, message: Message, next: Content): unknown {
  if (fingerprint(next) === fingerprint(contentOf(message))) {
    badRequest(
      "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
    );
  }
  const chat = world.chats.get(message.chatId);
  flood.count(message.chatId, chat !== undefined && chat.type !== "private");
  message.history.push({ at: world.now(), content: next });
  return messageJson(world, message);
}

function fingerprint({ text, entities, keyboard }: ParsedText & { keyboard: Keyboard | null }): string {
  const marks = entities.map((entity: Entity) => [entity.type, entity.offset, entity.length, entity.url]);
  return JSON.stringify([text, marks, keyboard]);
}

function answerQuery({ world, queryLifeMs }: Server, { params }: Call): true {
  const query = world.queries.get(textParam(params, "callback_query_id"));
  const isOpen = query !== undefined && query.answer === null && world.now() - query.bornAt <= queryLifeMs;
  if (!isOpen) return badRequest("query is too old and response timeout expired or query ID is invalid");
  const text = textParam(params, "text");
  if (text.length > noticeMax) badRequest("MESSAGE_TOO_LONG");
  query.answer = { text, showAlert: flagParam(params, "show_alert") };
  return true;
}

function setCommands({ world }: Server, { params }: Call): true {
  const list = jsonParam(params, "commands", "can't parse commands JSON object");
  if (!Array.isArray(list)) return badRequest("expected an Array of BotCommand");
  if (list.length > 100) badRequest("BOT_COMMANDS_TOO_MUCH");
  const checked = list.map((entry: unknown) => {
    const { command, description } = (entry ?? {}) as { command?: unknown; description?: unknown };
    if (typeof command !== "string" || !/^[a-z0-9_]{1,32}$/.test(command)) return badRequest("BOT_COMMAND_INVALID");
    if (typeof description !== "string" || description.length < 1 || description.length > 256) {
      return badRequest("BOT_COMMAND_DESCRIPTION_INVALID");
    }
    return { command, description };
  });
  world.menus.set(scopeParam(world, params), checked);
  world.commandWrites += 1;
  return true;
}
