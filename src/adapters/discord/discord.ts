/**
 * Discord as a Messenger, through discord.js.
 *
 *   hearing.ts -> line.ts, pacing.ts -> incoming.ts -> receive()     hears; nothing is answered that was not stored
 *   post.ts, answer.ts -> render.ts, wire.ts, problems.ts            speaks; names what went wrong
 *   register.ts -> slash.ts                                          the slash commands
 *
 * Not decided here: which chats are allowed, who may decide, whether a tap still counts. discord.js delivers an event twice
 * when Discord does; the inbox tells them apart. The bot token is never logged, thrown or shown.
 */
import { z } from "zod";
import type { AnyCommand } from "../../define/command.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Messenger, MessengerHealth, Receive } from "../../ports/messenger.ts";
import { answersInteractions } from "./answer.ts";
import { packRef } from "./answer_ref.ts";
import { keepsCommands } from "./command_keeper.ts";
import { defaultTimes, type HearingTimes, keepsHearing } from "./hearing.ts";
import { type Dispatch, readDispatch } from "./incoming.ts";
import { postsMessages } from "./post.ts";
import { explain } from "./problems.ts";
import { optionKeys } from "./slash.ts";
import { openWire } from "./wire.ts";

export type DiscordSettings = {
  readonly token: string;
  /** Where Discord answers, e.g. "https://discord.com". */
  readonly apiRoot: string;
  /** The guild whose members trade; null registers the commands everywhere. */
  readonly guildId: string | null;
  readonly commands: readonly AnyCommand[];
  readonly clock: Clock;
  readonly log: Log;
  /** How long a post or an edit may take; default 8,000. */
  readonly sendTimeoutMs?: number;
  /** Overrides for tests. */
  readonly times?: Partial<HearingTimes>;
};

const stopTimeoutMs = 3_000;
const forgedAnswersMax = 20;

export function openDiscord(settings: DiscordSettings): Messenger {
  const { token, guildId, clock, log } = settings;
  const wire = openWire({ token, apiRoot: settings.apiRoot, clock, timeoutMs: settings.sendTimeoutMs ?? 8_000 });
  const posting = postsMessages(wire);
  const answers = answersInteractions(wire, posting);
  const membership = watchesGuild(guildId);
  const commands = keepsCommands({ wire, guildId, commands: settings.commands, clock, log });
  const open = settings.commands.filter((one) => one.access.role === "anyone");
  const readOptions = {
    privateCommands: new Set(open.map((one) => one.name)),
    optionKeys: optionKeys(settings.commands),
  };
  const underWay = new Set<Promise<void>>();
  const forgedAnswers = new Set<Promise<unknown>>();
  let receive: Receive | null = null;

  async function hear(dispatch: Dispatch): Promise<void> {
    const read = readDispatch(dispatch, readOptions);
    if (read.kind === "ignored" || receive === null) return;
    if (read.kind === "malformed") {
      log.warn("Discord: dropped what can't be read", { because: read.because });
      // Bounded: a flood of forged taps must not delay the hearing of an emergency.
      if (read.answer === null || forgedAnswers.size >= forgedAnswersMax) return;
      const notice = { text: "This button is not known here any more.", isRefusal: true };
      const answer = answers.acknowledge(packRef(read.answer), notice).finally(() => forgedAnswers.delete(answer));
      forgedAnswers.add(answer);
      return;
    }
    try {
      await receive(read.incoming);
    } catch (error) {
      // Not stored, so not acknowledged: Discord tells the person that the interaction failed.
      const eventId = read.incoming.eventIds[0] ?? "";
      log.error("Discord: could not store what was heard; the sender must repeat it", {
        eventId,
        because: explain(error, token),
      });
    }
  }

  const hearing = keepsHearing({
    token,
    apiRoot: settings.apiRoot,
    clock,
    log,
    times: { ...defaultTimes, ...settings.times },
    dispatch(dispatch) {
      membership.note(dispatch);
      commands.note(dispatch);
      const work = hear(dispatch).finally(() => underWay.delete(work));
      underWay.add(work);
    },
    alive: commands.syncIfDue,
  });

  return {
    platform: "discord",
    async start(given) {
      receive = given;
      await hearing.start();
    },
    async stop() {
      await hearing.stop();
      const rest = Promise.allSettled([...underWay, ...forgedAnswers, commands.settled()]);
      await Promise.race([rest, clock.sleep(stopTimeoutMs)]);
      wire.close();
    },
    health: () => joinHealth(hearing.health(), membership.problem(), wire.tokenProblem() ?? commands.problem()),
    post: posting.post,
    edit: posting.edit,
    ...answers,
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
