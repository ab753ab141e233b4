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
import { type DeskClient, openDeskClient } from "../smoke/desk_client.ts";
import { openStage, type Stage } from "../smoke/stage.ts";

export type Link = "exchange" | "telegram" | "discord" | "database" | "redis";
export type ChaosWorld = {
  readonly stage: Stage;
  /** Where the database lives; books are read here, past the cable. */
  readonly databaseHome: string;
  readonly cables: ReadonlyMap<Link, WireProxy>;
  readonly hands: Hands;
  bot: BotProcess;
  desk: DeskClient | null;
  readonly redis: RedisServer | null;
  start(): Promise<void>;
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
  const cables = new Map<Link, WireProxy>([
    ["exchange", await wireProxy(portOf(stage.exchange.url))],
    ["telegram", await wireProxy(portOf(stage.telegram.apiRoot))],
    ["discord", await wireProxy(portOf(stage.discord.apiRoot))],
    ["database", await wireProxy(database.connection.port)],
    ...(redis === null ? [] : ([["redis", await wireProxy(redis.port)]] as const)),
  ]);
  const port = (link: Link): number => cables.get(link)?.port ?? 0;
  stage.discord.advertise(port("discord"));
  const { user, password, database: name } = database.connection;
  const through = (url: string, link: Link): string => url.replace(/:\d+/, `:${port(link)}`);
  const env = {
    KUCOIN_API_ROOT: through(stage.exchange.url, "exchange"),
    TELEGRAM_API_ROOT: through(stage.telegram.apiRoot, "telegram"),
    DISCORD_API_ROOT: through(stage.discord.apiRoot, "discord"),
    DATABASE_URL: `postgres://${user}:${password}@127.0.0.1:${port("database")}/${name}`,
    ...(redis === null ? {} : { REDIS_URL: `redis://127.0.0.1:${port("redis")}` }),
  };
  const world: ChaosWorld = {
    stage,
    databaseHome,
    cables,
    redis,
    bot: stage.start([], env),
    desk: null,
    hands: handsOf(stage, () => {
      if (world.desk === null) throw new Error("the desk is closed");
      return world.desk;
    }),
    async start() {
      world.desk?.close();
      world.desk = null;
      if (world.bot.whyEnded() !== null) world.bot = stage.start([], env);
      const { address, code } = await world.bot.desk();
      world.desk = await openDeskClient(address, code);
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
