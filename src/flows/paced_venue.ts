/**
 * A venue that allows so many requests a second is asked at that pace instead of being told 429. What protects money (looks,
 * cancels, books) waits only for its turn; everything else has at most 70 % of the pace, so that 30 % is always left for a
 * flatten. An order never waits here, since its stamp would grow old: it goes at once and the next question waits longer. Who
 * has time asks `whenFree` before the order is stamped; the place that it waited for is then the order's.
 */
import { mark } from "../core/mark.ts";
import type { Clock } from "../ports/clock.ts";
import type { OrderRef, Venue } from "../ports/venue.ts";

/** Requests behind one question, as far as they are more than one. */
const costs: Partial<Record<keyof Venue, number>> = { openOrders: 3, allOpenOrders: 3, instruments: 2 };

function costOf(name: keyof Venue, told: readonly unknown[]): number {
  // A pair whose id at the venue is not known yet is asked for by its name first, and then for its arms.
  if (name === "findOrder") {
    const { kind, venueOrderId } = told[0] as OrderRef;
    return kind === "oco" && venueOrderId === null ? 2 : 1;
  }
  return costs[name] ?? 1;
}
const ordinary: ReadonlySet<keyof Venue> = new Set(["candles", "instruments", "keyRights"]);
const immediate: ReadonlySet<keyof Venue> = new Set(["placeOrder"]);
const unpaced: ReadonlySet<keyof Venue> = new Set(["stop", "window", "name"]);
/** Longer than it takes to stamp and commit an order. */
const keptForMs = 1_000;
export const ordinaryShare = 0.7;

export function pacedVenue(venue: Venue, perSecond: number, clock: Pick<Clock, "mono" | "sleep">): Venue {
  const gapMs = 1_000 / perSecond;
  let nextAny = 0;
  let nextOrdinary = 0;
  /** Places that somebody waited for, by the time until which the next orders may use them. */
  let kept: number[] = [];
  const turn = async (name: keyof Venue, told: readonly unknown[] = []): Promise<void> => {
    const now = clock.mono();
    const cost = costOf(name, told) * gapMs;
    if (immediate.has(name)) {
      kept = kept.filter((until) => until > now);
      if (kept.shift() !== undefined) return;
      nextAny = Math.max(now, nextAny) + cost;
      return;
    }
    const isOrdinary = ordinary.has(name);
    const mine = Math.max(now, nextAny, isOrdinary ? nextOrdinary : 0);
    nextAny = isOrdinary ? Math.max(now, nextAny) + cost : mine + cost;
    if (isOrdinary) nextOrdinary = mine + cost / ordinaryShare;
    if (mine <= now) return;
    mark("V30.paced");
    await clock.sleep(mine - now);
  };
  const whenFree = async (): Promise<void> => {
    await turn("whenFree");
    kept.push(clock.mono() + keptForMs);
  };
  return new Proxy(venue, {
    get(target, name) {
      if (name === "whenFree") return whenFree;
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== "function" || unpaced.has(name as keyof Venue)) return member;
      return async (...told: unknown[]) => {
        await turn(name as keyof Venue, told);
        return (member as (...all: unknown[]) => unknown).apply(target, told);
      };
    },
  });
}
