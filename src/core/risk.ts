/** What an order would put at risk, in quote money at its worst price. Checks judge by it and sizing plans with it. */
import type { Instrument } from "./instrument.ts";
import type { OrderIntent, RiskOfIntent } from "./intent.ts";
import {
  absolute,
  floorToStep,
  isLess,
  isMore,
  isZero,
  largest,
  minus,
  type Notional,
  notionalOf,
  type Price,
  plus,
  type Quantity,
  quantityFor,
  type Ratio,
  ratio,
  ratioBetween,
  scale,
  sum,
  zeroNotional,
} from "./money.ts";
import type { OpenExposure, RiskView } from "./risk_view.ts";

const whole = ratio("1");

/**
 * True for whatever may open or grow a position. Exits and protection are let through by every check about risk, so the
 * exemption needs both marks: an entry that merely calls itself reduce-only is still judged as an entry.
 */
export function addsRisk(intent: OrderIntent): boolean {
  return !intent.reduceOnly || intent.leg === "entry";
}

/** True when the stop is where a loss is: below the entry of a buy, above that of a sell. */
export function isStopOnLosingSide(side: OrderIntent["side"], entry: Price, stop: Price): boolean {
  return side === "buy" ? isLess(stop, entry) : isMore(stop, entry);
}

/** Quote money that one base unit loses from the entry to the stop, with the taker fee on both ways. */
export function lossPerUnit(entry: Price, stop: Price, takerFee: Ratio): Price {
  return plus(absolute(minus(entry, stop)), scale(plus(entry, stop), takerFee));
}

/**
 * Loss from the worst entry price to the stop, fees included. Without a stop, or with one on the wrong side of the
 * entry, nothing bounds the loss: then all the money of the order and its fee are at risk.
 */
export function riskOf(intent: OrderIntent, instrument: Instrument): RiskOfIntent {
  const entry = intent.shape.limitPrice;
  const stop = intent.exitPlan?.stopPrice ?? null;
  const spent = notionalOf(entry, intent.quantity);
  if (stop === null || isZero(entry) || !isStopOnLosingSide(intent.side, entry, stop))
    return { risk: plus(spent, scale(spent, instrument.takerFee)), distance: whole };
  return {
    risk: notionalOf(lossPerUnit(entry, stop, instrument.takerFee), intent.quantity),
    distance: ratioBetween(absolute(minus(entry, stop)), entry),
  };
}

/** Money of the exposures that count; a short one counts as much as a long one. */
export function exposureOf(exposures: readonly OpenExposure[]): Notional {
  return sum(
    exposures.map((one) => absolute(one.notional)),
    zeroNotional,
  );
}

/**
 * The smallest entry that this venue takes and whose stop it takes as well, on step: what a half open breaker is tried with.
 * A quarter is added, so that the fee and the distance to the stop limit do not make the protective order too small; and
 * one step more where the step is so coarse that the fee alone takes a whole one.
 */
export function smallestEntry(entry: Price, stop: Price | null, instrument: Instrument): Quantity {
  const lowest = stop !== null && isLess(stop, entry) ? stop : entry;
  const byMoney = isZero(lowest) ? instrument.quantityMin : quantityFor(instrument.notionalMin, lowest);
  const needed = largest(instrument.quantityMin, byMoney);
  const least = plus(floorToStep(scale(needed, ratio("1.25")), instrument.stepSize), instrument.stepSize);
  return isLess(sellableAfterFee(least, instrument), needed) ? plus(least, instrument.stepSize) : least;
}

/** What a buy costs at its worst price with the taker fee. */
export function costOf(notional: Notional, instrument: Instrument): Notional {
  return plus(notional, scale(notional, instrument.takerFee));
}

/**
 * Free quote money less what unknown orders of this venue may still take: the venue holds nothing for an order that it
 * has not seen yet. Never negative. null = the balance could not be read.
 */
export function spendableOf(view: Pick<RiskView, "freeQuote" | "exposures" | "instrument">): Notional | null {
  if (view.freeQuote === null) return null;
  const unknown = view.exposures.filter(
    (one) => one.isUnknown && one.instrumentId.startsWith(`${view.instrument.venue}:`),
  );
  return largest(minus(view.freeQuote, exposureOf(unknown)), zeroNotional);
}

/** What can be sold again of a buy whose fee was taken in the base asset, on step. The worse case of all venues. */
export function sellableAfterFee(bought: Quantity, instrument: Instrument): Quantity {
  return floorToStep(scale(bought, remainder(instrument.takerFee)), instrument.stepSize);
}

const remainder = (share: Ratio): Ratio => (isLess(share, whole) ? minus(whole, share) : ratio("0"));

/** How many base units a sum of quote money covers at a cost per unit; 0 when there is no money. */
export function unitsFor(money: Notional, perUnit: Price): Quantity {
  return quantityFor(largest(money, zeroNotional), perUnit);
}
