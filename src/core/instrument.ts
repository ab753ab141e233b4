/** One tradable thing at one venue, with the increments and minima that the venue enforces. */
import { assert } from "./assert.ts";
import { mark } from "./mark.ts";
import { ceilToTick, floorToTick, type Notional, type Price, type Quantity, type Ratio } from "./money.ts";

export type Instrument = {
  /** `venue:symbol`, e.g. "kucoin:SOL/USDT". */
  readonly instrumentId: string;
  readonly venue: string;
  /** Unified symbol, BASE/QUOTE. */
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly tickSize: Price;
  readonly stepSize: Quantity;
  readonly quantityMin: Quantity;
  readonly quantityMax: Quantity;
  readonly notionalMin: Notional;
  readonly takerFee: Ratio;
  readonly makerFee: Ratio;
  /** Whether the venue can hold a protective stop and target that cancel each other, a stop alone, or neither. */
  readonly protection: "oco" | "stop" | "none";
  readonly isTrading: boolean;
  /** What is traded there; absent = spot, one unit, settled in the quote currency. */
  readonly market?: {
    readonly type: "spot" | "swap" | "future";
    readonly contractSize: string;
    readonly settle: string;
  };
};

/** The market itself as people were asked about it: the same name for another kind of market gives another pin (G05). */
export function marketPinOf({ instrumentId, base, quote, market }: Instrument): string {
  const { type, contractSize, settle } = market ?? { type: "spot", contractSize: "1", settle: quote };
  return `${instrumentId} ${base}/${quote} ${type} ${contractSize} ${settle}`;
}

/** Why this house can't trade it: it reckons in one currency, in whole units, on spot. null = it can. */
export function unsuitable(instrument: Instrument, currency: string): string | null {
  const { symbol, base, quote, market } = instrument;
  const isOtherMarket = market !== undefined && (market.type !== "spot" || market.contractSize !== "1");
  if (isOtherMarket || symbol !== `${base}/${quote}`) mark("G05.another_market");
  if (isOtherMarket)
    return `${symbol} is a ${market.type} market with contracts of ${market.contractSize}; this house trades spot`;
  if (symbol !== `${base}/${quote}`) return `${symbol} is a market of ${base}/${quote} at the venue; name that one`;
  // No rate between currencies is kept here, so there is none that could be stale: another quote currency is refused.
  if (quote === currency) return null;
  mark("D04.other_currency");
  return `${symbol} is quoted in ${quote}, the account is reckoned in ${currency}`;
}

export type Side = "buy" | "sell";

export function instrumentIdOf(venue: string, symbol: string): string {
  return `${venue}:${symbol}`;
}

export function symbolOf(instrumentId: string): string {
  const cut = instrumentId.indexOf(":");
  assert(cut > 0, `An instrument id is venue:symbol, got ${instrumentId}`);
  return instrumentId.slice(cut + 1);
}

/**
 * A limit price on the venue's tick that is never worse for us than `wanted`: a buy rounds down, a sell rounds up.
 * Half-up rounding is blind to the side and would make a buy dearer by up to half a tick.
 */
export function limitPriceOnTick(instrument: Instrument, side: Side, wanted: Price): Price {
  return side === "buy" ? floorToTick(wanted, instrument.tickSize) : ceilToTick(wanted, instrument.tickSize);
}

/** A protective trigger on tick, rounded towards the entry (for a long: up), so that the risk never grows by rounding. */
export function triggerPriceOnTick(instrument: Instrument, closes: Side, wanted: Price): Price {
  return closes === "sell" ? ceilToTick(wanted, instrument.tickSize) : floorToTick(wanted, instrument.tickSize);
}
