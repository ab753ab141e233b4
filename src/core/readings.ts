/**
 * What the house measures of itself and its surroundings once a second: the second half, beside the books, of what the
 * assertions judge. null means "not measured yet" or "there is none"; each field says which. Ages and lengths are real ms.
 */
import type { Mode } from "./intent.ts";
import type { Quantity } from "./money.ts";
import type { Marks } from "./portfolio.ts";
import type { Limits } from "./risk_view.ts";
import type { Instant } from "./time.ts";

export type DataReading = {
  readonly instrumentId: string;
  /** Age of the newest order book by the older of our clock and the venue's; null = none read yet. */
  readonly bookAgeMs: number | null;
  /** The book is read all the time at present (a position is held): only then its age means something. */
  readonly isWatched: boolean;
  /** House time at which the newest candle that a strategy may see closes; null = none read yet. */
  readonly newestCloseAt: Instant | null;
};

export type StreamReading = {
  /** Since any frame came, and since one that says something (pings say nothing). */
  readonly frameAgeMs: number;
  readonly eventAgeMs: number;
  /** A read of the account showed a change that the stream never told. */
  readonly isContradicted: boolean;
};

export type Readings = {
  /** House time and real time of this look. */
  readonly at: Instant;
  readonly wallAt: Instant;
  readonly mode: Mode;
  readonly configHash: string;
  readonly writer: {
    readonly isFenced: boolean;
    /** Infinity = shared with nobody. */
    readonly leaseLeftMs: number;
    readonly heldBy: string;
  };
  readonly clocks: {
    /** How far our idea of the venue's time may be off; null = not measured yet. */
    readonly venueUncertaintyMs: number | null;
    /** Nobody else has confirmed the time for too long (LIVE only). */
    readonly isUnconfirmed: boolean;
    /** By how much this look came later than a second after the last one. */
    readonly tickLateMs: number;
    /** More than this is too late; absent = 1 s. */
    readonly tickLateMaxMs?: number;
    /** 99th percentile of the delay of this process; null = not measured. */
    readonly loopLagP99Ms: number | null;
  };
  readonly venue: {
    readonly name: string;
    /** Since it last answered anything; null = never asked. */
    readonly answerAgeMs: number | null;
    /** For how long it has only failed; 0 = it answers. */
    readonly failingMs: number;
    readonly failingBecause: string;
    /** Time that it told us to stay away; 0 = none. */
    readonly bannedMs: number;
    /** Since somebody on the way wanted to send us to another host; absent or null = never. */
    readonly redirectedAgeMs?: number | null;
    /** Why it refuses our key; null = it does not. */
    readonly keyRefused: string | null;
    /** A dead-man switch that somebody set: when it fires, our stops may be gone. Absent or null = none. */
    readonly deadMan?: { readonly seconds: number; readonly symbols: readonly string[] } | null;
    /** Since the last comparison of our books with it in which every question was answered; null = none yet. */
    readonly comparedAgeMs: number | null;
    /** null = this house has no private stream. */
    readonly stream: StreamReading | null;
  };
  /** Why nobody would be called if money were lost now; absent or null = somebody would. */
  readonly nobodyCalled?: string | null;
  readonly data: readonly DataReading[];
  /** Smallest step of each instrument that is known. */
  readonly steps: Readonly<Record<string, Quantity>>;
  readonly marks: Marks;
  readonly record: {
    /** null = not looked at yet. */
    readonly integrity: { readonly headOk: boolean; readonly gapFree: boolean; readonly rowsOk: boolean } | null;
    /** Age of the oldest card that a healthy chat should have had by now; 0 = none waits. */
    readonly outboxLagMs: number;
    /** null = it can be written. */
    readonly journalProblem: string | null;
    /** null = none is configured. */
    readonly watchdogAgeMs: number | null;
  };
  /** Profile, settings and hard constants; `now` has the runtime controls as well. */
  readonly limits: { readonly configured: Limits; readonly now: Limits };
  /** What this process could do to a live venue. null = a house without a wire of its own (tests, simulation). */
  readonly wire: {
    readonly writesTo: "loopback" | "live" | "nowhere";
    readonly holdsTradingKey: boolean;
  } | null;
};

/** A quiet second: everything measured, nothing wrong. Simulations and tests start from it. */
export function quietReadings(
  seed: Pick<Readings, "at" | "wallAt" | "limits"> & Partial<Readings> & { readonly venueName?: string },
): Readings {
  const { venueName = "", ...given } = seed;
  return {
    mode: "paper",
    configHash: "",
    writer: { isFenced: false, leaseLeftMs: Number.POSITIVE_INFINITY, heldBy: "" },
    clocks: { venueUncertaintyMs: 0, isUnconfirmed: false, tickLateMs: 0, loopLagP99Ms: null },
    venue: {
      name: venueName,
      answerAgeMs: 0,
      failingMs: 0,
      failingBecause: "",
      bannedMs: 0,
      keyRefused: null,
      comparedAgeMs: 0,
      stream: null,
    },
    data: [],
    steps: {},
    marks: {},
    record: { integrity: null, outboxLagMs: 0, journalProblem: null, watchdogAgeMs: null },
    wire: null,
    ...given,
  };
}
