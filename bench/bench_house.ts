/** A whole house for benchmarks: embedded PostgreSQL with fsync on, the practice exchange over loopback, and a chat that taps. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { systemClock } from "../src/adapters/system/clock.ts";
import { systemDice } from "../src/adapters/system/dice.ts";
import { systemIds } from "../src/adapters/system/ids.ts";
import { systemVault } from "../src/adapters/system/vault.ts";
import { assemble, type House } from "../src/assemble.ts";
import { closeDatabase, openDatabase } from "../src/boot/database.ts";
import { openHome } from "../src/boot/home.ts";
import { readSettings } from "../src/boot/settings.ts";
import { openTrader } from "../src/boot/trader.ts";
import type { Card } from "../src/core/card.ts";
import type { HouseSettings } from "../src/core/settings.ts";
import type { Messenger, Receive } from "../src/ports/messenger.ts";
import type { Queue } from "../src/ports/queue.ts";
import type { Venue } from "../src/ports/venue.ts";
import { type PracticeHandle, startPractice } from "../src/practice/exchange.ts";
import { syntheticMarket } from "../src/practice/market/synthetic.ts";
import { kucoin } from "../src/venues/kucoin/venue.ts";

/** House time runs fast, so that windows and rates of the order manager pass between two samples; what is measured is real time. */
export const clock = systemClock({ speed: 240, houseStart: systemClock().wall() });
const fastClock = clock;
/** House time is real time. */
export const realClock = systemClock();

export type BenchWish = {
  readonly clock?: typeof clock;
  /** Instruments of the exchange in its own spelling, all at about 100; absent = the usual ones. */
  readonly symbols?: readonly string[];
  readonly capabilities?: Partial<typeof kucoin.capabilities>;
  /** Where the venue is reached instead of at the exchange's own address. */
  readonly through?: (url: string) => Promise<string>;
  /** Chats besides the one that taps. */
  readonly messengers?: readonly Messenger[];
};

const vault = systemVault();
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export type BenchHouse = {
  readonly house: House;
  readonly exchange: PracticeHandle;
  readonly chat: TappingChat;
  close(): Promise<void>;
};

export type TappingChat = Messenger & {
  receive: Receive | null;
  readonly posted: { card: Card; buttons: readonly { label: string; token: string }[]; messageId: string }[];
};

export function tappingChat(): TappingChat {
  const posted: { card: Card; buttons: readonly { label: string; token: string }[]; messageId: string }[] = [];
  let next = 0;
  const chat: TappingChat = {
    platform: "desk",
    receive: null,
    posted,
    start(receive) {
      chat.receive = receive;
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
    health: () => ({ isHearing: true, lastHeardAt: clock.wall(), problem: null }),
    post(_chat, card, { buttons }) {
      next += 1;
      posted.push({ card, buttons, messageId: String(next) });
      return Promise.resolve({ ok: true, value: { messageId: String(next) } });
    },
    edit: (_chat, messageId) => Promise.resolve({ ok: true, value: { messageId } }),
    acknowledge: () => Promise.resolve("ok"),
    reply: () => Promise.resolve({ ok: true, value: { messageId: "reply" } }),
    ask: () => Promise.resolve({ ok: true, value: { messageId: "form" } }),
  };
  return chat;
}

const noQueue: Queue = {
  start: () => Promise.resolve(),
  ring: () => Promise.resolve(),
  health: () => ({ isAlive: true, lastRingAtMono: null, problem: null }),
  stop: () => Promise.resolve(),
};

/** The ledger dates its facts with the clock of the house: with another one the house would ask for fills of another time. */
async function openBenchTrader(home: string, about: { settings: HouseSettings; pool: pg.Pool; clock: BenchClock }) {
  const tools = { clock: about.clock, vault, log: silent };
  const alone = await openHome({ home, mode: about.settings.mode, ...tools });
  if (!alone.ok) throw new Error(alone.problem);
  const opened = await openTrader(about.pool, {
    configHash: about.settings.configHash,
    home: alone.value,
    mode: about.settings.mode,
    acceptedBecause: null,
    venue: { hasMemory: false, absentAfterMs: 0 },
    stopping: new AbortController().signal,
    wallClock: about.clock,
    ...tools,
  });
  if (!opened.ok) throw new Error(opened.problem);
  return { alone: alone.value, trader: opened.value };
}

/** @param venueOf replaces the venue, for benchmarks that measure what happens before the wire. */
export async function openBenchHouse(venueOf?: (venue: Venue) => Venue, wish: BenchWish = {}): Promise<BenchHouse> {
  const clock = wish.clock ?? fastClock;
  const home = mkdtempSync(join(tmpdir(), "countersign-bench-"));
  const read = readSettings(["--home", home], {}, vault);
  if (!read.ok) throw new Error(read.problem.text);
  const usual = read.value.settings;
  const settings =
    wish.symbols === undefined ? usual : { ...usual, symbols: wish.symbols.map((symbol) => symbol.replace("-", "/")) };
  const tools = { clock, vault, log: silent };
  const database = await openDatabase(read.value.config, home, tools);
  if (!database.ok) throw new Error(database.problem);
  const { alone, trader } = await openBenchTrader(home, { settings, pool: database.value.pool, clock });
  const { exchange, account } = await openExchange(clock, wish);
  const venue = await kucoin.open({
    credentials: account,
    baseUrl: (await wish.through?.(exchange.url)) ?? exchange.url,
    clock,
    log: silent,
  });
  const chat = tappingChat();
  const house = assemble({
    clock,
    dice: systemDice(),
    ids: systemIds(clock),
    vault,
    ledger: trader.ledger,
    venue: venueOf === undefined ? venue : venueOf(venue),
    venueDefinition: { ...kucoin, capabilities: { ...kucoin.capabilities, ...wish.capabilities } },
    messengers: [chat, ...(wish.messengers ?? [])],
    queue: noQueue,
    log: silent,
    settings,
  });
  await house.open(trader.epoch);
  await house.startChats();
  await house.join();
  return {
    house,
    exchange,
    chat,
    async close() {
      await house.stop("the benchmark is over");
      await trader.ledger.close();
      await trader.release();
      await alone.close();
      await exchange.stop();
      await closeDatabase(database.value);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** One account on one practice exchange. */
async function openExchange(clock: BenchClock, wish: BenchWish) {
  const market = syntheticMarket({
    seed: "bench",
    volatility: 0,
    ...(wish.symbols === undefined ? {} : { instruments: wish.symbols.map(instrumentAtHundred) }),
  });
  const account = {
    key: "bench-key-000000000000000",
    secret: "bench-secret-0000000000",
    passphrase: "bench-pass",
    balances: { USDT: "10000" },
  };
  const exchange = await startPractice({
    venue: "kucoin",
    port: 0,
    market,
    accounts: [account],
    seed: "bench",
    clock: { wireNow: () => clock.wall(), marketNow: () => clock.now(), every: (ms, work) => clock.every(ms, work) },
  });
  return { exchange, account };
}

type BenchClock = typeof fastClock;

const instrumentAtHundred = (symbol: string) => ({
  symbol,
  around: "100",
  tick: "0.01",
  step: "0.1",
  sizeMin: "0.1",
  depthFunds: "8000",
});
