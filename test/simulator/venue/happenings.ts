/** What happens at the venue by itself: the market moves, jumps or stands still; rules change; trading stops; people come by. */

import type { Notional } from "../../../src/core/money.ts";
import { formatFixed, ONE } from "../../../src/practice/fixed.ts";
import { sweepMarket } from "./engine.ts";
import { humanComesBy, liquidate, resolve } from "./humans.ts";
import { bookOf, move } from "./market.ts";
import { asPrice, asQuantity, type Market, strikes, type VenueState } from "./state.ts";

export function happen(state: VenueState): void {
  for (const market of state.markets.values()) {
    if (market.payout !== null) continue;
    move(
      market,
      state.chanceOf("market"),
      state.scheduler.now(),
      strikes(state, "market_gap", 0.05) ? gap(state, market) : 0,
    );
    sweepMarket(state, market);
    spoilFeed(state, market);
    if (strikes(state, "filters_change", 0.03)) changeFilters(state, market);
    if (strikes(state, "human_at_venue", 0.05)) humanComesBy(state, market);
    if (strikes(state, "fill_quirks", 0.01)) liquidate(state, market);
    if (state.quirks.profile === "polymarket" && strikes(state, "market_gap", 0.002)) resolve(state, market);
  }
  stopTrading(state);
  state.ticks += 1;
}

/** Through the nearest stop and its limit where one waits; else a few percent, mostly down. */
function gap(state: VenueState, market: Market): number {
  const chance = state.chanceOf("market_gap");
  for (const order of state.live) {
    const isStop = order.symbol === market.instrument.symbol && order.trigger !== null && order.side === "sell";
    if (!isStop || chance.hits(0.3)) continue;
    const share = Number(((market.last - order.limit) * ONE) / market.last) / Number(ONE);
    state.say(`${market.instrument.symbol} jumps through the stop`);
    return -Math.max(0, share) - chance.int(2, 20) / 1_000;
  }
  return (chance.int(10, 50) / 1_000) * (chance.hits(0.7) ? -1 : 1);
}

function spoilFeed(state: VenueState, market: Market): void {
  const now = state.scheduler.now();
  if (strikes(state, "bad_tick", 0.2)) {
    const factor = state.chanceOf("bad_tick").hits(0.5) ? ONE * 10n : ONE / 10n;
    market.badTick = { factor, until: now + 1_500 };
    state.say(`${market.instrument.symbol}: one print is far off`);
  }
  if (market.frozen === null && strikes(state, "stale_market", 0.05)) {
    const until = now + state.chanceOf("stale_market").pick([1_500, 5_000, 20_000, 60_000]);
    market.frozen = { book: bookOf(market, now), at: now, until };
    state.say(`${market.instrument.symbol}: the feed stands still for ${until - now} ms`);
  }
}

function changeFilters(state: VenueState, market: Market): void {
  const chance = state.chanceOf("filters_change");
  const { instrument } = market;
  const what = chance.pick(["tick", "step", "minimum", "trading"] as const);
  state.say(`${instrument.symbol}: its ${what} changes`);
  if (what === "tick") {
    const isCoarse = market.tick !== toUnit(state, market, "tick");
    market.tick = isCoarse ? market.tick / 10n : market.tick * 10n;
    market.instrument = { ...instrument, tickSize: asPrice(formatFixed(market.tick)) };
    move(market, state.chanceOf("market"), state.scheduler.now());
  } else if (what === "step") {
    const isCoarse = market.step !== toUnit(state, market, "step");
    market.step = isCoarse ? market.step / 10n : market.step * 10n;
    market.instrument = { ...instrument, stepSize: asQuantity(formatFixed(market.step)) };
  } else if (what === "minimum") {
    const listed = listingOf(state, market)?.notionalMin ?? "1";
    const isRaised = instrument.notionalMin !== listed;
    market.instrument = { ...instrument, notionalMin: (isRaised ? listed : "12") as Notional };
  } else {
    market.instrument = { ...instrument, isTrading: false };
    state.scheduler.after(chance.int(1_000, 60_000), "venue: an instrument trades again", () => {
      market.instrument = { ...market.instrument, isTrading: market.payout === null };
      state.ticks += 1;
    });
  }
}

const listingOf = (state: VenueState, market: Market) =>
  state.quirks.listings.find((one) => one.symbol === market.instrument.symbol);

function toUnit(state: VenueState, market: Market, what: "tick" | "step"): bigint {
  const listing = listingOf(state, market);
  const [first = "0", rest = ""] = (listing?.[what] ?? "1").split(".");
  return BigInt(first) * ONE + BigInt(rest.padEnd(12, "0"));
}

/** Outages and what each venue calls one. */
function stopTrading(state: VenueState): void {
  if (!strikes(state, "venue_outage", 0.03)) return;
  const now = state.scheduler.now();
  const chance = state.chanceOf("venue_outage");
  const { profile } = state.quirks;
  if (profile === "polymarket" && chance.hits(0.7)) {
    const kind = chance.pick(["restart", "cancel_only", "disabled"] as const);
    state.say(`the venue: ${kind}`);
    const forMs = chance.pick([10_000, 40_000]);
    if (kind === "cancel_only") state.cancelOnlyUntil = now + forMs;
    if (kind === "disabled") state.disabledUntil = now + forMs;
    if (kind === "restart") {
      state.restartUntil = now + forMs;
      state.postOnlyUntil = now + forMs + 120_000;
    }
    return;
  }
  if (profile === "alpaca" && chance.hits(0.6)) {
    for (const market of state.markets.values()) market.haltedUntil = now + chance.pick([15_000, 60_000, 300_000]);
    state.say("the market is halted");
    return;
  }
  if (chance.hits(0.15)) {
    state.lockedUntil = now + chance.pick([5_000, 60_000]);
    state.say("the venue refuses the key");
    return;
  }
  state.outageUntil = now + chance.pick([1_000, 5_000, 30_000, 120_000, 600_000]);
  state.say(`the venue is away for ${state.outageUntil - now} ms`);
}
