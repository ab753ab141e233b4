/** KuCoin's rate limits: three pools of weights over 30 s, and what each question costs (its OpenAPI, 2025-11). */

import type { Clock } from "../../ports/clock.ts";
import { type Budget, createBudget } from "../_ccxt/budget.ts";
import type { Answer } from "../_ccxt/call.ts";

export type Pool = "spot" | "management" | "public";

export const poolRules = {
  windowMs: 30_000,
  /** VIP 0; the venue's own headers correct it. */
  limits: { spot: 4_000, management: 2_000, public: 2_000 },
  reservedShare: 0.35,
} as const;

export const weights = {
  time: 3,
  symbols: 4,
  candles: 3,
  book: 2,
  fees: 3,
  accounts: 5,
  keyInfo: 20,
  deadMan: 2,
  ledger: 2,
  order: 1,
  findOrder: 2,
  activeOrders: 2,
  doneOrders: 2,
  fills: 2,
  stop: 1,
  findStop: 3,
  listStops: 8,
  cancelOrder: 1,
  cancelStop: 5,
  oco: 2,
  findOco: 2,
  cancelOco: 3,
} as const;

export function createRates(clock: Clock): { budget: Budget<Pool>; listen: (pool: Pool, answer: Answer) => void } {
  const budget = createBudget<Pool>(poolRules, clock);
  return {
    budget,
    listen(pool, { headers }) {
      const [limit, remaining, resetMs] = ["limit", "remaining", "reset"].map((name) =>
        countOf(headers[`gw-ratelimit-${name}`]),
      );
      if (limit == null || remaining == null || resetMs == null || limit === 0) return;
      budget.observe(pool, { limit, remaining, resetMs: Math.min(resetMs, poolRules.windowMs) });
    },
  };
}

function countOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number.parseInt(text, 10) : null;
}
