/**
 * One append is one statement: fence, head, facts and table rows land together or not at all, in one round trip.
 *
 *   fence  the epoch is still ours          (FOR SHARE: a takeover waits for us, or we find it gone)
 *   head   nobody has appended since        (moves the head from the seq and turn that we know)
 *   added  the facts                        only if both held
 *   rows…  every table that a fact changes  only if both held
 */
import type pg from "pg";
import { assert } from "../../core/assert.ts";
import type { EventRow } from "./chain.ts";
import type { Head } from "./event_rows.ts";

/** One upsert: `row` holds every column of the table. */
export type ProjectedRow = { readonly table: string; readonly row: Readonly<Record<string, unknown>> };

export type TableShape = {
  readonly name: string;
  readonly key: readonly string[];
  readonly columns: readonly string[];
};
export type TableShapes = ReadonlyMap<string, TableShape>;

/** Tables of the ledger itself and of migrations: no fact may write there. */
const ownTables: readonly string[] = [
  "events",
  "ledger_head",
  "trader_epoch",
  "trader_lease",
  "books_snapshot",
  "schema_migrations",
  "legal_moves",
  "views_version",
];

/** Columns and primary keys of every table that facts may write to, as the database knows them. */
export async function readTableShapes(reader: Pick<pg.Pool, "query">): Promise<TableShapes> {
  const answer = await reader.query<{ name: string; key: string[]; columns: string[] }>(
    `select relation.relname as name,
            array(select attribute.attname::text from pg_attribute attribute
                   where attribute.attrelid = relation.oid and attribute.attnum > 0 and not attribute.attisdropped
                   order by attribute.attnum) as columns,
            array(select attribute.attname::text from unnest(primary_key.indkey) with ordinality as part(number, place)
                    join pg_attribute attribute on attribute.attrelid = relation.oid and attribute.attnum = part.number
                   order by part.place) as key
       from pg_class relation left join pg_index primary_key on primary_key.indrelid = relation.oid and primary_key.indisprimary
      where relation.relnamespace = current_schema()::regnamespace and relation.relkind in ('r', 'p')
        and not relation.relispartition and relation.relname <> all($1) order by 1`,
    [ownTables],
  );
  return new Map(answer.rows.map((row) => [row.name, row]));
}

/** The newest version of each row, in the order in which the rows were first touched: an old request closes before its successor opens. */
export function foldRows(
  rows: readonly ProjectedRow[],
  shapes: TableShapes,
): ReadonlyMap<string, readonly ProjectedRow["row"][]> {
  const byTable = new Map<string, Map<string, ProjectedRow["row"]>>();
  for (const { table, row } of rows) {
    const shape = shapes.get(table);
    assert(shape !== undefined, `A fact writes to the table "${table}", which no migration makes`);
    const kept = byTable.get(table) ?? new Map<string, ProjectedRow["row"]>();
    byTable.set(table, kept);
    kept.set(keyOf(shape, row), row);
  }
  return new Map([...byTable].map(([table, kept]) => [table, [...kept.values()]]));
}

function keyOf(shape: TableShape, row: ProjectedRow["row"]): string {
  assert(shape.key.length > 0, `The table "${shape.name}" has no primary key, so its rows can't be updated`);
  // A column that is missing would silently become null, and one too many would silently be dropped.
  const names = Object.keys(row);
  const isWhole = names.length === shape.columns.length && shape.columns.every((column) => row[column] !== undefined);
  assert(
    isWhole,
    `A row for "${shape.name}" must hold exactly ${shape.columns.join(", ")}; it holds ${names.join(", ")}`,
  );
  return JSON.stringify(shape.key.map((column) => row[column]));
}

/**
 * Text of people may hold a zero byte or half of a surrogate pair, which PostgreSQL's text can't. In views they become the
 * replacement character; the fact itself keeps them.
 */
export function rowsText(rows: readonly ProjectedRow["row"][]): string {
  const text = JSON.stringify(rows);
  if (!text.includes("\\u")) return text;
  return text.replace(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g, "$1\\ufffd");
}

export type Append = {
  readonly from: Head;
  readonly to: { readonly seq: number; readonly hash: string };
  readonly epoch: number;
  readonly host: string;
  readonly events: readonly EventRow[];
  readonly tables: ReadonlyMap<string, readonly ProjectedRow["row"][]>;
};

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Their rows are only ever added; not even the bot itself may update one. */
const finalTables: ReadonlySet<string> = new Set(["order_evidence", "postings"]);

/** The upsert of one table from the JSON parameter `place`. `condition` may be empty. */
export function upsertText(shape: TableShape, target: string, place: string, condition: string): string {
  const columns = shape.columns.map(quoted).join(", ");
  const changes = shape.columns
    .filter((column) => !shape.key.includes(column))
    .map((column) => `${quoted(column)} = excluded.${quoted(column)}`);
  const action =
    changes.length === 0 || finalTables.has(shape.name) ? "do nothing" : `do update set ${changes.join(", ")}`;
  return `insert into ${target} (${columns}) select ${columns} from json_populate_recordset(null::${target}, ${place}::json)${condition} on conflict (${shape.key.map(quoted).join(", ")}) ${action}`;
}

type Statement = { readonly text: string; readonly name: string | null };
const statements = new WeakMap<TableShapes, Map<string, Statement>>();
/** Each is kept by every connection; rare combinations beyond these are planned anew each time. */
const preparedMax = 64;

/** The statement for a set of tables; the same set gives the same text, planned once per connection (2.5 times as fast). */
function statementFor(tables: readonly string[], shapes: TableShapes): Statement {
  const known = statements.get(shapes) ?? new Map<string, Statement>();
  statements.set(shapes, known);
  const name = tables.join(" ");
  const ready = known.get(name);
  if (ready !== undefined) return ready;
  const upserts = tables.map((table, index) => {
    const shape = shapes.get(table);
    assert(shape !== undefined, `No shape of "${table}"`);
    return `, rows_${index} as (${upsertText(shape, quoted(table), `$${index + 8}`, " where exists (select 1 from head)")})`;
  });
  const text = `
    with fence as materialized (select 1 from trader_epoch where id = 1 and epoch = $1::bigint for share),
    head as (
      update ledger_head set seq = $4::bigint, hash = $5
       where id = 1 and seq = $2::bigint and turn = $3::bigint and exists (select 1 from fence) returning 1),
    added as (
      insert into events (seq, at, wall_at, actor, kind, trade_id, caused_by, body, prev_hash, hash, epoch, host)
      select seq, at, wall_at, actor, kind, trade_id, caused_by, body::json, prev_hash, hash, $1::bigint, $7
        from json_to_recordset($6::json) as fact(seq bigint, at timestamptz, wall_at timestamptz, actor text, kind text,
             trade_id text, caused_by bigint, body text, prev_hash text, hash text)
       where exists (select 1 from head))${upserts.join("")}
    select (select count(*) from fence)::int as fence, (select count(*) from head)::int as head`;
  const statement = { text, name: known.size < preparedMax ? `append_${known.size}` : null };
  known.set(name, statement);
  return statement;
}

export type Guards = { readonly isFenceOurs: boolean; readonly isHeadMoved: boolean };

/** @param isPrepared false behind a pooler that loses prepared statements. */
export async function sendAppend(
  client: Pick<pg.PoolClient, "query">,
  append: Append,
  plan: { readonly shapes: TableShapes; readonly isPrepared: boolean },
): Promise<Guards> {
  const tables = [...append.tables.keys()].sort((left, right) => (left < right ? -1 : 1));
  const { text, name } = statementFor(tables, plan.shapes);
  const values = [
    append.epoch,
    append.from.seq,
    append.from.turn,
    append.to.seq,
    append.to.hash,
    JSON.stringify(append.events),
    append.host,
    ...tables.map((table) => rowsText(append.tables.get(table) ?? [])),
  ];
  const named = plan.isPrepared && name !== null ? { name } : {};
  const answer = await client.query<{ fence: number; head: number }>({ ...named, text, values });
  const row = answer.rows[0];
  return { isFenceOurs: row?.fence === 1, isHeadMoved: row?.head === 1 };
}
