/** The database: the one that comes with the house, or any other by DATABASE_URL; migrated, fenced by a new epoch, folded into books. */
import { hostname } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../adapters/embedded_postgres/embedded_postgres.ts";
import { releaseLease, renewLease, takeEpoch } from "../adapters/postgres/epoch.ts";
import { type Fold, type LedgerStore, openLedgerStore } from "../adapters/postgres/ledger_store.ts";
import { migrate } from "../adapters/postgres/migrate.ts";
import { type Address, checkServer, openPool } from "../adapters/postgres/pool.ts";
import type { Config } from "../config.ts";
import { type Books, emptyBooks, evolve } from "../core/books.ts";
import type { Fact } from "../core/events.ts";
import { living, project } from "../core/projections.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { type Instant, instant } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Vault } from "../ports/vault.ts";
import { packageRoot } from "./root.ts";

export type Database = {
  readonly pool: pg.Pool;
  readonly address: Address;
  readonly embedded: EmbeddedPostgres | null;
};
type Tools = { readonly clock: Clock; readonly vault: Vault; readonly log: Log };

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
  const pool = openPool({ address, name: "countersign ledger", max: 6, log: tools.log });
  const database: Database = { pool, address, embedded: embedded === null ? null : embedded.value };
  const checked = await checkServer(pool);
  if (!checked.ok) return closing(database, checked.problem);
  const migrated = await migrate(pool, { folder: migrationsFolder(), at: tools.clock.wall(), vault: tools.vault });
  return migrated.ok ? ok(database) : closing(database, migrated.problem);
}

async function closing(database: Database, problem: string): Promise<Result<never, string>> {
  await closeDatabase(database);
  return fail(problem);
}

export async function closeDatabase({ pool, embedded }: Database): Promise<void> {
  await pool.end();
  await embedded?.stop();
}

/** House time of the newest fact: a played market goes on from there. null = nothing happened yet. */
export async function newestHouseTime(pool: pg.Pool): Promise<Instant | null> {
  const answer = await pool.query<{ at: number }>("select at from events order by seq desc limit 1");
  const row = answer.rows[0];
  return row === undefined ? null : instant(row.at);
}

export type OpenedLedger = {
  readonly ledger: LedgerStore<Books, Fact>;
  readonly epoch: number;
  /** Gives the lease back, so that the next start need not wait. */
  release(): Promise<void>;
};

/** The version is raised whenever evolve may give other books for the same facts; older snapshots are then not used. */
export const ledgerFold: Fold<Books, Fact> = { version: "10", empty: emptyBooks, evolve, project, living };

export async function openLedger(
  database: Database,
  claim: { configHash: string },
  tools: Tools,
): Promise<Result<OpenedLedger, string>> {
  const holder = tools.vault.token();
  const taken = await takeTurn(database, { holder, ...claim }, tools);
  if (!taken.ok) return taken;
  const epoch = taken.value;
  const stopRenewing = renewing(database.pool, holder, tools);
  const ledger = await openLedgerStore<Books, Fact>({
    pool: database.pool,
    epoch,
    host: hostname(),
    ...tools,
    fold: ledgerFold,
  });
  const release = async () => {
    stopRenewing();
    await releaseLease(database.pool, holder);
  };
  return ok({ ledger, epoch, release });
}

const leaseMs = 10_000;
const renewEveryMs = 2_000;
const turnWaitMs = 15_000;

/**
 * The embedded server lets one bot in at a time, so whoever gets here is alone. Elsewhere the lease of the last holder must
 * have run out: a killed bot is waited for, a living one is named.
 */
async function takeTurn(
  { pool, embedded }: Database,
  claim: { holder: string; configHash: string },
  { clock, log }: Tools,
): Promise<Result<number, string>> {
  const from = embedded === null ? "expired" : "anyone";
  const until = clock.mono() + turnWaitMs;
  for (let tries = 0; ; tries += 1) {
    const taken = await takeEpoch(pool, { ...claim, gitSha: "", at: clock.wall(), leaseMs, from });
    if (taken.ok) return ok(taken.value.epoch);
    if (clock.mono() > until)
      return fail(`Another bot (${taken.problem.holder}) trades with this database; stop it first`);
    if (tries === 0)
      log.info("Waiting for the lease of the last bot to run out", { leftMs: taken.problem.leaseLeftMs });
    await clock.sleep(500);
  }
}

/** The heartbeat of the lease. A database that is away is no reason to stop: the epoch, not the lease, is the fence. */
function renewing(pool: pg.Pool, holder: string, { clock, log }: Tools): () => void {
  let isHeld = true;
  return clock.every(renewEveryMs, async () => {
    const isOurs = await renewLease(pool, { holder, leaseMs }).catch(() => isHeld);
    if (isHeld && !isOurs) log.error("Another bot holds the lease of this database now");
    isHeld = isOurs;
  });
}
