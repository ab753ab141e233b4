/** Taking and keeping the trader epoch as src/boot/trader.ts does it, on the pool of one simulated process. */
import type pg from "pg";
import { releaseLease, renewLease, takeEpoch } from "../../src/adapters/postgres/epoch.ts";
import { quarantineMsOf, type Takeover } from "../../src/core/takeover.ts";
import { sendTtlMs } from "../../src/flows/send_gate.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { TraderLease } from "../../src/ports/trader_lease.ts";

const leaseMs = 10_000;
const renewEveryMs = 2_000;
const turnWaitMs = 15_000;

export type Turn = {
  readonly epoch: number;
  readonly takeover: Takeover;
  readonly lease: TraderLease;
  /** A clean goodbye: the next one need not wait. */
  release(): Promise<void>;
};

type Wish = {
  readonly clock: Clock;
  readonly holder: string;
  readonly configHash: string;
  /** The end of the last holder is proven; otherwise its lease has to run out. */
  readonly isSameHost: boolean;
  readonly absentAfterMs: number;
};

/** @throws when another holder keeps its lease for too long, or the database is away. */
export async function takeTurn(pool: pg.Pool, wish: Wish): Promise<Turn> {
  const { clock, holder, configHash, isSameHost, absentAfterMs } = wish;
  const until = clock.mono() + turnWaitMs;
  for (;;) {
    const claim = { holder, configHash, gitSha: "", at: clock.wall(), leaseMs } as const;
    const taken = await takeEpoch(pool, { ...claim, from: isSameHost ? "anyone" : "expired" });
    if (taken.ok) {
      const { epoch, kind, from } = taken.value;
      const quarantineMs = quarantineMsOf(kind, { hasMemory: true, absentAfterMs, sendTtlMs });
      const { lease, stop } = keepLease(pool, holder, clock);
      const release = async (): Promise<void> => {
        stop();
        await releaseLease(pool, holder);
      };
      return { epoch, lease, release, takeover: { kind, from: kind === "first" ? null : from, quarantineMs } };
    }
    if (clock.mono() > until) throw new Error(`Another bot (${taken.problem.holder}) trades with this database`);
    await clock.sleep(500);
  }
}

function keepLease(pool: pg.Pool, holder: string, clock: Clock): { lease: TraderLease; stop: () => void } {
  const listeners = new Set<() => void>();
  let untilMono = clock.mono() + leaseMs;
  let isLost = false;
  const stop = clock.every(renewEveryMs, async () => {
    if (isLost) return;
    const askedMono = clock.mono();
    const isOurs = await renewLease(pool, { holder, leaseMs }).catch(() => null);
    if (isOurs === true) untilMono = askedMono + leaseMs;
    if (isOurs !== false) return;
    isLost = true;
    for (const listener of listeners) listener();
  });
  const lease: TraderLease = {
    leftMs: () => (isLost ? 0 : untilMono - clock.mono()),
    heldBy: () => holder,
    isLost: () => isLost,
    onLost: (listener) => void listeners.add(listener),
  };
  return { lease, stop };
}
