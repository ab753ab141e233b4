/** An opinion of a strategy, and the view of the market that it was formed from. */
import type { Price, Quantity, Ratio } from "./money.ts";
import type { Instant } from "./time.ts";

export type Direction = "long" | "short" | "flat";

export type Candle = {
  readonly openedAt: Instant;
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
  /** Base units traded. */
  readonly volume: Quantity;
};

export type MarketView = {
  /** House time of the cycle. */
  readonly at: Instant;
  readonly instrumentId: string;
  readonly timeframeMs: number;
  /** Closed candles only, oldest first. */
  readonly candles: readonly Candle[];
};

export type Signal = {
  readonly direction: Direction;
  /** 0 to 1; below the minimum (0.10) the intent is denied. */
  readonly strength: Ratio;
  /** One sentence with numbers, shown to people. */
  readonly because: string;
  /** Where to leave: distances from the entry as shares; null target = stop only. */
  readonly exit: {
    readonly stopDistance: Ratio;
    readonly targetDistance: Ratio | null;
    readonly timeLimitMs: number | null;
  };
};
