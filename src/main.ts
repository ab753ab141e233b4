/**
 * Starts the process: settings, database, market, house, desk, chats; then signals. The only file that ends the process.
 *
 *   settings --> market --> database + epoch --> clock --> practice exchange | live host --> assemble --> desk and chats
 *      --> venue (retried) --> jobs --> ready
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { commands } from "../commands/index.ts";
import { type OpenLog, openLog } from "./adapters/log/log.ts";
import { systemClock } from "./adapters/system/clock.ts";
import { systemDice } from "./adapters/system/dice.ts";
import { systemIds } from "./adapters/system/ids.ts";
import { systemVault } from "./adapters/system/vault.ts";
import { assemble, type House } from "./assemble.ts";
import { openChats } from "./boot/chats.ts";
import {
  closeDatabase,
  type Database,
  newestHouseTime,
  type OpenedLedger,
  openDatabase,
  openLedger,
} from "./boot/database.ts";
import { openDeskServer } from "./boot/desk.ts";
import { homeOf, markFinished, openMarket, openPractice, settingsFor } from "./boot/market.ts";
import { openQueue } from "./boot/queue.ts";
import { readSettings } from "./boot/settings.ts";
import { greet, sayEnd, sayReady, sayStop } from "./boot/talk.ts";
import { openVenue } from "./boot/venue.ts";
import type { Config } from "./config.ts";
import { fail, ok, type Result } from "./core/result.ts";
import type { HouseSettings } from "./core/settings.ts";
import { addMs, instant } from "./core/time.ts";
import { issueCode } from "./flows/link_people.ts";
import type { Clock } from "./ports/clock.ts";
import type { PracticeHandle } from "./practice/exchange.ts";
import type { MarketSource } from "./practice/market/source.ts";

type Closer = () => Promise<void> | void;
/** Closed in reverse: what was opened last is closed first. */
type Closers = Closer[];

const vault = systemVault();
const wallClock = systemClock();

/** @returns the exit code, once the house has stopped. */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const startedMono = wallClock.mono();
  if (argv[0] === "audit" || argv[0] === "migrate") {
    const { runTool } = await import("./boot/tools.ts");
    return runTool(argv, env);
  }
  const read = readSettings(argv, env, vault);
  if (!read.ok) {
    process.stderr.write(read.problem.text);
    return read.problem.code;
  }
  const { config, settings, secrets } = read.value;
  const closers: Closers = [];
  const run = await start({ config, settings, secrets, closers, startedMono }).catch((error: unknown) =>
    fail(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  if (!run.ok) process.stderr.write(`\n${run.problem}\n`);
  for (const close of closers.reverse())
    await Promise.resolve(close()).catch((error: unknown) =>
      process.stderr.write(`While stopping: ${String(error)}\n`),
    );
  return run.ok ? run.value : 1;
}

type Start = {
  readonly config: Config;
  readonly settings: HouseSettings;
  readonly secrets: readonly string[];
  readonly closers: Closers;
  readonly startedMono: number;
};

async function start({
  config,
  settings: written,
  secrets,
  closers,
  startedMono,
}: Start): Promise<Result<number, string>> {
  // With the address of a practice exchange that runs elsewhere, this process brings none of its own.
  const bringsMarket = written.mode === "paper" && config.environment.kucoinApiRoot === null;
  const source = bringsMarket ? await openMarket(config, wallClock.wall()) : ok(null);
  if (!source.ok) return source;
  const home = source.value === null ? config.environment.countersignHome : homeOf(config, source.value, vault);
  const fitted = source.value === null ? ok(written) : settingsFor(written, source.value);
  if (!fitted.ok) return fitted;
  const settings = fitted.value;
  // Before the logs make it: PostgreSQL, another user under root, must be able to pass through; nobody may list it.
  mkdirSync(home, { recursive: true, mode: 0o711 });
  const log = openLog({
    path: join(home, "logs", "countersign.log"),
    level: config.environment.logLevel,
    secrets,
    clock: wallClock,
    show: (line) => process.stderr.write(`${line}\n`),
    isColoured: process.stderr.isTTY,
  });
  closers.push(() => log.close());
  for (const warning of source.value?.warnings ?? []) log.warn(warning);

  const database = await openDatabase(config, home, { clock: wallClock, vault, log });
  if (!database.ok) return database;
  closers.push(() => closeDatabase(database.value));
  const clock = await clockFor(config, source.value, database.value);
  const opened = await openLedger(database.value, { configHash: settings.configHash }, { clock, vault, log });
  if (!opened.ok) return opened;
  closers.push(() => opened.value.release());
  closers.push(() => opened.value.ledger.close());
  return runHouse({
    config,
    settings,
    source: source.value,
    home,
    log,
    clock,
    database: database.value,
    opened: opened.value,
    closers,
    startedMono,
  });
}

/** A played market goes on where the ledger left it; otherwise house time is real time. */
async function clockFor(config: Config, source: MarketSource | null, database: Database): Promise<Clock> {
  if (source?.startsAt === null || source === null) return wallClock;
  const newest = await newestHouseTime(database.pool);
  return systemClock({
    speed: config.practice.speed,
    houseStart: newest === null ? instant(source.startsAt) : addMs(newest, 1),
  });
}

type Parts = {
  readonly config: Config;
  readonly settings: HouseSettings;
  readonly source: MarketSource | null;
  readonly home: string;
  readonly log: OpenLog;
  readonly clock: Clock;
  readonly database: Database;
  readonly opened: OpenedLedger;
  readonly closers: Closers;
  readonly startedMono: number;
};

async function runHouse(parts: Parts): Promise<Result<number, string>> {
  const { config, settings, source, home, log, clock, opened, closers } = parts;
  const practice = source === null ? null : await openPractice({ config, source, settings, home, clock, vault, log });
  if (practice?.ok === false) return practice;
  if (practice !== null) closers.push(() => practice.value.stop());
  const venue = await openVenue({ config, settings, practice: practice?.value ?? null, clock, log });
  if (!venue.ok) return venue;
  const ids = systemIds(clock);
  const holder: { house: House | null } = { house: null };
  const desk = await openDeskServer({ config, house: () => required(holder.house), commands, clock, ids, vault, log });
  closers.push(() => desk.close());
  const chats = await openChats(config, commands, { clock, log });
  const queue = openQueue(config, parts.database, { clock, log });
  const house = assemble({
    clock,
    dice: systemDice(),
    ids,
    vault,
    ledger: opened.ledger,
    ...venue.value,
    messengers: [desk.messenger, ...chats.map((chat) => chat.messenger)],
    queue,
    log,
    settings,
  });
  holder.house = house;
  await house.open(opened.epoch);
  const listening = await desk.listen();
  if (!listening.ok) return listening;
  await desk.restore(parts.database.pool);
  await house.startChats();
  void Promise.all(chats.map((chat) => chat.registerCommands()));
  const owner = settings.people.find((person) => person.role === "owner")?.personId ?? "owner";
  greet({
    address: listening.value,
    code: await issueCode(house.needs, owner, "house"),
    settings,
    practice: practice?.value ?? null,
    home,
  });
  const held = await untilStopped(parts, house, practice?.value ?? null);
  return ok(held);
}

function required<Value>(value: Value | null): Value {
  if (value === null) throw new Error("The house is not assembled yet");
  return value;
}

/** Joins the venue, runs, and waits for a signal, the end of a played market, or the one cycle of --once. */
async function untilStopped(parts: Parts, house: House, practice: PracticeHandle | null): Promise<number> {
  const stopping = new AbortController();
  const asked = askedToStop(stopping);
  // Watching, delivering and resolving start before the venue has answered everything; entries follow when it has.
  const joined = house
    .run()
    .then(() => house.join())
    .then(async (open) => {
      if (open === null) return;
      sayReady({ readyMs: wallClock.mono() - parts.startedMono, openPositions: open });
      await house
        .cycleNow()
        .catch((error: unknown) =>
          parts.log.warn("The first cycle failed; the next one follows", { error: String(error) }),
        );
    });
  const reasons = [
    asked,
    joined.then(() => (parts.config.once ? "one cycle was asked for" : new Promise<string>(() => undefined))),
  ];
  if (practice !== null && parts.source?.endsAt !== null)
    reasons.push(practice.market.ended.then(() => "the market data is over"));
  const because = await Promise.race(reasons);
  const isOver = because === "the market data is over";
  if (isOver) await house.needs.clock.sleep(1_500);
  const open = await house.stop(because);
  stopping.abort();
  if (isOver) {
    sayEnd(house.needs, parts.home);
    markFinished(parts.home);
  }
  sayStop(because, open);
  return 0;
}

/** Ctrl-C reaches us twice under npm (from the terminal and from npm); a second one is not impatience until some seconds later. */
function askedToStop(stopping: AbortController): Promise<string> {
  return new Promise((resolve) => {
    let firstMono: number | null = null;
    const onSignal = (signal: NodeJS.Signals) => {
      if (firstMono !== null && wallClock.mono() - firstMono > 3_000) process.exit(130);
      firstMono ??= wallClock.mono();
      resolve(signal === "SIGINT" ? "you pressed Ctrl-C" : `the system asked (${signal})`);
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, onSignal);
      stopping.signal.addEventListener("abort", () => process.off(signal, onSignal));
    }
  });
}
