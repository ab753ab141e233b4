/**
 * The database: the one that comes with the house, or any other by DATABASE_URL; checked and migrated. One that is away is
 * waited for, however long it takes; a wrong one ends the start.
 */
import { join } from "node:path";
import type pg from "pg";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../adapters/embedded_postgres/embedded_postgres.ts";
import type { Fold } from "../adapters/postgres/ledger_store.ts";
import { migrate } from "../adapters/postgres/migrate.ts";
import { type Address, checkServer, openPool } from "../adapters/postgres/pool.ts";
import { prepareTraderRole, type Separation } from "../adapters/postgres/roles.ts";
import type { Config } from "../config.ts";
import { type Books, emptyBooks, evolve } from "../core/books.ts";
import type { Fact } from "../core/events.ts";
import { mark } from "../core/mark.ts";
import { living, project } from "../core/projections.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { type Instant, instant } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Vault } from "../ports/vault.ts";
import { packageRoot } from "./root.ts";

export type Database = {
  /** For the ledger alone: nothing else may take its sessions. */
  readonly pool: pg.Pool;
  /** For whatever is only shown: few sessions, short statements. */
  readonly views: pg.Pool;
  /** Whether the bot works as a role that can't change facts; start-up and /status say so when it does not. */
  readonly separation: Separation;
  readonly address: Address;
  readonly embedded: EmbeddedPostgres | null;
};
type Tools = {
  readonly clock: Clock;
  readonly vault: Vault;
  readonly log: Log;
  /** Ends the waiting; absent = a tool that does not wait at all. */
  readonly stopping?: AbortSignal;
};

const migrationsFolder = (): string => join(packageRoot(), "migrations");

export async function openDatabase(config: Config, home: string, tools: Tools): Promise<Result<Database, string>> {
  const { databaseUrl } = config.environment;
  const embedded =
    databaseUrl === null
      ? await startEmbeddedPostgres({
          folder: home,
          clock: tools.clock,
          log: tools.log,
          token: () => tools.vault.token() + tools.vault.token(),
        })
      : null;
  if (embedded?.ok === false) return embedded;
  const address: Address = embedded === null ? { url: databaseUrl?.reveal() ?? "" } : embedded.value.connection;
  const owned = { address, embedded: embedded === null ? null : embedded.value };
  const owner = openPool({ address, name: "countersign schema", max: 2, log: tools.log });
  try {
    const ready = await untilReady(owner, tools);
    if (!ready.ok) {
      await owned.embedded?.stop();
      return ready;
    }
    return ok({ ...owned, ...(await openPools(address, await prepareTraderRole(owner), tools)) });
  } finally {
    await owner.end();
  }
}

/** The ledger has its sessions to itself: a desk that asks for too much waits for its own. */
async function openPools(
  address: Address,
  separation: Separation,
  { log }: Tools,
): Promise<Pick<Database, "pool" | "views" | "separation">> {
  if (!separation.isSeparate) log.warn(separation.because);
  const role = separation.isSeparate ? { role: separation.role } : {};
  return {
    separation,
    pool: openPool({ address, name: "countersign ledger", max: 6, log, ...role }),
    views: openPool({ address, name: "countersign views", max: 2, statementMsMax: 2_000, log, ...role }),
  };
}

const waitsMs = [500, 1_000, 2_000, 5_000, 10_000] as const;

/** Nothing is traded meanwhile: without a database there is no record, and without a record there is no order. */
async function untilReady(pool: pg.Pool, tools: Tools): Promise<Result<null, string>> {
  const { clock, log, stopping } = tools;
  for (let tries = 0; ; tries += 1) {
    const tried = await tryDatabase(pool, tools);
    if (tried.kind === "known") return tried.result;
    mark("P01.database_away_at_start");
    const nextTryMs = waitsMs[Math.min(tries, waitsMs.length - 1)] ?? 10_000;
    log.warn("The database does not answer; nothing is traded until it does", { because: tried.because, nextTryMs });
    if (stopping !== undefined) await clock.sleep(nextTryMs, stopping);
    if (stopping === undefined || stopping.aborted) return fail(`The database does not answer: ${tried.because}`);
  }
}

type Tried =
  | { readonly kind: "known"; readonly result: Result<null, string> }
  | { readonly kind: "away"; readonly because: string };

async function tryDatabase(pool: pg.Pool, { clock, vault }: Tools): Promise<Tried> {
  try {
    const checked = await checkServer(pool);
    if (!checked.ok) return { kind: "known", result: checked };
    const migrated = await migrate(pool, { folder: migrationsFolder(), at: clock.wall(), vault });
    return { kind: "known", result: migrated.ok ? ok(null) : fail(migrated.problem) };
  } catch (error) {
    const wrong = wrongDatabase(error as { code?: string; message: string });
    const because = (error as Error).message;
    return wrong === null ? { kind: "away", because } : { kind: "known", result: fail(wrong) };
  }
}

/** What waiting does not mend. */
function wrongDatabase({ code, message }: { code?: string; message: string }): string | null {
  if (code === "28P01" || code === "28000") return `DATABASE_URL is refused by the server: ${message}`;
  if (code === "3D000") return `DATABASE_URL names a database that does not exist: ${message}`;
  if (code === "42501") return `The user of DATABASE_URL lacks a right: ${message}`;
  return null;
}

export async function closeDatabase({ pool, views, embedded }: Database): Promise<void> {
  await Promise.all([pool.end(), views.end()]);
  await embedded?.stop();
}

/** House time of the newest fact: a played market goes on from there. null = nothing happened yet. */
export async function newestHouseTime(pool: pg.Pool): Promise<Instant | null> {
  const answer = await pool.query<{ at: number }>("select at from events order by seq desc limit 1");
  const row = answer.rows[0];
  return row === undefined ? null : instant(row.at);
}

/** The version is raised whenever evolve may give other books for the same facts; older snapshots are then not used. */
export const ledgerFold: Fold<Books, Fact> = { version: "79", empty: emptyBooks, evolve, project, living };
