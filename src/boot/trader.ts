/**
 * From a database that answers to a ledger that is ours: is it the database that we remember, whose turn is it, and may the
 * last holder still have something on the wire?
 *
 *   journal <-> database --fits, or accepted by a person--> epoch --> lease (every 2 s) --> ledger
 */
import { hostname } from "node:os";
import type pg from "pg";
import {
  type DatabaseIdentity,
  type Held,
  readHolders,
  readIdentity,
  readRecordedMode,
  releaseLease,
  renewLease,
  type Taken,
  takeEpoch,
} from "../adapters/postgres/epoch.ts";
import { type LedgerStore, openLedgerStore } from "../adapters/postgres/ledger_store.ts";
import { renewTables } from "../adapters/postgres/renew_tables.ts";
import type { Books } from "../core/books.ts";
import type { Fact } from "../core/events.ts";
import { holderText, readHolder, showHolder } from "../core/holder.ts";
import type { Mode } from "../core/intent.ts";
import { mark } from "../core/mark.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { quarantineMsOf, type Takeover } from "../core/takeover.ts";
import { sendTtlMs } from "../flows/send_gate.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { TraderLease } from "../ports/trader_lease.ts";
import type { Vault } from "../ports/vault.ts";
import { ledgerFold } from "./database.ts";
import type { OpenedHome } from "./home.ts";
import { databaseProblem, type Remembered, rememberedOf } from "./restored.ts";

export type OpenedTrader = {
  readonly ledger: LedgerStore<Books, Fact>;
  readonly epoch: number;
  readonly takeover: Takeover;
  readonly lease: TraderLease;
  /** What did not fit and was accepted by a person; null = it is the database that we know. */
  readonly accepted: { readonly reason: string; readonly problem: string } | null;
  /** Gives the lease back, so that the next start need not wait. */
  release(): Promise<void>;
};

export type TraderWish = {
  readonly configHash: string;
  readonly mode: Mode;
  readonly home: OpenedHome;
  /** The words of --accept-restored-database; null = not given. */
  readonly acceptedBecause: string | null;
  /** What a venue may still receive of a dead process; see core/takeover.ts. */
  readonly venue: { readonly hasMemory: boolean; readonly absentAfterMs: number };
  readonly stopping: AbortSignal;
  readonly clock: Clock;
  /** Real time, whatever the market's: leases and waits. */
  readonly wallClock: Clock;
  readonly vault: Vault;
  readonly log: Log;
};

export async function openTrader(pool: pg.Pool, wish: TraderWish): Promise<Result<OpenedTrader, string>> {
  const { home, clock, vault, log } = wish;
  const mixed = otherMode(await readRecordedMode(pool), wish.mode);
  if (mixed !== null) return fail(mixed);
  const known = rememberedOf(home.before);
  const found = await readIdentity(pool);
  const accepted = await fits(known, found, wish);
  if (!accepted.ok) return accepted;
  const turn = await takeTurn(pool, wish, known.epoch);
  if (!turn.ok) return turn;
  const { epoch, kind, from } = turn.value;
  noteTaken(wish, found, { epoch, isAccepted: accepted.value !== null });
  const lease = renewing(pool, wish);
  await renewTables(pool, { fold: ledgerFold, sha256: vault.sha256, log });
  const ledger = await openLedgerStore<Books, Fact>({
    pool,
    epoch,
    host: hostname(),
    clock,
    vault,
    log,
    fold: ledgerFold,
  });
  const quarantineMs = quarantineMsOf(kind, { ...wish.venue, sendTtlMs });
  return ok({
    ledger,
    epoch,
    takeover: { kind, from: kind === "first" ? null : showHolder(from), quarantineMs },
    lease: lease.port,
    accepted: accepted.value,
    async release() {
      lease.stop();
      await releaseLease(pool, holderText(home.holder));
    },
  });
}

/** Positions, losses and levels of practice money must not be taken for real ones, nor real ones be guarded on paper. */
function otherMode(recorded: string | null, mode: Mode): string | null {
  if (recorded === null || recorded === mode) return null;
  mark("O06.records_of_another_mode");
  return `This database holds the records of ${recorded.toUpperCase()}, and ${mode.toUpperCase()} needs a database of its own: name another in DATABASE_URL, or leave it out and the built-in one is used.`;
}

async function fits(
  known: Remembered,
  found: DatabaseIdentity,
  wish: TraderWish,
): Promise<Result<OpenedTrader["accepted"], string>> {
  const problem = await databaseProblem(known, found);
  if (problem === null) return ok(null);
  const reason = wish.acceptedBecause;
  if (reason === null)
    return fail(
      `This is not the database that this house knows. ${problem}. If that is meant, start with --accept-restored-database "why": what is missing is then taken from the venue, and entries wait for /resume.`,
    );
  mark("P11.accepted_by_a_person");
  wish.log.warn("A database that this house does not know was accepted", { reason, problem });
  return ok({ reason, problem });
}

function noteTaken(
  { home, acceptedBecause }: TraderWish,
  found: DatabaseIdentity,
  taken: { epoch: number; isAccepted: boolean },
) {
  const { systemIdentifier, timeline, head } = found;
  const { epoch } = taken;
  if (taken.isAccepted)
    home.journal.write({ kind: "database_accepted", reason: acceptedBecause ?? "", epoch, seq: head.seq });
  home.journal.write({ kind: "epoch_taken", epoch, run: home.holder.run, systemIdentifier, timeline });
}

export const leaseMs = 10_000;
const renewEveryMs = 2_000;
const turnWaitMs = 15_000;

/** A dead process of this home is not waited for; any other holder's lease must run out; a living one is named. */
async function takeTurn(pool: pg.Pool, wish: TraderWish, above: number): Promise<Result<Taken, string>> {
  const { home, wallClock: clock, log, configHash, stopping } = wish;
  const claim = { holder: holderText(home.holder), gitSha: home.holder.gitSha, configHash, leaseMs, above };
  const until = clock.mono() + turnWaitMs;
  for (let tries = 0; !stopping.aborted; tries += 1) {
    const from = (await isHolderDead(pool, home)) ? "anyone" : "expired";
    const taken = await takeEpoch(pool, { ...claim, at: clock.wall(), from });
    if (taken.ok) return taken;
    if (clock.mono() > until) return fail(livesMessage(taken.problem));
    if (tries === 0)
      log.info("Waiting for the lease of the last bot to run out", {
        holder: showHolder(taken.problem.holder),
        leftMs: taken.problem.leaseLeftMs,
      });
    await clock.sleep(500, stopping);
  }
  return fail("Stopped while waiting for the lease");
}

function livesMessage(held: Held): string {
  mark("P06.second_trader_refused");
  return `Another bot (${showHolder(held.holder)}) trades with this database; stop it first.`;
}

async function isHolderDead(pool: pg.Pool, home: OpenedHome): Promise<boolean> {
  const { leaseHolder } = await readHolders(pool);
  const holder = readHolder(leaseHolder);
  if (holder === null || !home.isProvenDead(holder)) return false;
  mark("P06.proven_dead");
  return true;
}

/** The heartbeat. A database that is away lets the lease run out here; another holder ends all writing at once. */
function renewing(pool: pg.Pool, wish: TraderWish): { port: TraderLease; stop: () => void } {
  const { wallClock: clock, home, log } = wish;
  const holder = holderText(home.holder);
  const listeners = new Set<() => void>();
  let heldBy = holder;
  let isLost = false;
  let untilMono = clock.mono() + leaseMs;
  const lose = async (): Promise<void> => {
    mark("P06.lease_lost_while_running");
    isLost = true;
    heldBy = await readHolders(pool).then(
      (holders) => holders.taker,
      () => "somebody else",
    );
    log.error("The lease was taken by another bot", { holder: showHolder(heldBy) });
    for (const listener of listeners) listener();
  };
  const stop = clock.every(renewEveryMs, async () => {
    if (isLost) return;
    const askedMono = clock.mono();
    const isOurs = await renewLease(pool, { holder, leaseMs }).catch(() => null);
    // Counted from before the question: the database may have answered late, never early.
    if (isOurs === true) untilMono = askedMono + leaseMs;
    if (isOurs === false) await lose();
  });
  const port: TraderLease = {
    leftMs: () => (isLost ? 0 : untilMono - clock.mono()),
    heldBy: () => showHolder(heldBy),
    isLost: () => isLost,
    onLost: (listener) => void listeners.add(listener),
  };
  return { port, stop };
}
