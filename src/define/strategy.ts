/** A strategy is a pure function from a market view to an opinion. It has no venue, no clock and no memory of its own. */
import type { z } from "zod";
import type { DeclaredLimits } from "../core/risk_view.ts";
import type { MarketView, Signal } from "../core/signal.ts";

export type StrategyDefinition<Params extends z.ZodObject> = {
  readonly name: string;
  readonly summary: string;
  readonly params: Params;
  /**
   * What it will stay within, said before it runs (L11); a strategy without these numbers does not compile. Beyond its
   * `entriesPerDay` an entry is refused; a strategy that enters one instrument at more than twice that rate (and more than
   * five times an hour or twenty a day) has lost its mind and is stopped until a person lets it (L07).
   */
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
