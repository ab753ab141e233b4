/**
 * Starts the process and ends it; the only file that does. The order of a start, and what a failure there means:
 *
 *    0 surroundings: files, TLS, proxies, debugger     LIVE refuses (code 2), elsewhere a warning
 *    1 settings, strictly                              refused by name (code 2)
 *    2 home: lock, journal                             refused (code 1)
 *    3 database: version, schema                       waited for; a wrong one is refused (code 1)
 *    4 is it the one we know; epoch, lease, quarantine refused by name (code 1); desk and chats after it
 *    5 clocks  6 instruments, account                  SAFE_MODE, tried again every 30 s
 *    7 journal replayed  8 unknowns, reconcile         SAFE_MODE until clean
 *    9 protection of what is held                      begins as soon as the instruments are known, waits for nothing else
 *   10 kill procedures go on  11 jobs, streams         with the loops of the house
 *   12 assertions  13 entries                          when the first reconcile was clean
 */
import { mkdirSync } from "node:fs";
import { url as inspectorUrl } from "node:inspector";
import { join } from "node:path";
import { commands } from "../commands/index.ts";
import { openAuthenticator } from "./adapters/authenticator/authenticator.ts";
import { type OpenLog, openLog } from "./adapters/log/log.ts";
import { createRedact } from "./adapters/log/redact.ts";
import { openMonitor } from "./adapters/monitor/http_monitor.ts";
import { openArchive } from "./adapters/postgres/archive.ts";
import { systemClock } from "./adapters/system/clock.ts";
import { systemDice } from "./adapters/system/dice.ts";
import { systemIds } from "./adapters/system/ids.ts";
import { systemLoopLag } from "./adapters/system/loop_lag.ts";
import { systemVault } from "./adapters/system/vault.ts";
import { assemble, type House } from "./assemble.ts";
import { offerAtTerminal } from "./boot/authenticator.ts";
import { openCardFiles } from "./boot/card_files.ts";
import { openChats } from "./boot/chats.ts";
import { closeDatabase, type Database, newestHouseTime, openDatabase } from "./boot/database.ts";
import { openDeskServer } from "./boot/desk.ts";
import { onlyToOurHosts } from "./boot/egress.ts";
import { type Ending, listenForEnd } from "./boot/ending.ts";
import { type OpenedHome, openHome } from "./boot/home.ts";
import { lastWords, noteDeath } from "./boot/last_words.ts";
import { lifelineFor } from "./boot/lifeline.ts";
import { homeOf, openMarket, openPractice, settingsFor } from "./boot/market.ts";
import { openPictures } from "./boot/pictures.ts";
import { openQueue } from "./boot/queue.ts";
import { readSettings } from "./boot/settings.ts";
import { surroundingsProblems } from "./boot/surroundings.ts";
import { greet } from "./boot/talk.ts";
import { type OpenedTrader, openTrader } from "./boot/trader.ts";
import { untilStopped } from "./boot/until_stopped.ts";
import { keyFingerprint, openVenue } from "./boot/venue.ts";
import type { Config } from "./config.ts";
import { mark } from "./core/mark.ts";
import { fail, ok, type Result } from "./core/result.ts";
import type { HouseSettings } from "./core/settings.ts";
import { addMs, instant } from "./core/time.ts";
import { completeFor } from "./flows/complete_option.ts";
import { issueCode } from "./flows/link_people.ts";
import { acceptDatabase } from "./flows/safe_mode.ts";
import type { Clock } from "./ports/clock.ts";
import type { LiveStart } from "./ports/live_start.ts";
import type { Complete } from "./ports/messenger.ts";
import type { Monitor } from "./ports/monitor.ts";
import type { MarketSource } from "./practice/market/source.ts";
import { showProblems } from "./settings/problem.ts";
import { venues } from "./venues/index.ts";

type Closer = () => Promise<void> | void;
/** Closed in reverse: what was opened last is closed first. */
type Closers = Closer[];

const vault = systemVault();
const wallClock = systemClock();

/** @returns the exit code, once the house has stopped. */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const startedMono = wallClock.mono();
  if (argv[0] === "routes") {
    const { showRoutes } = await import("./boot/show_routes.ts");
    return showRoutes(argv, env);
  }
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
  // Whatever TZ says: days, schedules and texts of this process are UTC.
  if ((env["TZ"] ?? "UTC") !== "UTC") mark("G10.time_zone_overruled");
  env["TZ"] = "UTC";
  const around = { env, execArgv: process.execArgv, inspectorUrl: inspectorUrl(), files: config.secretFiles };
  const problems = surroundingsProblems(around);
  if (problems.length > 0 && settings.mode === "live") {
    process.stderr.write(`${showProblems(problems)}\n`);
    return 2;
  }
  const closers: Closers = [];
  const clean = createRedact(secrets).text;
  const ending = listenForEnd({ clock: wallClock, exit: (code) => process.exit(code), clean });
  const warnings = problems.map((problem) => showProblems([problem]));
  const run = await start({ config, settings, secrets, closers, startedMono, ending, warnings }).catch(
    (error: unknown) => fail(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  if (!run.ok) process.stderr.write(`\n${clean(run.problem)}\n`);
  for (const close of closers.reverse())
    await Promise.resolve(close()).catch((error: unknown) =>
      process.stderr.write(clean(`While stopping: ${String(error)}\n`)),
    );
  ending.close();
  return run.ok ? run.value : 1;
}

type Start = {
  readonly config: Config;
  readonly settings: HouseSettings;
  readonly secrets: readonly string[];
  readonly closers: Closers;
  readonly startedMono: number;
  readonly ending: Ending;
  /** About the surroundings; said once the log is open. */
  readonly warnings: readonly string[];
};

async function start(given: Start): Promise<Result<number, string>> {
  const { config, settings: written, secrets, closers, startedMono, ending, warnings } = given;
  // With the address of a practice exchange that runs elsewhere, this process brings none of its own.
  const bringsMarket =
    written.mode === "dry_run" || (written.mode === "paper" && config.environment.kucoinApiRoot === null);
  const source = bringsMarket ? await openMarket(config, wallClock.wall()) : ok(null);
  if (!source.ok) return source;
  const home = homeOf(config, source.value, vault);
  const fitted = source.value === null ? ok(written) : settingsFor(written, source.value);
  if (!fitted.ok) return fitted;
  const settings = fitted.value;
  const log = openLogIn(home, config, secrets);
  closers.push(() => log.close());
  for (const warning of [...warnings, ...(source.value?.warnings ?? [])]) log.warn(warning);
  closers.push(await onlyToOurHosts(config, log));

  const opened = await openHome({ home, mode: settings.mode, clock: wallClock, vault, log });
  if (!opened.ok) return opened;
  closers.push(() => opened.value.close());
  ending.onFault((because) => noteDeath({ opened: opened.value, log }, because));
  const stopping = ending.signal;
  const database = await openDatabase(config, home, { clock: wallClock, vault, log, stopping });
  if (!database.ok) return database;
  closers.push(() => closeDatabase(database.value));
  const clock = await clockFor(config, source.value, database.value);
  const trader = await openTrader(database.value.pool, {
    configHash: settings.configHash,
    mode: settings.mode,
    home: opened.value,
    acceptedBecause: config.acceptRestoredDatabase,
    venue: { hasMemory: settings.mode === "live", absentAfterMs: absentAfterMsOf(settings) },
    stopping,
    clock,
    wallClock,
    vault,
    log,
  });
  if (!trader.ok) return trader;
  closers.push(() => trader.value.release());
  closers.push(() => trader.value.ledger.close());
  return runHouse({
    config,
    settings,
    source: source.value,
    home,
    opened: opened.value,
    log,
    clock,
    database: database.value,
    trader: trader.value,
    closers,
    startedMono,
    ending,
  });
}

function openLogIn(home: string, config: Config, secrets: readonly string[]): OpenLog {
  // Before the logs make it: PostgreSQL, another user under root, must be able to pass through; nobody may list it.
  mkdirSync(home, { recursive: true, mode: 0o711 });
  return openLog({
    path: join(home, "logs", "countersign.log"),
    level: config.environment.logLevel,
    secrets,
    clock: wallClock,
    show: (line) => process.stderr.write(`${line}\n`),
    isColoured: process.stderr.isTTY,
  });
}

const absentAfterMsOf = (settings: HouseSettings): number =>
  venues.find((one) => one.name === settings.venue)?.capabilities.absentAfterMs ?? 0;

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
  readonly opened: OpenedHome;
  readonly trader: OpenedTrader;
  readonly closers: Closers;
  readonly startedMono: number;
  readonly ending: Ending;
};

async function runHouse(parts: Parts): Promise<Result<number, string>> {
  const { config, settings, source, home, log, clock, trader, opened, closers } = parts;
  const practice = source === null ? null : await openPractice({ config, source, settings, home, clock, vault, log });
  if (practice?.ok === false) return practice;
  if (practice !== null) closers.push(() => practice.value.stop());
  const venue = await openVenue({ config, settings, practice: practice?.value ?? null, clock, log });
  if (!venue.ok) return venue;
  const refusal = liveRefusal();
  const ids = systemIds(clock);
  const holder: { house: House | null } = { house: null };
  const desk = await openDeskServer({ config, house: () => required(holder.house), commands, clock, ids, vault, log });
  closers.push(() => desk.close());
  const pictures = openPictures({ clock: wallClock, log });
  closers.push(() => pictures.close());
  const complete: Complete = (account, typing) => completeFor(required(holder.house).needs, account, typing);
  const write = openCardFiles({ clock: wallClock, log }, () => required(holder.house).needs);
  const chats = await openChats(config, commands, { clock, log, paint: pictures.paint, write, complete });
  const queue = openQueue(config, parts.database, { clock, log });
  const house = assemble({
    clock,
    dice: systemDice(),
    ids,
    vault,
    authenticator: openAuthenticator(home, vault),
    ledger: trader.ledger,
    archive: openArchive(parts.database.views),
    lease: trader.lease,
    journal: opened.journal,
    ...venue.value,
    loopLag: systemLoopLag(),
    deskAddress: () => desk.address(),
    endProcess: (because) => parts.ending.fault(new Error(because)),
    messengers: [desk.messenger, ...chats],
    queue,
    log,
    ...monitorOf(config),
    roleProblem: roleProblemOf(parts.database),
    settings,
    ...(settings.mode === "live" ? { live: await liveStart(parts, refusal.refuse) } : {}),
    lifeline: lifelineFor({ config, home, database: parts.database, practice: practice?.value ?? null }),
  });
  holder.house = house;
  parts.ending.onFault((because) => lastWords(parts, house, because));
  await house.open(trader.epoch, trader.takeover);
  if (trader.accepted !== null) await acceptDatabase(house.needs, trader.accepted);
  const listening = await desk.listen();
  if (!listening.ok) return listening;
  await desk.restore(parts.database.views);
  await house.startChats();
  const owner = settings.people.find((person) => person.role === "owner")?.personId ?? "owner";
  greet({
    address: listening.value,
    code: await issueCode(house.needs, owner, "house"),
    settings,
    practice: practice?.value ?? null,
    home,
  });
  if (config.authenticator !== null) await offerAtTerminal(house.needs, config.authenticator);
  return untilStopped({ ...parts, house, practice: practice?.value ?? null, wallClock, refused: refusal.refused });
}

/** Resolves when a start of LIVE may not trade, with what is wrong. */
function liveRefusal(): { refuse: (problems: readonly string[]) => void; refused: Promise<readonly string[]> } {
  let refuse: (problems: readonly string[]) => void = () => undefined;
  const refused = new Promise<readonly string[]>((resolve) => {
    refuse = resolve;
  });
  return { refuse, refused };
}

const roleProblemOf = ({ separation }: Database): string | null => (separation.isSeparate ? null : separation.because);

/** Somebody outside who notices when this house falls silent; absent where none is set. */
function monitorOf({ environment }: Config): { monitor?: Monitor } {
  const address = environment.heartbeatUrl?.reveal();
  return address === undefined ? {} : { monitor: openMonitor(address, wallClock) };
}

async function liveStart({ config, trader }: Parts, refuse: LiveStart["refuse"]): Promise<LiveStart> {
  return {
    keyFingerprint: keyFingerprint(config, vault.sha256),
    phrase: config.livePhrase,
    code: config.liveCode,
    otherProblems: await trader.ledger.durability(),
    refuse,
  };
}

function required<Value>(value: Value | null): Value {
  if (value === null) throw new Error("The house is not assembled yet");
  return value;
}
