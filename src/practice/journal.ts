/**
 * Survives kill -9: every command that changed something is one line, on disk before the answer leaves.
 *
 *   line 1   head { market, seed }                the journal belongs to one market
 *   line n   snapshot { state } | command { at, command }
 *
 * Start: last snapshot, then each command at its market time with the market walked in between. A torn last line
 * was never answered, so it is dropped. Now and then the file is rewritten as head + snapshot.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { Command } from "./core/commands.ts";
import type { State } from "./core/state.ts";

export interface Entry {
  at: number;
  command: Command;
}

export interface Recovered {
  state: State | null;
  entries: Entry[];
}

export interface Journal {
  append(entry: Entry, isSynced: boolean): void;
  /** Commands since the last snapshot. */
  length(): number;
  compact(state: State): void;
  close(): void;
}

/** JSON that keeps bigints and maps. */
export const encode = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) => {
    if (typeof one === "bigint") return { $n: one.toString() };
    if (one instanceof Map) return { $m: [...one.entries()] };
    return one;
  });

export const decode = (text: string): unknown =>
  JSON.parse(text, (_key, one: unknown) => {
    if (typeof one !== "object" || one === null) return one;
    if ("$n" in one && typeof one.$n === "string") return BigInt(one.$n);
    if ("$m" in one && Array.isArray(one.$m)) return new Map(one.$m as [unknown, unknown][]);
    return one;
  });

interface Line {
  head?: { market: string; seed: string; version: number };
  snapshot?: State;
  at?: number;
  command?: Command;
}

const VERSION = 1;

/** Reads the whole lines; the last one may be torn. @throws with line number when an earlier line is damaged. */
const readLines = (path: string): { lines: Line[]; bytes: number } => {
  if (!existsSync(path)) return { lines: [], bytes: 0 };
  const text = readFileSync(path, "utf8");
  const lines: Line[] = [];
  let bytes = 0;
  const parts = text.split("\n");
  for (let i = 0; i < parts.length; i += 1) {
    const part = parts[i] ?? "";
    if (i === parts.length - 1) break;
    try {
      lines.push(decode(part) as Line);
    } catch {
      if (i >= parts.length - 2) break;
      throw new Error(
        `practice journal ${path}: line ${i + 1} is damaged; restore the file from a copy or move it away to start empty`,
      );
    }
    bytes += Buffer.byteLength(part) + 1;
  }
  return { lines, bytes };
};

const writeAll = (file: number, text: string): void => {
  const bytes = Buffer.from(text);
  for (let sent = 0; sent < bytes.length; ) sent += writeSync(file, bytes, sent);
};

/** @throws if the file belongs to another market or seed: its commands would mean something else there. */
export const openJournal = (
  path: string,
  identity: { market: string; seed: string },
): { recovered: Recovered; journal: Journal } => {
  mkdirSync(dirname(path), { recursive: true });
  const { lines, bytes } = readLines(path);
  const head = lines[0]?.head;
  if (
    lines.length > 0 &&
    (head === undefined || head.version !== VERSION || head.market !== identity.market || head.seed !== identity.seed)
  ) {
    const was = head === undefined ? "something else" : `market "${head.market}" with seed "${head.seed}"`;
    throw new Error(
      `practice journal ${path} belongs to ${was}, not to market "${identity.market}" with seed "${identity.seed}"; start with that market or name another journal`,
    );
  }
  let state: State | null = null;
  let entries: Entry[] = [];
  for (const line of lines) {
    if (line.snapshot !== undefined) {
      state = line.snapshot;
      entries = [];
    } else if (line.command !== undefined && line.at !== undefined)
      entries.push({ at: line.at, command: line.command });
  }
  let file = openSync(path, "a+");
  ftruncateSync(file, bytes);
  const headLine = `${encode({ head: { ...identity, version: VERSION } })}\n`;
  if (lines.length === 0) {
    writeAll(file, headLine);
    fsyncSync(file);
  }
  let count = entries.length;
  const journal: Journal = {
    append(entry, isSynced) {
      writeAll(file, `${encode(entry)}\n`);
      if (isSynced) fsyncSync(file);
      count += 1;
    },
    length: () => count,
    compact(full) {
      const next = openSync(`${path}.next`, "w");
      writeAll(next, `${headLine}${encode({ snapshot: full })}\n`);
      fsyncSync(next);
      closeSync(next);
      renameSync(`${path}.next`, path);
      closeSync(file);
      file = openSync(path, "a");
      count = 0;
    },
    close: () => closeSync(file),
  };
  return { recovered: { state, entries }, journal };
};

/** Market time of the last thing in a journal, so that a played file can go on where it was; null if there is none. */
export const lastJournalTime = (path: string): number | null => {
  let last: number | null = null;
  for (const line of readLines(path).lines) {
    const at = line.snapshot?.now ?? line.at;
    if (at !== undefined) last = at;
  }
  return last;
};
