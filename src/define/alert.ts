/** An alert: which facts wake it, who hears it, and what it says. Every linked chat renders the same card. */
import type { Books } from "../core/books.ts";
import type { Card, Severity } from "../core/card.ts";
import type { FactOf, FactType, Recorded } from "../core/events.ts";

export type AlertDefinition<Type extends FactType> = {
  readonly name: string;
  readonly summary: string;
  readonly severity: Severity;
  readonly wakesOn: readonly Type[];
  /** Cards with the same key within `quietMinutes` are folded into one; null = this fact wakes nobody. */
  foldKey(recorded: Recorded<FactOf<Type>>, books: Books): string | null;
  readonly quietMinutes: number;
  render(recorded: Recorded<FactOf<Type>>, books: Books): Card;
};

// biome-ignore lint/suspicious/noExplicitAny: a registry holds alerts that wake on different facts.
export type AnyAlert = AlertDefinition<any>;

export function defineAlert<const Type extends FactType>(alert: AlertDefinition<Type>): AlertDefinition<Type> {
  return alert;
}
