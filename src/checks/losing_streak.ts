/** After several stops in a row on one instrument the idea is wrong there for now; it rests before it may try again. */
import { lengthText } from "../core/facts.ts";
import { addsRisk } from "../core/risk.ts";
import { between } from "../core/time.ts";
import { defineCheck } from "../define/check.ts";

export const losingStreak = defineCheck({
  name: "losing_streak",
  asks: "Is the instrument outside the cooldown after a losing streak?",
  denies: "cooling_down",
  evaluate(intent, { limits, losingStreak: { stops, lastAt }, at }) {
    if (!addsRisk(intent) || stops < limits.losingStreakMax || limits.cooldownMs === 0) return null;
    const since = lastAt === null ? null : between(lastAt, at);
    if (since !== null && since >= limits.cooldownMs) return null;
    return {
      stops: `${stops} in a row`,
      limit: `${limits.losingStreakMax} in a row`,
      left: since === null ? "unknown: the last stop has no time" : lengthText(limits.cooldownMs - since),
      cooldown: lengthText(limits.cooldownMs),
    };
  },
});
