/** Reading the record: its head, and its facts page by page in the order of their numbers. */
import type pg from "pg";
import { z } from "zod";
import { assert } from "../../core/assert.ts";
import { compile, defineQuery, type QueryDefinition } from "../../define/query.ts";
import type { EventRow } from "./chain.ts";

export const readHeadQuery = defineQuery({
  name: "read_head",
  params: z.object({}),
  row: z.object({ seq: z.number().int(), hash: z.string(), turn: z.number().int() }),
  text: "select seq, hash, turn from ledger_head where id = 1",
});

const isoForm = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;

/** Times with all six digits: a change below the millisecond must not slip through verification. */
export const readEventsQuery = defineQuery({
  name: "read_events",
  params: z.object({ after: z.number().int(), until: z.number().int(), count: z.number().int() }),
  row: z.object({
    seq: z.number().int(),
    at: z.string(),
    wall_at: z.string(),
    actor: z.string(),
    kind: z.string(),
    trade_id: z.string().nullable(),
    caused_by: z.number().int().nullable(),
    body: z.string(),
    prev_hash: z.string(),
    hash: z.string(),
    epoch: z.number().int(),
    host: z.string(),
  }),
  text: `
    select seq, to_char(at at time zone 'UTC', ${isoForm}) as at, to_char(wall_at at time zone 'UTC', ${isoForm}) as wall_at,
           actor, kind, trade_id, caused_by, body::text as body, prev_hash, hash, epoch, host
      from events where seq > :after and seq <= :until order by seq limit :count`,
});

export type Head = { readonly seq: number; readonly hash: string; readonly turn: number };
export type Reader = Pick<pg.Pool, "query"> | Pick<pg.PoolClient, "query">;

export async function readHead(reader: Reader): Promise<Head> {
  const rows = await runQuery(reader, readHeadQuery, {});
  const head = rows[0];
  assert(head !== undefined, "ledger_head holds one row; run the migrations");
  return head;
}

export async function readEvents(
  reader: Reader,
  page: { readonly after: number; readonly until: number; readonly count: number },
): Promise<readonly EventRow[]> {
  const rows = await runQuery(reader, readEventsQuery, page);
  return rows.map((row) => ({ ...row, at: toMilliseconds(row.at), wall_at: toMilliseconds(row.wall_at) }));
}

/** "…:05.123000Z" is "…:05.123Z"; digits below the millisecond stay and so spoil the hash, since we never write any. */
export function toMilliseconds(text: string): string {
  return text.endsWith("000Z") ? `${text.slice(0, -4)}Z` : text;
}

/** Runs a defined query with its named parameters. The rows have the types that its tests prove; they are not parsed again. */
export async function runQuery<Params extends z.ZodObject, Row extends z.ZodObject>(
  reader: Reader,
  query: QueryDefinition<Params, Row>,
  params: z.infer<Params>,
): Promise<readonly z.infer<Row>[]> {
  const { sql, order } = compiled(query);
  const values = params as Readonly<Record<string, unknown>>;
  const answer = await reader.query(
    sql,
    order.map((name) => values[name]),
  );
  return answer.rows as z.infer<Row>[];
}

const cache = new WeakMap<object, ReturnType<typeof compile>>();
function compiled(query: { readonly text: string }): ReturnType<typeof compile> {
  const known = cache.get(query);
  if (known !== undefined) return known;
  const fresh = compile(query.text);
  cache.set(query, fresh);
  return fresh;
}
