/**
 * The chain: hash = sha256(prev_hash + canonical JSON of all other columns), times in ISO form, body as its own bytes.
 * Anyone can check it with a database client and ten lines of any language.
 */
import { canonicalJson } from "../../core/canonical.ts";
import { type Instant, instant, isoTime } from "../../core/time.ts";

/** What surrounds a fact; the same shape as `Recorded` of src/core/events.ts, for any union of facts. */
export type Entry<Fact> = {
  readonly seq: number;
  readonly at: Instant;
  readonly wallAt: Instant;
  readonly actor: string;
  readonly tradeId: string | null;
  readonly causedBy: number | null;
  readonly fact: Fact;
  readonly prevHash: string;
  readonly hash: string;
};

/** One row of the events table; `body` is the exact text. */
export type EventRow = {
  readonly seq: number;
  readonly at: string;
  readonly wall_at: string;
  readonly actor: string;
  readonly kind: string;
  readonly trade_id: string | null;
  readonly caused_by: number | null;
  readonly body: string;
  readonly prev_hash: string;
  readonly hash: string;
  readonly epoch: number;
  readonly host: string;
};

export type Sha256 = (text: string) => string;

export const firstHash = "0".repeat(64);

/** `row.hash` is not looked at. */
export function hashOfRow(row: Omit<EventRow, "hash">, sha256: Sha256): string {
  const text = (value: string | number | null): string => canonicalJson(value);
  // Written out, because the body is already canonical text and must enter with exactly its own bytes. Keys are sorted.
  return sha256(
    `${row.prev_hash}{"actor":${text(row.actor)},"at":"${row.at}","body":${row.body},"caused_by":${text(row.caused_by)},` +
      `"epoch":${row.epoch},"host":${text(row.host)},"kind":${text(row.kind)},"seq":${row.seq},` +
      `"trade_id":${text(row.trade_id)},"wall_at":"${row.wall_at}"}`,
  );
}

export function rowOf<Fact extends { readonly type: string }>(
  entry: Omit<Entry<Fact>, "hash">,
  writer: { readonly epoch: number; readonly host: string; readonly sha256: Sha256 },
): EventRow {
  const row = {
    seq: entry.seq,
    at: isoTime(entry.at),
    wall_at: isoTime(entry.wallAt),
    actor: entry.actor,
    kind: entry.fact.type,
    trade_id: entry.tradeId,
    caused_by: entry.causedBy,
    body: canonicalJson(entry.fact),
    prev_hash: entry.prevHash,
    epoch: writer.epoch,
    host: writer.host,
  };
  return { ...row, hash: hashOfRow(row, writer.sha256) };
}

export function entryOf<Fact>(row: EventRow): Entry<Fact> {
  return {
    seq: row.seq,
    at: instant(Date.parse(row.at)),
    wallAt: instant(Date.parse(row.wall_at)),
    actor: row.actor,
    tradeId: row.trade_id,
    causedBy: row.caused_by,
    fact: JSON.parse(row.body) as Fact,
    prevHash: row.prev_hash,
    hash: row.hash,
  };
}

export type ChainBreak = { readonly seq: number; readonly because: string };

/** Checks rows that follow `before`, in order. @returns the first that does not fit, or null. */
export function findBreak(
  rows: readonly EventRow[],
  before: { readonly seq: number; readonly hash: string },
  sha256: Sha256,
): ChainBreak | null {
  let { seq, hash } = before;
  for (const row of rows) {
    if (row.seq !== seq + 1) return { seq: seq + 1, because: `fact ${seq + 1} is missing, ${row.seq} follows ${seq}` };
    if (row.prev_hash !== hash) return { seq: row.seq, because: `fact ${row.seq} does not continue fact ${seq}` };
    if (hashOfRow(row, sha256) !== row.hash)
      return { seq: row.seq, because: `fact ${row.seq} was changed after it was recorded` };
    if (typeInBody(row) !== row.kind) return { seq: row.seq, because: `fact ${row.seq} says another kind in its body` };
    ({ seq, hash } = row);
  }
  return null;
}

const typeInBody = (row: EventRow): unknown => (JSON.parse(row.body) as { readonly type?: unknown }).type;
