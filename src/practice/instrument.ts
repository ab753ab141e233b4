/**
 * What can be traded on the practice exchange, and the rules an order for it must keep.
 * Everything is fixed point (1e-12); rates are fractions (0.001 = 0.1 %).
 */
import { fixed } from "./fixed.ts";

export interface Instrument {
  symbol: string;
  base: string;
  quote: string;
  /** Prices are multiples of it. */
  tick: bigint;
  /** Sizes are multiples of it. Base asset. */
  step: bigint;
  sizeMin: bigint;
  sizeMax: bigint;
  /** Funds of a market order are multiples of it. Quote asset. */
  fundsStep: bigint;
  /** Smallest order value. Quote asset. */
  fundsMin: bigint;
  fundsMax: bigint;
  /** A limit price may leave the last price by this fraction at most. */
  priceLimitRate: bigint;
  makerFee: bigint;
  takerFee: bigint;
  /** Value of one price level of the market's own book. Quote asset. */
  depthFunds: bigint;
  isTrading: boolean;
}

export interface InstrumentText {
  symbol: string;
  tick: string;
  step: string;
  sizeMin?: string;
  sizeMax?: string;
  fundsStep?: string;
  fundsMin?: string;
  priceLimitRate?: string;
  makerFee?: string;
  takerFee?: string;
  depthFunds?: string;
}

/** Fills in what a spot venue usually has. @throws if the symbol is not BASE-QUOTE or a number is no plain decimal. */
export const instrumentOf = (text: InstrumentText): Instrument => {
  const [base, quote, ...rest] = text.symbol.split("-");
  if (!base || !quote || rest.length > 0) {
    throw new Error(`practice: symbol "${text.symbol}" is not BASE-QUOTE; name it like SOL-USDT`);
  }
  const isCoinQuoted = quote === "BTC" || quote === "ETH";
  return {
    symbol: text.symbol,
    base,
    quote,
    tick: fixed(text.tick),
    step: fixed(text.step),
    sizeMin: fixed(text.sizeMin ?? text.step),
    sizeMax: fixed(text.sizeMax ?? "10000000000"),
    fundsStep: fixed(text.fundsStep ?? (isCoinQuoted ? "0.00000001" : "0.01")),
    fundsMin: fixed(text.fundsMin ?? (isCoinQuoted ? "0.000001" : "0.1")),
    fundsMax: fixed("99999999"),
    priceLimitRate: fixed(text.priceLimitRate ?? "0.1"),
    makerFee: fixed(text.makerFee ?? "0.001"),
    takerFee: fixed(text.takerFee ?? "0.001"),
    depthFunds: fixed(text.depthFunds ?? (isCoinQuoted ? "0.5" : "8000")),
    isTrading: true,
  };
};
