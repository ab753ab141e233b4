/**
 * The steps that the trigger of migrations/0003 allows, kept equal to the tables of the core. They are rows and not text of a
 * migration, so a step that is added or taken away in the core is in force at the next start, and released files stay as they are.
 */
import type pg from "pg";
import { z } from "zod";
import { type LegalMove, legalMoves } from "../../core/legal_moves.ts";
import { defineQuery } from "../../define/query.ts";
import { type Reader, runQuery } from "./event_rows.ts";

export const legalMovesQuery = defineQuery({
  name: "legal_moves",
  params: z.object({}),
  row: z.object({ machine: z.string(), from_state: z.string(), to_state: z.string() }),
  text: "select machine, from_state, to_state from legal_moves",
});

const nameOf = ({ machine, from, to }: LegalMove): string => `${machine}: ${from} to ${to}`;

/** In the transaction that brings the schema forward. Does nothing before the table exists. */
export async function writeLegalMoves(client: pg.PoolClient): Promise<void> {
  const known = await client.query("select 1 from pg_class where oid = to_regclass('legal_moves')");
  if (known.rowCount !== 1 || (await legalMovesProblem(client)) === null) return;
  await client.query("delete from legal_moves");
  await client.query(
    `insert into legal_moves (machine, from_state, to_state)
     select machine, "from", "to" from json_to_recordset($1::json) as move(machine text, "from" text, "to" text)`,
    [JSON.stringify(legalMoves)],
  );
}

/** @returns which steps the database allows or refuses otherwise than the core, or null. */
export async function legalMovesProblem(reader: Reader): Promise<string | null> {
  const rows = await runQuery(reader, legalMovesQuery, {});
  const held = new Set(rows.map((row) => `${row.machine}: ${row.from_state} to ${row.to_state}`));
  const wanted = new Set(legalMoves.map(nameOf));
  const extra = [...held].filter((move) => !wanted.has(move));
  const missing = [...wanted].filter((move) => !held.has(move));
  if (extra.length + missing.length === 0) return null;
  const list = (moves: readonly string[]): string => moves.slice(0, 3).join(", ");
  const parts = [extra.length > 0 ? `allows ${list(extra)}` : "", missing.length > 0 ? `lacks ${list(missing)}` : ""];
  return `the table "legal_moves" ${parts.filter((part) => part !== "").join(" and ")}`;
}
