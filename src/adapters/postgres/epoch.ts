/**
 * Who may write. A takeover raises the epoch under FOR UPDATE, so it waits for every append in flight; appends compare it
 * under FOR SHARE, so none of an older holder can land afterwards. The lease only says when a takeover is polite.
 */
import type pg from "pg";
import { assert } from "../../core/assert.ts";
import { fail, ok, type Result } from "../../core/result.ts";
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
};

export type Held = { readonly holder: string; readonly leaseLeftMs: number };
export type Taken = {
  readonly epoch: number;
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
    if (claim.from === "expired" && leaseLeftMs > 0) return fail({ holder: held.holder, leaseLeftMs });
    const epoch = row.epoch + 1;
    await client.query(
      "update trader_epoch set epoch = $1, holder = $2, git_sha = $3, config_hash = $4, taken_at = $5 where id = 1",
      [epoch, claim.holder, claim.gitSha, claim.configHash, isoTime(claim.at)],
    );
    await client.query(
      "update trader_lease set holder = $1, lease_until = clock_timestamp() + $2 * interval '1 millisecond' where id = 1",
      [claim.holder, claim.leaseMs],
    );
    return ok({ epoch, wasReleased: held.holder === "nobody" });
  });
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
    "update trader_lease set holder = 'nobody', lease_until = '-infinity' where id = 1 and holder = $1",
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
