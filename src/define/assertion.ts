/**
 * A promise about the books that must hold at every moment. The same object is checked by the live job,
 * after every step of the simulator, and by the health page.
 */
import type { Books } from "../core/books.ts";

export type Breach = { readonly evidence: Readonly<Record<string, string>> };

export type AssertionDefinition = {
  readonly name: string;
  readonly promises: string;
  readonly onBreach: "halt_trading" | "alert_only";
  breaches(books: Books): readonly Breach[];
};

export function defineAssertion(assertion: AssertionDefinition): AssertionDefinition {
  return assertion;
}
