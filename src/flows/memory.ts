/** What this process remembers and may forget: the newest market, timers, back-offs. Nothing here is a fact; a restart begins without it. */
import type { Books } from "../core/books.ts";
import type { ChatHealth } from "../core/chat_health.ts";
import type { Instrument } from "../core/instrument.ts";
import type { Bucket } from "../core/lanes.ts";
import type { Price, Quantity } from "../core/money.ts";
import type { Marks } from "../core/portfolio.ts";
import type { ExitReason } from "../core/position.ts";
import type { Prints } from "../core/reasonable_price.ts";
import type { Doubts } from "../core/reconcile_rows.ts";
import type { Candle } from "../core/signal.ts";
import type { Instant } from "../core/time.ts";
import { unknownVenueClock, type VenueClock } from "../core/venue_clock.ts";
import type { Integrity } from "../ports/ledger.ts";
import type { DeadMan, OrderBook } from "../ports/venue.ts";
import type { JobReport } from "./job_guard.ts";
import type { ShownList } from "./shown_alerts.ts";
import type { Return } from "./tell_return.ts";
import type { VetoWatch } from "./veto_window.ts";

/** What every answer of the venue taught us about it. Times are mono(). */
export type VenueMemory = {
  answeredMono: number | null;
  failingSinceMono: number | null;
  failingBecause: string;
  bannedUntilMono: number;
  /** mono() of the newest answer that wanted to send us elsewhere; null = none yet. */
  redirectedMono: number | null;
  keyRefused: string | null;
  /** The dead-man switch that somebody has set at the venue, as it was last told; null = none. */
  deadMan: DeadMan | null;
  keyAskedMono: number;
};

/** The first and the newest look without a trace. */
export type Absence = { readonly firstAbsentAt: Instant; readonly firstMono: number; readonly lastMono: number };

/** Times are mono(). */
export type HeldBack = {
  readonly sinceMono: number;
  readonly untilMono: number;
  /** The venue itself named this wait. */
  readonly isNamed: boolean;
  /** What asked for the exit that was refused. */
  readonly reason: ExitReason | null;
  /** What the books held then. */
  readonly quantity: Quantity;
  /** Waits in a row, this one included. */
  readonly tries: number;
};

/** What is under way to chats. */
/** What came of a card that waits still. `failed` and `since` (wall time) count anew when it goes on as bare words. */
export type CardTries = {
  readonly tries: number;
  readonly failed: number;
  readonly since: Instant;
  readonly isRefused: boolean;
  readonly isUnsure: boolean;
};

export type TellingMemory = {
  /** What each chat may still be told at present; see core/lanes.ts. */
  readonly buckets: Map<string, Bucket>;
  /** Posts of a card that the platform did not take, by card. */
  readonly cardTries: Map<string, CardTries>;
  /** How well each chat took what was sent lately. */
  readonly chatHealth: Map<string, ChatHealth>;
  /** Chats that took nothing when they were last tried, though their platform answers. */
  readonly refusingChats: Set<string>;
  /** Messages about alerts that this process has shown: the page of the desk begins with what was first said in them. */
  readonly shownHere: Set<string>;
  /** mono() before which a message about alerts is not edited again, by card. */
  readonly noticeNotBefore: Map<string, number>;
  /** What /ack has listed last, in each chat and to each person in it. */
  readonly lists: Map<string, ShownList>;
  /** The links and people whose menus were shown last; null = none yet. */
  menusOf: Books["people"]["links"] | null;
  menusFor: Books["people"]["persons"] | null;
  /** Why a group of alerts was not told when it was last looked at. */
  readonly untoldBecause: Map<string, string>;
  /** mono() at which cards that are known no more were last forgotten; null = never yet. */
  tidiedMono: number | null;
  /** mono() of the last look at which a platform did not hear; absent = it always did. */
  readonly deafMono: Map<string, number>;
};

/** Counted since it was last recorded; see count_pulse.ts. `sinceMono` null = nothing yet. */
export type PulseMemory = {
  sinceMono: number | null;
  judged: number;
  broken: number;
  pings: number;
  pingsMissed: number;
};

export type Memory = {
  readonly pulse: PulseMemory;
  /** The outside monitor: when it last took a report, and why it did not take the newest. */
  readonly monitor: { heardMono: number | null; problem: string | null };
  /** mono() of the last valid request of a watchdog; null = none ever asked in this life, so none is missed. */
  watchdogAskedMono: number | null;
  /** The jobs of this process, and mono() at which they were started; null = not yet. */
  jobs: { readonly sinceMono: number; report(): readonly JobReport[] } | null;
  readonly venue: VenueMemory;
  /** Looks in a row that showed a breach, and mono() since which a standing cause is gone; by breaker key. */
  readonly looks: Map<string, number>;
  readonly clearSince: Map<string, { mono: number; openedWallAt: number }>;
  /** The newest prices of each instrument, oldest first, and one that was too far off to be believed alone. */
  readonly prints: Map<string, Prints>;
  readonly instruments: Map<string, Instrument>;
  readonly books: Map<string, OrderBook>;
  readonly candles: Map<string, readonly Candle[]>;
  /** When a row with this wall time was born, in mono() of this life; see steady.ts. */
  readonly firstSeen: Map<string, { readonly since: Instant; readonly bornMono: number }>;
  /** mono() at which each book came. */
  readonly receivedMono: WeakMap<OrderBook, number>;
  /** Looks of this life that found nothing, by order. */
  readonly absences: Map<string, Absence>;
  /** mono() since which the bid has been through the stop, by position. */
  readonly throughStopSince: Map<string, number>;
  /** Open time of the newest candle that a strategy has read, by strategy and instrument. */
  readonly lastRead: Map<string, number>;
  /** mono() since which a source has only failed, by source. */
  readonly failingSince: Map<string, number>;
  /** mono() before which a chat gets nothing more (it asked us to wait), by chat. */
  readonly chatNotBefore: Map<string, number>;
  /** mono() before which nothing is asked of a source again, by source. */
  readonly notBefore: Map<string, number>;
  /** What is still to be told of this start; null = told, or the first one ever. */
  back: Return | null;
  /** Veto windows that this process has watched from their beginning, by request. */
  readonly vetoes: Map<string, VetoWatch>;
  /** Orders whose arming failed in this process: certainly not sent. */
  readonly neverSent: Set<string>;
  /** Cards that were posted but not yet recorded as sent: message id by card id. */
  readonly postedCards: Map<string, { readonly messageId: string; readonly rev: number | null }>;
  readonly telling: TellingMemory;
  /** mono() of the last try to take back an order of unknown fate, by its name. */
  readonly cancelAskedMono: Map<string, number>;
  /** Cancels of an order of unknown fate to which the venue said that there is nothing to take back: since when it was unknown, and mono() of the answer. */
  readonly nothingToCancel: Map<string, { readonly unknownSince: Instant; readonly saidMono: number }>;
  /** mono() at which an order that was proven absent was last asked for by its name. */
  readonly absentAskedMono: Map<string, number>;
  /** Until when a position's exit is not tried again after a refusal, by position. */
  readonly exitNotBefore: Map<string, HeldBack>;
  /** mono() before which no stop is tried again for a position, because the last one could not be sent. */
  readonly stopNotBefore: Map<string, number>;
  /** What the kill procedure knows of the venue; a restart asks again. */
  readonly kill: {
    isReachable: boolean;
    askVenueAtMono: number;
    cleanLookMono: number | null;
    /** mono() since which this process has looked at a procedure. */
    seen: { readonly procedureId: string; readonly mono: number } | null;
  };
  /** Why the venue refused the last protective order, by position: the next one is formed differently. */
  readonly stopRefusedFor: Map<string, string>;
  /** What came of messages whose outcome could not be put on record yet: they are not done a second time. */
  readonly handled: Map<string, string>;
  /** Commands of strangers within the present minute, by account. */
  readonly strangers: Map<string, { minute: number; count: number }>;
  /** mono() of the last look of the watch, and what the last look at the record said. */
  lastLookMono: number | null;
  integrity: Integrity | null;
  /** mono() at which the database last gave the record back. */
  recordReadMono: number | null;
  /** mono() of the last measurement of the venue's clock. */
  offsetMeasuredMono: number | null;
  /** Venue clock minus our wall clock at the last measurement, ms; for display. venueNow() is the time to work with. */
  venueOffsetMs: number;
  venueClock: VenueClock;
  /** wall() - mono() when it was last looked at; null before. A change means that the wall clock was set. */
  wallMinusMono: number | null;
  /** mono() at which the journal was last told the newest fact. */
  headNotedMono: number | null;
  /** The problem of the journal that was said last. */
  journalProblemSaid: string | null;
  /** mono() since which nobody confirms the time; null = somebody does. */
  timeAloneSinceMono: number | null;
  /** What the last reconcile saw and has to see again before it counts. */
  doubts: Doubts;
  /** mono() at which the last reconcile began. */
  lastReconcileMono: number | null;
  /** Orders whose own numbers were ahead of their list of fills, and since when (mono). */
  readonly fillsBehind: Map<string, number>;
  /** House time of the last reconcile that read everything and left nothing open; null = none yet. */
  comparedAt: Instant | null;
  /** mono() of the last reconcile without a failed read. */
  lastCleanReconcileMono: number | null;
  /** mono() until which no entry and no cancel leaves after a takeover; null = no quarantine. */
  quarantineUntilMono: number | null;
  /** Set once: stop taking in new work. */
  isStopping: boolean;
  /** The emergency process works, or what it did is not in the books yet: nothing is sent meanwhile. */
  isStandingBack: boolean;
  /** What its note said last, for how long (real ms) it has said the same, and mono() of the last look. */
  emergency: { readonly sign: string; readonly silentMs: number; readonly lookedMono: number } | null;
  /** mono() since which what it did can't be taken in. */
  emergencyUntoldMono: number | null;
  /** Set when another process took the trader epoch: write nothing any more. */
  isFenced: boolean;
  lastCycleAt: number | null;
  cycles: number;
};

const unheardVenue = (): VenueMemory => ({
  answeredMono: null,
  failingSinceMono: null,
  failingBecause: "",
  bannedUntilMono: 0,
  redirectedMono: null,
  keyRefused: null,
  deadMan: null,
  keyAskedMono: 0,
});

export function makeMemory(): Memory {
  return {
    venue: unheardVenue(),
    pulse: { sinceMono: null, judged: 0, broken: 0, pings: 0, pingsMissed: 0 },
    monitor: { heardMono: null, problem: null },
    watchdogAskedMono: null,
    jobs: null,
    looks: new Map(),
    clearSince: new Map(),
    prints: new Map(),
    lastLookMono: null,
    integrity: null,
    recordReadMono: null,
    instruments: new Map(),
    books: new Map(),
    candles: new Map(),
    firstSeen: new Map(),
    receivedMono: new WeakMap(),
    absences: new Map(),
    throughStopSince: new Map(),
    lastRead: new Map(),
    failingSince: new Map(),
    chatNotBefore: new Map(),
    notBefore: new Map(),
    back: null,
    vetoes: new Map(),
    neverSent: new Set(),
    postedCards: new Map(),
    telling: makeTelling(),
    cancelAskedMono: new Map(),
    nothingToCancel: new Map(),
    absentAskedMono: new Map(),
    exitNotBefore: new Map(),
    stopNotBefore: new Map(),
    kill: { isReachable: true, askVenueAtMono: 0, cleanLookMono: null, seen: null },
    stopRefusedFor: new Map(),
    handled: new Map(),
    strangers: new Map(),
    offsetMeasuredMono: null,
    venueOffsetMs: 0,
    venueClock: unknownVenueClock,
    wallMinusMono: null,
    timeAloneSinceMono: null,
    headNotedMono: null,
    journalProblemSaid: null,
    doubts: {},
    lastReconcileMono: null,
    fillsBehind: new Map(),
    comparedAt: null,
    lastCleanReconcileMono: null,
    quarantineUntilMono: null,
    isStopping: false,
    isStandingBack: false,
    emergency: null,
    emergencyUntoldMono: null,
    isFenced: false,
    lastCycleAt: null,
    cycles: 0,
  };
}

function makeTelling(): TellingMemory {
  return {
    buckets: new Map(),
    cardTries: new Map(),
    chatHealth: new Map(),
    refusingChats: new Set(),
    shownHere: new Set(),
    noticeNotBefore: new Map(),
    lists: new Map(),
    menusOf: null,
    menusFor: null,
    untoldBecause: new Map(),
    tidiedMono: null,
    deafMono: new Map(),
  };
}

/** Newest bids as marks: what a held position would fetch. */
export function marksOf(memory: Memory): Marks {
  const marks: Record<string, Price> = {};
  for (const [instrumentId, book] of memory.books) {
    const bid = book.bids[0]?.price;
    if (bid !== undefined) marks[instrumentId] = bid;
  }
  return marks;
}
