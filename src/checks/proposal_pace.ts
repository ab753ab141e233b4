/** People who are asked too often stop reading: a strategy that asks like a hammer is refused before anybody is rung for (M07). */
import { mark } from "../core/mark.ts";
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const proposalsPerFiveMinutesMax = 20;

export const proposalPace = defineCheck({
  name: "proposal_pace",
  asks: "Has this strategy asked people less often than 20 times within the last five minutes?",
  denies: "too_many_trades",
  evaluate(intent, { proposalsLately }) {
    if (!addsRisk(intent) || proposalsLately === undefined || proposalsLately < proposalsPerFiveMinutesMax) return null;
    mark("M07.proposals_capped");
    return { proposals: `${proposalsLately} within 5 min`, limit: `fewer than ${proposalsPerFiveMinutesMax}` };
  },
});
