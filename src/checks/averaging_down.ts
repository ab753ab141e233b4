/** A position is never added to, least of all one that loses: more of a mistake does not make it smaller. */
import { moneyText } from "../core/facts.ts";
import { sum, zeroNotional } from "../core/money.ts";
import { addsRisk, exposureOf } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const averagingDown = defineCheck({
  name: "averaging_down",
  asks: "Would this order leave every open position as it is?",
  denies: "averaging_down",
  evaluate(intent, view) {
    if (!addsRisk(intent)) return null;
    const held = view.exposures.filter((one) => one.isPosition && one.instrumentId === intent.instrumentId);
    if (held.length === 0) return null;
    const unrealizedPnl = sum(
      held.map((one) => one.unrealizedPnl),
      zeroNotional,
    );
    return {
      position: moneyText(exposureOf(held), view.instrument.quote),
      unrealizedPnl: moneyText(unrealizedPnl, view.instrument.quote),
      allowed: `0 ${view.instrument.quote} more`,
    };
  },
});
