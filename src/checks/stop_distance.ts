/** A far stop turns a small position into a large loss; measured from the worst price that the entry may trade at. */
import { priceText, shareText } from "../core/facts.ts";
import { absolute, isAtMost, isPositive, minus, ratioBetween } from "../core/money.ts";
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const stopDistance = defineCheck({
  name: "stop_distance",
  asks: "Is the stop near enough to the entry?",
  denies: "stop_too_far",
  evaluate(intent, { limits, instrument }) {
    if (!addsRisk(intent) || intent.exitPlan === null) return null;
    const entry = intent.shape.limitPrice;
    const { stopPrice } = intent.exitPlan;
    const distance = isPositive(entry) ? ratioBetween(absolute(minus(entry, stopPrice)), entry) : null;
    if (distance !== null && isAtMost(distance, limits.stopDistanceMax)) return null;
    return {
      distance: distance === null ? "no entry price to measure from" : shareText(distance),
      limit: shareText(limits.stopDistanceMax),
      stop: priceText(stopPrice, instrument.quote),
      entry: priceText(entry, instrument.quote),
    };
  },
});
