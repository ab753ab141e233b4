/** Whether the venue takes an order: the state of trading, its filters, its slots, what the account can pay. In the order real venues check. */
import type { Instrument } from "../../../src/core/instrument.ts";
import type { PlaceProblem } from "../../../src/ports/venue.ts";
import { formatFixed, isMultiple, timesDown } from "../../../src/practice/fixed.ts";
import { accountOf, holdFor, pairOf } from "./accounts.ts";
import { type Market, type SimOrder, strikes, type VenueState, whole } from "./state.ts";

export type Wish = Pick<
  SimOrder,
  | "clientOrderId"
  | "symbol"
  | "kind"
  | "side"
  | "quantity"
  | "limit"
  | "trigger"
  | "target"
  | "timeInForce"
  | "isProtective"
>;
type Refused = Extract<PlaceProblem, { kind: "rejected" }>;

export function refusal(state: VenueState, reason: Refused["reason"], message?: string): Refused {
  const said = state.quirks.says[reason];
  return { kind: "rejected", code: said.code, message: message ?? said.message, reason };
}

export function admit(state: VenueState, market: Market, wish: Wish): PlaceProblem | null {
  const now = state.scheduler.now();
  if (market.payout !== null) return refusal(state, "instrument");
  // While nothing trades, most venues still take what waits for a trigger; a plain order they refuse.
  const isRefused = wish.kind === "limit" || !state.quirks.takesStopsInHalts;
  if (!isTradingNow(state, market) && isRefused) return refusal(state, "instrument");
  if (now < state.postOnlyUntil && wouldTake(market, wish))
    return refusal(state, "other", "post-only mode: order crosses book");
  return filterProblem(state, market, wish) ?? stopProblem(state, market, wish) ?? balanceProblem(state, wish);
}

export const isTradingNow = (state: VenueState, market: Market): boolean =>
  market.instrument.isTrading && market.haltedUntil <= state.scheduler.now();

/** The rules as the venue lists them now. */
export const rulesOf = (state: VenueState, market: Market): Instrument =>
  isTradingNow(state, market) ? market.instrument : { ...market.instrument, isTrading: false };

const wouldTake = (market: Market, wish: Wish): boolean =>
  wish.kind === "limit" && (wish.side === "buy" ? wish.limit >= market.ask : wish.limit <= market.bid);

function filterProblem(state: VenueState, market: Market, wish: Wish): Refused | null {
  const prices = [wish.limit, wish.trigger, wish.target].filter((price) => price !== null);
  const { instrument } = market;
  if (prices.some((price) => price <= 0n || !isMultiple(price, market.tick))) return refusal(state, "increment");
  if (!isMultiple(wish.quantity, market.step)) return refusal(state, "increment", "Order size increment invalid.");
  const isSmall =
    wish.quantity < whole(instrument.quantityMin) ||
    timesDown(wish.limit, wish.quantity) < whole(instrument.notionalMin);
  if (isSmall) return refusal(state, "too_small");
  if (wish.quantity > whole(instrument.quantityMax))
    return refusal(state, "other", "the quantity is above the maximum");
  const { band } = state.quirks;
  if (band === null) return null;
  const away = timesDown(market.last, whole(band));
  const isOut = prices.some((price) => price > market.last + away || price < market.last - away);
  return isOut ? refusal(state, "price_band") : null;
}

function stopProblem(state: VenueState, market: Market, wish: Wish): Refused | null {
  if (wish.kind === "limit" || wish.trigger === null) return null;
  const { protection, stopSlots } = state.quirks;
  if (protection === "none" || (protection === "stop" && wish.kind === "oco")) return refusal(state, "other");
  const isThrough = wish.side === "sell" ? wish.trigger >= market.last : wish.trigger <= market.last;
  const isPast =
    wish.target !== null && (wish.side === "sell" ? wish.target <= market.last : wish.target >= market.last);
  if (isThrough || isPast) return refusal(state, "would_trigger");
  const waiting = [...state.live].filter((one) => one.symbol === wish.symbol && one.trigger !== null).length;
  if (stopSlots !== null && waiting >= stopSlots) return refusal(state, "other");
  if (!state.isCalm && state.scheduler.now() < state.stopsRefusedUntil) return refusal(state, "price_band");
  if (strikes(state, "stop_refused")) {
    const kind = state.chanceOf("stop_refused").pick(["band", "band", "through", "slots"] as const);
    // A narrow band stays narrow for a while; the other two are about this one order.
    if (kind === "band") state.stopsRefusedUntil = state.scheduler.now() + state.chanceOf("stop_refused").int(0, 8_000);
    return refusal(state, kind === "band" ? "price_band" : kind === "through" ? "would_trigger" : "other");
  }
  return null;
}

function balanceProblem(state: VenueState, wish: Wish): Refused | null {
  const { base, quote } = pairOf(wish.symbol);
  const asset = wish.side === "buy" ? quote : base;
  const needed = holdFor(wish, { feeIn: state.quirks.feeIn, takerFee: whole(state.quirks.takerFee) });
  const { free } = accountOf(state, asset);
  if (needed <= free) return null;
  const said = state.quirks.says.balance.message;
  return refusal(
    state,
    "balance",
    `${said} (requested ${formatFixed(needed)} ${asset}, available ${formatFixed(free)})`,
  );
}
