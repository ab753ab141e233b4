/** `audit export FILE`: one fact a line, oldest first, with its hash; as JSON lines, or as CSV with the exact text of each body. */
import { open } from "node:fs/promises";
import type pg from "pg";
import type { EventRow } from "../adapters/postgres/chain.ts";
import { readEvents } from "../adapters/postgres/event_rows.ts";
import { csvCell } from "../core/report_cards.ts";

export const exportFormats = ["json", "csv"] as const;
export type ExportFormat = (typeof exportFormats)[number];

const pageRows = 2_000;
const csvColumns = [
  "seq",
  "at",
  "wall_at",
  "actor",
  "kind",
  "trade_id",
  "caused_by",
  "body",
  "prev_hash",
  "hash",
  "epoch",
  "host",
] as const;

/**
 * One page is in memory at a time, however slow the disk is.
 * @returns the number of facts that were written. Rejects when the file can't be written.
 */
export async function exportFacts(
  pool: pg.Pool,
  wish: { readonly path: string; readonly format: ExportFormat },
): Promise<number> {
  const isCsv = wish.format === "csv";
  const file = await open(wish.path, "w", 0o600);
  try {
    if (isCsv) await file.appendFile(`${csvColumns.join(",")}\r\n`);
    let last = 0;
    for (;;) {
      const page = isCsv ? await csvPage(pool, last) : await jsonPage(pool, last);
      if (page.lines.length === 0) return last;
      await file.appendFile(page.lines.join(""));
      last = page.last;
    }
  } finally {
    await file.close();
  }
}

type Page = { readonly lines: readonly string[]; readonly last: number };

async function jsonPage(pool: pg.Pool, after: number): Promise<Page> {
  const { rows } = await pool.query<{ seq: number }>("select * from events where seq > $1 order by seq limit $2", [
    after,
    pageRows,
  ]);
  return { lines: rows.map((row) => `${JSON.stringify(row)}\n`), last: rows.at(-1)?.seq ?? after };
}

async function csvPage(pool: pg.Pool, after: number): Promise<Page> {
  const rows = await readEvents(pool, { after, until: Number.MAX_SAFE_INTEGER, count: pageRows });
  return { lines: rows.map((row) => `${csvRow(row)}\r\n`), last: rows.at(-1)?.seq ?? after };
}

const csvRow = (row: EventRow): string => csvColumns.map((name) => csvCell(String(row[name] ?? ""))).join(",");
