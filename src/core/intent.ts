/**
 * What we want to do, before any venue has heard of it. Immutable: a change is a new intent.
 * A stop is its own shape, never an optional bag of parameters beside a limit order.
 */
import type { Side } from "./instrument.ts";
import type { Notional, Price, Quantity, Ratio } from "./money.ts";
import { notionalOf } from "./money.ts";

/** PAPER trades at the practice exchange; DRY_RUN stops before the POST; BACKTEST has no network. */
export const modes = ["paper", "dry_run", "live", "backtest"] as const;
export type Mode = (typeof modes)[number];

/** entry opens; protect is the resting stop (and target); exit closes what is left. */
export type Leg = "entry" | "protect" | "exit";
export type TimeInForce = "gtc" | "ioc" | "fok";

/** How a position is to be left, decided before it is entered. Arms are OCO by definition. */
export type ExitPlan = {
  readonly stopPrice: Price;
  readonly targetPrice: Price | null;
  /** A stop that follows the best price since entry at this distance; null = it stays. */
  readonly trail: { readonly distanceBps: number } | null;
  /** House time after the first fill at which the position is left anyway; null = never. */
  readonly timeLimitMs: number | null;
};

/** The worst price of a limit or of a triggered stop; `triggerPrice` arms the stop; `targetPrice` is the resting better exit. */
export type OrderShape =
  | { readonly orderType: "limit"; readonly limitPrice: Price; readonly timeInForce: TimeInForce }
  | { readonly orderType: "stop_limit"; readonly triggerPrice: Price; readonly limitPrice: Price }
  | {
      readonly orderType: "oco";
      readonly targetPrice: Price;
      readonly triggerPrice: Price;
      readonly limitPrice: Price;
    };

export type OrderIntent = {
  readonly intentId: string;
  readonly tradeId: string;
  readonly mode: Mode;
  readonly venue: string;
  readonly account: string;
  readonly instrumentId: string;
  readonly leg: Leg;
  readonly side: Side;
  readonly quantity: Quantity;
  /** May shrink a position, never grow or flip it. */
  readonly reduceOnly: boolean;
  readonly shape: OrderShape;
  readonly exitPlan: ExitPlan | null;
  readonly strategy: string;
  readonly signalId: string | null;
  /** Rises only after an attempt that certainly left nothing working at the venue. Starts at 1. */
  readonly attempt: number;
};

/** Quote money at the worst price the order may trade at. */
export function worstNotional(intent: OrderIntent): Notional {
  return notionalOf(intent.shape.limitPrice, intent.quantity);
}

/** Money lost from the worst entry price to the stop, with taker fees on both ways. Units: quote currency. */
export type RiskOfIntent = { readonly risk: Notional; readonly distance: Ratio };
