/** KuCoin's instruments: increments, minima and fees, asked at start and again whenever somebody asks. */

import { z } from "zod";
import { type Instrument, instrumentIdOf } from "../../core/instrument.ts";
import { fail, ok } from "../../core/result.ts";
import type { Read } from "../../ports/venue.ts";
import { type KucoinParts, marketIdOf, venueName } from "./parts.ts";
import { weights } from "./rates.ts";
import { symbolInfo, tradeFees } from "./wire.ts";

/**
 * Asks for the symbol list, which is also what ccxt forms orders with. One request, also for callers that come while it is
 * under way: ccxt would let them wait for it, and their own call would then have sent nothing.
 */
export async function loadMarkets(parts: KucoinParts): Promise<Read<unknown>> {
  parts.loading.markets ??= parts.reader
    .read({
      what: "the list of instruments",
      pool: "public",
      weight: weights.symbols,
      lane: "vital",
      run: async () => await parts.client.loadMarkets(true, { marginables: false }),
      parse: (data) => z.array(z.unknown()).min(1).parse(data),
    })
    .finally(() => {
      parts.loading.markets = null;
    });
  return await parts.loading.markets;
}

/** Before a question that ccxt forms: it would load the list itself, as a second request inside one call, which the wire refuses. */
export async function readyMarkets(parts: KucoinParts): Promise<Read<unknown>> {
  return parts.client.markets === undefined ? await loadMarkets(parts) : ok(null);
}

/** KuCoin takes ten symbols a question. */
const symbolsAFeeQuestion = 10;

export async function readInstruments(
  parts: KucoinParts,
  symbols: readonly string[],
): Promise<Read<readonly Instrument[]>> {
  const loaded = await loadMarkets(parts);
  if (!loaded.ok) return loaded;
  const found: Instrument[] = [];
  for (let start = 0; start < symbols.length; start += symbolsAFeeQuestion) {
    const some = symbols.slice(start, start + symbolsAFeeQuestion);
    const missing = some.find((symbol) => parts.client.markets?.[symbol] === undefined);
    if (missing !== undefined) return fail(missingInstrument(missing));
    const fees = await readFees(parts, some.map(marketIdOf));
    if (!fees.ok) return fees;
    for (const symbol of some) {
      const market = parts.client.markets?.[symbol] as { readonly info: unknown } | undefined;
      const made = instrumentOf(symbol, market?.info, fees.value);
      if (!made.ok) return made;
      found.push(made.value);
    }
  }
  return ok(found);
}

type Fees = z.infer<typeof tradeFees>;

async function readFees(parts: KucoinParts, marketIds: readonly string[]): Promise<Read<Fees>> {
  return await parts.reader.read({
    what: "the trading fees",
    pool: "spot",
    weight: weights.fees,
    lane: "ordinary",
    run: async () => await parts.client.privateGetTradeFees({ symbols: marketIds.join(",") }),
    parse: (data) => tradeFees.parse(data),
  });
}

function instrumentOf(symbol: string, info: unknown, fees: Fees): Read<Instrument> {
  const read = symbolInfo.safeParse(info);
  const fee = fees.find((row) => row.symbol === marketIdOf(symbol));
  if (!read.success || fee === undefined) return fail(missingInstrument(symbol));
  const raw = read.data;
  return ok({
    instrumentId: instrumentIdOf(venueName, symbol),
    venue: venueName,
    symbol,
    base: raw.baseCurrency,
    quote: raw.quoteCurrency,
    tickSize: raw.priceIncrement,
    stepSize: raw.baseIncrement,
    quantityMin: raw.baseMinSize,
    quantityMax: raw.baseMaxSize,
    notionalMin: raw.minFunds ?? raw.quoteMinSize,
    takerFee: fee.takerFeeRate,
    makerFee: fee.makerFeeRate,
    protection: "oco",
    // In a call auction orders rest but do not match, so a stop could not save anybody.
    isTrading: raw.enableTrading && raw.callauctionIsEnabled !== true,
  });
}

function missingInstrument(symbol: string) {
  const because = "KuCoin does not list it, or its rules could not be read; check the symbol's spelling (BASE/QUOTE)";
  return { kind: "unavailable", venue: venueName, what: `instrument ${symbol}`, because, retryAfterMs: null } as const;
}
