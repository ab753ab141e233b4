/** The order manager's own constants, judged against the intent itself, whatever limits the view was given. */
import { ofEquityText, priceText, shareText } from "../core/facts.ts";
import { collarOf, hardLimits as constants, entryShareOfWrites, writesPerMinuteMax } from "../core/hard_limits.ts";
import { type OrderIntent, worstNotional } from "../core/intent.ts";
import { mark } from "../core/mark.ts";
import { isAtLeast, isAtMost, plus, scale } from "../core/money.ts";
import { addsRisk, exposureOf, riskOf } from "../core/risk.ts";
import type { RiskView } from "../core/risk_view.ts";
import { defineCheck } from "../define/check.ts";

export const hardLimits = defineCheck({
  name: "hard_limits",
  asks: "Does the order keep to the constants of the order manager?",
  denies: "above_hard_limit",
  evaluate(intent, view) {
    if (!addsRisk(intent)) return null;
    const broken = {
      ...amountFaults(intent, view),
      ...priceFaults(intent, view),
      ...paceFaults(view),
      ...kindFaults(intent, view),
    };
    if (Object.keys(broken).length === 0) return null;
    mark("O09.beyond_the_constants");
    return broken;
  },
});

function amountFaults(intent: OrderIntent, { equity, instrument, exposures }: RiskView): Record<string, string> {
  const account = { equity, currency: instrument.quote };
  const notional = worstNotional(intent);
  const exposure = plus(exposureOf(exposures), notional);
  const { risk } = riskOf(intent, instrument);
  const rows = [
    { name: "notional", amount: notional, limit: constants.positionShare },
    { name: "exposure", amount: exposure, limit: constants.exposureShare },
    { name: "risk", amount: risk, limit: constants.riskPerTrade },
  ] as const;
  return Object.fromEntries(
    rows
      .filter(({ amount, limit }) => !isAtMost(amount, scale(equity, limit)))
      .flatMap(({ name, amount, limit }) => [
        [name, ofEquityText(amount, account)],
        [`${name}Limit`, `${shareText(limit)} of equity`],
      ]),
  );
}

function priceFaults(intent: OrderIntent, { instrument, quote }: RiskView): Record<string, string> {
  const { distance } = riskOf(intent, instrument);
  const hasStop = intent.exitPlan !== null;
  const isFar = hasStop && !isAtMost(distance, constants.stopDistanceMax);
  const faults: Record<string, string> = isFar
    ? { stopDistance: shareText(distance), stopDistanceLimit: shareText(constants.stopDistanceMax) }
    : {};
  if (quote === null) return faults;
  const { lowest, highest } = collarOf(quote, instrument.tickSize);
  const at = intent.shape.limitPrice;
  if (isAtLeast(at, lowest) && isAtMost(at, highest)) return faults;
  return {
    ...faults,
    limitPrice: priceText(at, instrument.quote),
    collar: `${priceText(lowest, instrument.quote)} to ${priceText(highest, instrument.quote)}`,
  };
}

function paceFaults({ tradesLastMinute, ordersThisWindow, writesLastMinute = 0 }: RiskView): Record<string, string> {
  const writesMax = Math.floor(writesPerMinuteMax * entryShareOfWrites);
  const areWritesKept = writesLastMinute + 1 <= writesMax;
  const isPaceKept = tradesLastMinute + 1 < constants.tradesPerMinute;
  const isWindowKept = ordersThisWindow + 1 <= constants.ordersPerWindow;
  return {
    ...(isPaceKept
      ? {}
      : { trades: `${tradesLastMinute + 1} within a minute`, tradesLimit: `fewer than ${constants.tradesPerMinute}` }),
    ...(isWindowKept
      ? {}
      : { orders: `${ordersThisWindow + 1} in this window`, ordersLimit: `${constants.ordersPerWindow}` }),
    ...(areWritesKept
      ? {}
      : { writes: `${writesLastMinute + 1} within a minute`, writesLimit: `${writesMax} for entries` }),
  };
}

function kindFaults(intent: OrderIntent, view: RiskView): Record<string, string> {
  return {
    ...(intent.side === "buy"
      ? {}
      : { side: "sell", sideAllowed: "buy: nobody lends to this house, so it never sells short" }),
    ...(intent.shape.orderType === "limit" ? {} : { orderType: intent.shape.orderType, orderTypeAllowed: "limit" }),
    ...(intent.mode === view.mode ? {} : { mode: intent.mode, modeJudged: view.mode }),
  };
}
