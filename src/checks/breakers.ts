/**
 * An open breaker of this instrument, its venue, its account, its strategy or the house blocks entries; a half open one lets
 * a single entry of the smallest size try. Neither ever blocks an exit.
 */
import type { OrderIntent } from "../core/intent.ts";
import { isMore } from "../core/money.ts";
import { addsRisk, smallestEntry } from "../core/risk.ts";
import type { RiskView } from "../core/risk_view.ts";
import { defineCheck } from "../define/check.ts";

export const breakers = defineCheck({
  name: "breakers",
  asks: "Are all circuit breakers that concern this intent closed?",
  denies: "breaker_open",
  evaluate(intent, view) {
    if (!addsRisk(intent)) return null;
    if (view.openBreakers.length === 0)
      return view.canary === "none" || view.canary === undefined ? null : canary(intent, view);
    return {
      open: view.openBreakers.map(({ scope, cause }) => `${scope}: ${cause}`).join("; "),
      count: `${view.openBreakers.length} open`,
      limit: "0 open",
    };
  },
});

function canary(intent: OrderIntent, view: RiskView): Readonly<Record<string, string>> | null {
  if (view.canary === "taken") return { open: "half open; its trial order is out already", limit: "1 trial order" };
  const smallest = smallestEntry(intent.shape.limitPrice, intent.exitPlan?.stopPrice ?? null, view.instrument);
  return isMore(intent.quantity, smallest)
    ? {
        quantity: `${intent.quantity} ${view.instrument.base}`,
        limit: `${smallest} ${view.instrument.base} while half open`,
      }
    : null;
}
