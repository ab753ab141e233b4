/**
 * One process of the house: the real assemble() on simulated ports, started as src/main.ts starts it. It dies at any call
 * that leaves it, freezes and thaws, loses its way to the database, and a supervisor (world.ts) starts the next one.
 */

import type { Fold } from "../../src/adapters/postgres/ledger_store.ts";
import { openLedgerStore } from "../../src/adapters/postgres/ledger_store.ts";
import { assemble, type House } from "../../src/assemble.ts";
import type { Books } from "../../src/core/books.ts";
import type { Fact } from "../../src/core/events.ts";
import type { HouseSettings } from "../../src/core/settings.ts";
import type { CrashHook } from "../../src/flows/crash_hooks.ts";
import type { Journal } from "../../src/ports/journal.ts";
import { type Integrity, LedgerUnavailable } from "../../src/ports/ledger.ts";
import type { Chance, Scheduler, SimPeople, SimVenue, Weather } from "./contract.ts";
import { type SimClock, simClock } from "./ports/clock.ts";
import { messengerDoor, venueDoor } from "./ports/doors.ts";
import { type Life, openLife } from "./ports/life.ts";
import { type SimQueue, simQueue } from "./ports/queue.ts";
import { simDice, simIds, simLog, simVault } from "./ports/small.ts";
import type { SimDatabase } from "./store/sim_database.ts";
import { type Link, openLink } from "./store/sim_pool.ts";
import { takeTurn } from "./turn.ts";

export type Surroundings = {
  readonly seed: string;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly weather: Weather;
  readonly database: SimDatabase;
  readonly venue: SimVenue;
  readonly people: SimPeople;
  readonly settings: HouseSettings;
  /** On the disk of the one machine, or of each: it outlives processes. */
  readonly journal: Journal;
  readonly fold: Fold<Books, Fact>;
  /** Whoever starts has proven that the last one is dead; otherwise the lease has to run out. */
  readonly isSameHost: boolean;
  readonly log: (processId: string, line: string) => void;
  readonly onHook: (process: SimProcess, hook: CrashHook) => void;
  readonly onCall: (process: SimProcess) => void;
  /** It ended by itself: it could not start, or it was told to stop. */
  readonly onEnd: (process: SimProcess, because: string) => void;
};

export type SimProcess = {
  readonly processId: string;
  readonly life: Life;
  readonly clock: SimClock;
  readonly link: Link;
  readonly queue: SimQueue;
  readonly startedAt: number;
  epoch: number;
  house: House | null;
  release: () => Promise<void>;
  /** The venue has answered and entries may follow. */
  isJoined: boolean;
};

export function startProcess(around: Surroundings, number: number): SimProcess {
  const { scheduler, weather, database } = around;
  const processId = `p${number}`;
  const chance = around.chance.fork(processId);
  const life = openLife(processId, () => around.onCall(process));
  const clock = simClock(scheduler, life);
  const process: SimProcess = {
    processId,
    life,
    clock,
    link: openLink({ database, scheduler, chance: chance.fork("link"), weather, life }),
    queue: simQueue({ scheduler, chance: chance.fork("queue"), weather, life, mono: clock.mono }),
    startedAt: scheduler.now(),
    epoch: 0,
    house: null,
    release: () => Promise.resolve(),
    isJoined: false,
  };
  const parts: Parts = { process, chance, number };
  run(around, parts).catch((error: unknown) => {
    if (life.isAlive()) around.onEnd(process, error instanceof Error ? error.message : String(error));
  });
  return process;
}

type Parts = { readonly process: SimProcess; readonly chance: Chance; readonly number: number };

/** The order of src/main.ts: database and epoch, house, chats, jobs, venue, first cycle. */
async function run(around: Surroundings, { process, chance, number }: Parts): Promise<void> {
  const { processId, life, clock, link } = process;
  const { settings } = around;
  const vault = simVault(around.seed, number);
  const log = simLog((line) => (life.isAlive() ? around.log(processId, line) : undefined));
  const turn = await takeTurn(link.pool, {
    clock,
    holder: `${processId} of seed ${around.seed}`,
    configHash: settings.configHash,
    isSameHost: around.isSameHost,
    absentAfterMs: around.venue.definition.capabilities.absentAfterMs,
  });
  process.epoch = turn.epoch;
  const ledger = await openLedgerStore<Books, Fact>({
    pool: link.pool,
    epoch: turn.epoch,
    host: "sim",
    clock,
    vault,
    log,
    fold: around.fold,
  });
  const house = assemble({
    clock,
    dice: simDice(chance.fork("dice")),
    ids: simIds(number),
    vault,
    ledger: {
      ...ledger,
      integrity: () => life.call(() => soundness(link, ledger.head().seq)),
      durability: () => life.call(() => soundness(link, 0)).then(() => []),
    },
    lease: turn.lease,
    journal: around.journal,
    venue: venueDoor(around.venue.port(processId, { now: () => clock.wall() }), life),
    venueDefinition: around.venue.definition,
    messengers: around.people.messengers(processId, clock).map((messenger) => messengerDoor(messenger, life)),
    queue: process.queue,
    log,
    settings,
    reach: (hook) => around.onHook(process, hook),
  });
  process.house = house;
  process.release = turn.release;
  await house.open(turn.epoch, turn.takeover);
  await house.startChats();
  await house.run();
  const open = await house.join();
  if (open === null) return;
  process.isJoined = true;
  await house.cycleNow().catch((error: unknown) => log.warn("The first cycle failed", { error: String(error) }));
}

/**
 * Nobody changes the simulated record by hand, so the walk over the old facts on every tick (which PostgreSQL's own tests
 * put to the proof) would only find what it found before; whether the database answers is what matters here.
 */
function soundness(link: Link, checkedTo: number): Promise<Integrity> {
  if (link.isCut()) return Promise.reject(new LedgerUnavailable("The record could not be checked: no connection"));
  return Promise.resolve({ headOk: true, gapFree: true, rowsOk: true, checkedTo, problem: null });
}

/** As a SIGTERM: an orderly end, then the process is gone. */
export async function stopProcess(process: SimProcess): Promise<void> {
  await process.house?.stop("the system asked (SIGTERM)");
  await process.release();
}
