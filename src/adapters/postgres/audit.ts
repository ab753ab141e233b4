/**
 * The record under the magnifying glass.
 *
 *   verify   walks the chain from the first fact and names the first one that does not fit
 *   rebuild  replays all facts into empty copies of the tables and compares them, row by row, with the live ones;
 *            with `apply` it then puts the replayed rows in place (after a migration that adds a table or a column)
 *
 * Both read one frozen moment, so a bot that goes on working does not disturb them.
 */
import type pg from "pg";
import { fail, ok, type Result } from "../../core/result.ts";
import {
  foldRows,
  type ProjectedRow,
  readTableShapes,
  rowsText,
  type TableShapes,
  upsertText,
} from "./append_statement.ts";
import { type Entry, entryOf, findBreak, firstHash, type Sha256 } from "./chain.ts";
import { type Head, readEvents, readHead } from "./event_rows.ts";
import type { AnyFact, Fold } from "./ledger_store.ts";
import { inTransaction, unhurried } from "./pool.ts";

export type Progress = {
  /** After each page; `of` is the number of all facts. */
  readonly onProgress?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
};

export type AuditProblem =
  | { readonly kind: "aborted" }
  /** `seq` is the first fact that can't be trusted. */
  | { readonly kind: "broken"; readonly seq: number; readonly because: string };

export type Verified = { readonly facts: number; readonly hash: string };

const pageRows = 2_000;

export function verify(
  pool: pg.Pool,
  sha256: Sha256,
  progress: Progress = {},
): Promise<Result<Verified, AuditProblem>> {
  return inSnapshot(pool, "read only", async (client) => {
    const head = await readHead(client);
    const walked = await walk(client, { head, sha256, progress, onPage: async () => undefined });
    return walked.ok ? ok({ facts: head.seq, hash: head.hash }) : walked;
  });
}

export type TableDifference = {
  readonly table: string;
  /** Rows that only the live table has, or has otherwise. */
  readonly onlyLive: number;
  readonly onlyReplayed: number;
  /** Up to five keys, as text. */
  readonly examples: readonly string[];
};

export type Rebuilt = {
  readonly facts: number;
  readonly tables: number;
  readonly differences: readonly TableDifference[];
  readonly isApplied: boolean;
};

/** @param wish.tables the views to compare; all tables that facts may write to when left out. */
export function rebuild<Books, Fact extends AnyFact>(
  pool: pg.Pool,
  wish: {
    readonly fold: Fold<Books, Fact>;
    readonly sha256: Sha256;
    readonly apply: boolean;
    readonly tables?: readonly string[];
  } & Progress,
): Promise<Result<Rebuilt, AuditProblem>> {
  return inSnapshot(pool, "read write", async (client) => {
    if (wish.apply) await holdAppends(client);
    const head = await readHead(client);
    const shapes = wantedShapes(await readTableShapes(client), wish.tables);
    for (const name of shapes.keys()) {
      await client.query(
        `create temporary table ${scratch(name)} (like ${live(name)} including defaults including generated) on commit drop`,
      );
      const key = shapes.get(name)?.key ?? [];
      await client.query(`alter table ${scratch(name)} add primary key (${key.map(quoted).join(", ")})`);
    }
    let books = wish.fold.empty;
    const onPage = async (entries: readonly Entry<Fact>[]): Promise<void> => {
      const touched: ProjectedRow[] = [];
      for (const entry of entries) {
        const after = wish.fold.evolve(books, entry);
        touched.push(...wish.fold.project(books, after, entry).filter((row) => shapes.has(row.table)));
        books = after;
      }
      await writeScratch(client, touched, shapes);
    };
    const walked = await walk(client, { head, sha256: wish.sha256, progress: wish, onPage });
    if (!walked.ok) return walked;
    const differences: TableDifference[] = [];
    for (const shape of shapes.values()) differences.push(...(await compareTable(client, shape)));
    if (wish.apply) await exchangeAll(client, differences);
    return ok({ facts: head.seq, tables: shapes.size, differences, isApplied: wish.apply });
  });
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const live = (table: string): string => `public.${quoted(table)}`;
const scratch = (table: string): string => `pg_temp.${quoted(table)}`;

function wantedShapes(all: TableShapes, names: readonly string[] | undefined): TableShapes {
  if (names === undefined) return all;
  return new Map([...all].filter(([name]) => names.includes(name)));
}

async function walk<Fact>(
  client: pg.PoolClient,
  plan: {
    readonly head: Head;
    readonly sha256: Sha256;
    readonly progress: Progress;
    readonly onPage: (entries: readonly Entry<Fact>[]) => Promise<void>;
  },
): Promise<Result<null, AuditProblem>> {
  const { head, sha256, progress } = plan;
  let at = { seq: 0, hash: firstHash };
  while (at.seq < head.seq) {
    if (progress.signal?.aborted === true) return fail({ kind: "aborted" });
    const rows = await readEvents(client, { after: at.seq, until: head.seq, count: pageRows });
    const broken = findBreak(rows, at, sha256);
    if (broken !== null) return fail({ kind: "broken", ...broken });
    const last = rows.at(-1);
    if (last === undefined) return fail({ kind: "broken", seq: at.seq + 1, because: `fact ${at.seq + 1} is missing` });
    await plan.onPage(rows.map((row) => entryOf<Fact>(row)));
    at = { seq: last.seq, hash: last.hash };
    progress.onProgress?.(at.seq, head.seq);
  }
  if (at.hash !== head.hash) {
    return fail({ kind: "broken", seq: head.seq, because: `the head says another hash than fact ${head.seq}` });
  }
  const beyond = await client.query<{ seq: number }>("select seq from events where seq > $1 order by seq limit 1", [
    head.seq,
  ]);
  const extra = beyond.rows[0];
  if (extra === undefined) return ok(null);
  return fail({ kind: "broken", seq: extra.seq, because: `fact ${extra.seq} stands after the head (${head.seq})` });
}

async function writeScratch(
  client: pg.PoolClient,
  touched: readonly ProjectedRow[],
  shapes: TableShapes,
): Promise<void> {
  for (const [table, rows] of foldRows(touched, shapes)) {
    const shape = shapes.get(table);
    if (shape !== undefined) await client.query(upsertText(shape, scratch(table), "$1", ""), [rowsText(rows)]);
  }
}

async function compareTable(
  client: pg.PoolClient,
  shape: { readonly name: string; readonly key: readonly string[] },
): Promise<readonly TableDifference[]> {
  // jsonb compares values, so 1.0 and 1.00 or two spellings of one JSON document are no difference.
  const rows = (table: string): string => `select to_jsonb(t) as row from ${table} t`;
  const key = shape.key.map((column) => `(row ->> '${column.replaceAll("'", "''")}')`).join(` || ' ' || `);
  const answer = await client.query<{ side: "live" | "replayed"; count: number; examples: string[] }>(
    unhurried(
      `with only_live as (${rows(live(shape.name))} except ${rows(scratch(shape.name))}),
          only_replayed as (${rows(scratch(shape.name))} except ${rows(live(shape.name))})
     select 'live' as side, count(*) as count, (array_agg(${key} order by ${key}))[1:5] as examples from only_live
      union all select 'replayed', count(*), (array_agg(${key} order by ${key}))[1:5] from only_replayed`,
    ),
  );
  const side = (name: "live" | "replayed") => answer.rows.find((row) => row.side === name);
  const onlyLive = side("live")?.count ?? 0;
  const onlyReplayed = side("replayed")?.count ?? 0;
  if (onlyLive + onlyReplayed === 0) return [];
  const examples = [...new Set([...(side("live")?.examples ?? []), ...(side("replayed")?.examples ?? [])])].slice(0, 5);
  return [{ table: shape.name, onlyLive, onlyReplayed, examples }];
}

/**
 * Appends wait until the exchange is done. Only the owner may take rows out of tables that only grow; the bot itself may not.
 * The table and not the row: a row lock that had to wait would meet a moment that is no longer frozen.
 */
async function holdAppends(client: pg.PoolClient): Promise<void> {
  await client.query("set local role none");
  await client.query("lock table ledger_head in exclusive mode");
}

async function exchangeAll(client: pg.PoolClient, differences: readonly TableDifference[]): Promise<void> {
  if (differences.length === 0) return;
  // Whoever changes rows has to move the head; the turn alone, since no fact is added.
  await client.query("update ledger_head set turn = turn + 1 where id = 1");
  for (const { table } of differences) await exchange(client, table);
}

async function exchange(client: pg.PoolClient, table: string): Promise<void> {
  await client.query(unhurried(`delete from ${live(table)}`));
  await client.query(unhurried(`insert into ${live(table)} select * from ${scratch(table)}`));
}

function inSnapshot<Value>(
  pool: pg.Pool,
  access: "read only" | "read write",
  work: (client: pg.PoolClient) => Promise<Value>,
): Promise<Value> {
  return inTransaction(pool, async (client) => {
    await client.query(`set transaction isolation level repeatable read, ${access}`);
    // A long history takes longer than a trading statement may.
    await client.query("set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0");
    return work(client);
  });
}
