/** What the pretended Discord knows: people, guilds, channels, messages, commands, interactions. No network here. */
import type { Json } from "./refusal.ts";
import { makeSnowflakes, type Snowflakes } from "./snowflake.ts";
import type { Attachment } from "./upload.ts";

export type User = { id: string; username: string; globalName: string | null; isBot: boolean; acceptsDms: boolean };

export type Guild = { id: string; name: string; members: Set<string>; botIsMember: boolean; allowsCommands: boolean };

export type Permission = "view" | "send" | "embed" | "attach";

/** type 0 text, 1 direct message, 11 public thread. */
export type Channel = {
  id: string;
  type: 0 | 1 | 11;
  guildId: string | null;
  parentId: string | null;
  recipientId: string | null;
  name: string;
  isArchived: boolean;
  isLocked: boolean;
  denied: Set<Permission>;
};

export type Draft = { content: string; embeds: Json[]; components: Json[] };

export type Message = Draft & {
  id: string;
  channelId: string;
  authorId: string;
  createdAt: number;
  flags: number;
  nonce: string | null;
  replyTo: string | null;
  /** Ephemeral: only this user sees it. */
  visibleTo: string | null;
  /** Made through this interaction's token; such messages are edited by webhook routes. */
  interactionId: string | null;
  /** A deferred answer that still shows "thinking". */
  isThinking: boolean;
  isDeleted: boolean;
  /** Users, roles or "everyone" that were really notified. */
  pinged: string[];
  attachments: Attachment[];
  /** What it showed before each edit, oldest first. */
  history: Draft[];
};

export type Interaction = {
  id: string;
  token: string;
  /** 2 command, 3 component, 4 somebody types an option, 5 a form that was filled in. */
  type: 2 | 3 | 4 | 5;
  channelId: string;
  userId: string;
  messageId: string | null;
  createdAt: number;
  /** Callback type of the first answer, null while unanswered. */
  answeredWith: number | null;
  /** The message that "@original" means. */
  originalId: string | null;
  modal: Json | null;
  /** What is offered to who types; null = nothing yet. */
  choices: readonly Choice[] | null;
};

export type Choice = { readonly name: string; readonly value: string | number };

export type Command = Json & { id: string; name: string };

export type World = {
  now(): number;
  skip(ms: number): void;
  newId: Snowflakes;
  token: string;
  applicationId: string;
  bot: User;
  users: Map<string, User>;
  guilds: Map<string, Guild>;
  channels: Map<string, Channel>;
  messages: Map<string, Message>;
  interactions: Map<string, Interaction>;
  /** Keyed by guild id; "global" for the others. */
  commands: Map<string, Command[]>;
  /** Commands ever created, per scope: the platform allows 200 a day and guild. */
  commandCreates: Map<string, number>;
  /** Times of edits of messages older than one hour, per channel. */
  oldEdits: Map<string, number[]>;
  oldEditsAllowed: number;
};

export function makeWorld(options: { token: string; oldEditsAllowed: number }): World {
  let skipped = 0;
  const now = () => Date.now() + skipped;
  const newId = makeSnowflakes();
  const applicationId = newId(now() - 90 * 86_400_000);
  const bot: User = {
    id: applicationId,
    username: "countersign",
    globalName: null,
    isBot: true,
    acceptsDms: false,
  };
  return {
    now,
    skip: (ms) => {
      skipped += ms;
    },
    newId,
    token: options.token,
    applicationId,
    bot,
    users: new Map([[bot.id, bot]]),
    guilds: new Map(),
    channels: new Map(),
    messages: new Map(),
    interactions: new Map(),
    commands: new Map(),
    commandCreates: new Map(),
    oldEdits: new Map(),
    oldEditsAllowed: options.oldEditsAllowed,
  };
}

/** The direct channel of the bot with this user; made at the first call. */
export function directChannel(world: World, userId: string): Channel {
  for (const channel of world.channels.values()) {
    if (channel.type === 1 && channel.recipientId === userId) return channel;
  }
  const channel: Channel = {
    id: world.newId(world.now()),
    type: 1,
    guildId: null,
    parentId: null,
    recipientId: userId,
    name: "",
    isArchived: false,
    isLocked: false,
    denied: new Set(),
  };
  world.channels.set(channel.id, channel);
  return channel;
}

export function must<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`The pretended Discord knows no ${what}.`);
  return value;
}
