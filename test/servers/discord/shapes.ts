/** How the pretended Discord writes its things as JSON, in REST answers and in dispatches alike. */
import type { Json } from "./refusal.ts";
import { attachmentJson } from "./upload.ts";
import type { Channel, Guild, Message, User, World } from "./world.ts";

const allPermissions = "2222085186636353";

export function userJson(user: User): Json {
  return {
    id: user.id,
    username: user.username,
    global_name: user.globalName,
    discriminator: user.isBot ? "1234" : "0",
    avatar: null,
    ...(user.isBot ? { bot: true } : {}),
    public_flags: 0,
  };
}

export function memberJson(user: User, withUser: boolean): Json {
  return {
    ...(withUser ? { user: userJson(user) } : {}),
    nick: null,
    roles: [],
    joined_at: "2024-01-01T00:00:00.000000+00:00",
    deaf: false,
    mute: false,
    flags: 0,
    permissions: "0",
  };
}

export function channelJson(world: World, channel: Channel): Json {
  if (channel.type === 1) {
    const recipient = world.users.get(channel.recipientId ?? "");
    return { id: channel.id, type: 1, last_message_id: null, recipients: recipient ? [userJson(recipient)] : [] };
  }
  const base: Json = {
    id: channel.id,
    type: channel.type,
    guild_id: channel.guildId,
    name: channel.name,
    last_message_id: null,
    parent_id: channel.parentId,
    permissions: allPermissions,
  };
  if (channel.type === 0) return { ...base, position: 0, permission_overwrites: [], topic: null, nsfw: false };
  return {
    ...base,
    owner_id: world.bot.id,
    message_count: 0,
    member_count: 1,
    thread_metadata: {
      archived: channel.isArchived,
      locked: channel.isLocked,
      auto_archive_duration: 1_440,
      archive_timestamp: "2024-01-01T00:00:00.000000+00:00",
    },
  };
}

export function guildJson(world: World, guild: Guild): Json {
  const channels = [...world.channels.values()].filter((channel) => channel.guildId === guild.id);
  return {
    id: guild.id,
    name: guild.name,
    owner_id: [...guild.members][0] ?? world.bot.id,
    roles: [{ id: guild.id, name: "@everyone", permissions: "0", position: 0, color: 0, hoist: false, managed: false }],
    emojis: [],
    stickers: [],
    features: [],
    channels: channels.filter((channel) => channel.type === 0).map((channel) => channelJson(world, channel)),
    threads: channels.filter((channel) => channel.type === 11).map((channel) => channelJson(world, channel)),
    members: [memberJson(world.bot, true)],
    member_count: guild.members.size + 1,
    voice_states: [],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
    joined_at: "2024-01-01T00:00:00.000000+00:00",
    large: false,
    unavailable: false,
    preferred_locale: "en-US",
    system_channel_flags: 0,
    premium_tier: 0,
    nsfw_level: 0,
    verification_level: 0,
    explicit_content_filter: 0,
    default_message_notifications: 0,
    mfa_level: 0,
    afk_timeout: 300,
  };
}

export function messageJson(world: World, message: Message): Json {
  const author = world.users.get(message.authorId) ?? world.bot;
  return {
    id: message.id,
    channel_id: message.channelId,
    type: message.replyTo === null ? 0 : 19,
    author: userJson(author),
    content: message.content,
    embeds: message.embeds,
    components: message.components,
    attachments: message.attachments.map(attachmentJson),
    mentions: [],
    mention_roles: [],
    mention_everyone: message.pinged.includes("everyone"),
    pinned: false,
    tts: false,
    flags: message.flags | (message.visibleTo === null ? 0 : 64) | (message.isThinking ? 128 : 0),
    timestamp: new Date(message.createdAt).toISOString(),
    edited_timestamp: message.history.length === 0 ? null : new Date(world.now()).toISOString(),
    ...(message.nonce === null ? {} : { nonce: message.nonce }),
    ...(message.replyTo === null
      ? {}
      : { message_reference: { type: 0, channel_id: message.channelId, message_id: message.replyTo } }),
    ...(message.interactionId === null ? {} : { application_id: world.applicationId }),
  };
}
