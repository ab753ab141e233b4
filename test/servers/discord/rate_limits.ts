/** Buckets per route and first id, 50 requests a second in all, and the count of invalid requests that leads to a ban. */
import type { Answer } from "./refusal.ts";
import type { Route } from "./request.ts";

type Bucket = { left: number; resetsAt: number };

export type RateLimits = {
  /** Takes one call; an answer means: refused. Headers are those every answer of this route carries. */
  take(route: Route, major: string): { refusal: Answer | null; headers: Record<string, string> };
  countInvalid(): void;
  readonly invalid: number;
};

const globalPerSecond = 50;

export function tooMany(options: { retryAfterS: number; isGlobal: boolean; scope: string }): Answer {
  const { retryAfterS, isGlobal, scope } = options;
  return {
    status: 429,
    body: { message: "You are being rate limited.", retry_after: retryAfterS, global: isGlobal },
    headers: {
      "Retry-After": String(Math.ceil(retryAfterS)),
      "X-RateLimit-Scope": scope,
      ...(isGlobal ? { "X-RateLimit-Global": "true" } : {}),
    },
  };
}

/** `isOff` only counts: for tests that ask more than a bot ever may. */
export function makeRateLimits(isOff: boolean): RateLimits {
  const buckets = new Map<string, Bucket>();
  let inThisSecond = { second: 0, calls: 0 };
  let invalid = 0;
  const takeGlobal = (): Answer | null => {
    const second = Math.floor(Date.now() / 1_000);
    if (inThisSecond.second !== second) inThisSecond = { second, calls: 0 };
    inThisSecond.calls += 1;
    return inThisSecond.calls > globalPerSecond ? tooMany({ retryAfterS: 1, isGlobal: true, scope: "global" }) : null;
  };
  return {
    take(route, major) {
      // Interaction answers are outside every limit.
      if (route.limit === null || isOff) return { refusal: null, headers: {} };
      const flood = takeGlobal();
      if (flood !== null) return { refusal: flood, headers: {} };
      const name = `${route.method} ${route.pattern}`;
      const key = `${name} ${major}`;
      const known = buckets.get(key);
      const { calls, windowMs } = route.limit;
      const bucket =
        known !== undefined && known.resetsAt > Date.now() ? known : { left: calls, resetsAt: Date.now() + windowMs };
      buckets.set(key, bucket);
      const resetAfterS = Math.max(0.001, (bucket.resetsAt - Date.now()) / 1_000);
      const headers = {
        "X-RateLimit-Limit": String(calls),
        "X-RateLimit-Remaining": String(Math.max(0, bucket.left - 1)),
        "X-RateLimit-Reset": String(bucket.resetsAt / 1_000),
        "X-RateLimit-Reset-After": resetAfterS.toFixed(3),
        "X-RateLimit-Bucket": Buffer.from(name).toString("base64url").slice(0, 20),
      };
      if (bucket.left <= 0)
        return { refusal: tooMany({ retryAfterS: resetAfterS, isGlobal: false, scope: "user" }), headers };
      bucket.left -= 1;
      return { refusal: null, headers };
    },
    countInvalid: () => {
      invalid += 1;
    },
    get invalid() {
      return invalid;
    },
  };
}
