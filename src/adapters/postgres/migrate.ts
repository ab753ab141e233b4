/**
 * Brings the schema forward: the numbered files of migrations/, each in one transaction, each once, never backward.
 * A file that was changed or removed after it ran is refused by name: the database was made by something else than this code.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { mark } from "../../core/mark.ts";
import { fail, ok, type Result } from "../../core/result.ts";
import { type Instant, isoTime } from "../../core/time.ts";
import type { Vault } from "../../ports/vault.ts";
import { writeLegalMoves } from "./legal_moves.ts";
import { inTransaction, unhurried } from "./pool.ts";

export type Migrated = { readonly applied: readonly string[]; readonly known: readonly string[] };

/** Two bots that start at once take turns. The lock ends with its transaction, so a pooled session keeps nothing. */
const migrationLock = 7_305_115;
const nameForm = /^\d{4}_[a-z0-9_]+\.sql$/;

export async function migrate(
  pool: pg.Pool,
  plan: {
    readonly folder: string;
    readonly at: Instant;
    readonly vault: Vault;
    readonly onFile?: (name: string) => void;
  },
): Promise<Result<Migrated, string>> {
  const files = readMigrations(plan.folder, plan.vault);
  if (!files.ok) return files;
  const applied: string[] = [];
  for (;;) {
    const step = await inTransaction(pool, (client) => applyNext(client, files.value, plan.at));
    if (!step.ok) return step;
    if (step.value === null) return ok({ applied, known: files.value.map((file) => file.name) });
    applied.push(step.value);
    plan.onFile?.(step.value);
  }
}

type MigrationFile = { readonly name: string; readonly text: string; readonly checksum: string };

export function readMigrations(folder: string, vault: Vault): Result<readonly MigrationFile[], string> {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort();
  for (const [index, name] of names.entries()) {
    if (!nameForm.test(name)) return fail(`migrations/${name}: the name must look like 0004_what_it_does.sql`);
    if (Number(name.slice(0, 4)) !== index + 1) {
      return fail(
        `migrations/${name}: numbers rise by one without gaps, so ${String(index + 1).padStart(4, "0")} was expected`,
      );
    }
  }
  return ok(
    names.map((name) => {
      // The same file checked out with other line ends is the same migration.
      const text = readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n");
      return { name, text, checksum: vault.sha256(text) };
    }),
  );
}

/** @returns the name of the file that ran, or null when there was none left. */
async function applyNext(
  client: pg.PoolClient,
  files: readonly MigrationFile[],
  at: Instant,
): Promise<Result<string | null, string>> {
  // A migration may rewrite a big table, and a second bot waits for the first.
  await client.query(
    "set local statement_timeout = 0; set local lock_timeout = 0; set local idle_in_transaction_session_timeout = 0",
  );
  await client.query(unhurried("select pg_advisory_xact_lock($1)", [migrationLock]));
  await client.query(
    "create table if not exists schema_migrations (name text primary key, checksum text not null, applied_at timestamptz not null)",
  );
  const done = await client.query<{ name: string; checksum: string }>(
    "select name, checksum from schema_migrations order by name",
  );
  const problem = compareWithDone(files, done.rows);
  if (problem !== null) {
    mark("P19.schema_mismatch");
    return fail(problem);
  }
  const next = files[done.rows.length];
  if (next === undefined) {
    await writeLegalMoves(client);
    return ok(null);
  }
  await client.query(unhurried(next.text));
  await client.query("insert into schema_migrations (name, checksum, applied_at) values ($1, $2, $3)", [
    next.name,
    next.checksum,
    isoTime(at),
  ]);
  return ok(next.name);
}

function compareWithDone(
  files: readonly MigrationFile[],
  done: readonly { readonly name: string; readonly checksum: string }[],
): string | null {
  for (const [index, ran] of done.entries()) {
    const file = files.find((one) => one.name === ran.name);
    if (file === undefined) {
      return `The database has run migrations/${ran.name}, which this version does not have. It was made by a newer version: update this program, or restore the backup that belongs to it.`;
    }
    if (file.checksum !== ran.checksum) {
      return `migrations/${ran.name} was changed after it ran in this database. Put the old text back and make a new file for the change.`;
    }
    if (files[index]?.name !== ran.name) {
      return `migrations/${files[index]?.name ?? "?"} is missing in this database although later files have run. Give it the next free number.`;
    }
  }
  return null;
}
