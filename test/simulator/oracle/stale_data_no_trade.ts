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
    const ages = new Map<string, number>();
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
          if (fact.type === "signal_raised") {
            // By the true time: the clock of this machine may be set between the signal and the order that stands on it.
            ages.set(fact.signalId, one.trueAt - (fact.candleAt + view.settings.timeframeMs));
            return badCandle(view, fact, one.trueAt);
          }
          const isEntry = one.order?.intent.leg === "entry" && !one.order.isAdopted;
          if (!isEntry) return [];
          if (fact.type === "order_intended")
            return [
              ...notReady(one, fact.clientOrderId),
              ...oldCandle(view, ages.get(fact.intent.signalId ?? ""), fact.clientOrderId),
            ];
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

/** Read ahead: by the true time the candle had not closed. An old one is only an opinion, until an entry stands on it. */
function badCandle(view: WorldView, signal: FactOf<"signal_raised">, trueAt: number): readonly Violation[] {
  const age = trueAt - (signal.candleAt + view.settings.timeframeMs);
  if (age >= -skewMs || signal.direction === "flat") return [];
  const about = { signalId: signal.signalId, candleAt: signal.candleAt, ageMs: age };
  return [violated("I20", "a signal was read from a candle that is not closed", about)];
}

function oldCandle(view: WorldView, signalAge: number | undefined, clientOrderId: string): readonly Violation[] {
  const { timeframeMs, cycleMs } = view.settings;
  const allowed = Math.max(0, timeframeMs - cycleMs) + 2 * cycleMs + skewMs + 15_000;
  if (signalAge === undefined || signalAge <= allowed) return [];
  return [violated("I20", "an entry stands on a candle that is long over", { clientOrderId, ageMs: signalAge })];
}
