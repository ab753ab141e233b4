/**
 * Heads of the chain that were noted outside of the database: each minute in the local journal, and in every message that
 * names one. Whoever may write to the database could compute a whole new chain that holds; it would not hold these.
 */
import { join } from "node:path";
import type pg from "pg";
import { readJournal } from "../adapters/journal/file_journal.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { JournalLine } from "../ports/journal.ts";

export type Anchor = {
  /** null = the message named the hash alone. */
  readonly seq: number | null;
  /** The hash, or its first eight digits or more. */
  readonly hash: string;
  readonly from: string;
};

/** "512:1f00ab3c", as a summary says it, or "1f00ab3c", as a decision does. */
export function anchorIn(text: string): Result<Anchor, string> {
  const [, seq, hash = ""] = /^(?:(\d{1,15}):)?([0-9a-f]{8,64})$/i.exec(text.trim()) ?? [];
  if (hash === "") return fail(`"${text}" is no anchor. Type FACT:HASH or HASH, of which eight digits are enough.`);
  return ok({ seq: seq === undefined ? null : Number(seq), hash: hash.toLowerCase(), from: "your anchor" });
}

/** What the journal of this home remembers; an older or another database that a person accepted begins it anew. */
export function anchorsOfHome(home: string, sha256: (text: string) => string): Result<readonly Anchor[], string> {
  const path = join(home, "trader.journal");
  const lines: JournalLine[] = [];
  for (const part of [`${path}.1`, path]) {
    const read = readJournal(part, sha256);
    if (!read.ok)
      return fail(`The journal can't be relied on, so nothing was compared with it: ${read.problem.because}`);
    lines.push(...read.value.lines);
  }
  const accepted = lines.findLastIndex(({ kind }) => kind === "database_accepted");
  return ok(
    lines
      .slice(accepted + 1)
      .flatMap((line) =>
        line.kind === "head" && line.seq > 0
          ? [{ seq: line.seq, hash: line.hash, from: `the journal at ${line.at}` }]
          : [],
      ),
  );
}

/** @returns one sentence about the first that the record does not hold, or null. */
export async function anchorProblem(pool: pg.Pool, anchors: readonly Anchor[]): Promise<string | null> {
  const numbers = anchors.flatMap(({ seq }) => (seq === null ? [] : [seq]));
  const { rows } = await pool.query<{ seq: number | string; hash: string }>(
    "select seq, hash from events where seq = any($1::bigint[])",
    [numbers],
  );
  const known = new Map(rows.map(({ seq, hash }) => [Number(seq), hash]));
  for (const { seq, hash, from } of anchors) {
    if (seq === null) {
      const found = await pool.query("select 1 from events where hash like $1 limit 1", [`${hash}%`]);
      if (found.rowCount === 0) return `No fact has the hash ${hash} that ${from} named`;
      continue;
    }
    const recorded = known.get(seq);
    if (recorded === undefined)
      return `There is no fact ${seq}, which ${from} remembers: the end of the record is gone`;
    if (!recorded.startsWith(hash))
      return `Fact ${seq} is another one than ${from} remembers: the record was written anew`;
  }
  return null;
}
