/** What a picture beside a message shows, as data: it is kept with the card, and painted only when the message leaves. */
import type { Side } from "./instrument.ts";
import type { Mode } from "./intent.ts";
import type { Notional, Price, Quantity, Ratio } from "./money.ts";
import type { Instant } from "./time.ts";

export type PictureCandle = {
  readonly openedAt: Instant;
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
};

/** What an order would do, on the candles that it was proposed from. */
export type PromptShown = {
  readonly mode: Mode;
  readonly instrumentId: string;
  readonly side: Side;
  readonly timeframeMs: number;
  /** Closed candles, oldest first; the newest 48 at most are drawn. May be empty. */
  readonly candles: readonly PictureCandle[];
  /** The price that stop, target and their multiple are measured from. */
  readonly entryPrice: Price;
  /** The worst price that the order accepts; null or equal to the entry = no line of its own. */
  readonly limitPrice: Price | null;
  readonly stopPrice: Price | null;
  readonly targetPrice: Price | null;
  /** No price can lie above it: 1 in a market on an outcome. Absent = no bound. */
  readonly priceMax?: Price;
};

/** What the account was worth at a moment that is on record. */
export type EquityPoint = { readonly at: Instant; readonly equity: Notional };

/** What the account was worth over a period, and how far below its best it stood. */
export type EquityShown = {
  readonly mode: Mode;
  readonly currency: string;
  /** For people: "Last 30 days". */
  readonly period: string;
  /** Oldest first, at least one. */
  readonly points: readonly EquityPoint[];
  /** The best that was reached before the period; null = the period begins with it. */
  readonly highWaterBefore: Notional | null;
  /** The drawdown at which trading halts, 0.1 is 10 %; null = no line. */
  readonly drawdownMax: Ratio | null;
};

/** One position: where it was entered, where it stands and where it will be left; or, once it is closed, where it was left. */
export type PositionShown = {
  readonly mode: Mode;
  readonly instrumentId: string;
  readonly direction: "long" | "short";
  readonly quantity: Quantity;
  readonly entryPrice: Price;
  readonly priceNow: Price;
  readonly stopPrice: Price | null;
  readonly targetPrice: Price | null;
  /** Unrealised, in `currency`, and as a share of what was paid. */
  readonly pnl: Notional;
  readonly pnlShare: Ratio;
  readonly currency: string;
  readonly openedAt: Instant;
  readonly at: Instant;
  /** Prices since the entry, oldest first. May be empty: a straight line from the entry to now is drawn then. */
  readonly path: readonly { readonly at: Instant; readonly price: Price }[];
  readonly priceMax?: Price;
  /** What closed it: "stop", "target". `priceNow` is the price of the exit then. Absent = it is held. */
  readonly closedBy?: string;
};

/** A prompt has its own in `chart`, which the desk draws too. */
export type CardPicture =
  | ({ readonly kind: "prompt" } & PromptShown)
  | ({ readonly kind: "equity" } & EquityShown)
  | ({ readonly kind: "position" } & PositionShown);
