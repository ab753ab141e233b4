/**
 * A promise that must hold at every moment, about the books and about what the house measures of itself. The same object is
 * judged live once a second, after every step of the simulator, and on the health page. Pure: what it needs is given to it.
 */

import type { Books } from "../core/books.ts";
import type { BreakerClass } from "../core/breaker.ts";
import type { Runbook } from "../core/breaker_causes.ts";
import type { Readings } from "../core/readings.ts";

/** What is done besides the breaker. */
export type BreachEffect =
  | { readonly do: "exit_position"; readonly positionId: string }
  | { readonly do: "raise_level"; readonly level: "pause" | "flatten" }
  | { readonly do: "stop_process" };

export type Breach = {
  /** The numbers that prove it, with their units. */
  readonly evidence: Readonly<Record<string, string>>;
  /** Where it stands when that differs from `onBreach.scope`: "symbol:kucoin:SOL/USDT", "venue:kucoin". */
  readonly scope?: string;
  /** The name of the breaker when it differs from that of the assertion. */
  readonly cause?: string;
  readonly class?: BreakerClass;
  /** degraded: said and shown, nothing stops yet. Absent = open. */
  readonly grade?: "degraded" | "open";
  readonly effect?: BreachEffect;
  /** When it takes more or fewer looks in a row than `onBreach.looks`. */
  readonly looks?: number;
};

export type AssertionDefinition = {
  readonly name: string;
  /** Its row in the list of runtime assertions, e.g. "A01"; empty for promises beyond that list. */
  readonly id: string;
  readonly promises: string;
  readonly onBreach: {
    readonly scope: "global" | "account" | "venue";
    readonly class: BreakerClass;
    /** So many looks in a row must show it before its breaker opens; before that it is only said. */
    readonly looks: number;
  };
  readonly runbook: Runbook;
  breaches(books: Books, readings: Readings): readonly Breach[];
};

export function defineAssertion(assertion: AssertionDefinition): AssertionDefinition {
  return assertion;
}
