/**
 * The constants of the order manager. They lie below every strategy, every profile and every setting: nothing at run time
 * can loosen them, and 0 always means zero. A change here is a change of the program and is reviewed as one.
 */
import { largest, minus, type Price, plus, price, ratio, scale } from "./money.ts";
import type { Limits } from "./risk_view.ts";

export const hardLimits = {
  /** Twice the constitution's 1 % (R1): room for a deliberate setting, none for a slipped decimal point. */
  riskPerTrade: ratio("0.02"),
  /** Spot money only: an order is never worth more than the account (R10, R11; the $123 account that wanted $431). */
  positionShare: ratio("1"),
  /** Nobody lends to this house, so everything open together is at most the account (L08). */
  exposureShare: ratio("1"),
  /** Flatten is built and drilled for 20 positions at once; more could not be left in the time that we promise. */
  openPositionsMax: 20,
  /** The widest stop of the drills is their control at 50 %; beyond it a stop protects nothing. */
  stopDistanceMax: ratio("0.5"),
  /** The stress suite must stay below 20 %; a breaker above that would never have been tested. */
  drawdownMax: ratio("0.2"),
  /** Fewer than 10 trades a minute (R8). */
  tradesPerMinute: 10,
  /** 2 orders per instrument per window (R8). */
  ordersPerWindow: 2,
  /** Halt when the market moved 20 % within a day (R9). */
  volatilityMax: ratio("0.2"),
  /** The slackest profile accepts a quote of 5 s; an older one is history. */
  quoteAgeMaxMs: 5_000,
  /** Two cycles is the slackest of all profiles. */
  candleAgeMaxCycles: 2,
  /** Books and venue may differ by 1 %; beyond it the house doesn't know what it owns. */
  balanceGapMax: ratio("0.01"),
} as const satisfies Partial<Limits>;

/** Orders and cancels of one account within a minute (L05). Exits and cancels are never held back by it, so entries stop at 70 %. */
export const writesPerMinuteMax = 60;
export const entryShareOfWrites = 0.7;
/** Of what a market trades in a day, and of the ten best levels on the other side (L04). */
export const volumeShareMax = ratio("0.01");
export const depthShareMax = ratio("0.1");
/** A move of this size within a minute pauses entries on the instrument for five (L02). */
export const quickMoveMax = ratio("0.05");

/** In LIVE nobody is exempt from a stop (R6), not even a drill. */
export const liveHardLimits = { isStopMandatory: true } as const satisfies Partial<Limits>;

/** Both clocks are gated at this offset, so a candle may seem to close this much too early and still be closed. */
export const clockSkewMaxMs = 500;

/** How far an entry's limit may lie from the middle of the quote (L01). */
const collarShare = ratio("0.01");
/** On a coarse tick one step is already more than 1 %: three ticks are always allowed. */
const collarTicks = ratio("3");

export type Quote = { readonly bid: Price; readonly ask: Price };

export function middleOf(quote: Quote): Price {
  return scale(plus(quote.bid, quote.ask), ratio("0.5"));
}

/** The lowest and highest limit price of an entry that the order manager lets out at this quote. */
export function collarOf(quote: Quote, tickSize: Price): { readonly lowest: Price; readonly highest: Price } {
  const middle = middleOf(quote);
  const width = largest(scale(middle, collarShare), scale(tickSize, collarTicks));
  return { lowest: largest(minus(middle, width), price("0")), highest: plus(middle, width) };
}
