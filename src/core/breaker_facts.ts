/** The fact that takes entries of one instrument, venue or account off, once per cause; none while that breaker stands. */
import type { Books } from "./books.ts";
import type { BookedOrder } from "./books_orders.ts";
import type { CauseName } from "./breaker_causes.ts";
import type { Fact } from "./events.ts";

export type BreakerReason = {
  readonly cause: CauseName;
  readonly class?: "transient" | "sticky";
  readonly evidence: Readonly<Record<string, string>>;
} & ({ readonly order: Pick<BookedOrder, "intent"> } | { readonly scope: string });

export function breakerFacts({ house }: Books, reason: BreakerReason): readonly Fact[] {
  const scope = "scope" in reason ? reason.scope : `symbol:${reason.order.intent.instrumentId}`;
  const { cause, evidence } = reason;
  const stands = Object.values(house.breakers).some((one) => one.scope === scope && one.cause === cause);
  return stands ? [] : [{ type: "breaker_opened", scope, cause, class: reason.class ?? "sticky", evidence }];
}
