/**
 * The text of a journal: one note a line, chained.
 *
 *   <sha256 of the rest of the line> {"at":…,"n":…,"note":{…},"prev":"<hash of the line before>"}
 *
 * A line that the power took away half-written can only be the last one; anything else that does not fit was damaged or
 * changed, and nobody may guess what stood there. Files keep one writer each.
 */
import { z } from "zod";
import { canonicalJson, type Hash } from "../../core/canonical.ts";
import { mark } from "../../core/mark.ts";
import { fail, ok, type Result } from "../../core/result.ts";
import type { JournalLine, JournalNote } from "../../ports/journal.ts";

export const firstPrev = "0".repeat(64);

export type Journaled = {
  readonly lines: readonly JournalLine[];
  readonly lastHash: string;
  /** Bytes of whole lines; what follows is the torn end of a line that was never finished. */
  readonly wholeBytes: number;
  readonly tornBytes: number;
};

export type Damage = { readonly line: number; readonly because: string };

const shape = z.object({
  at: z.string(),
  n: z.number().int().positive(),
  note: z.looseObject({ kind: z.string() }),
  prev: z.string(),
});

export function lineOf(about: { n: number; at: string; prev: string; note: JournalNote }, sha256: Hash) {
  const { n, at, prev, note } = about;
  const body = canonicalJson({ at, n, note, prev });
  const hash = sha256(body);
  return { text: `${hash} ${body}\n`, hash };
}

/** Kinds that this version does not know are kept in the chain and simply not acted upon. */
export function readLines(text: string, sha256: Hash): Result<Journaled, Damage> {
  const pieces = text.split("\n");
  // What stands after the last line feed was never finished; "" when all is whole.
  const torn = pieces.pop() ?? "";
  const lines: JournalLine[] = [];
  let [lastHash, wholeBytes] = [firstPrev, 0];
  for (const [index, piece] of pieces.entries()) {
    const read = readLine(piece, { sha256, prev: index === 0 ? null : lastHash, n: lines.at(-1)?.n ?? null });
    if (!read.ok) {
      const isLast = index === pieces.length - 1 && torn === "";
      // A disk may write the line feed of a line and not its middle: still the last line, still never relied on.
      if (!isLast || read.problem !== "is not readable") return fail({ line: index + 1, because: read.problem });
      return ok(tornAt(text, { lines, lastHash, wholeBytes }));
    }
    lines.push(read.value.line);
    lastHash = read.value.hash;
    wholeBytes += Buffer.byteLength(piece) + 1;
  }
  return ok(tornAt(text, { lines, lastHash, wholeBytes }));
}

function tornAt(text: string, whole: Omit<Journaled, "tornBytes">): Journaled {
  const tornBytes = Buffer.byteLength(text) - whole.wholeBytes;
  if (tornBytes > 0) mark("X24.journal_torn_line");
  return { ...whole, tornBytes };
}

type Before = { readonly sha256: Hash; readonly prev: string | null; readonly n: number | null };

function readLine(piece: string, before: Before): Result<{ line: JournalLine; hash: string }, string> {
  const [hash, body] = [piece.slice(0, 64), piece.slice(65)];
  if (piece[64] !== " " || before.sha256(body) !== hash) return fail("is not readable");
  const read = shape.safeParse(JSON.parse(body));
  if (!read.success) return fail("is no journal line");
  const { n, at, note, prev } = read.data;
  // The first line of a file that was begun anew names the end of the file before it.
  const isFirst = before.prev === null ? n > 1 || prev === firstPrev : prev === before.prev;
  if (!isFirst) return fail("does not continue the line before it");
  if (before.n !== null && n !== before.n + 1) return fail(`follows ${before.n} with ${n}`);
  return ok({ line: { ...(note as unknown as JournalNote), n, at }, hash });
}
