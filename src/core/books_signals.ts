/** The part of the books about opinions: the newest signals and the newest refusals, for /signals and /why. */
import type { FactOf, Recorded } from "./events.ts";
import type { Instant } from "./time.ts";

const kept = 200;

export type SeenSignal = Omit<FactOf<"signal_raised">, "type"> & { readonly at: Instant };
export type SeenDenial = Omit<FactOf<"intent_denied">, "type"> & {
  readonly at: Instant;
  readonly tradeId: string | null;
};

export type SignalBooks = { readonly recent: readonly SeenSignal[]; readonly denied: readonly SeenDenial[] };

/** Newest last. */
export function evolveSignals(signals: SignalBooks, { fact, at, tradeId }: Recorded): SignalBooks {
  if (fact.type === "signal_raised") {
    const { type: _type, ...signal } = fact;
    return { ...signals, recent: [...signals.recent.slice(1 - kept), { ...signal, at }] };
  }
  if (fact.type === "intent_denied") {
    const { type: _type, ...denial } = fact;
    return { ...signals, denied: [...signals.denied.slice(1 - kept), { ...denial, at, tradeId }] };
  }
  return signals;
}
