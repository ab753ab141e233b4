/** A bot connected to a pretended Discord: one guild, one channel, Ana and Bo, and everything the bot heard and logged. */
import { type DiscordSettings, openDiscord } from "../../../src/adapters/discord/discord.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { type Button, type Card, plainCard } from "../../../src/core/card.ts";
import type { ChatRef, Incoming, Messenger, Receive } from "../../../src/ports/messenger.ts";
import { type KeptLog, keptLog } from "../../fixtures/kept_log.ts";
import { type DiscordServer, type DiscordServerOptions, openDiscordServer } from "./server.ts";

export type Rig = {
  server: DiscordServer;
  bot: Messenger;
  log: KeptLog;
  heard: Incoming[];
  ana: string;
  bo: string;
  guildId: string;
  channelId: string;
  chat: ChatRef;
  /** What receive does after keeping the event; replace it to answer or to fail. */
  onHeard: { run: Receive };
  stop(): Promise<void>;
};

/** Real waits of minutes, shortened so that a test can see their end. */
export const quickTimes = {
  reconnectMs: 20,
  reconnectMaxMs: 100,
  identifyGapMs: 20,
  identifyGapMaxMs: 200,
  stableMs: 60_000,
  deafAfterMs: 95_000,
  renewAfterMs: 60_000,
  startWaitMs: 3_000,
  tokenRetryMs: 400,
  goodRetryMs: 400,
} as const;

export const yes: Button = { label: "Approve", style: "yes", token: "AAAAAAAAAAAAAAAA" };
export const no: Button = { label: "Decline", style: "no", token: "BBBBBBBBBBBBBBBB" };
export const ask: Card = plainCard("waiting", "Buy 0.5 BTC/USDT?", ["breakout: new high"]);

export async function rig(
  options: { server?: DiscordServerOptions; bot?: Partial<DiscordSettings>; isStarted?: boolean } = {},
): Promise<Rig> {
  const server = await openDiscordServer({ identifyEveryMs: 0, ...options.server });
  const ana = server.addUser("ana", { globalName: "Ana" });
  const bo = server.addUser("bo");
  const guildId = server.addGuild("Desk", [ana, bo]);
  const channelId = server.addChannel(guildId, "trading");
  const log = keptLog();
  const bot = openDiscord({
    token: server.token,
    apiRoot: server.apiRoot,
    guildId,
    commands: [],
    clock: systemClock(),
    log,
    sendTimeoutMs: 600,
    times: quickTimes,
    ...options.bot,
  });
  const heard: Incoming[] = [];
  const onHeard = { run: async () => undefined } as { run: Receive };
  const receive: Receive = async (incoming) => {
    heard.push(incoming);
    await onHeard.run(incoming);
  };
  if (options.isStarted !== false) await bot.start(receive);
  const chat: ChatRef = { platform: "discord", chatId: channelId, threadId: null };
  const stop = async () => {
    await bot.stop();
    await server.stop();
  };
  return { server, bot, log, heard, ana, bo, guildId, channelId, chat, onHeard, stop };
}

/** Posts the prompt and gives its id; fails the test when it can't. */
export async function postPrompt(on: Rig, nonce = "prompt-1"): Promise<string> {
  const delivery = await on.bot.post(on.chat, ask, { buttons: [yes, no], nonce, isQuiet: false });
  if (!delivery.ok) throw new Error(`The prompt was not posted: ${delivery.problem.because}`);
  return delivery.value.messageId;
}

/** Waits until `isTrue`, at most `mostMs`; says what was awaited when it doesn't come. */
export async function until(what: string, isTrue: () => boolean, mostMs = 5_000): Promise<void> {
  const start = performance.now();
  while (!isTrue()) {
    if (performance.now() - start > mostMs) throw new Error(`Waited ${mostMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
