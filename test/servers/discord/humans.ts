/** The hands of the test: makes people and rooms, taps, types and looks at what a person would see. */
import { commandJson, readOption, typingJson } from "./human_command.ts";
import { answerWithinMs } from "./interaction_routes.ts";
import { dispatched, storeMessage } from "./message_routes.ts";
import type { Json } from "./refusal.ts";
import { channelJson, guildJson, memberJson, messageJson, userJson } from "./shapes.ts";
import { timeOf } from "./snowflake.ts";
import {
  type Channel,
  type Command,
  directChannel,
  type Interaction,
  type Message,
  must,
  type World,
} from "./world.ts";

export type Tried = {
  id: string;
  /** What the person sees once three seconds are over. */
  failedForPerson(): boolean;
  readonly interaction: Interaction;
  /** Sends the same interaction to the gateway once more. */
  repeat(): void;
};

type Dispatch = (type: string, data: Json) => void;

export type Humans = ReturnType<typeof makeHumans>;

export function makeHumans(world: World, dispatch: Dispatch) {
  const rooms = makeRooms(world, dispatch);
  return { ...rooms, ...makeHands(world, dispatch), ...makeEyes(world) };
}

function makeRooms(world: World, dispatch: Dispatch) {
  const addChannel = (guildId: string | null, name: string, more: Partial<Channel> = {}): string => {
    const channel: Channel = {
      id: world.newId(world.now()),
      type: 0,
      guildId,
      parentId: null,
      recipientId: null,
      name,
      isArchived: false,
      isLocked: false,
      denied: new Set(),
      ...more,
    };
    world.channels.set(channel.id, channel);
    return channel.id;
  };
  return {
    addUser(name: string, more: { isBot?: boolean; globalName?: string; acceptsDms?: boolean } = {}): string {
      const id = world.newId(world.now());
      const { isBot = false, globalName = null, acceptsDms = true } = more;
      world.users.set(id, { id, username: name, globalName, isBot, acceptsDms });
      return id;
    },
    addGuild(name: string, members: readonly string[] = []): string {
      const id = world.newId(world.now());
      const guild = { id, name, members: new Set(members), botIsMember: true, allowsCommands: true };
      world.guilds.set(id, guild);
      dispatch("GUILD_CREATE", guildJson(world, guild));
      return id;
    },
    addChannel: (guildId: string, name: string): string => addChannel(guildId, name),
    addThread(channelId: string, name: string): string {
      const parent = must(world.channels.get(channelId), "such channel");
      return addChannel(parent.guildId, name, { type: 11, parentId: channelId });
    },
    channel: (id: string): Channel => must(world.channels.get(id), `channel ${id}`),
    openDm: (userId: string): string => directChannel(world, userId).id,
    kick(guildId: string): void {
      must(world.guilds.get(guildId), "such guild").botIsMember = false;
      dispatch("GUILD_DELETE", { id: guildId });
    },
    invite(guildId: string): void {
      const guild = must(world.guilds.get(guildId), "such guild");
      guild.botIsMember = true;
      dispatch("GUILD_CREATE", guildJson(world, guild));
    },
    /** A moderator removes a message. */
    deleteMessage(messageId: string): void {
      must(world.messages.get(messageId), "such message").isDeleted = true;
    },
    deleteChannel(channelId: string): void {
      world.channels.delete(channelId);
    },
  };
}

type Send = (interaction: Interaction, payload: Json, copies: number) => Tried;

function makeHands(world: World, dispatch: Dispatch) {
  const send: Send = (interaction, payload, copies) => {
    for (let copy = 0; copy < copies; copy += 1) dispatch("INTERACTION_CREATE", payload);
    return {
      id: interaction.id,
      interaction,
      failedForPerson: () => interaction.answeredWith === null && world.now() - interaction.createdAt > answerWithinMs,
      repeat: () => dispatch("INTERACTION_CREATE", payload),
    };
  };
  return {
    ...makeTaps(world, send),
    ...makeCommands(world, send),
    sendText: (userId: string, channelId: string, text: string, more: { replyTo?: string } = {}): string =>
      sendText(world, dispatch, { userId, channelId, text, replyTo: more.replyTo ?? null }),
  };
}

function makeTaps(world: World, send: Send) {
  return {
    /** Taps a button by its label or custom_id. `agedMs`: the tap was made that long ago; `copies`: the gateway repeats it. */
    tap(userId: string, messageId: string, which: string, more: { copies?: number; agedMs?: number } = {}): Tried {
      const message = must(world.messages.get(messageId), "such message");
      if (message.visibleTo !== null && message.visibleTo !== userId)
        throw new Error("This person can't see that message.");
      const rows = message.components.flatMap((row) => row["components"] as Json[]);
      const button = rows.find((each) => each["label"] === which || each["custom_id"] === which);
      const customId = must(button, `button ${which}`)["custom_id"];
      const about = { channelId: message.channelId, userId, messageId, agedMs: more.agedMs ?? 0 };
      const interaction = beginInteraction(world, { ...about, type: 3 });
      const payload = interactionJson(world, interaction, { component_type: 2, custom_id: customId, id: 1 });
      return send(interaction, { ...payload, message: messageJson(world, message) }, more.copies ?? 1);
    },
    /** Fills in the form that a tap or a command was answered with; every required field, as the platform's apps make sure. */
    submit: (
      tried: Pick<Tried, "interaction">,
      values: Record<string, string>,
      more: { copies?: number } = {},
    ): Tried => {
      const { interaction, payload } = submission(world, tried.interaction, values);
      return send(interaction, payload, more.copies ?? 1);
    },
  };
}

function makeCommands(world: World, send: Send) {
  return {
    /** Types a slash command; it must be registered and its options must fit, as the platform's own apps make sure. */
    slash(
      userId: string,
      channelId: string,
      name: string,
      options: Record<string, string | number | boolean> = {},
      more: { copies?: number; agedMs?: number } = {},
    ): Tried {
      const { channel, command } = commandHere(world, channelId, name);
      const given = Object.entries(options).map(([key, value]) => readOption(command, key, value));
      const interaction = beginInteraction(world, {
        type: 2,
        channelId,
        userId,
        messageId: null,
        agedMs: more.agedMs ?? 0,
      });
      return send(
        interaction,
        interactionJson(world, interaction, commandJson(command, channel.guildId, given)),
        more.copies ?? 1,
      );
    },
    /** Types an option letter by letter up to `prefix`: the platform asks the bot for values; `interaction.choices` holds them. */
    type(
      userId: string,
      channelId: string,
      name: string,
      typing: {
        readonly option: string;
        readonly prefix: string;
        readonly given?: Record<string, string | number | boolean>;
      },
    ): Tried {
      const { channel, command } = commandHere(world, channelId, name);
      const interaction = beginInteraction(world, { type: 4, channelId, userId, messageId: null, agedMs: 0 });
      return send(interaction, interactionJson(world, interaction, typingJson(command, channel.guildId, typing)), 1);
    },
  };
}

function commandHere(world: World, channelId: string, name: string): { channel: Channel; command: Command } {
  const channel = must(world.channels.get(channelId), "such channel");
  const command = offeredIn(world, channel).find((each) => each.name === name);
  return { channel, command: must(command, `command /${name} here`) };
}

/** The menu of a channel, with every command as often as the apps would show it: those of the guild, then global ones for such a place. */
function offeredIn(world: World, { guildId }: Channel): readonly Command[] {
  const place = guildId === null ? 1 : 0;
  const globals = (world.commands.get("global") ?? []).filter((command) => {
    const contexts = command["contexts"] as readonly number[] | null | undefined;
    return contexts?.includes(place) ?? true;
  });
  return [...(guildId === null ? [] : (world.commands.get(guildId) ?? [])), ...globals];
}

type Words = { userId: string; channelId: string; text: string; replyTo: string | null };

function sendText(world: World, dispatch: Dispatch, { userId, channelId, text, replyTo }: Words): string {
  const channel = must(world.channels.get(channelId), "such channel");
  const message = storeMessage(world, { content: text }, { channelId, authorId: userId, replyTo });
  dispatch("MESSAGE_CREATE", dispatched(world, channel, message));
  return message.id;
}

function submission(world: World, from: Interaction, values: Record<string, string>) {
  const { modal, userId, channelId, messageId } = from;
  const form = must(modal ?? undefined, "form after that");
  const inputs = (form["components"] as Json[]).flatMap((row) => row["components"] as Json[]);
  const components = inputs.map((input, at) => filled(input, values, at));
  const strange = Object.keys(values).find((key) => !inputs.some((input) => input["custom_id"] === key));
  if (strange !== undefined) throw new Error(`The form has no field ${strange}.`);
  const interaction = beginInteraction(world, { type: 5, channelId, userId, messageId, agedMs: 0 });
  const payload = interactionJson(world, interaction, { custom_id: form["custom_id"], components });
  const source = messageId === null ? undefined : world.messages.get(messageId);
  return { interaction, payload: source === undefined ? payload : { ...payload, message: messageJson(world, source) } };
}

function filled(input: Json, values: Record<string, string>, at: number): Json {
  const key = String(input["custom_id"]);
  const value = values[key] ?? "";
  const max = Number(input["max_length"] ?? 4_000);
  if (value === "" && input["required"] !== false) throw new Error(`The field ${key} must be filled in.`);
  if (value.length > max) throw new Error(`The field ${key} takes at most ${max} characters.`);
  return { type: 1, id: at * 2 + 1, components: [{ type: 4, id: at * 2 + 2, custom_id: key, value }] };
}

type About = { type: 2 | 3 | 4 | 5; channelId: string; userId: string; messageId: string | null; agedMs: number };

function beginInteraction(world: World, about: About): Interaction {
  const createdAt = world.now() - about.agedMs;
  const id = world.newId(createdAt);
  const interaction: Interaction = {
    id,
    token: Buffer.from(`interaction:${id}:${"t".repeat(60)}`).toString("base64url"),
    type: about.type,
    channelId: about.channelId,
    userId: about.userId,
    messageId: about.messageId,
    createdAt: timeOf(id),
    answeredWith: null,
    originalId: null,
    modal: null,
    choices: null,
  };
  world.interactions.set(id, interaction);
  return interaction;
}

function interactionJson(world: World, interaction: Interaction, data: Json): Json {
  const channel = must(world.channels.get(interaction.channelId), "such channel");
  const user = must(world.users.get(interaction.userId), "such user");
  return {
    id: interaction.id,
    application_id: world.applicationId,
    type: interaction.type,
    token: interaction.token,
    version: 1,
    channel_id: channel.id,
    channel: channelJson(world, channel),
    ...(channel.guildId === null
      ? { user: userJson(user) }
      : { guild_id: channel.guildId, member: memberJson(user, true) }),
    data,
    locale: "en-US",
    app_permissions: "0",
    entitlements: [],
    authorizing_integration_owners: {},
    context: channel.guildId === null ? 1 : 0,
    attachment_size_limit: 10_485_760,
  };
}

function makeEyes(world: World) {
  const isFor = (message: Message, userId: string) => message.visibleTo === null || message.visibleTo === userId;
  return {
    /** What this person sees in the channel, oldest first. */
    see: (channelId: string, userId: string): Message[] =>
      [...world.messages.values()].filter(
        (each) => each.channelId === channelId && !each.isDeleted && isFor(each, userId),
      ),
    /** Everything ever sent there, also what is deleted or for one person only. */
    all: (channelId: string): Message[] => [...world.messages.values()].filter((each) => each.channelId === channelId),
    message: (messageId: string): Message => must(world.messages.get(messageId), `message ${messageId}`),
    interactions: (): Interaction[] => [...world.interactions.values()],
    commandsOf: (scope: string): Json[] => world.commands.get(scope) ?? [],
    /** Names in the menu that opens with a slash in this channel; a name that is offered twice stands there twice. */
    menuOf: (channelId: string): string[] =>
      offeredIn(world, must(world.channels.get(channelId), "such channel")).map((command) => String(command["name"])),
  };
}
