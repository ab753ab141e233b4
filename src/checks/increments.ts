/** Every price on the venue's tick and every quantity on its step: anything else is refused there, exits included. */
import { priceText, quantityText } from "../core/facts.ts";
import type { OrderShape } from "../core/intent.ts";
import { isMultipleOf, isPositive, type Price } from "../core/money.ts";
import { defineCheck } from "../define/check.ts";

export const increments = defineCheck({
  name: "increments",
  asks: "Are all prices on tick and is the quantity on step?",
  denies: "off_increment",
  evaluate(intent, { instrument }) {
    const offTick = Object.entries(pricesOf(intent.shape)).filter(
      ([, at]) => !isPositive(at) || !isMultipleOf(at, instrument.tickSize),
    );
    const isOnStep = isMultipleOf(intent.quantity, instrument.stepSize);
    if (offTick.length === 0 && isOnStep) return null;
    return {
      ...Object.fromEntries(offTick.map(([name, at]) => [name, priceText(at, instrument.quote)])),
      ...(offTick.length === 0 ? {} : { tick: priceText(instrument.tickSize, instrument.quote) }),
      ...(isOnStep
        ? {}
        : {
            quantity: quantityText(intent.quantity, instrument.base),
            step: quantityText(instrument.stepSize, instrument.base),
          }),
    };
  },
});

function pricesOf(shape: OrderShape): Readonly<Record<string, Price>> {
  switch (shape.orderType) {
    case "limit":
      return { limitPrice: shape.limitPrice };
    case "stop_limit":
      return { limitPrice: shape.limitPrice, triggerPrice: shape.triggerPrice };
    case "oco":
      return { limitPrice: shape.limitPrice, triggerPrice: shape.triggerPrice, targetPrice: shape.targetPrice };
    default:
      return shape satisfies never;
  }
}
