/**
 * A whole house for scenarios, on real parts: PostgreSQL, the practice exchange over loopback, the real ccxt, assemble().
 * Only the chats are scripted. The market is flat until a test jumps it; jobs run as in life.
 *
 *   const stage = await openStage();  await stage.ask("SOL/USDT");  await stage.telegram.tap("Approve");
 *   await stage.until(() => stage.position("SOL/USDT")?.protection === "placed");
 */

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAuthenticator } from "../../src/adapters/authenticator/authenticator.ts";
import { openArchive } from "../../src/adapters/postgres/archive.ts";
import { rebuild, verify } from "../../src/adapters/postgres/audit.ts";
import { takeEpoch } from "../../src/adapters/postgres/epoch.ts";
import { openLedgerStore } from "../../src/adapters/postgres/ledger_store.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemDice } from "../../src/adapters/system/dice.ts";
import { systemIds } from "../../src/adapters/system/ids.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { assemble, type House } from "../../src/assemble.ts";
import { ledgerFold } from "../../src/boot/database.ts";
import { readSettings } from "../../src/boot/settings.ts";
import type { Books } from "../../src/core/books.ts";
import type { Fact } from "../../src/core/events.ts";
import { instrumentIdOf } from "../../src/core/instrument.ts";
import { ratio } from "../../src/core/money.ts";
import type { Position } from "../../src/core/position.ts";
import type { HouseSettings } from "../../src/core/settings.ts";
import type { Takeover } from "../../src/core/takeover.ts";
import type { VenueDefinition } from "../../src/define/venue.ts";
import { executeApproval } from "../../src/flows/execute_approval.ts";
import { readOutside } from "../../src/flows/gather_view.ts";
import { issueCode, useCode } from "../../src/flows/link_people.ts";
import { planEntry } from "../../src/flows/plan_entry.ts";
import { recordFacts } from "../../src/flows/record.ts";
import { requestApproval } from "../../src/flows/request_approval.ts";
import { showPrompts } from "../../src/flows/show_prompts.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Journal } from "../../src/ports/journal.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import type { Messenger } from "../../src/ports/messenger.ts";
import type { Queue } from "../../src/ports/queue.ts";
import type { TraderLease } from "../../src/ports/trader_lease.ts";
import type { Venue } from "../../src/ports/venue.ts";
import { type PracticeHandle, startPractice } from "../../src/practice/exchange.ts";
import type { MarketSource } from "../../src/practice/market/source.ts";
import { syntheticMarket } from "../../src/practice/market/synthetic.ts";
import type { Switches } from "../../src/practice/switches.ts";
import { kucoin } from "../../src/venues/kucoin/venue.ts";
import { freshDatabase, type TestDatabase } from "../fixtures/database.ts";
import { type KeptLog, keptLog } from "../fixtures/kept_log.ts";
import { type ScriptedChat, scriptedChat } from "./scripted_chat.ts";

export type StageWish = {
  readonly settings?: (settings: HouseSettings) => HouseSettings;
  readonly venueDefinition?: (definition: VenueDefinition) => VenueDefinition;
  /** Stands between the house and the real venue: to hang, to lie, to count. */
  readonly venue?: (venue: Venue) => Venue;
  readonly balances?: Readonly<Record<string, string>>;
  /** What no document of the venue settles, other than strictly. */
  readonly switches?: Partial<Switches>;
  /** Stands between the exchange and its invented market. */
  readonly market?: (market: MarketSource) => MarketSource;
  /** Stands between house, exchange and the system's clock: to move house time, never real time. */
  readonly clock?: (system: Clock) => Clock;
  /** How each start takes the epoch over; absent = after a clean goodbye. */
  readonly takeover?: () => Takeover;
  /** Outlives every process of the story; absent = each process has its own. */
  readonly journal?: Journal;
  readonly lease?: TraderLease;
  /** Absent = no queue; the stand-in loops run the jobs. */
  readonly queue?: Queue;
  /** In place of a scripted chat: the real adapter against a server of its own. */
  readonly messengers?: readonly Messenger[];
  /** Stands between the house and its ledger: to lose a commit. */
  readonly ledger?: (ledger: Ledger) => Ledger;
};

export type AskedExit = { stop?: string; target?: string | null; timeLimitMs?: number | null };

export type Stage = {
  readonly house: () => House;
  readonly books: () => Books;
  readonly exchange: PracticeHandle;
  readonly database: TestDatabase;
  readonly log: KeptLog;
  readonly telegram: ScriptedChat;
  readonly discord: ScriptedChat;
  readonly desk: ScriptedChat;
  /** Asks people about an entry of this instrument, as a cycle would. @returns the approval id. */
  ask(symbol: string, exit?: AskedExit): Promise<string>;
  position(symbol: string): Position | undefined;
  /** POSTs of orders that the exchange has seen, by client id. */
  orderPosts(): readonly string[];
  until(holds: () => unknown, what?: string, ms?: number): Promise<void>;
  /** Drops the process without any clean-up and starts another on the same ledger and exchange, with other settings if told. */
  restart(change?: (settings: HouseSettings) => HouseSettings): Promise<void>;
  /** What must hold after every story: chain, replayed tables, no client id sent twice, no oversell, books equal to the exchange. */
  judge(): Promise<void>;
  close(): Promise<void>;
};

/** What is no story of its own need not be waited for. */
const quickAlerts = { startHoldMs: 0, groupWaitMs: { critical: 0, warning: 200, info: 200 } };
const vault = systemVault();
/** The key that seals secrets outlives every process of a story. */
const keys = mkdtempSync(join(tmpdir(), "countersign-keys-"));
const account = { key: "stage-key-0000000000000", secret: "stage-secret-000000000", passphrase: "stage-pass" };

export async function openStage(wish: StageWish = {}): Promise<Stage> {
  const clock = (wish.clock ?? ((same) => same))(systemClock());
  const database = await freshDatabase();
  const log = keptLog();
  let settings = settingsOf(wish);
  const exchange = await exchangeOf(wish, clock);
  const chats = {
    telegram: scriptedChat("telegram", { clock, chatId: "111", userId: "111" }),
    discord: scriptedChat("discord", { clock, chatId: "222", userId: "222" }),
    desk: scriptedChat("desk", { clock, chatId: "desk", userId: "owner" }),
  };
  const open = () => openHouse({ clock, database, log, settings, exchange, chats: Object.values(chats), wish });
  let running = await open();
  await linkEverywhere(running.house, chats);
  const books = () => running.house.needs.ledger.books();
  const until: Stage["until"] = async (holds, what = "the expected state", ms = 15_000) => {
    const deadline = clock.mono() + ms;
    while (!holds()) {
      if (clock.mono() > deadline)
        throw new Error(`waited ${ms} ms for ${what}; last facts: ${await lastFacts(database)}`);
      await clock.sleep(15);
    }
  };
  return {
    house: () => running.house,
    books,
    exchange,
    database,
    log,
    ...chats,
    ask: (symbol, exit) => ask(running.house, symbol, exit),
    position: (symbol) =>
      Object.values(books().positions).findLast((one) => one.instrumentId === instrumentIdOf("kucoin", symbol)),
    orderPosts: () => postedIds(exchange),
    until,
    async restart(change = (same) => same) {
      running.kill();
      settings = change(settings);
      running = await open();
    },
    judge: () => judge({ books: books(), exchange, database }),
    async close() {
      running.kill();
      await running.house.needs.venue.stop();
      await exchange.stop();
      await database.drop();
    },
  };
}

function settingsOf(wish: StageWish): HouseSettings {
  const read = readSettings(["--home", "unused"], {}, vault);
  if (!read.ok) throw new Error(read.problem.text);
  const change = wish.settings ?? ((same) => same);
  // Stories restart more often within five minutes than a house that works.
  return change({ ...read.value.settings, startsMax: 1_000, lookLateMaxMs: 20_000, alerts: quickAlerts });
}

async function exchangeOf(wish: StageWish, clock: Clock) {
  const change = wish.market ?? ((same) => same);
  return await startPractice({
    venue: "kucoin",
    port: 0,
    market: change(syntheticMarket({ seed: "stage", volatility: 0 })),
    accounts: [{ ...account, balances: wish.balances ?? { USDT: "10000" } }],
    seed: "stage",
    ...(wish.switches === undefined ? {} : { switches: wish.switches }),
    clock: { wireNow: () => clock.wall(), marketNow: () => clock.now(), every: (ms, work) => clock.every(ms, work) },
  });
}

type Opening = {
  clock: Clock;
  database: TestDatabase;
  log: KeptLog;
  settings: HouseSettings;
  exchange: PracticeHandle;
  chats: readonly ScriptedChat[];
  wish: StageWish;
};

const noQueue: Queue = {
  start: () => Promise.resolve(),
  ring: () => Promise.resolve(),
  health: () => ({
    isAlive: false,
    lastRingAtMono: null,
    // A scenario has no queue, which is no trouble: the stand-in loops run the jobs.
    problem: null,
  }),
  stop: () => Promise.resolve(),
};

async function openHouse(opening: Opening): Promise<{ house: House; kill: () => void }> {
  const { clock, database, log, settings, exchange, chats, wish } = opening;
  const taken = await takeEpoch(database.pool, {
    holder: vault.token(),
    gitSha: "",
    configHash: "",
    at: clock.wall(),
    leaseMs: 1,
    from: "anyone",
  });
  if (!taken.ok) throw new Error("the epoch is held");
  const ledger = await openLedgerStore<Books, Fact>({
    pool: database.pool,
    epoch: taken.value.epoch,
    host: "test",
    clock,
    vault,
    log,
    fold: ledgerFold,
  });
  const kept = (wish.ledger ?? ((same) => same))(ledger);
  const venue = await kucoin.open({ credentials: account, baseUrl: exchange.url, clock, log });
  // A killed process runs no timer any more: its clock stops, and nothing of it reaches ledger or venue.
  let isDead = false;
  const alive = {
    ...clock,
    every: (ms: number, run: () => Promise<void> | void) => clock.every(ms, () => (isDead ? undefined : run())),
    sleep: (ms: number, signal?: AbortSignal) =>
      isDead ? new Promise<void>(() => undefined) : clock.sleep(ms, signal),
  };
  const gone = new Promise<never>(() => undefined);
  const house = assemble({
    clock: alive,
    dice: systemDice(),
    ids: systemIds(clock),
    vault,
    authenticator: openAuthenticator(keys, vault),
    ledger: { ...kept, commit: (decide) => (isDead ? gone : kept.commit(decide)) },
    archive: openArchive(database.pool),
    venue: deadable((wish.venue ?? ((same) => same))(venue), () => isDead),
    venueDefinition: (wish.venueDefinition ?? ((same) => same))(kucoin),
    messengers: chats.map((chat) => wish.messengers?.find((real) => real.platform === chat.platform) ?? chat),
    queue: wish.queue ?? noQueue,
    log,
    settings,
    ...(wish.journal === undefined ? {} : { journal: wish.journal }),
    ...(wish.lease === undefined ? {} : { lease: wish.lease }),
  });
  await house.open(taken.value.epoch, wish.takeover?.());
  await house.startChats();
  await house.run();
  await house.join();
  return {
    house,
    kill: () => {
      isDead = true;
      house.needs.memory.isStopping = true;
    },
  };
}

/** After the kill no call of the old process leaves or returns. */
function deadable(venue: Venue, isDead: () => boolean): Venue {
  return new Proxy(venue, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== "function" || name === "stop") return member;
      return async (...told: unknown[]) => {
        if (isDead()) return new Promise(() => undefined);
        const answer: unknown = await (member as (...all: unknown[]) => Promise<unknown>).apply(target, told);
        return isDead() ? new Promise(() => undefined) : answer;
      };
    },
  });
}

async function linkEverywhere(
  { needs }: House,
  chats: { telegram: ScriptedChat; discord: ScriptedChat; desk: ScriptedChat },
): Promise<void> {
  for (const [chat, userId, chatId] of [
    [chats.telegram, "111", "111"],
    [chats.discord, "222", "222"],
    [chats.desk, "owner", "desk"],
  ] as const) {
    const code = await issueCode(needs, "owner", "test");
    const linked = await useCode(needs, code, {
      platform: chat.platform,
      userId,
      chat: { platform: chat.platform, chatId, threadId: null },
    });
    if (!linked.ok) throw new Error(linked.problem);
  }
}

async function ask({ needs }: House, symbol: string, exit: AskedExit = {}): Promise<string> {
  const instrument = needs.memory.instruments.get(instrumentIdOf("kucoin", symbol));
  if (instrument === undefined) throw new Error(`${symbol} is not known`);
  const target = exit.target === undefined ? "0.03" : exit.target;
  const signal = {
    direction: "long",
    strength: ratio("0.5"),
    because: "a scenario wants it",
    exit: {
      stopDistance: ratio(exit.stop ?? "0.02"),
      targetDistance: target === null ? null : ratio(target),
      timeLimitMs: exit.timeLimitMs ?? null,
    },
  } as const;
  const signalId = needs.ids.next("sig");
  await recordFacts(needs, "strategy:always_trade_canary", [
    {
      type: "signal_raised",
      signalId,
      strategy: "always_trade_canary",
      instrumentId: instrument.instrumentId,
      direction: "long",
      strength: signal.strength,
      because: signal.because,
      price: instrument.tickSize,
      candleAt: needs.clock.now(),
      viewDigest: "",
    },
  ]);
  const outside = await readOutside(needs, instrument);
  const planned = planEntry(
    needs,
    needs.ledger.books(),
    { instrument, signal, signalId, strategy: "always_trade_canary", tradeId: needs.ids.next("trade") },
    outside,
  );
  if (!planned.ok) throw new Error(`refused: ${JSON.stringify(planned.problem.denials)}`);
  const asked = await requestApproval(needs, planned.value, outside.book);
  if (asked === null) throw new Error("the slot is taken");
  await showPrompts(needs);
  if (asked.isApproved) await executeApproval(needs, asked.approvalId, outside);
  return asked.approvalId;
}

function postedIds(exchange: PracticeHandle): readonly string[] {
  const posts = exchange.wireLog
    .all()
    .filter((entry) => entry.method === "POST" && /order/.test(entry.target) && !/cancel|bullet/.test(entry.target));
  return posts.map((entry) => (JSON.parse(entry.body) as { clientOid?: string }).clientOid ?? "");
}

async function lastFacts({ pool }: TestDatabase): Promise<string> {
  const rows = await pool.query<{ kind: string }>("select kind from events order by seq desc limit 12");
  return rows.rows
    .map((row) => row.kind)
    .reverse()
    .join(" ");
}

async function judge(world: { books: Books; exchange: PracticeHandle; database: TestDatabase }): Promise<void> {
  const { books, exchange, database } = world;
  const problems: string[] = [];
  const ids = postedIds(exchange);
  if (new Set(ids).size !== ids.length) problems.push(`a client id was sent twice: ${ids.join(" ")}`);
  for (const position of Object.values(books.positions))
    if (position.quantity.startsWith("-")) problems.push(`${position.positionId} oversold`);
  const held = new Map<string, number>();
  for (const position of Object.values(books.positions)) {
    const base = position.instrumentId.split(":")[1]?.split("/")[0] ?? "";
    held.set(base, (held.get(base) ?? 0) + Number(position.quantity));
  }
  const balances = exchange.balances();
  for (const [base, quantity] of held) {
    const there = Number(balances[base]?.free ?? 0) + Number(balances[base]?.held ?? 0);
    if (Math.abs(there - quantity) > 1e-9) problems.push(`${base}: books ${quantity}, exchange ${there}`);
  }
  const verified = await verify(database.pool, vault.sha256);
  if (!verified.ok) problems.push(`chain: ${JSON.stringify(verified.problem)}`);
  const rebuilt = await rebuild(database.pool, { fold: ledgerFold, sha256: vault.sha256, apply: false });
  if (!rebuilt.ok || rebuilt.value.differences.length > 0) problems.push(`rebuild: ${JSON.stringify(rebuilt)}`);
  if (problems.length > 0) throw new Error(problems.join("\n"));
}
