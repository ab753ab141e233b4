/** The snapshot that checks judge from. Gathered by flows, pure data, every limit already the tightest of its three layers. */
import type { ConsentRules } from "./consent.ts";
import type { Instrument } from "./instrument.ts";
import type { Notional, Price, Quantity, Ratio } from "./money.ts";
import type { Candle, Signal } from "./signal.ts";
import type { Instant } from "./time.ts";

/** null = the profile has no such limit. Money is in the accounting currency (the quote currency of the house). */
export type Limits = {
  readonly riskPerTrade: Ratio;
  readonly positionShare: Ratio | null;
  readonly positionNotional: Notional | null;
  readonly exposureShare: Ratio;
  readonly assetShare: Ratio | null;
  readonly openPositionsMax: number;
  readonly strengthMin: Ratio;
  readonly stopDistanceMax: Ratio;
  readonly isStopMandatory: boolean;
  readonly drawdownMax: Ratio;
  readonly dailyLossShare: Ratio | null;
  readonly dailyLossNotional: Notional | null;
  readonly sessionLossShare: Ratio | null;
  readonly sessionLossNotional: Notional | null;
  /** Fewer than this many entries within any minute of house time. */
  readonly tradesPerMinute: number;
  readonly ordersPerWindow: number;
  readonly volatilityMax: Ratio;
  readonly isDowntrendGuarded: boolean;
  readonly quoteAgeMaxMs: number;
  readonly candleAgeMaxCycles: number;
  readonly losingStreakMax: number;
  readonly cooldownMs: number;
  readonly balanceGapMax: Ratio;
};

/** What a strategy said of itself before it was loaded. Entries are counted per UTC day of house time, over all its instruments. */
export type DeclaredLimits = {
  readonly instrumentsMax: number;
  readonly venuesMax: number;
  readonly entriesPerDay: number;
  readonly positionShareMax: Ratio;
};

/** A share of exposure that is filled, working, being sent or unknown; unknown counts in full at its worst price. */
export type OpenExposure = {
  readonly instrumentId: string;
  readonly base: string;
  readonly notional: Notional;
  readonly isUnknown: boolean;
  readonly isPosition: boolean;
  readonly unrealizedPnl: Notional;
};

export type RiskView = {
  /** House time. */
  readonly at: Instant;
  readonly limits: Limits;
  readonly mode: "paper" | "dry_run" | "live" | "backtest";
  readonly tradingState: "active" | "reducing" | "halted";
  readonly isReady: boolean;
  /** How far off our idea of the venue's time may be (null = not measured), and whether enough sources agree on the time. */
  readonly venueClock: { readonly uncertaintyMs: number | null; readonly isConfirmed: boolean };
  /** Only those that concern this intent: its instrument, its venue, its account, the whole house. */
  readonly openBreakers: readonly { readonly scope: string; readonly cause: string }[];
  /**
   * A half open breaker covers this intent: free = one entry of the smallest size may try it; taken = that one is out.
   * none or absent = no half open breaker covers it.
   */
  readonly canary?: "none" | "free" | "taken";
  /** Requests to people by this strategy within the last five minutes of real time; absent = people are not asked. */
  readonly proposalsLately?: number;
  readonly instrument: Instrument;
  readonly allowedInstruments: readonly string[] | null;
  readonly allowedStrategies: readonly string[] | null;
  readonly signal: Signal | null;
  /** Open time of the newest closed candle used, and the length of one candle and of one cycle. */
  readonly newestCandle: {
    readonly openedAt: Instant;
    readonly timeframeMs: number;
    readonly cycleMs: number;
    /** What time it is by the clock that dates candles; absent = `at`. */
    readonly marketAt?: Instant;
  } | null;
  /** Candles for the downtrend question, closed, oldest first; null = could not be read. */
  readonly candles: readonly Candle[] | null;
  /** Age of the order book in real ms; null = none could be read. */
  readonly quote: { readonly bid: Price; readonly ask: Price; readonly ageMs: number } | null;
  readonly equity: Notional;
  readonly equityHigh: Notional;
  readonly drawdown: Ratio;
  /** Profit or loss since the UTC day, and since the session, began: realized and unrealized, fees included. */
  readonly dayPnl: Notional;
  readonly dayStartEquity: Notional;
  readonly sessionPnl: Notional;
  readonly sessionStartEquity: Notional;
  /** Free quote currency at the venue, read for this decision; null = could not be read. */
  readonly freeQuote: Notional | null;
  /** Unexplained difference between our ledger and the venue's balance as a share of equity; null = not yet compared. */
  readonly balanceGap: Ratio | null;
  readonly exposures: readonly OpenExposure[];
  /**
   * Base units of this instrument that an exit may still sell: the position, less what other live exits may sell. A resting
   * stop that this exit replaces is not counted against it. Absent or null = not known, and then no exit is held back.
   */
  readonly sellableQuantity?: Quantity | null;
  /** Stops that rest on this instrument and how many may; absent = the venue has no such limit. An OCO pair takes one place. */
  readonly stopSlots?: { readonly used: number; readonly max: number };
  /** Entries sent within the last minute of house time, whole house. */
  readonly tradesLastMinute: number;
  /** Entry orders of this instrument in the present window (one candle of the strategy). */
  readonly ordersThisWindow: number;
  /** Entries of this instrument decided within the last 30 s of real time that may still trade or did. Absent = none. */
  readonly recentEntries?: readonly {
    readonly side: "buy" | "sell";
    readonly quantity: Quantity;
    readonly signalId: string | null;
  }[];
  /** What the strategy behind this intent declared, and how much of it is used today. Absent = not from a strategy. */
  readonly declared?: { readonly limits: DeclaredLimits; readonly entriesToday: number };
  /** Orders and cancels of this account within the last minute of real time. Absent = 0. */
  readonly writesLastMinute?: number;
  /** Instruments that must never be entered, whatever else allows them. Absent = none. */
  readonly restricted?: readonly string[];
  /** What the signatures of people are worth, and how many who may sign are linked. Absent = nobody is asked. */
  readonly consent?: ConsentRules & { readonly approvers: number };
  /** Base units on the ten best levels of the side that an entry would take. Absent = not known. */
  readonly depth?: Quantity;
  /** Base units traded in a day, by the candles that were read. Absent = not known. */
  readonly volumePerDay?: Quantity;
  /** Largest move of the price within any minute of the last five, as a share. Absent = candles are too long to tell. */
  readonly quickMove?: Ratio;
  /** Largest absolute 24 h move and the instrument it was measured on; null = could not be measured. */
  readonly volatility: { readonly move: Ratio; readonly instrumentId: string; readonly isProxy: boolean } | null;
  /** Stops in a row on this instrument, and when the last one fired. */
  readonly losingStreak: { readonly stops: number; readonly lastAt: Instant | null };
};
