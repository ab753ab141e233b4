/**
 * From an opinion to a concrete wish: prices on tick, a quantity on step, inside every limit at once.
 *
 *   signal + quote ──> worst price, stop, target ──> smallest of all rooms ──> floor to step ──> sized entry | denial
 *
 * Sizing plans with the same formulas that the checks judge by, so a sized entry passes the checks about amounts. It
 * bends nothing to make a trade possible: what is too small for the venue is refused, with the room that bound it.
 */
import { assert } from "./assert.ts";
import type { Denial, DenialCode } from "./denial.ts";
import { moneyText, priceText, quantityText, shareText } from "./facts.ts";
import { collarOf, hardLimits, type Quote } from "./hard_limits.ts";
import { type Instrument, limitPriceOnTick, type Side, triggerPriceOnTick } from "./instrument.ts";
import type { ExitPlan, OrderShape } from "./intent.ts";
import {
  floorToStep,
  isAtLeast,
  isAtMost,
  isLess,
  isMore,
  isPositive,
  isZero,
  largest,
  minus,
  movePrice,
  type Notional,
  notionalOf,
  type Price,
  plus,
  type Quantity,
  type Ratio,
  ratio,
  ratioBetween,
  scale,
  smallest,
} from "./money.ts";
import { stopLimitPrice } from "./protection.ts";
import { fail, ok, type Result } from "./result.ts";
import { exposureOf, lossPerUnit, sellableAfterFee, smallestEntry, spendableOf, unitsFor } from "./risk.ts";
import type { RiskView } from "./risk_view.ts";
import type { Signal } from "./signal.ts";

export type SizingView = Pick<
  RiskView,
  "instrument" | "equity" | "freeQuote" | "limits" | "quote" | "exposures" | "canary"
>;

/** The part of an entry intent that sizing decides; ids, mode and account are the caller's. */
export type SizedEntry = {
  readonly side: Side;
  readonly quantity: Quantity;
  readonly shape: Extract<OrderShape, { orderType: "limit" }>;
  readonly exitPlan: ExitPlan;
  /** Where we would trade now; the limit price is the worst we accept. */
  readonly executablePrice: Price;
  readonly notional: Notional;
  readonly risk: Notional;
  /** The room that decided the size. */
  readonly boundBy: Bound;
};

/** What may limit a size, the tightest first where two are equal, and the denial that it means when it leaves nothing. */
const bounds = {
  risk_per_trade: "risk_above_limit",
  position_share: "position_above_limit",
  position_notional: "position_above_limit",
  total_exposure: "exposure_above_limit",
  asset_share: "asset_above_limit",
  free_balance: "balance_too_small",
  hard_limits: "above_hard_limit",
  venue_maximum: "above_maximum",
  canary: "breaker_open",
} as const satisfies Record<string, DenialCode>;
export type Bound = keyof typeof bounds;

const softBandMin = ratio("0.0025");
const two = ratio("2");
const one = ratio("1");

/** How far the price may still run against us: the larger of 25 bps and twice the spread. @throws when the ask is 0. */
export function softBandOf(quote: Quote): Ratio {
  const spread = ratioBetween(minus(quote.ask, quote.bid), quote.ask);
  return largest(scale(spread, two), softBandMin);
}

/**
 * The limit price of a buy: the ask moved up by the soft band, but never beyond the collar of the order manager, and
 * rounded down to the tick. null when that price would not trade now (a spread wider than the collar).
 */
export function worstBuyPrice(instrument: Instrument, quote: Quote): Price | null {
  const wanted = smallest(movePrice(quote.ask, softBandOf(quote)), collarOf(quote, instrument.tickSize).highest);
  const worst = limitPriceOnTick(instrument, "buy", wanted);
  return isAtLeast(worst, quote.ask) && isPositive(worst) ? worst : null;
}

/** Sizes a long entry. @throws InvariantError for a flat signal: leaving is not entering. */
export function sizeEntry(signal: Signal, view: SizingView): Result<SizedEntry, Denial> {
  assert(signal.direction !== "flat", "A flat signal asks for an exit and is never sized as an entry");
  if (signal.direction === "short")
    return refuse("above_hard_limit", { direction: "short", allowed: "long; no venue of this house lends" });
  const { quote, instrument } = view;
  if (quote === null || isZero(quote.ask)) return refuse("data_missing", { missing: "quote" });
  const spendable = spendableOf(view);
  if (spendable === null) return refuse("data_missing", { missing: "free balance at the venue" });
  const prices = planPrices(signal, { instrument, quote, stopDistanceMax: view.limits.stopDistanceMax });
  if (!prices.ok) return prices;
  return fitQuantity({ signal, view, spendable, quote, ...prices.value });
}

type Prices = { readonly worst: Price; readonly stop: Price; readonly target: Price | null };

/**
 * Stop and target are measured from the price that we expect to get. Where the strategy keeps to the limit but the worst
 * price would stretch its stop beyond it, the stop moves up to the limit. The stop rounds towards the entry (for a long:
 * up), so rounding never adds risk; the target is a sale and rounds up, so rounding never gives money away.
 */
function planPrices(
  signal: Signal,
  on: { instrument: Instrument; quote: Quote; stopDistanceMax: Ratio },
): Result<Prices, Denial> {
  const { instrument, quote, stopDistanceMax } = on;
  const { stopDistance, targetDistance } = signal.exit;
  if (!isPositive(stopDistance) || isAtLeast(stopDistance, one))
    return refuse("stop_missing", {
      stopDistance: shareText(stopDistance),
      allowed: "more than 0 % and less than 100 %",
    });
  if (isMore(stopDistance, stopDistanceMax))
    return refuse("stop_too_far", { distance: shareText(stopDistance), limit: shareText(stopDistanceMax) });
  const worst = worstBuyPrice(instrument, quote);
  if (worst === null)
    return refuse("above_hard_limit", {
      bid: priceText(quote.bid, instrument.quote),
      ask: priceText(quote.ask, instrument.quote),
      highest: priceText(collarOf(quote, instrument.tickSize).highest, instrument.quote),
      tick: priceText(instrument.tickSize, instrument.quote),
    });
  const below = (from: Price, by: Ratio): Price => scale(from, minus(one, by));
  const wanted = largest(below(quote.ask, stopDistance), below(worst, stopDistanceMax));
  const stop = triggerPriceOnTick(instrument, "sell", wanted);
  // A stop at or above the bid would fire at once. That is a stop too close for this spread, not a trade.
  if (isAtLeast(stop, quote.bid) || !isPositive(stop))
    return refuse("stop_not_placeable", {
      stop: priceText(stop, instrument.quote),
      bid: priceText(quote.bid, instrument.quote),
    });
  const target =
    targetDistance === null ? null : limitPriceOnTick(instrument, "sell", movePrice(quote.ask, targetDistance));
  if (target !== null && isAtMost(target, worst))
    return refuse("stop_not_placeable", {
      target: priceText(target, instrument.quote),
      worstPrice: priceText(worst, instrument.quote),
    });
  return ok({ worst, stop, target });
}

type Plan = Prices & {
  readonly signal: Signal;
  readonly view: SizingView;
  readonly spendable: Notional;
  readonly quote: Quote;
};

function fitQuantity(plan: Plan): Result<SizedEntry, Denial> {
  const { view, worst, stop, target, signal, quote } = plan;
  const { instrument } = view;
  const room = tightestRoom(plan);
  const quantity = floorToStep(room.quantity, instrument.stepSize);
  const notional = notionalOf(worst, quantity);
  const facts = factsOf(plan, { room: room.quantity, quantity, boundBy: room.bound });
  if (!isPositive(room.quantity)) return refuse(bounds[room.bound], facts);
  if (isZero(quantity) || isLess(quantity, instrument.quantityMin) || isLess(notional, instrument.notionalMin))
    return refuse("below_minimum", facts);
  const net = sellableAfterFee(quantity, instrument);
  const atStop = notionalOf(stopLimitPrice(stop, instrument), net);
  const isClosable = isAtMost(instrument.quantityMin, net) && isAtMost(instrument.notionalMin, atStop);
  if (isZero(net) || !isClosable)
    return refuse("stop_not_placeable", {
      ...facts,
      netQuantity: quantityText(net, instrument.base),
      notionalAtStop: moneyText(atStop, instrument.quote),
    });
  return ok({
    side: "buy",
    quantity,
    shape: { orderType: "limit", limitPrice: worst, timeInForce: "ioc" },
    exitPlan: { stopPrice: stop, targetPrice: target, trail: null, timeLimitMs: signal.exit.timeLimitMs },
    executablePrice: quote.ask,
    notional,
    risk: notionalOf(lossPerUnit(worst, stop, instrument.takerFee), quantity),
    boundBy: room.bound,
  });
}

type Room = { readonly bound: Bound; readonly quantity: Quantity };

function tightestRoom({ view, worst, stop, spendable }: Plan): Room {
  const { limits, equity, exposures, instrument } = view;
  const open = exposureOf(exposures);
  const inAsset = exposureOf(exposures.filter((exposure) => exposure.base === instrument.base));
  const perUnit = lossPerUnit(worst, stop, instrument.takerFee);
  const withFee = plus(worst, scale(worst, instrument.takerFee));
  const room = (bound: Bound, money: Notional | null, cost: Price = worst): readonly Room[] =>
    money === null ? [] : [{ bound, quantity: unitsFor(money, cost) }];
  const share = (of: Ratio | null): Notional | null => (of === null ? null : scale(equity, of));
  const left = (of: Ratio | null, used: Notional): Notional | null =>
    of === null ? null : minus(scale(equity, of), used);
  const rooms = [
    ...room("risk_per_trade", share(limits.riskPerTrade), perUnit),
    ...room("position_share", share(limits.positionShare)),
    ...room("position_notional", limits.positionNotional),
    ...room("total_exposure", left(limits.exposureShare, open)),
    ...room("asset_share", left(limits.assetShare, inAsset)),
    ...room("free_balance", spendable, withFee),
    ...room("hard_limits", share(hardLimits.riskPerTrade), perUnit),
    ...room("hard_limits", share(hardLimits.positionShare)),
    ...room("hard_limits", left(hardLimits.exposureShare, open)),
    { bound: "venue_maximum" as const, quantity: instrument.quantityMax },
    ...(view.canary === "free" ? [{ bound: "canary" as const, quantity: smallestEntry(worst, stop, instrument) }] : []),
  ];
  return rooms.reduce((best, next) => (isLess(next.quantity, best.quantity) ? next : best));
}

function factsOf(plan: Plan, size: { room: Quantity; quantity: Quantity; boundBy: Bound }): Record<string, string> {
  const { instrument, equity } = plan.view;
  return {
    boundBy: size.boundBy,
    room: quantityText(size.room, instrument.base),
    quantity: quantityText(size.quantity, instrument.base),
    quantityMin: quantityText(instrument.quantityMin, instrument.base),
    step: quantityText(instrument.stepSize, instrument.base),
    notional: moneyText(notionalOf(plan.worst, size.quantity), instrument.quote),
    notionalMin: moneyText(instrument.notionalMin, instrument.quote),
    worstPrice: priceText(plan.worst, instrument.quote),
    stop: priceText(plan.stop, instrument.quote),
    equity: moneyText(equity, instrument.quote),
    freeBalance: moneyText(plan.spendable, instrument.quote),
  };
}

function refuse(code: DenialCode, facts: Record<string, string>): Result<never, Denial> {
  return fail({ code, check: "sizing", facts });
}

/** Who holds the stop and the target once the entry is filled: the venue, or we who watch the price. Named in the prompt. */
export function guardOf(instrument: Instrument): {
  readonly stop: "venue" | "house";
  readonly target: "venue" | "house";
} {
  switch (instrument.protection) {
    case "oco":
      return { stop: "venue", target: "venue" };
    case "stop":
      return { stop: "venue", target: "house" };
    case "none":
      return { stop: "house", target: "house" };
    default:
      return instrument.protection satisfies never;
  }
}
