/**
 * A promise about the books that must hold at every moment. The same object is checked by the live job,
 * after every step of the simulator, and by the health page.
 */
import type { Books } from "../core/books.ts";
import type { Instant } from "../core/time.ts";

export type Breach = { readonly evidence: Readonly<Record<string, string>> };

export type AssertionDefinition = {
  readonly name: string;
  readonly promises: string;
  readonly onBreach: "halt_trading" | "alert_only";
  /** `wallAt` is real time now, for promises with a deadline. */
  breaches(books: Books, now: { readonly wallAt: Instant }): readonly Breach[];
};

export function defineAssertion(assertion: AssertionDefinition): AssertionDefinition {
  return assertion;
}
