/**
 * The real bot with a cable and a switch between it and everything: exchange, Telegram, Discord, PostgreSQL, and Redis where
 * the machine has one. What stands behind the cables lives as long as the run.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from "../../src/adapters/embedded_postgres/embedded_postgres.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import { hasRedis, type RedisServer, redisServer } from "../fixtures/redis_server.ts";
import { type WireProxy, wireProxy } from "../fixtures/wire_proxy.ts";
import type { BotProcess } from "../smoke/bot_process.ts";
import { type Hands, handsOf } from "../smoke/chats.ts";
import { type DeskClient, openDeskPage, signIn } from "../smoke/desk_client.ts";
import { openStage, type Stage } from "../smoke/stage.ts";

type Link = "exchange" | "telegram" | "discord" | "database" | "redis";
export type ChaosWorld = {
  readonly stage: Stage;
  /** Where the database lives; books are read here, past the cable. */
  readonly databaseHome: string;
  readonly cables: ReadonlyMap<Link, WireProxy>;
  readonly hands: Hands;
  readonly redis: RedisServer | null;
  /** All that the bot knows besides its flags; tools that read its books take the straight way to the database. */
  readonly env: Readonly<Record<string, string>>;
  readonly straightEnv: Readonly<Record<string, string>>;
  bot: BotProcess;
  desk: DeskClient | null;
  /** Lives that ended without our doing. */
  ends: string[];
  /** Starts the bot when it has ended. */
  revive(): void;
  /** A desk page of the living bot; a page whose line broke is opened again. */
  openDesk(): Promise<DeskClient>;
  /** Mends every cable; what was held back is delivered. */
  mend(): void;
  close(): Promise<void>;
};

const coins = ["BTC", "ETH", "SOL", "ADA"];
const settings = `
watch_list: [${coins.map((coin) => `${coin}/USDT`).join(", ")}]
timeframe: 1m
interval: 2s
strategies:
  - { name: always_trade_canary }
risk: { position_notional: 400, exposure_share: 90%, open_positions_max: 6, losing_streak_max: 20, session_loss_share: 50%, daily_loss_share: 50% }
approvals: { policy: ask, expires_after: 20m, quote_ttl: 15s, exec_deadline: 60s }
starts_max: 1000
`;
const instruments = coins.map((coin) => ({
  symbol: `${coin}-USDT`,
  around: "100",
  tick: "0.01",
  step: "0.01",
  depthFunds: "200000",
}));
const portOf = (url: string): number => Number(new URL(url).port);

export async function openWorld(seed: string): Promise<ChaosWorld> {
  const stage = await openStage({ settings, instruments, seed });
  const databaseHome = join(stage.folder, "database");
  mkdirSync(databaseHome, { mode: 0o711 });
  const database = await openDatabase(databaseHome);
  const redis = hasRedis ? await redisServer() : null;
  const cables = await layCables(stage, database, redis);
  const { env, straightEnv } = surroundings(stage, database, cables);
  const desks = deskOpener();
  const world: ChaosWorld = {
    stage,
    databaseHome,
    cables,
    redis,
    env,
    straightEnv,
    bot: stage.start([], env),
    desk: null,
    ends: [],
    hands: handsOf(stage, () => {
      if (world.desk === null) throw new Error("the desk is closed");
      return world.desk;
    }),
    revive() {
      if (world.bot.whyEnded() === null) return;
      world.desk?.close();
      world.desk = null;
      world.bot = stage.start([], env);
    },
    async openDesk() {
      if (world.desk !== null && world.desk.whyClosed() === null) return world.desk;
      const { bot } = world;
      const desk = await desks(bot);
      if (bot !== world.bot) throw new Error("the desk belongs to a bot that has ended");
      world.desk = desk;
      return desk;
    },
    mend() {
      for (const cable of cables.values()) {
        cable.set("pass");
        cable.release();
      }
    },
    async close() {
      await stage.endBot();
      for (const cable of cables.values()) await cable.stop();
      await redis?.stop();
      await database.stop();
      await stage.close();
    },
  };
  return world;
}

/** What the bot is told: every address leads through its cable. The straight way is that of tools that read its books. */
function surroundings(stage: Stage, database: EmbeddedPostgres, cables: ReadonlyMap<Link, WireProxy>) {
  const port = (link: Link): number => cables.get(link)?.port ?? 0;
  stage.discord.advertise(port("discord"));
  const { user, password, database: name } = database.connection;
  const databaseAt = (at: number): string => `postgres://${user}:${password}@127.0.0.1:${at}/${name}`;
  const through = (url: string, link: Link): string => url.replace(/:\d+/, `:${port(link)}`);
  const env = {
    KUCOIN_API_ROOT: through(stage.exchange.url, "exchange"),
    TELEGRAM_API_ROOT: through(stage.telegram.apiRoot, "telegram"),
    DISCORD_API_ROOT: through(stage.discord.apiRoot, "discord"),
    DATABASE_URL: databaseAt(port("database")),
    ...(!cables.has("redis") ? {} : { REDIS_URL: `redis://127.0.0.1:${port("redis")}` }),
  };
  return { env, straightEnv: { DATABASE_URL: databaseAt(database.connection.port) } };
}

/** A code is good for one time, the session that it opens for as long as the bot lives. */
function deskOpener(): (bot: BotProcess) => Promise<DeskClient> {
  const sessions = new WeakMap<BotProcess, Promise<{ readonly address: string; readonly cookie: string }>>();
  return async (bot) => {
    const session =
      sessions.get(bot) ??
      bot.desk().then(async ({ address, code }) => ({ address, cookie: await signIn(address, code) }));
    sessions.set(bot, session);
    const { address, cookie } = await session;
    return openDeskPage(address, cookie);
  };
}

async function layCables(
  stage: Stage,
  database: EmbeddedPostgres,
  redis: RedisServer | null,
): Promise<ReadonlyMap<Link, WireProxy>> {
  return new Map<Link, WireProxy>([
    ["exchange", await wireProxy(portOf(stage.exchange.url))],
    ["telegram", await wireProxy(portOf(stage.telegram.apiRoot))],
    ["discord", await wireProxy(portOf(stage.discord.apiRoot))],
    ["database", await wireProxy(database.connection.port)],
    ...(redis === null ? [] : ([["redis", await wireProxy(redis.port)]] as const)),
  ]);
}

async function openDatabase(folder: string): Promise<EmbeddedPostgres> {
  const started = await startEmbeddedPostgres({
    folder,
    clock: systemClock(),
    log: keptLog(),
    token: () => systemVault().token() + systemVault().token(),
  });
  if (!started.ok) throw new Error(started.problem);
  return started.value;
}
