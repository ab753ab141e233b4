/** A strategy is a pure function from a market view to an opinion. It has no venue, no clock and no memory of its own. */
import type { z } from "zod";
import type { DeclaredLimits } from "../core/risk_view.ts";
import type { MarketView, Signal } from "../core/signal.ts";

export type StrategyDefinition<Params extends z.ZodObject> = {
  readonly name: string;
  readonly summary: string;
  readonly params: Params;
  /** How often it may enter one instrument within an hour by its own nature; at twice that it is stopped. Absent = 5 an hour at most. */
  readonly entriesPerHour?: number;
  /** What it will stay within, said before it runs (L11); a strategy without these numbers does not compile. */
  readonly declares: DeclaredLimits;
  /** How many closed candles the view must hold; the cycle doesn't call the strategy with fewer. */
  lookback(params: z.infer<Params>): number;
  /** null = no opinion. Must depend on nothing but its arguments; candles are closed ones only, oldest first. */
  read(view: MarketView, params: z.infer<Params>): Signal | null;
};

// biome-ignore lint/suspicious/noExplicitAny: a registry holds strategies whose parameter types differ.
export type AnyStrategy = StrategyDefinition<any>;

export function defineStrategy<Params extends z.ZodObject>(
  strategy: StrategyDefinition<Params>,
): StrategyDefinition<Params> {
  return strategy;
}
