/**
 * Discord as a Messenger, through discord.js.
 *
 *   hearing.ts -> line.ts, pacing.ts -> deliver.ts -> receive()      hears; nothing is answered that was not stored
 *   post.ts, answer.ts -> render.ts, wire.ts, problems.ts            speaks; names what went wrong
 *   picture.ts                                                       the picture and the file beside a card, never in its way
 *   register.ts -> slash.ts                                          the slash commands
 *
 * Not decided here: which chats are allowed, who may decide, whether a tap still counts. discord.js delivers an event twice
 * when Discord does; the inbox tells them apart. The bot token is never logged, thrown or shown.
 */
import { z } from "zod";
import type { AnyCommand } from "../../define/command.ts";
import { noFile, type WriteFile } from "../../ports/card_files.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Complete, Messenger, MessengerHealth } from "../../ports/messenger.ts";
import type { PaintCard } from "../../ports/painter.ts";
import { answersInteractions } from "./answer.ts";
import type { Answerable } from "./answer_ref.ts";
import { watchesAttaching } from "./attaching.ts";
import { keepsCommands } from "./command_keeper.ts";
import { deliversDispatches } from "./deliver.ts";
import { defaultTimes, type Hearing, type HearingTimes, keepsHearing } from "./hearing.ts";
import type { Dispatch, Typing } from "./incoming.ts";
import { pacesConnections } from "./pacing.ts";
import { postsMessages } from "./post.ts";
import { explain } from "./problems.ts";
import { optionKeys } from "./slash.ts";
import { openWire } from "./wire.ts";
import { within } from "./within.ts";

export type DiscordSettings = {
  readonly token: string;
  /** Where Discord answers, e.g. "https://discord.com". */
  readonly apiRoot: string;
  /** The guild whose members trade: the commands are offered there and in direct messages; null offers them everywhere. */
  readonly guildId: string | null;
  readonly commands: readonly AnyCommand[];
  /** Values for what somebody types; absent = none. */
  readonly complete?: Complete;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a post or an edit may take; default 8,000. */
  readonly sendTimeoutMs?: number;
  /** Absent = no pictures. */
  readonly paint?: PaintCard;
  /** Absent = no files. */
  readonly write?: WriteFile;
  /** Overrides for tests. */
  readonly times?: Partial<HearingTimes>;
};

const notStarted: MessengerHealth = { isHearing: false, lastHeardAt: null, problem: "Discord: not started" };
const stopTimeoutMs = 3_000;

export function openDiscord(settings: DiscordSettings): Messenger {
  const { token, apiRoot, guildId, clock, log } = settings;
  const wire = openWire({ token, apiRoot, clock, timeoutMs: settings.sendTimeoutMs ?? 8_000 });
  const paint = settings.paint ?? (() => Promise.resolve(null));
  const write = settings.write ?? noFile;
  const attaching = watchesAttaching(log);
  const posting = postsMessages(wire, { paint, write, attaching });
  const answers = answersInteractions(wire, posting, { paint, write });
  const membership = watchesGuild(guildId);
  const commands = keepsCommands({ wire, guildId, commands: settings.commands, clock, log });
  const readOptions = { privateCommands: ownNames(settings.commands), optionKeys: optionKeys(settings.commands) };
  const complete = completing(settings, answers.offer);
  const deliverer = deliversDispatches({ log, token, readOptions, acknowledge: answers.acknowledge, complete });
  const times = { ...defaultTimes, ...settings.times };
  const pacing = pacesConnections(clock, times);
  let hearing: Hearing | null = null;

  return {
    platform: "discord",
    async start(receive) {
      if (hearing !== null) return;
      const dispatch = (heard: Dispatch) => {
        membership.note(heard);
        commands.note(heard);
        deliverer.deliver(heard, receive);
      };
      hearing = keepsHearing({ token, apiRoot, clock, log, times, pacing, dispatch, alive: commands.syncIfDue });
      await hearing.start();
    },
    async stop() {
      await hearing?.stop();
      hearing = null;
      await within(clock, stopTimeoutMs, Promise.all([deliverer.settled(), commands.settled()]));
      wire.close();
    },
    health() {
      const health = hearing?.health() ?? notStarted;
      return joinHealth(health, membership.problem(), wire.tokenProblem() ?? commands.problem() ?? attaching.problem());
    },
    post: posting.post,
    edit: posting.edit,
    acknowledge: answers.acknowledge,
    reply: answers.reply,
    ask: answers.ask,
    editTapped: answers.editTapped,
  };
}

/** Commands whose answer only the sender may see, under every name. */
function ownNames(commands: readonly AnyCommand[]): ReadonlySet<string> {
  const own = commands.filter((one) => one.access.role === "anyone" || one.isSecret === true);
  return new Set(own.flatMap(({ name, aliases = [] }) => [name, ...aliases]));
}

function completing({ complete, log, token }: DiscordSettings, offer: ReturnType<typeof answersInteractions>["offer"]) {
  return async (answer: Answerable, { userId, ...typing }: Typing): Promise<void> => {
    try {
      await offer(answer, complete?.({ platform: "discord", userId }, typing) ?? []);
    } catch (error) {
      log.warn("Discord: nothing could be offered to who types", { because: explain(error, token) });
    }
  };
}

/** A bot that was thrown out of its guild has a healthy gateway and hears nobody. */
function joinHealth(health: MessengerHealth, absent: string | null, also: string | null): MessengerHealth {
  if (!health.isHearing) return health;
  if (absent !== null) return { ...health, isHearing: false, problem: absent };
  return also === null ? health : { ...health, problem: `Discord: ${also}` };
}

const guildList = z.object({ guilds: z.array(z.object({ id: z.string() })) });
const guildEvent = z.object({ id: z.string(), unavailable: z.boolean().optional() });

function watchesGuild(guildId: string | null) {
  let problem: string | null = null;
  return {
    problem: () => problem,
    note(dispatch: Dispatch): void {
      const change = guildId === null ? undefined : guildChange(dispatch, guildId);
      if (change !== undefined) problem = change;
    },
  };
}

/** What a dispatch says about our guild: null = we are in it, a sentence = we are not, undefined = nothing. */
function guildChange({ type, data }: Dispatch, guildId: string): string | null | undefined {
  const absent = `Discord: the bot is not in guild ${guildId}; invite it with the scopes bot and applications.commands`;
  if (type === "READY") {
    const list = guildList.safeParse(data);
    if (!list.success) return undefined;
    return list.data.guilds.some((guild) => guild.id === guildId) ? null : absent;
  }
  if (type !== "GUILD_CREATE" && type !== "GUILD_DELETE") return undefined;
  const guild = guildEvent.safeParse(data);
  if (!guild.success || guild.data.id !== guildId) return undefined;
  if (type === "GUILD_CREATE") return null;
  return guild.data.unavailable === true ? `Discord: guild ${guildId} is out of order at Discord` : absent;
}
