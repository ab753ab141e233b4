/** Taking the trader epoch as src/boot/database.ts does it, on the pool of one simulated process. */
import type pg from "pg";
import { renewLease, takeEpoch } from "../../src/adapters/postgres/epoch.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Log } from "../../src/ports/log.ts";
import type { Vault } from "../../src/ports/vault.ts";

const leaseMs = 10_000;
const renewEveryMs = 2_000;
const turnWaitMs = 15_000;

export type Turn = { readonly epoch: number; readonly holder: string };

/** @throws when another holder keeps its lease for too long, or the database is away. */
export async function takeTurn(
  pool: pg.Pool,
  wish: { clock: Clock; vault: Vault; log: Log; configHash: string; isSameHost: boolean },
): Promise<Turn> {
  const { clock, vault, configHash, isSameHost } = wish;
  const holder = vault.token();
  const until = clock.mono() + turnWaitMs;
  for (;;) {
    const claim = { holder, configHash, gitSha: "", at: clock.wall(), leaseMs } as const;
    const taken = await takeEpoch(pool, { ...claim, from: isSameHost ? "anyone" : "expired" });
    if (taken.ok) {
      keepLease(pool, holder, clock);
      return { epoch: taken.value.epoch, holder };
    }
    if (clock.mono() > until) throw new Error(`Another bot (${taken.problem.holder}) trades with this database`);
    await clock.sleep(500);
  }
}

function keepLease(pool: pg.Pool, holder: string, clock: Clock): void {
  clock.every(renewEveryMs, async () => {
    await renewLease(pool, { holder, leaseMs }).catch(() => false);
  });
}
