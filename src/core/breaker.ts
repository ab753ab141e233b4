/**
 * Circuit breakers as one table. A breaker stands at a scope for a cause; several may stand at one scope, and for an order
 * the worst of all that cover it counts. An open one stops entries and never an exit, a cancel or the kill switch.
 *
 *   closed --warned--> degraded --tripped--> open --cooled--> half_open --canary_passed--> closed
 *      |                  '--recovered--> closed  '--reset--> closed  '--tripped--> open
 *      '--tripped--> open
 *
 * transient: goes half open by itself once its cause has been clear for a while, and closes when one smallest order went
 * well. sticky: a person closes it, with a reason, after the cause is gone. Five openings within a day make it sticky.
 */
import { fail, ok, type Result } from "./result.ts";
import { between, day, hour, type Instant, minute } from "./time.ts";

export const breakerStates = ["closed", "degraded", "open", "half_open"] as const;
export type BreakerState = (typeof breakerStates)[number];
export const breakerEvents = ["warned", "recovered", "tripped", "cooled", "canary_passed", "reset"] as const;
export type BreakerEvent = (typeof breakerEvents)[number];

// biome-ignore format: a table reads better as a table
export const breakerTable: Readonly<Record<BreakerState, Partial<Record<BreakerEvent, BreakerState>>>> = {
  closed:    { warned: "degraded", tripped: "open" },
  degraded:  { warned: "degraded", recovered: "closed", tripped: "open" },
  open:      { tripped: "open", cooled: "half_open", reset: "closed" },
  half_open: { tripped: "open", cooled: "half_open", canary_passed: "closed", reset: "closed" },
};

export type ImpossibleChange = { readonly from: BreakerState; readonly event: BreakerEvent };

export function afterBreakerEvent(from: BreakerState, event: BreakerEvent): Result<BreakerState, ImpossibleChange> {
  const to = breakerTable[from][event];
  return to === undefined ? fail({ from, event }) : ok(to);
}

export type BreakerClass = "transient" | "sticky";

export type Breaker = {
  /** `cause@scope`: what people type to reset it. */
  readonly key: string;
  /** "global", "account:main", "venue:kucoin", "symbol:kucoin:SOL/USDT" or "strategy:ema_trend". */
  readonly scope: string;
  readonly cause: string;
  readonly class: BreakerClass;
  readonly state: Exclude<BreakerState, "closed">;
  readonly evidence: Readonly<Record<string, string>>;
  /** House time of the last opening or warning, and the real time of it. */
  readonly openedAt: Instant;
  readonly openedWallAt: Instant;
  readonly openedBy: string;
  /** The one smallest order that is out to try it; only while half open. */
  readonly canary: string | null;
  /** A reset that waits for a second person, or for its time. */
  readonly asked: { readonly by: string; readonly reason: string; readonly at: Instant } | null;
};

/** When a breaker of this key was opened and reset by people, real time, the last day only. */
export type BreakerHistory = { readonly opened: readonly Instant[]; readonly reset: readonly Instant[] };

export function breakerKey(scope: string, cause: string): string {
  return `${cause}@${scope}`;
}

export type Place = {
  readonly instrumentId: string;
  readonly venue: string;
  readonly account: string;
  readonly strategy: string;
};

/** From the narrowest to the widest, as people read them. */
export function covers(scope: string, place: Place): boolean {
  return (
    scope === "global" ||
    scope === `account:${place.account}` ||
    scope === `venue:${place.venue}` ||
    scope === `symbol:${place.instrumentId}` ||
    scope === `strategy:${place.strategy}`
  );
}

const worst: Readonly<Record<BreakerState, number>> = { closed: 0, degraded: 1, half_open: 2, open: 3 };

export type Effective = { readonly state: BreakerState; readonly standing: readonly Breaker[] };

/** What counts for one order: the worst of all breakers that cover its place. */
export function effectiveBreaker(breakers: Readonly<Record<string, Breaker>>, place: Place): Effective {
  const standing = Object.values(breakers).filter((breaker) => covers(breaker.scope, place));
  const state = standing.reduce<BreakerState>(
    (most, breaker) => (worst[breaker.state] > worst[most] ? breaker.state : most),
    "closed",
  );
  return { state, standing };
}

const coolingFirstMs = minute;
const coolingMaxMs = hour;
/** So many openings within a day, and time alone closes it no more. */
export const openingsMax = 5;
/** So many resets of one cause within a day by single persons; the next one needs two. */
export const resetsMax = 3;

/** How long the cause must be clear before the breaker goes half open: a minute, twice as long with every opening of this day. */
export function coolingMs(openings: number): number {
  return Math.min(coolingMaxMs, coolingFirstMs * 2 ** Math.max(0, openings - 1));
}

export function withinDay(instants: readonly Instant[], wallAt: Instant): readonly Instant[] {
  return instants.filter((at) => between(at, wallAt) < day);
}

/** The class that an opening at this moment gets. */
export function classOf(wished: BreakerClass, history: BreakerHistory | undefined, wallAt: Instant): BreakerClass {
  return withinDay(history?.opened ?? [], wallAt).length + 1 >= openingsMax ? "sticky" : wished;
}

/** Names of standing breakers that a person may have meant by `word`: the key, or the cause alone. */
export function namedBreakers(breakers: Readonly<Record<string, Breaker>>, word: string): readonly Breaker[] {
  const wanted = word.trim().toLowerCase();
  const all = Object.values(breakers);
  const exact = all.filter((breaker) => breaker.key.toLowerCase() === wanted);
  return exact.length > 0 ? exact : all.filter((breaker) => breaker.cause.toLowerCase() === wanted);
}
