/**
 * Pictures for chats: plain data in, a PNG out. A painter never throws and never keeps a message waiting for long: what can't
 * be painted is a problem with one sentence, and the message goes out without a picture.
 */
import type { CardChart } from "../core/card.ts";
import type { Side } from "../core/instrument.ts";
import type { Mode } from "../core/intent.ts";
import type { Notional, Price, Quantity, Ratio } from "../core/money.ts";
import type { Result } from "../core/result.ts";
import type { Instant } from "../core/time.ts";

export type Look = "dark" | "light";

export type PictureCandle = CardChart["candles"][number];

/** What an order would do, on the candles that it was proposed from. */
export type PromptPicture = {
  readonly look: Look;
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

/** What the account was worth over a period, and how far below its best it stood. */
export type EquityPicture = {
  readonly look: Look;
  readonly mode: Mode;
  readonly currency: string;
  /** For people: "Last 30 days". */
  readonly period: string;
  /** Oldest first, at least one. */
  readonly points: readonly { readonly at: Instant; readonly equity: Notional }[];
  /** The best that was reached before the period; null = the period begins with it. */
  readonly highWaterBefore: Notional | null;
  /** The drawdown at which trading halts, 0.1 is 10 %; null = no line. */
  readonly drawdownMax: Ratio | null;
};

/** One position: where it was entered, where it stands and where it will be left. */
export type PositionPicture = {
  readonly look: Look;
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
};

export type Picture = {
  readonly png: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
  /** What it shows, for people who can't see it; at most 1,000 characters. */
  readonly description: string;
};

export type PictureProblem =
  /** The data make no picture: a price that is no number, a stop on the wrong side. Asking again gives the same answer. */
  | { readonly kind: "unusable"; readonly because: string }
  /** Too many pictures wait already. */
  | { readonly kind: "busy"; readonly because: string }
  /** It took too long, or the part that draws has died. */
  | { readonly kind: "failed"; readonly because: string };

export type Painted = Result<Picture, PictureProblem>;

export interface Painter {
  paintPrompt(wish: PromptPicture): Promise<Painted>;
  paintEquity(wish: EquityPicture): Promise<Painted>;
  paintPosition(wish: PositionPicture): Promise<Painted>;
  /** Ends what is being painted; every later wish is a problem. */
  close(): Promise<void>;
}
