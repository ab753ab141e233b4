/**
 * Where prices come from. A source is asked for what traded between two market times and for candles;
 * it never reads a clock, so the same questions get the same answers after a restart.
 */
import type { Instrument } from "../instrument.ts";

/** One trade print of the market. `isContinuous`: the price walked here from the print before, it did not jump. */
export interface Tick {
  at: number;
  symbol: string;
  price: bigint;
  /** Base asset. */
  volume: bigint;
  isContinuous: boolean;
}

/** Candle over [from, from + frame). Times in ms UTC, volume in base asset. */
export interface Bar {
  from: number;
  open: bigint;
  high: bigint;
  low: bigint;
  close: bigint;
  volume: bigint;
}

export interface BarRequest {
  symbol: string;
  frameMs: number;
  /** First candle start wanted, ms, inclusive. */
  from: number;
  /** Nothing that traded after this market time may be told. ms, inclusive. */
  upTo: number;
}

export type SourceState = "trading" | "ended" | "gone";

export interface MarketSource {
  /** Names the market and its parameters; a journal is only valid for the source that wrote it. */
  readonly identity: string;
  readonly instruments: readonly Instrument[];
  /** Length of the candles that a file market was read from, ms; absent where prices are not made from candles. */
  readonly frameMs?: number;
  /** First market time that can be played, or null when the market has no beginning. */
  readonly startsAt: number | null;
  /** Last market time with data, or null when it never ends. */
  readonly endsAt: number | null;
  /** Things a person should know, such as gaps in a file. */
  readonly warnings: readonly string[];
  /** True if ticks can be asked again and come out equal; otherwise the journal keeps them. */
  readonly isReplayable: boolean;
  state(at: number): SourceState;
  /** Last print of each instrument at or before `at`. */
  opening(at: number): Tick[];
  /** Prints in (after, upTo], oldest first. */
  ticks(after: number, upTo: number): Iterable<Tick>;
  /** Oldest first; candles without a print are left out, as the venue does. */
  bars(request: BarRequest): Bar[] | Promise<Bar[]>;
  /** Prints that came since the last call, for a source that cannot be asked again. */
  drain?(): Tick[];
  /** For sources that must fetch; called once, gives back how to stop. */
  start?(tools: SourceTools): Promise<() => void>;
}

export interface SourceTools {
  wireNow(): number;
  every(ms: number, work: () => void): () => void;
  log(line: string): void;
}

/** Puts prints together into one bar; null if there were none. */
export const barOfTicks = (from: number, ticks: Iterable<Tick>): Bar | null => {
  let bar: Bar | null = null;
  for (const tick of ticks) {
    if (bar === null) {
      bar = { from, open: tick.price, high: tick.price, low: tick.price, close: tick.price, volume: tick.volume };
      continue;
    }
    if (tick.price > bar.high) bar.high = tick.price;
    if (tick.price < bar.low) bar.low = tick.price;
    bar.close = tick.price;
    bar.volume += tick.volume;
  }
  return bar;
};

/** Puts bars together, oldest first; null if there were none. */
export const mergeBars = (from: number, bars: readonly Bar[]): Bar | null => {
  const first = bars[0];
  if (first === undefined) return null;
  const merged: Bar = { ...first, from };
  for (const bar of bars.slice(1)) {
    if (bar.high > merged.high) merged.high = bar.high;
    if (bar.low < merged.low) merged.low = bar.low;
    merged.close = bar.close;
    merged.volume += bar.volume;
  }
  return merged;
};
