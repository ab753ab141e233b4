/** What a home folder says before any database answers: whether we are alone in it, and what its journal remembers. */
import { join } from "node:path";
import { type JournalProblem, openJournal } from "../adapters/journal/file_journal.ts";
import { takeHomeLock } from "../adapters/journal/home_lock.ts";
import { identityOfThisProcess, isGone, type ProcessIdentity } from "../adapters/journal/process_identity.ts";
import { type Holder, holderText, showHolder } from "../core/holder.ts";
import type { Mode } from "../core/intent.ts";
import { mark } from "../core/mark.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { isoTime } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";
import { type Journal, type JournalLine, memoryJournal } from "../ports/journal.ts";
import type { Log } from "../ports/log.ts";
import type { Vault } from "../ports/vault.ts";
import { gitShaOf } from "./build.ts";
import { packageRoot } from "./root.ts";

export type OpenedHome = {
  readonly journal: Journal;
  /** As it was before this start. */
  readonly before: readonly JournalLine[];
  readonly holder: Holder;
  /** True when the process that took the epoch as `holder` is dead for certain: it lived in this home and lives no more. */
  isProvenDead(holder: Holder): boolean;
  close(): Promise<void>;
};

type Opening = {
  readonly home: string;
  readonly mode: Mode;
  readonly clock: Clock;
  readonly vault: Vault;
  readonly log: Log;
};

/** The problem is one sentence for the terminal. LIVE needs a journal that can be written; elsewhere a warning is enough. */
export async function openHome(opening: Opening): Promise<Result<OpenedHome, string>> {
  const { home, clock, vault, log, mode } = opening;
  const identity = identityOfThisProcess();
  const holder: Holder = {
    run: vault.token(),
    host: identity.host,
    pid: identity.pid,
    since: isoTime(clock.wall()),
    gitSha: gitShaOf(packageRoot()),
  };
  const lock = await takeHomeLock(home, { holder: holderText(holder), clock });
  if (!lock.ok && lock.problem.kind === "held") return fail(heldMessage(home, lock.problem.by));
  if (!lock.ok) log.warn("This folder can't hold a lock; another process in it would not be noticed", lock.problem);
  const opened = openJournal({
    path: join(home, "trader.journal"),
    sha256: vault.sha256,
    now: () => isoTime(clock.wall()),
  });
  const release = () => (lock.ok ? lock.value.release() : Promise.resolve());
  if (!opened.ok && (opened.problem.kind === "damaged" || mode === "live")) {
    await release();
    return fail(opened.problem.because);
  }
  const journal = opened.ok ? opened.value : standIn(opened.problem, log, clock);
  if (opened.ok && opened.value.tornBytes > 0)
    log.warn("The journal ended in half a line, which was cut off", { bytes: opened.value.tornBytes });
  const before = [...journal.lines()];
  tellOfSilentEnd(before, log);
  journal.write({ kind: "booted", ...identity, run: holder.run, gitSha: holder.gitSha });
  return ok({
    journal,
    before,
    holder,
    isProvenDead: (other) => lock.ok && isDead(other, before),
    async close() {
      if (opened.ok) opened.value.close();
      await release();
    },
  });
}

/** Killed, out of memory, or without power: it could not say so, and whatever it was doing was left in the middle. */
function tellOfSilentEnd(before: readonly JournalLine[], log: Log): void {
  const boot = before.findLast((line) => line.kind === "booted");
  if (boot?.kind !== "booted") return;
  const hasSaidWhy = before.some((line) => (line.kind === "stopped" || line.kind === "died") && line.run === boot.run);
  if (hasSaidWhy) return;
  mark("X21.ended_without_a_word");
  log.warn("The last process ended without a word (killed, out of memory or power); what it left is looked for first", {
    started: boot.at,
    pid: boot.pid,
  });
}

function heldMessage(home: string, by: string | null): string {
  const who = by === null ? "that does not answer (it may be frozen)" : `(${showHolder(by)})`;
  return `Another bot ${who} is using ${home}. Stop it first, or give this one a state folder of its own.`;
}

/** Without a file the house still knows this run; only what outlives it is missing. */
function standIn(problem: JournalProblem, log: Log, clock: Clock): Journal {
  log.warn("There is no local journal: what the database loses is lost", { because: problem.because });
  return { ...memoryJournal(() => isoTime(clock.wall())), problem: () => problem.because };
}

function isDead(other: Holder, before: readonly JournalLine[]): boolean {
  const boot = before.findLast((line) => line.kind === "booted" && line.run === other.run);
  return boot?.kind === "booted" && isGone(boot satisfies ProcessIdentity);
}
