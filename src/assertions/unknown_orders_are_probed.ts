import { between, type Instant } from "../core/time.ts";
import { defineAssertion } from "../define/assertion.ts";

const warnAfterMs = 15_000;
const openAfterMs = 120_000;
const probedWithinMs = 60_000;
/** One probe may take a while at a slow venue. */
const probeSlackMs = 15_000;

export const unknownOrdersAreProbed = defineAssertion({
  id: "A04",
  name: "unknown_orders_are_probed",
  promises: "An order whose answer was lost is looked for again and again, and found or disproved within two minutes",
  onBreach: { scope: "venue", class: "transient", looks: 1 },
  runbook: {
    means: "Nobody knows what became of an order. It may have filled; it counts as filled in every limit.",
    does: "It is looked up at most 60 s apart and never sent again. After two minutes nothing new is opened at this venue.",
    you: "Look for the order at the venue's own page. It closes by itself when the order is found or proven absent.",
  },
  breaches: ({ orders, house }, { wallAt }) =>
    Object.values(orders)
      .filter((order) => order.state === "unknown" || order.state === "cancel_unknown")
      .flatMap((order) => {
        const ageMs = between(order.changedAt, wallAt);
        const lastAt = Math.max(order.probes.lastAt ?? order.changedAt, house.startedAt ?? 0) as Instant;
        const silentMs = between(lastAt, wallAt);
        // A look in the future was dated by a clock that has been set back since: nobody knows when it was.
        const isForgotten = order.state === "unknown" && (silentMs > probedWithinMs + probeSlackMs || silentMs < 0);
        if (ageMs <= warnAfterMs && !isForgotten) return [];
        const evidence = {
          order: order.clientOrderId,
          instrument: order.intent.instrumentId,
          unknown: `${Math.round(ageMs / 1_000)} s`,
          "last look": `${Math.round(silentMs / 1_000)} s ago`,
          looks: String(order.probes.total),
        };
        const isOver = isForgotten || ageMs > openAfterMs;
        return [isOver ? { evidence } : { evidence, grade: "degraded" as const }];
      }),
});
