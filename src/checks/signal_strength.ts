/** A weak opinion is no reason to risk money. A missing signal is the business of `complete_data`. */
import { isAtLeast, isAtMost, type Ratio, ratio } from "../core/money.ts";
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

const strongest: Ratio = ratio("1");

export const signalStrength = defineCheck({
  name: "signal_strength",
  asks: "Is the signal strong enough?",
  denies: "signal_too_weak",
  evaluate(intent, { signal, limits }) {
    if (!addsRisk(intent) || signal === null) return null;
    const pointsRight = signal.direction === (intent.side === "buy" ? "long" : "short");
    // A strength above 1 is a fault of the strategy, and a faulty opinion is weaker than a weak one.
    if (pointsRight && isAtLeast(signal.strength, limits.strengthMin) && isAtMost(signal.strength, strongest))
      return null;
    return {
      strength: `${signal.strength} of 1`,
      limit: `${limits.strengthMin} of 1`,
      direction: `${signal.direction} signal for a ${intent.side}`,
    };
  },
});
