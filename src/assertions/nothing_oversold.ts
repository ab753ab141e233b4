import { isNegative } from "../core/money.ts";
import { defineAssertion } from "../define/assertion.ts";

export const nothingOversold = defineAssertion({
  name: "nothing_oversold",
  promises: "No position ever sold more than it bought",
  onBreach: "halt_trading",
  breaches: ({ positions }) =>
    Object.values(positions)
      .filter((position) => isNegative(position.quantity))
      .map((position) => ({ evidence: { positionId: position.positionId, quantity: position.quantity } })),
});
