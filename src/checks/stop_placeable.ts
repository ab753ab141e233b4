/**
 * Whether the protective order could stand at the venue once the entry is filled: on the losing side and not already
 * through the market, on tick, and large enough at the worst price of the stop with what is left after the entry fee.
 * Where the venue holds no stops we watch the price ourselves (`guardOf` in core/sizing names that in the prompt), and the
 * exit that we would send must keep the same minima.
 */
import { moneyText, priceText, quantityText } from "../core/facts.ts";
import type { Instrument } from "../core/instrument.ts";
import type { ExitPlan, OrderIntent } from "../core/intent.ts";
import { mark } from "../core/mark.ts";
import { isAtLeast, isLess, isMore, isMultipleOf, isPositive, notionalOf } from "../core/money.ts";
import { stopLimitPrice } from "../core/protection.ts";
import { addsRisk, isStopOnLosingSide, sellableAfterFee } from "../core/risk.ts";
import type { RiskView } from "../core/risk_view.ts";
import { defineCheck } from "../define/check.ts";

export const stopPlaceable = defineCheck({
  name: "stop_placeable",
  asks: "Could the protective order be placed at the venue?",
  denies: "stop_not_placeable",
  evaluate(intent, { instrument, quote, stopSlots }) {
    if (!addsRisk(intent) || intent.exitPlan === null) return null;
    const faults = {
      ...slotFaults(stopSlots),
      ...priceFaults(intent, intent.exitPlan, { instrument, quote }),
      ...sizeFaults(intent, intent.exitPlan, instrument),
    };
    if (Object.keys(faults).length === 0) return null;
    return { ...faults, protection: protectionTexts[instrument.protection] };
  },
});

/** The venue would take the entry and refuse its stop. */
function slotFaults(slots: RiskView["stopSlots"]): Record<string, string> {
  if (slots === undefined || slots.used < slots.max) return {};
  mark("V37.no_stop_slot");
  return { stopsResting: String(slots.used), stopsMax: String(slots.max) };
}

const protectionTexts = {
  oco: "stop and target at the venue",
  stop: "stop at the venue, target watched by us",
  none: "watched by us",
} as const satisfies Record<Instrument["protection"], string>;

function priceFaults(
  intent: OrderIntent,
  { stopPrice, targetPrice }: ExitPlan,
  { instrument, quote }: Pick<RiskView, "instrument" | "quote">,
): Record<string, string> {
  const entry = intent.shape.limitPrice;
  const isLong = intent.side === "buy";
  const show = (at: typeof stopPrice): string => priceText(at, instrument.quote);
  const isOnTick = (at: typeof stopPrice): boolean => isPositive(at) && isMultipleOf(at, instrument.tickSize);
  const isThrough = quote !== null && (isLong ? isAtLeast(stopPrice, quote.bid) : isAtLeast(quote.ask, stopPrice));
  const isTargetBetter = targetPrice === null || (isLong ? isMore(targetPrice, entry) : isLess(targetPrice, entry));
  return {
    ...(isStopOnLosingSide(intent.side, entry, stopPrice) ? {} : { stop: show(stopPrice), entry: show(entry) }),
    ...(isThrough ? { stop: show(stopPrice), market: `${show(quote.bid)} bid, ${show(quote.ask)} ask` } : {}),
    ...(isOnTick(stopPrice) ? {} : { stop: show(stopPrice), tick: show(instrument.tickSize) }),
    ...(isTargetBetter ? {} : { target: show(targetPrice), entry: show(entry) }),
    ...(targetPrice === null || isOnTick(targetPrice)
      ? {}
      : { target: show(targetPrice), tick: show(instrument.tickSize) }),
  };
}

function sizeFaults(intent: OrderIntent, { stopPrice }: ExitPlan, instrument: Instrument): Record<string, string> {
  const net = sellableAfterFee(intent.quantity, instrument);
  const atStop = notionalOf(stopLimitPrice(stopPrice, instrument), net);
  const isLargeEnough =
    isPositive(net) && isAtLeast(net, instrument.quantityMin) && isAtLeast(atStop, instrument.notionalMin);
  if (isLargeEnough) return {};
  return {
    netQuantity: quantityText(net, instrument.base),
    quantityMin: quantityText(instrument.quantityMin, instrument.base),
    notionalAtStop: moneyText(atStop, instrument.quote),
    notionalMin: moneyText(instrument.notionalMin, instrument.quote),
  };
}
