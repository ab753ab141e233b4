/**
 * Who may write. A takeover raises the epoch under FOR UPDATE, so it waits for every append in flight; appends compare it
 * under FOR SHARE, so none of an older holder can land afterwards. The lease says when a takeover may be tried at all.
 *
 *   lease released ----------> released       its end was proven ("anyone") --> proven_dead
 *   lease ran out -----------> expired        lease still runs --------------> refused, naming the holder
 */
import type pg from "pg";
import { assert } from "../../core/assert.ts";
import { nobody } from "../../core/holder.ts";
import { mark } from "../../core/mark.ts";
import { fail, ok, type Result } from "../../core/result.ts";
import type { TakeoverKind } from "../../core/takeover.ts";
import { type Instant, isoTime } from "../../core/time.ts";
import { inTransaction } from "./pool.ts";

export type Claim = {
  /** Unique for this run of this process. */
  readonly holder: string;
  readonly gitSha: string;
  readonly configHash: string;
  readonly at: Instant;
  readonly leaseMs: number;
  /** "expired": only when the last holder gave up or fell silent. "anyone": its end was proven by other means. */
  readonly from: "expired" | "anyone";
  /** The new epoch is above this one, too: a restored database must not give out an epoch twice. */
  readonly above?: number;
};

export type Held = { readonly holder: string; readonly leaseLeftMs: number };
export type Taken = {
  readonly epoch: number;
  readonly kind: TakeoverKind;
  /** The holder before us, as it wrote itself down. */
  readonly from: string;
  /** The last holder had released it: nothing of his can still be under way. */
  readonly wasReleased: boolean;
};

export function takeEpoch(pool: pg.Pool, claim: Claim): Promise<Result<Taken, Held>> {
  return inTransaction(pool, async (client) => {
    // The fixed order of locks, epoch before lease, is the only one in this program.
    const current = await client.query<{ epoch: number }>("select epoch from trader_epoch where id = 1 for update");
    const lease = await client.query<{ holder: string; left: string }>(
      `select holder, case when lease_until < clock_timestamp() then 0
                           else extract(epoch from lease_until - clock_timestamp()) * 1000 end as left
         from trader_lease where id = 1 for update`,
    );
    const [row, held] = [current.rows[0], lease.rows[0]];
    assert(
      row !== undefined && held !== undefined,
      "trader_epoch and trader_lease hold one row each; run the migrations",
    );
    const leaseLeftMs = Math.ceil(Number(held.left));
    if (claim.from === "expired" && leaseLeftMs > 0) {
      mark("P06.lease_still_runs");
      return fail({ holder: held.holder, leaseLeftMs });
    }
    const epoch = Math.max(row.epoch, claim.above ?? 0) + 1;
    await client.query(
      "update trader_epoch set epoch = $1, holder = $2, git_sha = $3, config_hash = $4, taken_at = $5 where id = 1",
      [epoch, claim.holder, claim.gitSha, claim.configHash, isoTime(claim.at)],
    );
    await client.query(
      "update trader_lease set holder = $1, lease_until = clock_timestamp() + $2 * interval '1 millisecond' where id = 1",
      [claim.holder, claim.leaseMs],
    );
    const kind = kindOf(row.epoch, held.holder, claim.from);
    return ok({ epoch, kind, from: held.holder, wasReleased: held.holder === nobody });
  });
}

function kindOf(epoch: number, holder: string, from: Claim["from"]): TakeoverKind {
  if (holder === nobody) return epoch === 0 ? "first" : "released";
  if (from === "anyone") return "proven_dead";
  mark("P06.lease_expired_takeover");
  return "expired";
}

/** Heartbeat. @returns false when somebody else holds the lease now. Throws when the database is away. */
export async function renewLease(
  pool: pg.Pool,
  lease: { readonly holder: string; readonly leaseMs: number },
): Promise<boolean> {
  const answer = await pool.query(
    "update trader_lease set lease_until = clock_timestamp() + $2 * interval '1 millisecond' where id = 1 and holder = $1",
    [lease.holder, lease.leaseMs],
  );
  return answer.rowCount === 1;
}

/** A clean goodbye: the next holder need not wait. Does nothing when the lease is no longer ours. */
export async function releaseLease(pool: pg.Pool, holder: string): Promise<void> {
  await pool.query(
    `update trader_lease set holder = '${nobody}', lease_until = '-infinity' where id = 1 and holder = $1`,
    [holder],
  );
}

/** The epoch as the database knows it now. */
export async function readEpoch(pool: pg.Pool): Promise<number> {
  const answer = await pool.query<{ epoch: number }>("select epoch from trader_epoch where id = 1");
  const row = answer.rows[0];
  assert(row !== undefined, "trader_epoch holds one row; run the migrations");
  return row.epoch;
}

/** Who took the epoch last, in its own words, and who holds the lease now. */
export async function readHolders(pool: pg.Pool): Promise<{ epoch: number; taker: string; leaseHolder: string }> {
  const answer = await pool.query<{ epoch: number; taker: string; lease_holder: string }>(
    `select trader_epoch.epoch, trader_epoch.holder as taker, trader_lease.holder as lease_holder
       from trader_epoch, trader_lease where trader_epoch.id = 1 and trader_lease.id = 1`,
  );
  const row = answer.rows[0];
  assert(row !== undefined, "trader_epoch and trader_lease hold one row each; run the migrations");
  return { epoch: row.epoch, taker: row.taker, leaseHolder: row.lease_holder };
}

/** In which mode the facts of this database were made; null = there are none. */
export async function readRecordedMode(pool: pg.Pool): Promise<string | null> {
  const answer = await pool.query<{ mode: string }>(
    "select body->>'mode' as mode from events where kind = 'house_started' order by seq desc limit 1",
  );
  return answer.rows[0]?.mode ?? null;
}

/** What tells one database from another and from its own past. null where this role may not ask. */
export type DatabaseIdentity = {
  readonly systemIdentifier: string | null;
  readonly timeline: string | null;
  readonly epoch: number;
  readonly head: { readonly seq: number; readonly hash: string };
  /** Hash of fact `seq`; null = there is no such fact. */
  hashAt(seq: number): Promise<string | null>;
};

export async function readIdentity(pool: pg.Pool): Promise<DatabaseIdentity> {
  const ask = async (text: string) => {
    const answer = await pool.query<{ name: string | null }>(text).catch(() => null);
    return answer?.rows[0]?.name ?? null;
  };
  const head = await pool.query<{ seq: number; hash: string }>("select seq, hash from ledger_head where id = 1");
  const row = head.rows[0];
  assert(row !== undefined, "ledger_head holds one row; run the migrations");
  return {
    systemIdentifier: await ask("select system_identifier::text as name from pg_control_system()"),
    timeline: await ask("select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as name"),
    epoch: await readEpoch(pool),
    head: row,
    async hashAt(seq) {
      const found = await pool.query<{ hash: string }>("select hash from events where seq = $1", [seq]);
      return found.rows[0]?.hash ?? null;
    },
  };
}
