/**
 * Weights per 30 s of wire time: private pools by key, the public pool by address. Beyond the limit: HTTP 429,
 * code 429000. Every answer tells limit, remaining and ms to reset. Source: KuCoin's rate limit page.
 */
import type { Switches } from "../switches.ts";

export type PoolName = "spot" | "management" | "public";

const WINDOW_MS = 30_000;

interface Window {
  endsAt: number;
  used: number;
}

export interface PoolAnswer {
  isAllowed: boolean;
  headers: Record<string, string>;
}

export interface RatePools {
  spend(pool: PoolName, owner: string, weight: number, now: number): PoolAnswer;
}

export const ratePools = (switches: Switches): RatePools => {
  const windows = new Map<string, Window>();
  return {
    spend(pool, owner, weight, now) {
      const name = `${pool}/${owner}`;
      let window = windows.get(name);
      if (window === undefined || now >= window.endsAt) {
        window = { endsAt: now + WINDOW_MS, used: 0 };
        windows.set(name, window);
      }
      const limit = switches.ratePools[pool];
      const isAllowed = window.used + weight <= limit;
      // A refused request costs nothing more; the window has to end first.
      if (isAllowed) window.used += weight;
      const headers = {
        "gw-ratelimit-limit": String(limit),
        "gw-ratelimit-remaining": String(Math.max(0, limit - window.used)),
        "gw-ratelimit-reset": String(Math.max(0, window.endsAt - now)),
      };
      return { isAllowed, headers };
    },
  };
};
