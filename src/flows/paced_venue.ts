/**
 * A venue that allows so many requests a second is asked at that pace instead of being told 429. What protects money (looks,
 * cancels, books) waits only for its turn; everything else has at most 70 % of the pace, so that 30 % is always left for a
 * flatten. An order never waits here, since its stamp would grow old: it goes at once and the next question waits longer. Who
 * has time asks `whenFree` before the order is stamped; the place that it waited for is then the order's. A stop or an exit
 * that waits goes before every look: a comparison of all lists must not keep a position bare.
 */
import { mark } from "../core/mark.ts";
import type { Clock } from "../ports/clock.ts";
import type { OrderRef, Venue } from "../ports/venue.ts";

/** Requests behind one question, as far as they are more than one. */
const costs: Partial<Record<keyof Venue, number>> = { openOrders: 4, allOpenOrders: 3, instruments: 2, transfers: 2 };

function costOf(name: keyof Venue, told: readonly unknown[]): number {
  // A pair whose id at the venue is not known yet is asked for by its name first, and then for its arms.
  if (name === "findOrder") {
    const { kind, venueOrderId } = told[0] as OrderRef;
    return kind === "oco" && venueOrderId === null ? 2 : 1;
  }
  return costs[name] ?? 1;
}
/** Orders first, then what becomes of them, then looks at everything, then all else. */
const ranks: Partial<Record<keyof Venue, number>> = {
  whenFree: 0,
  cancelOrder: 1,
  findOrder: 1,
  fills: 1,
  orderBook: 1,
  candles: 3,
  instruments: 3,
  keyRights: 3,
};
const ordinaryRank = 3;
const rankOf = (name: keyof Venue): number => ranks[name] ?? 2;
const immediate: ReadonlySet<keyof Venue> = new Set(["placeOrder"]);
const unpaced: ReadonlySet<keyof Venue> = new Set(["stop", "window", "name"]);
/** Longer than it takes to stamp and commit an order. */
const keptForMs = 1_000;
export const ordinaryShare = 0.7;

type Waiting = { readonly rank: number; readonly costMs: number; readonly go: () => void };

export function pacedVenue(venue: Venue, perSecond: number, clock: Pick<Clock, "mono" | "sleep">): Venue {
  const gapMs = 1_000 / perSecond;
  const pace = paceOf(clock);
  /** Places that somebody waited for, by the time until which the next orders may use them. */
  let kept: number[] = [];
  const turn = async (name: keyof Venue, told: readonly unknown[] = []): Promise<void> => {
    const costMs = costOf(name, told) * gapMs;
    if (!immediate.has(name)) return await pace.wait(rankOf(name), costMs);
    const now = clock.mono();
    kept = kept.filter((until) => until > now);
    if (kept.shift() === undefined) pace.spend(costMs);
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

/** Hands out places one after the other, the most urgent first, and among equals in the order in which they came. */
function paceOf(clock: Pick<Clock, "mono" | "sleep">) {
  let freeAt = 0;
  let ordinaryAt = 0;
  let isHandingOut = false;
  const queue: Waiting[] = [];
  const mayGo = ({ rank }: Pick<Waiting, "rank">, now: number): boolean =>
    freeAt <= now && (rank < ordinaryRank || ordinaryAt <= now);
  const spend = (costMs: number): number => {
    freeAt = Math.max(clock.mono(), freeAt) + costMs;
    return freeAt;
  };
  const take = ({ rank, costMs }: Pick<Waiting, "rank" | "costMs">): void => {
    const now = clock.mono();
    spend(costMs);
    if (rank >= ordinaryRank) ordinaryAt = now + costMs / ordinaryShare;
  };
  const handOut = async (): Promise<void> => {
    if (isHandingOut) return;
    isHandingOut = true;
    while (queue.length > 0) {
      const now = clock.mono();
      const next = queue.filter((one) => mayGo(one, now)).sort((one, other) => one.rank - other.rank)[0];
      if (next === undefined) {
        const isOnlyOrdinary = queue.every(({ rank }) => rank >= ordinaryRank);
        await clock.sleep(Math.max(1, Math.max(freeAt, isOnlyOrdinary ? ordinaryAt : 0) - now));
        continue;
      }
      queue.splice(queue.indexOf(next), 1);
      take(next);
      next.go();
    }
    isHandingOut = false;
  };
  return {
    spend,
    async wait(rank: number, costMs: number): Promise<void> {
      const isFirst = queue.every((one) => one.rank > rank);
      if (isFirst && mayGo({ rank }, clock.mono())) return take({ rank, costMs });
      mark("V30.paced");
      await new Promise<void>((go) => {
        queue.push({ rank, costMs, go });
        void handOut();
      });
    },
  };
}
