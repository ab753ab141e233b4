/**
 * What time it is at a venue, from a few questions a minute. Kept against our monotonic clock, so that a corrected wall
 * clock of this machine moves nothing: stamps of orders and proofs of absence count on it.
 *
 *   samples (5) --weighted by trip--> estimate, error = shortest trip / 2
 *      change <= 250 ms or the first one --> taken
 *      larger ------------------------> waits for 3 rounds that agree; meanwhile it counts as uncertainty
 */
import { mark } from "./mark.ts";

export type ClockSample = {
  /** What the venue said, ms since 1970. */
  readonly venueAt: number;
  readonly sentMono: number;
  readonly receivedMono: number;
};

type Estimate = { readonly anchor: number; readonly errorMs: number };

export type VenueClock = {
  /** Venue time minus mono(), ms; null before the first measurement. */
  readonly anchor: number | null;
  /** Half of the shortest trip at the last measurement: the venue's answer may be that far off. */
  readonly errorMs: number;
  /** mono() of the last round that was taken. */
  readonly measuredMono: number | null;
  /** A larger change that is not believed yet, and how many rounds in a row have said so. */
  readonly pending: (Estimate & { readonly rounds: number }) | null;
};

export const unknownVenueClock: VenueClock = { anchor: null, errorMs: 0, measuredMono: null, pending: null };

const changeMaxMs = 250;
const stableRounds = 3;
/** Above this nothing is opened: a stamp might be refused, or worse, be valid for longer than we think. */
export const uncertaintyMaxMs = 500;
export const uncertaintyWarnMs = 250;
/** Quartz may run this much faster or slower than the venue's clock between two measurements. */
const driftShare = 0.000_2;

export function estimateOf(samples: readonly ClockSample[]): Estimate | null {
  const trips = samples.map((one) => Math.max(one.receivedMono - one.sentMono, 0.5));
  if (samples.length === 0) return null;
  const shortest = Math.min(...trips);
  // A quick answer says where the middle of its trip was; a slow one says little, and one twice as slow an eighth of it.
  const weights = trips.map((trip) => (shortest / trip) ** 3);
  const anchors = samples.map((one) => one.venueAt - (one.sentMono + one.receivedMono) / 2);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const anchor = anchors.reduce((sum, each, index) => sum + each * (weights[index] ?? 0), 0) / total;
  return { anchor, errorMs: shortest / 2 };
}

/** One round of samples; no answer at all changes nothing, and then the clock only grows older. */
export function measured(clock: VenueClock, samples: readonly ClockSample[], mono: number): VenueClock {
  const next = estimateOf(samples);
  if (next === null) return clock;
  if (clock.anchor === null || Math.abs(next.anchor - clock.anchor) <= changeMaxMs)
    return { ...next, measuredMono: mono, pending: null };
  mark("C04.offset_change_waits");
  const isAgreed = clock.pending !== null && Math.abs(next.anchor - clock.pending.anchor) <= changeMaxMs;
  const rounds = isAgreed ? clock.pending.rounds + 1 : 1;
  if (rounds >= stableRounds) {
    mark("C04.offset_change_taken");
    return { ...next, measuredMono: mono, pending: null };
  }
  return { ...clock, pending: { ...next, rounds } };
}

/** How far off our idea of the venue's time may be, ms; null = we have none. */
export function uncertaintyOf({ anchor, errorMs, measuredMono, pending }: VenueClock, mono: number): number | null {
  if (anchor === null || measuredMono === null) return null;
  const unbelieved = pending === null ? 0 : Math.abs(pending.anchor - anchor);
  return errorMs + unbelieved + (mono - measuredMono) * driftShare;
}

/** Venue time at this moment of the monotonic clock; null before the first measurement. */
export function venueTimeAt({ anchor }: VenueClock, mono: number): number | null {
  return anchor === null ? null : Math.round(anchor + mono);
}

/**
 * Whether enough sources agree about the time: the venues with one another and with this machine. One alone may be wrong
 * without anybody noticing.
 * @param offsets venue clock minus our wall clock, ms, one for each venue that answers
 */
export function agreeingSources(offsets: readonly number[]): number {
  const all = [0, ...offsets].toSorted((left, right) => left - right);
  const middle = all[Math.floor(all.length / 2)] ?? 0;
  const around = (centre: number) => all.filter((one) => Math.abs(one - centre) <= uncertaintyMaxMs).length;
  return Math.max(around(middle), around(all[0] ?? 0));
}
