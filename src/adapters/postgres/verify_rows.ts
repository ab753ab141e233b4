/** Do the tables say what the facts say? The rows of what is alive against the books, and fills against their facts. */
import type pg from "pg";
import { z } from "zod";
import { defineQuery } from "../../define/query.ts";
import { foldRows, rowsText, type TableShape } from "./append_statement.ts";
import { runQuery } from "./event_rows.ts";
import { legalMovesProblem } from "./legal_moves.ts";
import type { Watched } from "./verify_tail.ts";

/** So many rows a look, in turn: a house with fewer has all of them looked at every time. */
const rowsMax = 200;
const triesMax = 3;

/** @returns a sentence that names the first rows which differ, or null. */
export async function differingRows(watched: Watched): Promise<string | null> {
  return (await differingLiving(watched)) ?? (await differingFills(watched)) ?? (await legalMovesProblem(watched.pool));
}

/** Fills of the newest facts: an older one is looked at when the whole is rebuilt. */
export const differingFillsQuery = defineQuery({
  name: "differing_fills",
  params: z.object({ after: z.number().int() }),
  row: z.object({ seq: z.number().int() }),
  text: `
    select fills.seq from fills left join events on events.seq = fills.seq and events.kind = 'fill_received'
     where fills.seq > :after
       and (events.seq is null or fills.client_order_id is distinct from events.body ->> 'clientOrderId'
            or fills.venue_fill_id is distinct from events.body ->> 'venueFillId'
            or fills.price is distinct from (events.body ->> 'price')::numeric
            or fills.quantity is distinct from (events.body ->> 'quantity')::numeric
            or fills.fee is distinct from (events.body ->> 'fee')::numeric
            or fills.fee_asset is distinct from events.body ->> 'feeAsset'
            or fills.fee_in_quote is distinct from (events.body ->> 'feeInQuote')::numeric)
     order by fills.seq limit 3`,
});

const newestFacts = 20_000;

async function differingFills({ pool, shapes, watch }: Watched): Promise<string | null> {
  if (!shapes.has("fills")) return null;
  const rows = await runQuery(pool, differingFillsQuery, { after: Math.max(0, watch.tail.seq - newestFacts) });
  const first = rows[0];
  return first === undefined ? null : `the fill of fact ${first.seq} in "fills" is not what was recorded`;
}

async function differingLiving(watched: Watched): Promise<string | null> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const found = await compareSome(watched);
    if (found !== "another_moment") return found;
  }
  return null;
}

/** The next rows in turn. "another_moment": somebody appended between our look at the books and the database's at the rows. */
async function compareSome(watched: Watched): Promise<string | null | "another_moment"> {
  const { pool, shapes, watch } = watched;
  const { seq } = watched.head();
  const all = watched.living();
  const first = watch.firstRow >= all.length ? 0 : watch.firstRow;
  for (const [table, rows] of foldRows(all.slice(first, first + rowsMax), shapes)) {
    const shape = shapes.get(table);
    if (shape === undefined) continue;
    const found = await compareRows(pool, shape, rowsText(rows));
    if (found.seq !== seq) return "another_moment";
    if (found.keys.length > 0) return `"${table}" differs for ${found.keys.join(", ")}`;
  }
  watch.firstRow = first + rowsMax;
  return null;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Compares values and not text: 1.0 and 1.00 are no difference. Head and rows are of one moment. */
async function compareRows(
  pool: pg.Pool,
  shape: TableShape,
  rows: string,
): Promise<{ readonly seq: number; readonly keys: readonly string[] }> {
  const target = quoted(shape.name);
  const same = shape.key.map((column) => `live.${quoted(column)} = expected.${quoted(column)}`).join(" and ");
  const key = shape.key.map((column) => `expected.${quoted(column)}::text`).join(" || ' ' || ");
  const answer = await pool.query<{ seq: number; keys: string[] }>(
    `select ledger_head.seq,
            array(select ${key} from json_populate_recordset(null::${target}, $1::json) expected
                    left join ${target} live on ${same}
                   where to_jsonb(live) is distinct from to_jsonb(expected) order by 1 limit 3) as keys
       from ledger_head where id = 1`,
    [rows],
  );
  return answer.rows[0] ?? { seq: -1, keys: [] };
}
