/**
 * Our own count of what the venue lets us ask, in its weights over its window, one count a pool. A part is kept for what
 * protects money: placing stops and exits, canceling, finding out. The ordinary lane stops before it eats that part.
 */
import type { Clock } from "../../ports/clock.ts";

/** vital: protection, exits, cancels and everything needed to learn what became of them. ordinary: all else. */
export type Lane = "vital" | "ordinary";

export type BudgetRules<Pool extends string> = {
  readonly windowMs: number;
  /** Weights a window. */
  readonly limits: Readonly<Record<Pool, number>>;
  /** Share of each pool that only the vital lane may use; at least 0.3. */
  readonly reservedShare: number;
};

export type Budget<Pool extends string> = {
  /** Takes the weight and answers 0, or takes nothing and answers how many ms to wait. */
  take(pool: Pool, weight: number, lane: Lane): number;
  /** The venue said that we asked too much: nobody asks again before its time is over. */
  freeze(pool: Pool, forMs: number): void;
  /** What the venue itself counted, which includes everything else that uses our account. */
  observe(pool: Pool, counted: { readonly limit: number; readonly remaining: number; readonly resetMs: number }): void;
};

type Account = {
  limit: number;
  /** Oldest first. */
  spent: { at: number; weight: number }[];
  used: number;
  frozenUntil: number;
  /** Weight that somebody else on our account has used, and until when it counts. */
  foreign: { weight: number; until: number };
};

export function createBudget<Pool extends string>(rules: BudgetRules<Pool>, clock: Clock): Budget<Pool> {
  const accounts = new Map<Pool, Account>();
  const accountOf = (pool: Pool): Account => {
    const known = accounts.get(pool);
    if (known !== undefined) return known;
    const made = { limit: rules.limits[pool], spent: [], used: 0, frozenUntil: 0, foreign: { weight: 0, until: 0 } };
    accounts.set(pool, made);
    return made;
  };
  return {
    take(pool, weight, lane) {
      const account = accountOf(pool);
      const now = clock.mono();
      forget(account, now - rules.windowMs);
      if (account.frozenUntil > now) return Math.ceil(account.frozenUntil - now);
      const foreign = account.foreign.until > now ? account.foreign.weight : 0;
      const share = lane === "vital" ? 1 : 1 - rules.reservedShare;
      if (account.used + foreign + weight > account.limit * share) return waitFor(account, now, rules.windowMs);
      account.spent.push({ at: now, weight });
      account.used += weight;
      return 0;
    },
    freeze(pool, forMs) {
      const account = accountOf(pool);
      account.frozenUntil = Math.max(account.frozenUntil, clock.mono() + forMs);
    },
    observe(pool, counted) {
      const account = accountOf(pool);
      const now = clock.mono();
      forget(account, now - rules.windowMs);
      account.limit = counted.limit;
      const others = counted.limit - counted.remaining - account.used;
      account.foreign = { weight: Math.max(0, others), until: now + counted.resetMs };
    },
  };
}

function forget(account: Account, before: number): void {
  while (account.spent[0] !== undefined && account.spent[0].at <= before) {
    account.used -= account.spent[0].weight;
    account.spent.shift();
  }
}

/** Until the oldest weight leaves the window, or what others used is over; never 0, so that a caller does not spin. */
function waitFor(account: Account, now: number, windowMs: number): number {
  const oldest = account.spent[0];
  const until = oldest === undefined ? Math.max(account.foreign.until, now + 1_000) : oldest.at + windowMs;
  return Math.max(1, Math.ceil(until - now));
}
