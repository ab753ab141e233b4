/** The database: the one that comes with the house, or any other by DATABASE_URL; migrated, fenced by a new epoch, folded into books. */
import { join } from "node:path";
import type pg from "pg";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../adapters/embedded_postgres/embedded_postgres.ts";
import type { Fold } from "../adapters/postgres/ledger_store.ts";
import { migrate } from "../adapters/postgres/migrate.ts";
import { type Address, checkServer, openPool } from "../adapters/postgres/pool.ts";
import { renewTables } from "../adapters/postgres/renew_tables.ts";
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

/** The version is raised whenever evolve may give other books for the same facts; older snapshots are then not used. */
export const ledgerFold: Fold<Books, Fact> = { version: "10", empty: emptyBooks, evolve, project, living };
