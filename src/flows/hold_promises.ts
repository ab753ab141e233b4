/**
 * One look at all promises: what each of them finds, and where the breaker of it belongs. Pure. A promise that can't be
 * judged counts as broken and names itself: an assertion that throws would otherwise be the quietest way to fail.
 */

import type { Books } from "../core/books.ts";
import { type BreakerClass, breakerKey } from "../core/breaker.ts";
import { mark } from "../core/mark.ts";
import type { Readings } from "../core/readings.ts";
import type { AssertionDefinition, Breach, BreachEffect } from "../define/assertion.ts";

export type Finding = {
  readonly key: string;
  readonly scope: string;
  readonly cause: string;
  readonly class: BreakerClass;
  readonly grade: "degraded" | "open";
  /** Looks in a row that it takes before the breaker opens. */
  readonly looks: number;
  readonly evidence: Readonly<Record<string, string>>;
  readonly effect: BreachEffect | null;
  /** "A03 every_position_is_protected" */
  readonly promise: string;
};

export function holdPromises(
  assertions: readonly AssertionDefinition[],
  books: Books,
  readings: Readings,
): readonly Finding[] {
  return assertions.flatMap((assertion) =>
    breachesOf(assertion, books, readings).map((breach) => findingOf(assertion, breach, books, readings)),
  );
}

function breachesOf(assertion: AssertionDefinition, books: Books, readings: Readings): readonly Breach[] {
  try {
    return assertion.breaches(books, readings);
  } catch (error) {
    mark("D05.evaluation_throws");
    const because = error instanceof Error ? error.message : String(error);
    return [{ evidence: { "could not be judged": because.slice(0, 200) } }];
  }
}

function findingOf(assertion: AssertionDefinition, breach: Breach, books: Books, readings: Readings): Finding {
  const { onBreach, name, id } = assertion;
  const scope = breach.scope ?? scopeOf(onBreach.scope, books, readings);
  const cause = breach.cause ?? name;
  return {
    key: breakerKey(scope, cause),
    scope,
    cause,
    class: breach.class ?? onBreach.class,
    grade: breach.grade ?? "open",
    looks: breach.looks ?? onBreach.looks,
    evidence: breach.evidence,
    effect: breach.effect ?? null,
    promise: `${id} ${name}`.trim(),
  };
}

function scopeOf(scope: AssertionDefinition["onBreach"]["scope"], books: Books, readings: Readings): string {
  if (scope === "global") return "global";
  return scope === "account" ? `account:${books.house.accountId}` : `venue:${readings.venue.name}`;
}
