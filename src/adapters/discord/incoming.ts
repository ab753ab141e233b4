/**
 * Turns a raw gateway dispatch into what the flows understand. Pure; trusts nothing that came over the wire.
 *
 *   INTERACTION_CREATE  button -> tap, slash command -> command, modal -> form
 *   MESSAGE_CREATE      words in a direct message to the bot -> text
 *   all else            nothing
 */
import { z } from "zod";
import { buttonPrefix } from "../../core/card.ts";
import { cutText, oneLine, storableText } from "../../core/clean_text.ts";
import type { ChatRef, Incoming, Sender } from "../../ports/messenger.ts";
import { type Answerable, packRef } from "./answer_ref.ts";
import { isSnowflake, snowflakeTime } from "./snowflake.ts";

const id = z.string().refine(isSnowflake);
const name = z.string().nullish();
const user = z.object({
  id,
  username: z.string(),
  global_name: name,
  bot: z.boolean().optional(),
  system: z.boolean().optional(),
});
const envelope = z.object({
  id,
  application_id: id,
  token: z.string().min(1).max(1_000),
  guild_id: id.nullish(),
  channel_id: id,
  channel: z.object({ type: z.number().int() }).optional(),
  member: z.object({ user, nick: name }).optional(),
  user: user.optional(),
});
const tapBody = envelope.extend({
  type: z.literal(3),
  data: z.object({ component_type: z.literal(2), custom_id: z.string().max(100) }),
  message: z.object({ id }),
});
const optionBody = z.object({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/),
  value: z.union([z.string(), z.number(), z.boolean()]),
});
const commandBody = envelope.extend({
  type: z.literal(2),
  data: z.object({
    type: z.literal(1).optional(),
    name: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/),
    options: z.array(optionBody).max(25).optional(),
  }),
});
/** What somebody has typed so far; the option in hand is the focused one. */
const typedOption = z.object({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/),
  value: z.union([z.string(), z.number(), z.boolean()]).optional(),
  focused: z.boolean().optional(),
});
const completionBody = envelope.extend({
  type: z.literal(4),
  data: z.object({
    name: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/),
    options: z.array(typedOption).max(25),
  }),
});
const inputBody = z.object({ custom_id: z.string().regex(/^[a-z]{1,32}$/), value: z.string().max(4_000) });
const formBody = envelope.extend({
  type: z.literal(5),
  data: z.object({
    custom_id: z.string().max(100),
    components: z.array(z.object({ components: z.array(inputBody).length(1) })).max(5),
  }),
  message: z.object({ id }).optional(),
});
const messageBody = z.object({
  id,
  channel_id: id,
  guild_id: id.nullish(),
  type: z.union([z.literal(0), z.literal(19)]),
  author: user,
  webhook_id: z.string().nullish(),
  content: z.string(),
  message_reference: z.object({ message_id: id.optional() }).nullish(),
});

export type Read =
  | { readonly kind: "incoming"; readonly incoming: Incoming }
  /** Somebody types a command; nothing is done, and nothing is kept. */
  | { readonly kind: "completing"; readonly answer: Answerable; readonly typing: Typing }
  /** Not for us, and nothing wrong with it. */
  | { readonly kind: "ignored" }
  /** Something is wrong with it; `answer` where the person can still be told. */
  | { readonly kind: "malformed"; readonly because: string; readonly answer: Answerable | null };

export type Typing = {
  readonly userId: string;
  readonly command: string;
  /** Our key of the option. */
  readonly option: string;
  readonly prefix: string;
};

export type Dispatch = { readonly type: string; readonly data: unknown; readonly isReplayed: boolean };

export type ReadOptions = {
  /** Names of commands whose answer only the sender may see. */
  readonly privateCommands: ReadonlySet<string>;
  /** For each command, from Discord's names of its options to ours. */
  readonly optionKeys: ReadonlyMap<string, ReadonlyMap<string, string>>;
};

const nameMax = 64;
const textMax = 4_000;
const prefixMax = 100;
const buttonId = /^[A-Za-z0-9_-]{16}$/;

export function readDispatch(dispatch: Dispatch, options: ReadOptions): Read {
  if (dispatch.type === "MESSAGE_CREATE") return readMessage(dispatch);
  if (dispatch.type !== "INTERACTION_CREATE") return { kind: "ignored" };
  const type = z.object({ type: z.number() }).safeParse(dispatch.data);
  if (!type.success) return malformed("an interaction without a type");
  if (type.data.type === 3) return readTap(dispatch);
  if (type.data.type === 2) return readCommand(dispatch, options);
  if (type.data.type === 5) return readForm(dispatch);
  if (type.data.type === 4) return readTyping(dispatch, options);
  return { kind: "ignored" };
}

function malformed(because: string, answer: Answerable | null = null): Read {
  return { kind: "malformed", because, answer };
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? "unreadable" : `${issue.path.join(".") || "body"}: ${issue.code}`;
}

function readTap(dispatch: Dispatch): Read {
  const parsed = tapBody.safeParse(dispatch.data);
  if (!parsed.success) return malformed(`a tap, ${firstIssue(parsed.error)}`);
  const body = parsed.data;
  const answer: Answerable = { kind: "tap", id: body.id, applicationId: body.application_id, token: body.token };
  const customId = body.data.custom_id;
  const token = customId.slice(buttonPrefix.length);
  if (!customId.startsWith(buttonPrefix) || !buttonId.test(token)) return malformed("a button that isn't ours", answer);
  const common = readCommon(body, answer, dispatch.isReplayed);
  if (common === null) return malformed("a tap by nobody", answer);
  const tapped = { tappedAt: snowflakeTime(body.id), messageId: body.message.id, token, isInline: false };
  return { kind: "incoming", incoming: { kind: "tap", ...common, ...tapped } };
}

function readCommand(dispatch: Dispatch, options: ReadOptions): Read {
  const parsed = commandBody.safeParse(dispatch.data);
  if (!parsed.success) return malformed(`a command, ${firstIssue(parsed.error)}`);
  const body = parsed.data;
  const kind = options.privateCommands.has(body.data.name) ? "own" : "cmd";
  const answer: Answerable = { kind, id: body.id, applicationId: body.application_id, token: body.token };
  const common = readCommon(body, answer, dispatch.isReplayed);
  if (common === null) return malformed("a command by nobody", answer);
  const keys = options.optionKeys.get(body.data.name);
  const given = (body.data.options ?? []).map(({ name: option, value }): [string, string | number | boolean] => [
    keys?.get(option) ?? option,
    typeof value === "string" ? storableText(value, textMax) : value,
  ]);
  const command = {
    kind: "command" as const,
    name: body.data.name,
    // Keys match the pattern above, so none of them can be __proto__.
    options: Object.fromEntries(given),
    text: storableText(given.map(([, value]) => String(value)).join(" "), textMax),
    sentAt: snowflakeTime(body.id),
  };
  return { kind: "incoming", incoming: { ...common, ...command } };
}

function readTyping(dispatch: Dispatch, options: ReadOptions): Read {
  const parsed = completionBody.safeParse(dispatch.data);
  if (!parsed.success) return malformed(`a completion, ${firstIssue(parsed.error)}`);
  const { id: ownId, application_id: applicationId, token, data, member, user: direct } = parsed.data;
  const userId = (member?.user ?? direct)?.id;
  const typed = data.options.find((option) => option.focused === true);
  if (userId === undefined || typed === undefined) return { kind: "ignored" };
  const option = options.optionKeys.get(data.name)?.get(typed.name) ?? typed.name;
  const prefix = storableText(String(typed.value ?? ""), prefixMax);
  const answer: Answerable = { kind: "own", id: ownId, applicationId, token };
  return { kind: "completing", answer, typing: { userId, command: data.name, option, prefix } };
}

function readForm(dispatch: Dispatch): Read {
  const parsed = formBody.safeParse(dispatch.data);
  if (!parsed.success) return malformed(`a form, ${firstIssue(parsed.error)}`);
  const body = parsed.data;
  // A form that a button opened is acknowledged like a tap; one that a command opened has no message to leave as it is.
  const kind = body.message === undefined ? "cmd" : "tap";
  const answer: Answerable = { kind, id: body.id, applicationId: body.application_id, token: body.token };
  const customId = body.data.custom_id;
  const token = customId.slice(buttonPrefix.length);
  if (!customId.startsWith(buttonPrefix) || !buttonId.test(token)) return malformed("a form that isn't ours", answer);
  const common = readCommon(body, answer, dispatch.isReplayed);
  if (common === null) return malformed("a form by nobody", answer);
  const given = body.data.components.map(({ components: [input] }): [string, string] => [
    input?.custom_id ?? "",
    storableText(input?.value ?? "", textMax),
  ]);
  // Names match the pattern above, so none of them can be __proto__.
  const values = Object.fromEntries(given);
  return { kind: "incoming", incoming: { kind: "form", ...common, token, values, sentAt: snowflakeTime(body.id) } };
}

function readMessage(dispatch: Dispatch): Read {
  const parsed = messageBody.safeParse(dispatch.data);
  // Joins, pins and calls are messages too; they have other types and are nothing to us.
  if (!parsed.success) return { kind: "ignored" };
  const body = parsed.data;
  const isOurs = body.guild_id == null && body.author.bot !== true && body.webhook_id == null;
  if (!isOurs || body.content === "") return { kind: "ignored" };
  const incoming: Incoming = {
    kind: "text",
    eventIds: [body.id],
    chat: chatRef(privateChatId(body.author.id)),
    isPrivate: true,
    guildId: null,
    sender: senderOf(body.author, null),
    answerRef: packRef({ kind: "say", id: body.id, channelId: body.channel_id }),
    arrivedLate: dispatch.isReplayed,
    text: storableText(body.content, textMax),
    replyTo: body.message_reference?.message_id ?? null,
    sentAt: snowflakeTime(body.id),
  };
  return { kind: "incoming", incoming };
}

function readCommon(body: z.infer<typeof envelope>, answer: Answerable, arrivedLate: boolean) {
  const person = body.member?.user ?? body.user;
  if (person === undefined) return null;
  const guildId = body.guild_id ?? null;
  // 3 is a group of friends into which somebody brought the bot: neither a guild nor private.
  const isPrivate = guildId === null && body.channel?.type !== 3;
  return {
    eventIds: [body.id],
    chat: chatRef(isPrivate ? privateChatId(person.id) : body.channel_id),
    isPrivate,
    guildId,
    sender: senderOf(person, body.member?.nick ?? null),
    answerRef: packRef(answer),
    arrivedLate,
  };
}

/** A private chat is named after the person, so that one can be written to before its channel exists. */
export function privateChatId(userId: string): string {
  return `user:${userId}`;
}

/** A thread is a channel of its own to Discord, so `threadId` stays empty and `chatId` is where the person acted. */
function chatRef(chatId: string): ChatRef {
  return { platform: "discord", chatId, threadId: null };
}

function senderOf(person: z.infer<typeof user>, nick: string | null): Sender {
  const shown = oneLine(nick ?? "") || oneLine(person.global_name ?? "") || oneLine(person.username) || person.id;
  return {
    userId: person.id,
    displayName: cutText(shown, nameMax),
    isPerson: person.bot !== true && person.system !== true,
  };
}
