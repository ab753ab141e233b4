/** I20: no entry is decided on a price, a candle or a state of the house that is older than its bound, or not known at all. */
import type { FactOf } from "../../../src/core/events.ts";
import type { Invariant, Violation, WorldView } from "../contract.ts";
import { type Told, trailOf } from "./trail.ts";
import { openCursor, violated } from "./verdict.ts";

/** Both clocks are gated at this offset, so a candle may seem to close this much too early. */
const skewMs = 500;
/** No profile and no setting accepts an older quote: the slackest of all layers of limits. */
const quoteAgeMaxMs = 5_000;

export const staleDataNoTrade: Invariant = {
  id: "I20",
  name: "StaleDataNoTrade",
  statement:
    "No entry decision used a quote beyond its bound, a candle that was not closed or long over, or a house that was not ready",
  open() {
    const told = openCursor();
    const cleared = new Map<string, { readonly ageMs: number; readonly wallAt: number }>();
    return {
      check: (view) =>
        told(trailOf(view).told).flatMap((one) => {
          const { fact, recorded } = one;
          if (fact.type === "intent_cleared" && fact.approvalId !== null)
            cleared.set(fact.intentId, {
              ageMs: Number(fact.evidence["quoteAgeMs"] ?? Number.NaN),
              wallAt: recorded.wallAt,
            });
          if (fact.type === "signal_raised") return badCandle(view, fact, recorded.at);
          const isEntry = one.order?.intent.leg === "entry" && !one.order.isAdopted;
          if (!isEntry) return [];
          if (fact.type === "order_intended") return notReady(one, fact.clientOrderId);
          return fact.type === "order_sending"
            ? oldQuote(view, one, cleared.get(one.order?.intent.intentId ?? ""))
            : [];
        }),
    };
  },
};

function notReady({ isReady, epoch }: Told, clientOrderId: string): readonly Violation[] {
  return isReady
    ? []
    : [violated("I20", "an entry was decided by a house that was not ready", { clientOrderId, epoch })];
}

function oldQuote(
  view: WorldView,
  { order, recorded }: Told,
  cleared: { readonly ageMs: number; readonly wallAt: number } | undefined,
): readonly Violation[] {
  const about = { clientOrderId: order?.id, quoteAgeMs: cleared?.ageMs };
  if (cleared === undefined || !Number.isFinite(cleared.ageMs) || cleared.ageMs < 0)
    return [violated("I20", "an entry was armed without a quote of known age", about)];
  if (cleared.ageMs > quoteAgeMaxMs) return [violated("I20", "an entry was judged on an old quote", about)];
  const atArming = cleared.ageMs + recorded.wallAt - cleared.wallAt;
  if (atArming <= view.settings.approvals.quoteTtlMs) return [];
  return [violated("I20", "the price of an entry grew old before it was armed", { ...about, atArming })];
}

function badCandle(view: WorldView, signal: FactOf<"signal_raised">, at: number): readonly Violation[] {
  const { timeframeMs, cycleMs } = view.settings;
  const age = at - (signal.candleAt + timeframeMs);
  const about = { signalId: signal.signalId, candleAt: signal.candleAt, ageMs: age };
  if (age < -skewMs && signal.direction !== "flat")
    return [violated("I20", "a signal was read from a candle that is not closed", about)];
  // One candle further than any limit allows, since a signal is only an opinion: its entry is judged again.
  const allowed = 2 * timeframeMs + 3 * cycleMs;
  return age > allowed &&
    view.facts.some(({ fact }) => fact.type === "order_intended" && fact.intent.signalId === signal.signalId)
    ? [violated("I20", "an entry stands on a candle that is long over", about)]
    : [];
}
