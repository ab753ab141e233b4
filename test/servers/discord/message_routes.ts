/** Channels, messages and direct messages over REST. */
import { checkMessage, pingedBy } from "./message_form.ts";
import { type Json, refusals } from "./refusal.ts";
import { bodyOf, type Call, noContent, ok, param, type Route } from "./request.ts";
import { channelJson, messageJson, userJson } from "./shapes.ts";
import { attachmentsOf, checkImages, requireMayAttach, type Upload } from "./upload.ts";
import type { Channel, Draft, Message, World } from "./world.ts";
import { directChannel } from "./world.ts";

const hourMs = 3_600_000;
/** "The past few minutes" in which a nonce is remembered. */
const nonceMs = 5 * 60_000;
const suppressNotifications = 1 << 12;

/** The channel, if the bot may see it. */
function visibleChannel(world: World, channelId: string): Channel {
  const channel = world.channels.get(channelId) ?? refusals.unknownChannel();
  const guild = channel.guildId === null ? null : world.guilds.get(channel.guildId);
  if (guild !== null && !guild?.botIsMember) refusals.missingAccess();
  if (channel.denied.has("view")) refusals.missingAccess();
  return channel;
}

function requireMaySend(world: World, channel: Channel, body: Json): void {
  if (channel.type === 1 && world.users.get(channel.recipientId ?? "")?.acceptsDms === false) {
    refusals.closedToMessages();
  }
  if (channel.denied.has("send")) refusals.missingPermission();
  const hasEmbeds = Array.isArray(body["embeds"]) && body["embeds"].length > 0;
  if (hasEmbeds && channel.denied.has("embed")) refusals.missingPermission();
  if (channel.isArchived && channel.isLocked) refusals.archived();
  // Speaking in an archived thread that isn't locked opens it again.
  channel.isArchived = false;
}

export function draftOf(body: Json): Draft {
  return {
    content: typeof body["content"] === "string" ? body["content"] : "",
    embeds: Array.isArray(body["embeds"]) ? (body["embeds"] as Json[]) : [],
    components: Array.isArray(body["components"]) ? (body["components"] as Json[]) : [],
  };
}

export function storeMessage(
  world: World,
  body: Json,
  about: Partial<Message> & { channelId: string },
  uploads: readonly Upload[] = [],
): Message {
  const attachments = attachmentsOf(body, uploads, { kept: [], newId: () => world.newId(world.now()) });
  checkImages(draftOf(body).embeds, attachments);
  const message: Message = {
    ...draftOf(body),
    id: world.newId(world.now()),
    authorId: world.bot.id,
    createdAt: world.now(),
    flags: typeof body["flags"] === "number" ? body["flags"] & suppressNotifications : 0,
    nonce: body["nonce"] === undefined ? null : String(body["nonce"]),
    replyTo: null,
    visibleTo: null,
    interactionId: null,
    isThinking: false,
    isDeleted: false,
    pinged: pingedBy(body),
    attachments,
    history: [],
    ...about,
  };
  world.messages.set(message.id, message);
  return message;
}

function sameNonce(world: World, body: Json): Message | undefined {
  if (body["enforce_nonce"] !== true || body["nonce"] === undefined) return undefined;
  const nonce = String(body["nonce"]);
  return [...world.messages.values()].find(
    (message) =>
      message.nonce === nonce && message.authorId === world.bot.id && world.now() - message.createdAt < nonceMs,
  );
}

function replyTarget(world: World, channel: Channel, body: Json): string | null {
  const reference = body["message_reference"] as Json | undefined;
  if (reference === undefined) return null;
  const target = world.messages.get(String(reference["message_id"]));
  const isThere = target !== undefined && target.channelId === channel.id && !target.isDeleted;
  if (!isThere && reference["fail_if_not_exists"] !== false) refusals.unknownMessage();
  return isThere ? target.id : null;
}

function createMessage(call: Call) {
  const { world } = call;
  const channel = visibleChannel(world, param(call, "channelId"));
  const body = bodyOf(call);
  requireMaySend(world, channel, body);
  requireMayAttach(channel.denied.has("attach"), call.uploads);
  checkMessage(body, { mayBeEmpty: false });
  const repeated = sameNonce(world, body);
  if (repeated) return ok(messageJson(world, repeated));
  const replyTo = replyTarget(world, channel, body);
  const message = storeMessage(world, body, { channelId: channel.id, replyTo }, call.uploads);
  call.dispatch("MESSAGE_CREATE", dispatched(world, channel, message));
  return ok(messageJson(world, message));
}

export function dispatched(world: World, channel: Channel, message: Message): Json {
  return {
    ...messageJson(world, message),
    channel_type: channel.type,
    ...(channel.guildId === null ? {} : { guild_id: channel.guildId }),
  };
}

/** A message that the channel routes know: not deleted, not ephemeral. */
function openMessage(call: Call): { channel: Channel; message: Message } {
  const channel = visibleChannel(call.world, param(call, "channelId"));
  const message = call.world.messages.get(param(call, "messageId"));
  if (message === undefined || message.isDeleted || message.channelId !== channel.id || message.visibleTo !== null) {
    refusals.unknownMessage();
  }
  return { channel, message: message as Message };
}

function editMessage(call: Call) {
  const { world } = call;
  const { channel, message } = openMessage(call);
  if (message.authorId !== world.bot.id) refusals.othersMessage();
  if (channel.isArchived) refusals.archived();
  requireYoungOrFew(world, message);
  return ok(messageJson(world, changeMessage(world, message, call)));
}

/** Edits of messages older than an hour are counted for each channel and hour. */
function requireYoungOrFew(world: World, message: Message): void {
  if (world.now() - message.createdAt <= hourMs) return;
  const recent = (world.oldEdits.get(message.channelId) ?? []).filter((at) => world.now() - at < hourMs);
  if (recent.length >= world.oldEditsAllowed) refusals.tooManyOldEdits();
  world.oldEdits.set(message.channelId, [...recent, world.now()]);
}

/** Changes only what the body names, as PATCH does. */
export function changeMessage(
  world: World,
  message: Message,
  change: Pick<Call, "uploads"> & { readonly body: unknown },
): Message {
  const body = (change.body ?? {}) as Json;
  const merged: Json = {
    content: body["content"] === undefined ? message.content : (body["content"] ?? ""),
    embeds: body["embeds"] === undefined ? message.embeds : (body["embeds"] ?? []),
    components: body["components"] === undefined ? message.components : (body["components"] ?? []),
  };
  checkMessage({ ...body, ...merged }, { mayBeEmpty: false });
  const newId = () => world.newId(world.now());
  const attachments = attachmentsOf(body, change.uploads, { kept: message.attachments, newId });
  checkImages(merged["embeds"] as Json[], attachments);
  message.history.push({ content: message.content, embeds: message.embeds, components: message.components });
  // Only the answer that replaces "thinking" notifies anybody; later edits are silent.
  if (message.isThinking) message.pinged.push(...pingedBy({ ...body, ...merged }));
  return Object.assign(message, draftOf(merged), { isThinking: false, attachments });
}

function deleteMessage(call: Call) {
  const { message } = openMessage(call);
  if (message.authorId !== call.world.bot.id) refusals.missingPermission();
  message.isDeleted = true;
  return noContent;
}

function listMessages(call: Call) {
  const channel = visibleChannel(call.world, param(call, "channelId"));
  const limit = Number(call.query.get("limit") ?? 50);
  const all = [...call.world.messages.values()].filter(
    (message) => message.channelId === channel.id && !message.isDeleted && message.visibleTo === null,
  );
  return ok(
    all
      .reverse()
      .slice(0, limit)
      .map((message) => messageJson(call.world, message)),
  );
}

function openDirect(call: Call) {
  const recipient = String(bodyOf(call)["recipient_id"]);
  const user = call.world.users.get(recipient);
  if (user === undefined) return refusals.unknownUser();
  if (user.isBot) return refusals.closedToMessages();
  return ok(channelJson(call.world, directChannel(call.world, recipient)));
}

const fivePerFive = { calls: 5, windowMs: 5_000 };
const messagePath = "/channels/:channelId/messages/:messageId";

export const messageRoutes: readonly Route[] = [
  {
    method: "POST",
    pattern: "/channels/:channelId/messages",
    needsBotToken: true,
    limit: fivePerFive,
    handle: createMessage,
  },
  { method: "PATCH", pattern: messagePath, needsBotToken: true, limit: fivePerFive, handle: editMessage },
  { method: "DELETE", pattern: messagePath, needsBotToken: true, limit: fivePerFive, handle: deleteMessage },
  {
    method: "GET",
    pattern: messagePath,
    needsBotToken: true,
    limit: fivePerFive,
    handle: (call) => ok(messageJson(call.world, openMessage(call).message)),
  },
  {
    method: "GET",
    pattern: "/channels/:channelId/messages",
    needsBotToken: true,
    limit: fivePerFive,
    handle: listMessages,
  },
  {
    method: "GET",
    pattern: "/channels/:channelId",
    needsBotToken: true,
    limit: fivePerFive,
    handle: (call) => ok(channelJson(call.world, visibleChannel(call.world, param(call, "channelId")))),
  },
  {
    method: "POST",
    pattern: "/users/@me/channels",
    needsBotToken: true,
    limit: { calls: 10, windowMs: 10_000 },
    handle: openDirect,
  },
  {
    method: "GET",
    pattern: "/users/@me",
    needsBotToken: true,
    limit: { calls: 30, windowMs: 30_000 },
    handle: (call) => ok(userJson(call.world.bot)),
  },
];
