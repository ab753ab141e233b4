/** Nobody is asked for what he can't give: an order needs as many who may sign as it takes, be it one or two (M09). */
import { quorumFor } from "../core/consent.ts";
import { cashText } from "../core/facts.ts";
import { mark } from "../core/mark.ts";
import { notionalOf } from "../core/money.ts";
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const secondPerson = defineCheck({
  name: "second_person",
  asks: "Are as many people linked as must sign an order of this worth?",
  denies: "second_person_missing",
  evaluate(intent, { consent, instrument }) {
    if (consent === undefined || !addsRisk(intent) || intent.shape.orderType !== "limit") return null;
    const worth = notionalOf(intent.shape.limitPrice, intent.quantity);
    const needed = quorumFor(worth, consent);
    if (needed <= consent.approvers) return null;
    mark("M09.no_second_person");
    const { secondPersonAbove, approvers } = consent;
    return {
      notional: cashText(worth, instrument.quote),
      needed: String(needed),
      linked: String(approvers),
      ...(secondPersonAbove == null ? {} : { "two people above": `${secondPersonAbove} ${instrument.quote}` }),
    };
  },
});
