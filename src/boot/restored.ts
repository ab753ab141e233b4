/**
 * Whether this database is the one that the journal remembers. A restored backup, a failover that lost its last seconds, and
 * the wrong one of two primaries all look healthy from inside: only somebody outside can tell. Then a person says so.
 */
import type { DatabaseIdentity } from "../adapters/postgres/epoch.ts";
import { mark } from "../core/mark.ts";
import type { JournalLine } from "../ports/journal.ts";

export type Remembered = {
  /** Highest epoch that ever traded from this home. */
  readonly epoch: number;
  readonly head: { readonly seq: number; readonly hash: string } | null;
  readonly systemIdentifier: string | null;
  readonly timeline: string | null;
};

/** What a person accepted once is not held against the database again; only the epochs go on counting. */
export function rememberedOf(lines: readonly JournalLine[]): Remembered {
  let known: Remembered = { epoch: 0, head: null, systemIdentifier: null, timeline: null };
  for (const line of lines) {
    if (line.kind === "database_accepted")
      known = { epoch: Math.max(known.epoch, line.epoch), head: null, systemIdentifier: null, timeline: null };
    if (line.kind === "epoch_taken") {
      const { systemIdentifier, timeline } = line;
      known = { ...known, epoch: Math.max(known.epoch, line.epoch), systemIdentifier, timeline };
    }
    if (line.kind === "head") known = { ...known, head: { seq: line.seq, hash: line.hash } };
  }
  return known;
}

/** @returns one sentence about what does not fit; null when this is the database that we know, with all that we know of. */
export async function databaseProblem(known: Remembered, found: DatabaseIdentity): Promise<string | null> {
  if (isOther(known.systemIdentifier, found.systemIdentifier)) {
    mark("P10.other_system");
    return `It is another database server (system ${found.systemIdentifier ?? "?"}) than the one of the last start (${known.systemIdentifier ?? "?"})`;
  }
  if (isOther(known.timeline, found.timeline)) {
    mark("P10.other_timeline");
    return `It is on timeline ${found.timeline ?? "?"}, at the last start it was on ${known.timeline ?? "?"}: a standby took over, or a backup was restored`;
  }
  if (found.epoch < known.epoch) {
    mark("P09.epoch_behind_journal");
    return `It knows epoch ${found.epoch}, this house has traded with epoch ${known.epoch}: it was restored from a backup, or a failover lost its last seconds`;
  }
  if (known.head !== null && (await found.hashAt(known.head.seq)) !== known.head.hash) {
    mark("P11.head_behind_journal");
    return found.head.seq < known.head.seq
      ? `It ends at fact ${found.head.seq}, this house remembers fact ${known.head.seq}: it was restored from a backup`
      : `Its fact ${known.head.seq} is another one than this house remembers`;
  }
  return null;
}

const isOther = (known: string | null, found: string | null): boolean =>
  known !== null && found !== null && known !== found;
