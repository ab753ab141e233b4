/**
 * What the parts of the simulator know of one another. The world is one thread and one priority queue: nothing in it reads a
 * real clock, real chance or a real network. The oracle sees all of it; the house sees only its ports.
 *
 *   scheduler --steps--> venue · people · faults · house --facts, wire, taps--> view --> invariants
 */
import type { EventRow } from "../../src/adapters/postgres/chain.ts";
import type { Books } from "../../src/core/books.ts";
import type { Fact, Recorded } from "../../src/core/events.ts";
import type { Instrument } from "../../src/core/instrument.ts";
import type { HouseSettings } from "../../src/core/settings.ts";
import type { VenueDefinition } from "../../src/define/venue.ts";
import type { Messenger } from "../../src/ports/messenger.ts";
import type { Venue } from "../../src/ports/venue.ts";

/** Seeded; never Math.random. Forks are independent of each other, so one more draw here does not change what happens there. */
export type Chance = {
  /** [0, 1) */
  next(): number;
  /** Whole number in [min, max]. */
  int(min: number, max: number): number;
  pick<Item>(items: readonly Item[]): Item;
  /** True with this probability. */
  hits(probability: number): boolean;
  fork(label: string): Chance;
};

/** The world's only time and its only way to let anything happen later. Times are ms since 1970, true time of the world. */
export type Scheduler = {
  now(): number;
  /** Runs `act` after `ms`; ties are broken by the seed. `label` goes to the trace. @returns cancel. */
  after(ms: number, label: string, act: () => void): () => void;
};

/** Families of faults; each seed draws a subset and a rate (0 to 0.5) for each. */
export const faultFamilies = [
  "request_lost",
  "answer_lost",
  "answer_late",
  "answer_garbled",
  "server_error",
  "rate_limit",
  "venue_outage",
  "index_lag",
  "async_cancel",
  "cancel_race",
  "partial_fills",
  "market_gap",
  "bad_tick",
  "stale_market",
  "stop_refused",
  "balance_lag",
  "filters_change",
  "human_at_venue",
  "fill_quirks",
  "clock_jump",
  "clock_drift",
  "store_lost_before",
  "store_lost_after",
  "store_away",
  "queue_lost",
  "queue_doubled",
  "chat_away",
  "chat_doubled",
  "crash",
  "freeze",
  "takeover",
  "people_kill_switch",
  "people_slow",
  "split_fills",
  "write_lost",
] as const;
export type FaultFamily = (typeof faultFamilies)[number];
/** Absent = this family is off in this seed. Emptied for the liveness phase. */
export type Weather = { readonly rate: (family: FaultFamily) => number };

export const quirkProfiles = ["kucoin", "binance", "alpaca", "polymarket"] as const;
export type QuirkProfile = (typeof quirkProfiles)[number];

/** One create as the venue received it, whatever became of it. Strings are exactly those of the wire. */
export type WireCreate = {
  readonly receivedAt: number;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly quantity: string;
  readonly price: string;
  readonly triggerPrice: string | null;
  readonly stampedAt: number;
  readonly verdict: "accepted" | "refused" | "stale_stamp" | "duplicate";
  readonly processId: string;
};
export type WireCancel = {
  readonly receivedAt: number;
  /** As it was asked for: our own name of the order. */
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  readonly processId: string;
  readonly verdict: "accepted" | "refused";
};
export type TrueOrder = {
  readonly venueOrderId: string;
  readonly clientOrderId: string | null;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly quantity: string;
  readonly filled: string;
  /** Working here at this moment (for a stop: waiting for its trigger counts as live). */
  readonly isLive: boolean;
  /** World time from which the venue's lists and its answer by name know of it; in the calm they always do. */
  readonly listedFrom: number;
  readonly isProtective: boolean;
  /** Where a working order of a person at the venue's own page, or another program, is told apart from ours. */
  readonly owner: "ours" | "human";
};
export type TrueFill = {
  readonly venueFillId: string;
  readonly venueOrderId: string;
  readonly clientOrderId: string | null;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly price: string;
  readonly quantity: string;
  readonly fee: string;
  readonly feeAsset: string;
  readonly at: number;
};

/** The venue as it truly is. Only the oracle and the humans of the world read it. */
export type VenueTruth = {
  readonly creates: readonly WireCreate[];
  readonly cancels: readonly WireCancel[];
  orders(): readonly TrueOrder[];
  readonly fills: readonly TrueFill[];
  /** Matches that the venue told of and that never settled, or will not: nothing of them is in `fills` or in the balances. */
  readonly failing: readonly TrueFill[];
  /** Money that came or went without a trade; `amount` is below 0 when it went. */
  readonly transfers: readonly { readonly at: number; readonly asset: string; readonly amount: string }[];
  balances(): Readonly<Record<string, { readonly free: string; readonly held: string }>>;
  /** Requests of ours that are still on their way to the venue and could still be accepted. */
  onTheWay(): readonly { readonly clientOrderId: string; readonly processId: string }[];
  /** It served a request of ours within the last `ms`, and takes orders. */
  answeredWithin(ms: number): boolean;
  price(symbol: string): string;
  /** Grows with everything that changed in the truth: equal numbers mean that nothing did. */
  revision(): number;
};

export type SimVenue = {
  readonly truth: VenueTruth;
  readonly definition: VenueDefinition;
  readonly instruments: readonly Instrument[];
  /** The door for one process of the house. Every answer comes through the scheduler, delayed and spoilt as the weather says. */
  port(processId: string, clock: { now(): number }): Venue;
  /** One thing that happens at the venue by itself: the market moves, a filter changes, a human trades there. */
  act(): void;
  /** Everything answers again, promptly and truly. */
  heal(): void;
};

/** What one person was seen to do, as the person knows it. */
export type HumanAct = {
  readonly at: number;
  readonly personId: string;
  readonly isAllowed: boolean;
  readonly act: "tap" | "command" | "text";
  readonly what: string;
  readonly approvalId: string | null;
  readonly verb: "approve" | "decline" | null;
};

export type ProcessView = {
  readonly processId: string;
  readonly epoch: number;
  readonly isAlive: boolean;
  readonly isFrozen: boolean;
  readonly startedAt: number;
  /** Its way to the store is open at this moment. */
  readonly hasStore: boolean;
  /** Its wall clock against true time, ms; above 0 = it is ahead. Absent = it is right. */
  readonly clockErrorMs?: number;
};

/** The whole world, as the oracle sees it after a step. */
export type WorldView = {
  readonly seed: string;
  readonly step: number;
  readonly now: number;
  readonly profile: QuirkProfile;
  readonly settings: HouseSettings;
  readonly definition: VenueDefinition;
  /** The venue's rules as they are in force now (SimVenue.instruments). */
  readonly instruments: readonly Instrument[];
  /** Durable truth of the store: books and facts in order. */
  readonly books: Books;
  readonly facts: readonly Recorded<Fact>[];
  /** True times (world clock) at which the facts became durable, index by index. */
  readonly durableAt: readonly number[];
  /** The rows of the facts as the store keeps them, index by index, so that the hash chain can be walked. Absent: it keeps none. */
  readonly rows?: readonly EventRow[];
  /** The tables that facts lead to, as the store keeps them. Absent: it keeps none. */
  readonly tableRows?: (table: string) => readonly Readonly<Record<string, unknown>>[];
  readonly venue: VenueTruth;
  readonly acts: readonly HumanAct[];
  /** Cards and texts that left towards chats, with the canaries still in them if something leaked. */
  readonly said: readonly string[];
  readonly logged: readonly string[];
  readonly processes: readonly ProcessView[];
  /** Faults have ended; liveness bounds run since then. null before. */
  readonly calmSince: number | null;
  /** Canary secrets that were put into every slot. */
  readonly canaries: readonly string[];
};

export type Violation = {
  readonly invariant: string;
  readonly what: string;
  readonly evidence: Readonly<Record<string, string>>;
};

/** One invariant. It may keep its own place in facts and fills, so that a step costs what the step brought. */
export type Invariant = {
  readonly id: `I${string}`;
  readonly name: string;
  readonly statement: string;
  /** A fresh memory for one run. */
  open(): {
    /** After every step. */
    check(view: WorldView): readonly Violation[];
    /** In full: at each crash, every 50th step and at the end. Absent = `check` is full already. */
    checkInFull?(view: WorldView): readonly Violation[];
    /** At the end of the liveness phase. */
    checkCalm?(view: WorldView): readonly Violation[];
  };
};

/** Exported as `openSimVenue` from venue/sim_venue.ts. `onWire` gets a readable line for the story of a seed, or is absent. */
export type OpenSimVenue = (wish: {
  readonly profile: QuirkProfile;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly weather: Weather;
  readonly onWire?: (line: string) => void;
}) => SimVenue;

/** The chats of the world and the people who sit in front of them. */
export type SimPeople = {
  /** As settings.people: the chats are linked by their user ids. At least one owner. */
  readonly people: HouseSettings["people"];
  readonly allowedChats: HouseSettings["allowedChats"];
  /** The chat adapters of one process; a platform that hears again goes on with what waited (or tells it twice, or never). */
  messengers(processId: string, clock: { now(): number; wall(): number }): readonly Messenger[];
  /** That process is gone: nothing is told to it any more, and what it had not confirmed is told to the next one. */
  forget(processId: string): void;
  readonly acts: readonly HumanAct[];
  /** Everything that was posted, edited or replied, as one text each. */
  readonly said: readonly string[];
  /** Somebody does something: looks at a prompt, taps, types, double-taps, sleeps. Called by the world every second or so. */
  act(): void;
  /** Awake, prompt and reasonable from now on: everybody answers what waits, nobody halts the house any more. */
  heal(): void;
  revision(): number;
};

/** Exported as `openSimPeople` from people/sim_people.ts. */
export type OpenSimPeople = (wish: {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly weather: Weather;
  /** Secrets that somebody types or pastes where they don't belong. */
  readonly canaries: readonly string[];
  /** Which approval a shown button belongs to, by the durable facts (prompt_prepared): a person knows only the card. Absent = acts name none. */
  readonly approvalOf?: (token: string) => string | null;
}) => SimPeople;

/** oracle/index.ts exports `invariants: readonly Invariant[]`. */
