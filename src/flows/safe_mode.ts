/**
 * SAFE_MODE: exits and protection work, nothing is opened. A durable state with its reasons, each of which ends by itself (a
 * source answers again) or by a person (who looked at what happened).
 */
import type { Books } from "../core/books.ts";
import type { SafeModeCause } from "../core/events.ts";
import { mark } from "../core/mark.ts";
import { between, minute } from "../core/time.ts";
import type { Draft } from "../ports/ledger.ts";
import type { Needs } from "./needs.ts";
import { draft, record, recordFacts } from "./record.ts";

type Entering = { readonly cause: SafeModeCause; readonly because: string; readonly endsBy: "itself" | "person" };

/** Once a cause; a cause that stands already stays as it was. */
export function enterSafeMode(needs: Needs, entering: Entering): Promise<void> {
  return record(needs, (books) => {
    const isKnown = books.house.safeMode[entering.cause] !== undefined;
    if (!isKnown) needs.log.error("SAFE_MODE: exits and protection only, no entries", { because: entering.because });
    return {
      drafts: isKnown ? [] : [draft("house", { type: "safe_mode_entered", ...entering })],
      value: undefined,
    };
  });
}

/** A cause that ends by itself has ended. */
export async function leaveSafeMode(needs: Needs, cause: SafeModeCause, because: string): Promise<void> {
  if (needs.ledger.books().house.safeMode[cause] === undefined) return;
  await record(needs, (books) => ({
    drafts:
      books.house.safeMode[cause] === undefined ? [] : [draft("house", { type: "safe_mode_left", cause, because })],
    value: undefined,
  }));
}

/** What a person's /resume adds: the causes that only a person may end. */
export function safeModeDrafts(
  books: Books,
  by: { readonly actor: string; readonly reason: string },
): readonly Draft[] {
  return Object.entries(books.house.safeMode)
    .filter(([, one]) => one.endsBy === "person")
    .map(([cause]) => draft(by.actor, { type: "safe_mode_left", cause: cause as SafeModeCause, because: by.reason }));
}

/** A person stated that the database is an older or another one: kept with the reason, and nothing is opened until /resume. */
export async function acceptDatabase(needs: Needs, accepted: { reason: string; problem: string }): Promise<void> {
  await recordFacts(needs, "person:operator", [{ type: "database_accepted", ...accepted }]);
  await enterSafeMode(needs, { cause: "restored_database", because: accepted.problem, endsBy: "person" });
}

const loopWindowMs = 5 * minute;

/**
 * More starts without an orderly end than allowed within five minutes: something kills this house each time it works. Told
 * from the ledger and from the journal, of which either may have lost the other's part.
 */
export async function guardCrashLoop(needs: Needs): Promise<void> {
  const { startsMax } = needs.settings;
  if (startsMax === undefined) return;
  const now = needs.clock.wall();
  const inLedger = needs.ledger.books().house.starts.filter((at) => Math.abs(between(at, now)) <= loopWindowMs).length;
  const starts = Math.max(inLedger, startsInJournal(needs, now));
  if (starts <= startsMax) return;
  mark("X19.crash_loop");
  await enterSafeMode(needs, {
    cause: "crash_loop",
    because: `${starts} starts within 5 minutes, none of which ended in order`,
    endsBy: "person",
  });
}

function startsInJournal({ journal }: Needs, now: number): number {
  const ended = new Set(journal.lines().flatMap((line) => (line.kind === "stopped" ? [line.run] : [])));
  return journal
    .lines()
    .filter(
      (line) => line.kind === "booted" && !ended.has(line.run) && Math.abs(now - Date.parse(line.at)) <= loopWindowMs,
    ).length;
}
