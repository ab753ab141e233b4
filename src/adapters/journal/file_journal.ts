/**
 * The journal as a file: O_APPEND, one write and one fsync a note, and never more in the file than whole lines. Small and
 * without dependencies on the rest of the house, so that the emergency process can keep one of its own in the same form.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { Hash } from "../../core/canonical.ts";
import { mark } from "../../core/mark.ts";
import { fail, ok, type Result } from "../../core/result.ts";
import type { Journal, JournalLine, JournalNote } from "../../ports/journal.ts";
import { carriedNotes } from "./carry.ts";
import { type Journaled, lineOf, readLines } from "./lines.ts";

export type JournalWish = {
  readonly path: string;
  readonly sha256: Hash;
  /** Wall time, ISO 8601. */
  readonly now: () => string;
  /** A file above this begins anew with what still counts; the old one is kept as `<path>.1`. 4 MB unless told otherwise. */
  readonly sizeMax?: number;
  /** How bytes reach the disk; a test puts a full one here. */
  readonly disk?: Disk;
};

export type Disk = {
  write(fd: number, bytes: Buffer): number;
  sync(fd: number): void;
};

export type FileJournal = Journal & {
  /** Bytes of an unfinished last line that were cut off when it was opened. */
  readonly tornBytes: number;
  close(): void;
};

/** "damaged" halts every mode: what is in the middle of the file can't be trusted. "unwritable" only forbids LIVE. */
export type JournalProblem = { readonly kind: "damaged" | "unwritable"; readonly because: string };

const realDisk: Disk = { write: (fd, bytes) => writeSync(fd, bytes), sync: fsyncSync };
const sizeMaxDefault = 4 * 1024 * 1024;

/** What stands in a journal, without opening it for writing; no file = nothing. */
export function readJournal(path: string, sha256: Hash): Result<Journaled, JournalProblem> {
  let text: string;
  try {
    text = existsSync(path) ? readFileSync(path, "utf8") : "";
  } catch (error) {
    return fail({ kind: "unwritable", because: `${path} can't be read: ${(error as Error).message}` });
  }
  const read = readLines(text, sha256);
  if (read.ok) return read;
  mark("P11.journal_damaged");
  return fail({
    kind: "damaged",
    because: `The journal ${path} is damaged: line ${read.problem.line} ${read.problem.because}. Keep a copy of it, find out who changed it, move it away and start with --accept-restored-database "why".`,
  });
}

export function openJournal(wish: JournalWish): Result<FileJournal, JournalProblem> {
  const { path, sha256 } = wish;
  const read = readJournal(path, sha256);
  if (!read.ok) return read;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
    const isTooLong = read.value.wholeBytes > (wish.sizeMax ?? sizeMaxDefault);
    if (isTooLong) renameSync(path, `${path}.1`);
    const fd = openSync(path, "a", 0o600);
    const kept = isTooLong ? { ...read.value, wholeBytes: 0, lines: [] } : read.value;
    ftruncateSync(fd, kept.wholeBytes);
    const journal = journalOn(fd, wish, { ...kept, n: read.value.lines.at(-1)?.n ?? 0 });
    for (const note of isTooLong ? carriedNotes(read.value.lines) : []) journal.write(note);
    return ok({ ...journal, tornBytes: read.value.tornBytes });
  } catch (error) {
    mark("S05.journal_unwritable");
    return fail({ kind: "unwritable", because: `The journal ${path} can't be written: ${(error as Error).message}` });
  }
}

type Start = { readonly lines: readonly JournalLine[]; readonly lastHash: string; wholeBytes: number; n: number };

function journalOn(fd: number, wish: JournalWish, start: Start): Omit<FileJournal, "tornBytes"> {
  const lines = [...start.lines];
  let { lastHash: prev, wholeBytes: size, n } = start;
  let problem: string | null = null;
  const { write: put, sync } = wish.disk ?? realDisk;

  const append = (bytes: Buffer): void => {
    for (let done = 0; done < bytes.length; ) done += put(fd, bytes.subarray(done));
    sync(fd);
  };
  return {
    write(note: JournalNote) {
      const at = wish.now();
      const { text, hash } = lineOf({ n: n + 1, at, prev, note }, wish.sha256);
      const bytes = Buffer.from(text);
      try {
        // A piece that an earlier failure left behind must not come to stand in the middle of the file.
        if (fstatSync(fd).size !== size) ftruncateSync(fd, size);
        append(bytes);
      } catch (error) {
        mark("S05.journal_write_failed");
        problem = `The journal ${wish.path} could not be written: ${(error as Error).message}`;
        cutBack(fd, size);
        return fail(problem);
      }
      [n, prev, size, problem] = [n + 1, hash, size + bytes.length, null];
      lines.push({ ...note, n, at });
      return ok(null);
    },
    lines: () => lines,
    problem: () => problem,
    close: () => closeSync(fd),
  };
}

function cutBack(fd: number, size: number): void {
  try {
    ftruncateSync(fd, size);
  } catch {
    // The disk refuses even that; the next write tries again, and a reader sees a torn last line.
  }
}
