/**
 * Everything around the bot, alive for as long as the script and longer than any bot: a folder, the exchange, the two chat
 * platforms, and Ana, who sits at all of them.
 *
 *   Telegram server <--+                       +--> practice exchange (in this process, so it outlives the bot)
 *   Discord server  <--+-- bot (own process) --+
 *   Ana's desk page  --+                       +--> its own PostgreSQL below home
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PracticeHandle, startPractice } from "../../src/practice/exchange.ts";
import { type SyntheticInstrument, syntheticMarket } from "../../src/practice/market/synthetic.ts";
import { openDiscordServer } from "../servers/discord/server.ts";
import { startTelegramServer } from "../servers/telegram/server.ts";
import { type BotProcess, databasePid, endAll, startBot } from "./bot_process.ts";

const account = {
  key: "stage-key-0123456789abcd",
  secret: "stage-secret-0123456789abcdef-0123456",
  passphrase: "stagepass123",
};

/**
 * Questions stay open and prices stay good for long, because the machine may be slow. Positions are of a fixed size below the
 * share of equity that limits them: a request that fills that share is void as soon as another trade has lost a little.
 */
const settings = `
mode: paper
venue: kucoin
watch_list: [BTC/USDT, ETH/USDT, SOL/USDT]
timeframe: 1m
interval: 2s
strategies:
  - { name: always_trade_canary }
risk: { position_notional: 400 }
approvals: { policy: ask, expires_after: 20m, quote_ttl: 15s, exec_deadline: 60s }
starts_max: 1000
`;

export type StageOptions = {
  /** 0 = a flat line, moved by `faults.jump` alone. */
  readonly volatility?: number;
  readonly seed?: string;
  /** Replaces the settings file. */
  readonly settings?: string;
  /** Replaces the instruments of the market. */
  readonly instruments?: readonly SyntheticInstrument[];
};

export type Stage = Awaited<ReturnType<typeof openStage>>;

export async function openStage(options: StageOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), "countersign-"));
  // Under root the database runs as another user, who must be able to pass through.
  chmodSync(folder, 0o711);
  const home = join(folder, "home");
  const configPath = join(folder, "countersign.yaml");
  writeFileSync(configPath, options.settings ?? settings);
  const exchange = await openExchange(options);
  const telegram = await startTelegramServer();
  const discord = await openDiscordServer({ hasRateLimits: false, identifyEveryMs: 100 });
  const people = addPeople(telegram, discord);
  const env = {
    TELEGRAM_API_ROOT: telegram.apiRoot,
    TELEGRAM_BOT_TOKEN: telegram.token,
    DISCORD_API_ROOT: discord.apiRoot,
    DISCORD_BOT_TOKEN: discord.token,
    DISCORD_GUILD_ID: people.guild,
    KUCOIN_API_ROOT: exchange.url,
    KUCOIN_API_KEY: account.key,
    KUCOIN_API_SECRET: account.secret,
    KUCOIN_API_PASSPHRASE: account.passphrase,
  };
  const place = ["--home", home, "--config", configPath];
  return {
    folder,
    home,
    configPath,
    exchange,
    telegram,
    discord,
    people,
    env,
    place,
    start: (words: readonly string[] = [], more: Readonly<Record<string, string>> = {}): BotProcess =>
      startBot({ words: [...place, "--port", "0", ...words], env: { ...env, ...more }, folder }),
    databasePid: () => databasePid(home),
    /** Ends whatever still runs, the database with it, in no gentle way. */
    endBot: () => endAll(folder, home),
    async close(): Promise<void> {
      await endAll(folder, home);
      await Promise.all([exchange.stop(), telegram.close(), discord.stop()]);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function openExchange({ volatility = 0, seed = "stage", instruments }: StageOptions): Promise<PracticeHandle> {
  return startPractice({
    venue: "kucoin",
    port: 0,
    market: syntheticMarket({ seed, volatility, ...(instruments !== undefined && { instruments }) }),
    accounts: [{ ...account, balances: { USDT: "10000" } }],
    seed,
    clock: {
      wireNow: () => Date.now(),
      marketNow: () => Date.now(),
      every(ms, work) {
        const timer = setInterval(work, ms);
        return () => clearInterval(timer);
      },
    },
  });
}

type Servers = {
  telegram: Awaited<ReturnType<typeof startTelegramServer>>;
  discord: Awaited<ReturnType<typeof openDiscordServer>>;
};

/** One person with an account on each platform; a private chat on Telegram, a channel of a server on Discord. */
function addPeople(telegram: Servers["telegram"], discord: Servers["discord"]) {
  const onTelegram = telegram.addUser({ first_name: "Ana", username: "ana" });
  const onDiscord = discord.addUser("ana");
  const guild = discord.addGuild("Operators", [onDiscord]);
  return {
    onTelegram,
    privately: telegram.privateChat(onTelegram),
    onDiscord,
    guild,
    channel: discord.addChannel(guild, "trading"),
  };
}
