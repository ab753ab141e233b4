/**
 * The local journal: a short file beside the database that knows what the database may have lost. Written before it is
 * relied on (O_APPEND, fsync), every line chained to the one before. Whoever trades without the database writes here first.
 */
import type { Result } from "../core/result.ts";
import type { PlaceAnswer } from "./venue.ts";

export type JournalNote =
  /** A process of the house began. `bootId` names the run of the machine, `processStart` that of the process within it. */
  | {
      readonly kind: "booted";
      readonly host: string;
      readonly bootId: string;
      readonly pid: number;
      readonly processStart: string;
      readonly run: string;
      readonly gitSha: string;
    }
  /** `timeline` and `systemIdentifier` name the database server; null where the role may not ask. */
  | {
      readonly kind: "epoch_taken";
      readonly epoch: number;
      readonly run: string;
      readonly systemIdentifier: string | null;
      readonly timeline: string | null;
    }
  /** The newest fact of the ledger, each minute. */
  | { readonly kind: "head"; readonly epoch: number; readonly seq: number; readonly hash: string }
  /** What a venue answered to an order while the database could not take it. */
  | {
      readonly kind: "venue_answer";
      readonly clientOrderId: string;
      readonly tradeId: string;
      readonly answer: PlaceAnswer;
      readonly latencyMs: number;
    }
  /** The answer of this order stands in the ledger now. */
  | { readonly kind: "answer_replayed"; readonly clientOrderId: string }
  /** A person stated that the database is an older or another one and that this is meant. */
  | { readonly kind: "database_accepted"; readonly reason: string; readonly epoch: number; readonly seq: number }
  | { readonly kind: "stopped"; readonly run: string; readonly because: string }
  /** The program met a fault of its own and ended. */
  | { readonly kind: "died"; readonly run: string; readonly because: string }
  /** A step of the emergency process, in its own words. */
  | { readonly kind: "emergency"; readonly step: string; readonly about: Readonly<Record<string, string>> };

export type JournalLine = JournalNote & {
  /** 1, 2, 3 … through all files of this journal. */
  readonly n: number;
  /** Wall time, ISO 8601; it may go back, `n` does not. */
  readonly at: string;
};

export interface Journal {
  /** On disk when this returns. A sentence when it could not be written; the file is then as before. */
  write(note: JournalNote): Result<null, string>;
  /** All lines that are kept, oldest first. */
  lines(): readonly JournalLine[];
  /** One sentence while it can't be written; null when all is well. */
  problem(): string | null;
}

/** A journal that forgets with its process: for houses whose whole life is one process. */
export function memoryJournal(at: () => string = () => ""): Journal {
  const kept: JournalLine[] = [];
  return {
    write(note) {
      kept.push({ ...note, n: kept.length + 1, at: at() });
      return { ok: true, value: null };
    },
    lines: () => kept,
    problem: () => null,
  };
}
