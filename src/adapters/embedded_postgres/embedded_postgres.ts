/**
 * The database that comes with the house: real PostgreSQL below the state folder, for one bot at a time.
 *
 *   start --- no server ----------------------> start one ---> take the folder lock ---> ready
 *      \----- a server lives, lock is free ---> adopt it (its bot was killed) ---------> ready
 *       \---- a server lives, lock is held ---> refuse, naming the other bot
 *   ready --- the server dies ----------------> start it again on the same port, take the lock again
 *   stop  --- give the lock back, SIGINT, wait. Called last, after everybody else has closed their sessions.
 */
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import pg from "pg";
import { fail, ok, type Result } from "../../core/result.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { findBinaries } from "./binaries.ts";
import { type Connection, type FolderLock, takeFolderLock } from "./folder_lock.ts";
import { initializeData, readPassword, serverUser } from "./initialize.ts";
import { isAlive, isServerOf, readLockFile, removeForeignLock } from "./lock_file.ts";
import { explainFailure } from "./problem.ts";
import { choosePlace, type Place, spareRootDefault } from "./run_as.ts";
import { defaultSettings, endServer, freePort, launch, logFileOf, type ServerPlan } from "./server_process.ts";

export type EmbeddedPostgres = {
  /** Valid for the whole life of this object: a restarted server keeps its port. */
  readonly connection: Connection;
  /** A server left behind by a killed bot was taken over instead of starting one. */
  readonly wasAdopted: boolean;
  /** Resolves after the server has ended, or with a logged warning after 15 s. Safe to call twice. */
  stop(): Promise<void>;
};

export type EmbeddedWish = {
  /** The state folder, e.g. ".countersign"; made when missing. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Fresh secret text of at least 16 characters: the vault's. */
  readonly token: () => string;
  /** PostgreSQL settings that differ from ours; tests turn fsync off. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Platform package at another place than node_modules. */
  readonly packageFolder?: string;
  readonly spareRoot?: string;
  readonly setpriv?: string;
};

const database = "countersign";
/** A lock file whose owner has just died is waited for this long. */
const staleMsMax = 10_000;

/** The problem is one sentence for the person who started the process. Nothing is left running then. */
export async function startEmbeddedPostgres(wish: EmbeddedWish): Promise<Result<EmbeddedPostgres, string>> {
  try {
    const prepared = await prepare(wish);
    if (!prepared.ok) return prepared;
    const opened = await open(prepared.value);
    if (!opened.ok) return opened;
    const connection = { ...opened.value.connection, database };
    await makeDatabase(opened.value.connection);
    return ok(supervise({ ...prepared.value, ...opened.value, connection }));
  } catch (error) {
    // The file system refused something on the way: full, read-only, or not ours.
    return fail(explainFailure((error as Error).message, resolve(wish.folder)));
  }
}

type Prepared = ServerPlan & { readonly password: string };

async function prepare(wish: EmbeddedWish): Promise<Result<Prepared, string>> {
  // Anybody may pass through (PostgreSQL runs as another user under root), nobody else may list it.
  mkdirSync(wish.folder, { recursive: true, mode: 0o711 });
  const folder = realpathSync(wish.folder);
  const found = findBinaries(join(folder, "libraries"), wish.packageFolder);
  if (!found.ok) return found;
  const chosen = choosePlace({
    folder,
    packageFolder: found.value.home,
    libraryPath: found.value.libraryPath,
    myUid: process.getuid?.() ?? null,
    spareRoot: wish.spareRoot ?? spareRootDefault,
    setpriv: wish.setpriv ?? "setpriv",
  });
  if (!chosen.ok) return chosen;
  const place = chosen.value;
  if (place.note !== null) wish.log.info(place.note);
  const password = readPassword(folder, existsSync(place.dataFolder), wish.token);
  if (!password.ok) return password;
  const programs = join(place.packageFolder, "native", "bin");
  const settings = { ...defaultSettings, ...wish.settings };
  const made = await initializeData({
    place,
    initdb: join(programs, "initdb"),
    password: password.value,
    isSynced: settings["fsync"] !== "off",
  });
  if (!made.ok) return made;
  const { clock, log } = wish;
  return ok({
    place,
    postgres: join(programs, "postgres"),
    logFile: logFileOf(folder),
    settings,
    clock,
    log,
    password: password.value,
  });
}

type Opened = { readonly connection: Connection; readonly lock: FolderLock; readonly wasAdopted: boolean };

type OpenProblem = { readonly message: string; readonly isFinal: boolean };

/** Starts or adopts, and holds the lock. `fixedPort` is given when the server is brought back. */
async function open(plan: Prepared, fixedPort?: number): Promise<Result<Opened, string>> {
  const deadline = plan.clock.mono() + staleMsMax;
  for (;;) {
    const living = findLiving(plan.place);
    const opened = await (living === null ? startNew(plan, fixedPort ?? (await freePort())) : adopt(plan, living));
    if (opened.ok) return opened;
    if (opened.problem.isFinal || plan.clock.mono() > deadline) return fail(opened.problem.message);
    await plan.clock.sleep(250);
  }
}

async function startNew(plan: Prepared, port: number): Promise<Result<Opened, OpenProblem>> {
  if (removeForeignLock(plan.place.dataFolder)) {
    plan.log.warn("Removed postmaster.pid: its process number belongs to another program now", {
      folder: plan.place.dataFolder,
    });
  }
  const launched = await launch(plan, port);
  if (!launched.ok) return fail({ message: launched.problem.message, isFinal: launched.problem.kind === "failed" });
  const locked = await lockNew(plan, port);
  return locked.ok ? locked : fail({ message: locked.problem, isFinal: true });
}

function findLiving(place: Place): { pid: number; port: number } | null {
  const lock = readLockFile(place.dataFolder);
  return lock !== null && isAlive(lock.pid) && isServerOf(lock.pid, place.dataFolder) ? lock : null;
}

const connectionTo = (port: number, password: string): Connection => ({
  host: "127.0.0.1",
  port,
  user: serverUser,
  password,
  database: "postgres",
});

async function lockNew(plan: Prepared, port: number): Promise<Result<Opened, string>> {
  const connection = connectionTo(port, plan.password);
  const lock = await takeFolderLock(connection, { dataFolder: plan.place.dataFolder, log: plan.log });
  if (lock.ok) return ok({ connection, lock: lock.value, wasAdopted: false });
  // Another bot that waited for the same folder was quicker by a few milliseconds: the server is then theirs.
  if (lock.problem.kind === "held") return fail(heldMessage(plan, lock.problem));
  await endServer(plan.place.dataFolder, plan.clock);
  const because = lock.problem.kind === "no_answer" ? lock.problem.message : `it serves ${lock.problem.folder}`;
  return fail(`PostgreSQL in ${plan.place.dataFolder} started but can't be used: ${because}. See ${plan.logFile}.`);
}

async function adopt(
  plan: Prepared,
  living: { readonly pid: number; readonly port: number },
): Promise<Result<Opened, OpenProblem>> {
  const connection = connectionTo(living.port, plan.password);
  const lock = await takeFolderLock(connection, { dataFolder: plan.place.dataFolder, log: plan.log });
  if (lock.ok) {
    plan.log.warn("Took over the database server of a bot that had ended without stopping it", {
      pid: living.pid,
      port: living.port,
    });
    return ok({ connection, lock: lock.value, wasAdopted: true });
  }
  if (lock.problem.kind === "held") return fail({ message: heldMessage(plan, lock.problem), isFinal: true });
  const because = lock.problem.kind === "no_answer" ? lock.problem.message : `it serves ${lock.problem.folder}`;
  const message = `A PostgreSQL server (pid ${living.pid}, port ${living.port}) holds ${plan.place.dataFolder} but does not answer us: ${because}. End that process (kill -INT ${living.pid}) and start again.`;
  return fail({ message, isFinal: false });
}

function heldMessage(plan: Prepared, held: { readonly by: string; readonly since: string }): string {
  return `Another bot (${held.by}, since ${held.since}) is using ${plan.place.dataFolder}. Stop it first, or give this one a state folder of its own.`;
}

async function makeDatabase(connection: Connection): Promise<void> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const found = await client.query("select 1 from pg_database where datname = $1", [database]);
    if (found.rowCount === 0) await client.query(`create database ${database}`);
  } finally {
    await client.end();
  }
}

/** Watches the lock's session: when it ends without our doing, the server is gone and is brought back. */
function supervise(running: Prepared & Opened): EmbeddedPostgres {
  const { place, clock, log } = running;
  const stopping = new AbortController();
  let lock = running.lock;
  const watch = async (): Promise<void> => {
    for (;;) {
      await lock.lost;
      if (stopping.signal.aborted) return;
      log.error("The database server is gone; starting it again", { folder: place.dataFolder });
      const again = await bringBack(running, stopping.signal);
      if (again === null) return;
      lock = again;
      log.warn("The database server is back");
    }
  };
  const watching = watch();
  let stopped: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    stopping.abort();
    await lock.client.end().catch(() => undefined);
    await watching;
    const isEnded = await endServer(place.dataFolder, clock);
    if (!isEnded)
      log.warn("The database server did not end within 15 s and is left running; the next start takes it over");
  };
  return {
    connection: running.connection,
    wasAdopted: running.wasAdopted,
    stop: () => (stopped ??= stop()),
  };
}

async function bringBack(running: Prepared & Opened, stopping: AbortSignal): Promise<FolderLock | null> {
  const { clock, log, connection } = running;
  for (let waitMs = 100; !stopping.aborted; waitMs = Math.min(waitMs * 2, 5_000)) {
    const opened = await open(running, connection.port).catch((error: Error) => fail(error.message));
    if (opened.ok && opened.value.connection.port === connection.port) return opened.value.lock;
    if (opened.ok) {
      // Somebody else began a server here and was killed; ours must have the port that everybody in this process knows.
      await opened.value.lock.client.end();
      await endServer(running.place.dataFolder, clock);
    } else {
      log.error("The database server could not be brought back yet", { because: opened.problem });
    }
    await clock.sleep(waitMs, stopping);
  }
  return null;
}
