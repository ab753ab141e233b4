/** An alert: which facts wake it, who hears it, and what it says. Every linked chat renders the same card. */
import type { Labels } from "../core/alerting.ts";
import type { Books } from "../core/books.ts";
import type { Card, Severity } from "../core/card.ts";
import type { FactOf, FactType, Recorded } from "../core/events.ts";

export type AlertDefinition<Type extends FactType> = {
  readonly name: string;
  readonly summary: string;
  readonly severity: Severity;
  readonly wakesOn: readonly Type[];
  /** What it is about; the same name and labels are the same alert. null = this fact wakes nobody. */
  foldKey(recorded: Recorded<FactOf<Type>>, books: Books): string | null;
  /** How long something that only happened counts as present: the same again within this time tells nobody. */
  readonly quietMinutes: number;
  render(recorded: Recorded<FactOf<Type>>, books: Books): Card;
  /** What it can be recognized by besides `about` (its fold key): venue, instrument, strategy, cause. Must follow from the fold key. */
  labels?(recorded: Recorded<FactOf<Type>>, books: Books): Labels;
  /** Every label that `labels` may give, for whoever writes rules and silences. */
  readonly labelNames?: readonly string[];
  /** Whether what it tells of is still so; null = it only happened. Absent = it only happened, always. */
  stands?(labels: Labels, books: Books): boolean | null;
  /** What is said of the end; absent = the first card, with its end in the last line. */
  renderOver?(labels: Labels, books: Books, stoodMs: number): Card;
  /** Never inhibited, silenced, held back at a start or folded into a digest early. */
  isVital?(labels: Labels): boolean;
  /** What a strategy wanted and did not get: a house that is halted says no more of it. */
  readonly isMutedByHalt?: true;
  /** Told again after so many hours while nobody has acknowledged it; absent = as its severity says. */
  readonly repeatHours?: number;
  /** Less or more than `severity` for some of its kind. */
  severityOf?(labels: Labels): Severity;
  /** One message for each, or one for all that come together. Absent: each when critical, together otherwise. */
  readonly grouping?: "each" | "together";
};

// biome-ignore lint/suspicious/noExplicitAny: a registry holds alerts that wake on different facts.
export type AnyAlert = AlertDefinition<any>;

export function defineAlert<const Type extends FactType>(alert: AlertDefinition<Type>): AlertDefinition<Type> {
  return alert;
}
