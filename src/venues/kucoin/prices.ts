/** What KuCoin says of the market: its clock, candles and order book. All public. */

import { z } from "zod";
import { fail } from "../../core/result.ts";
import type { Candle } from "../../core/signal.ts";
import { addMs, type Instant, instant } from "../../core/time.ts";
import type { OrderBook, Read } from "../../ports/venue.ts";
import { candlesOfRows, levelsOfBook, wireInstant } from "../_ccxt/wire.ts";
import { readyMarkets } from "./market.ts";
import { instrumentIdOfMarket, type KucoinParts, marketIdOf, venueName } from "./parts.ts";
import { weights } from "./rates.ts";

/** KuCoin tells at most 1500 candles a question; one is kept for the candle that is still open. */
const candlesMax = 1_499;

/** A book whose own time is older than this did not just come from the market. */
const frozenMs = 2_000;

const frameMs: Readonly<Record<string, number>> = {
  "1m": 60_000,
  "3m": 180_000,
  "5m": 300_000,
  "15m": 900_000,
  "30m": 1_800_000,
  "1h": 3_600_000,
  "2h": 7_200_000,
  "4h": 14_400_000,
  "6h": 21_600_000,
  "8h": 28_800_000,
  "12h": 43_200_000,
  "1d": 86_400_000,
};

/** Also learns how far KuCoin's clock is from ours; half the way there and back is taken off. */
export async function readTime(parts: KucoinParts): Promise<Read<Instant>> {
  let sentAt = 0;
  const read = await parts.reader.read({
    what: "the venue's clock",
    pool: "public",
    weight: weights.time,
    lane: "vital",
    run: async () => {
      sentAt = parts.clock.mono();
      return await parts.client.publicGetTimestamp();
    },
    parse: (data) => wireInstant.parse(data),
  });
  if (!read.ok) return read;
  const wayMs = (parts.clock.mono() - sentAt) / 2;
  parts.offset.ms = read.value + wayMs - parts.clock.wall();
  parts.offset.monoMs = read.value + wayMs - parts.clock.mono();
  return read;
}

/** KuCoin sends newest first, in seconds, with the close before the high; ccxt puts that right. An open candle is never told. */
export async function readCandles(
  parts: KucoinParts,
  symbol: string,
  request: { timeframe: string; count: number },
): Promise<Read<readonly Candle[]>> {
  const what = `candles of ${symbol}`;
  const lengthMs = frameMs[request.timeframe];
  if (lengthMs === undefined) {
    const because = `KuCoin has no timeframe ${request.timeframe}; use one of ${Object.keys(frameMs).join(", ")}`;
    return fail({ kind: "unavailable", venue: venueName, what, because, retryAfterMs: null });
  }
  const ready = await readyMarkets(parts);
  if (!ready.ok) return ready;
  const count = Math.max(1, Math.min(request.count, candlesMax));
  const now = parts.clock.now() + parts.offset.ms;
  const openNow = Math.floor(now / lengthMs) * lengthMs;
  const from = openNow - count * lengthMs;
  return await parts.reader.read({
    what,
    pool: "public",
    weight: weights.candles,
    lane: "ordinary",
    run: async () => await parts.client.fetchOHLCV(symbol, request.timeframe, from, count + 1),
    parse: (_data, rows) =>
      candlesOfRows(rows)
        .filter((candle) => addMs(candle.openedAt, lengthMs) <= instant(now))
        .sort((one, other) => one.openedAt - other.openedAt)
        .slice(-count),
  });
}

/** The public book of 20 levels; without that limit ccxt asks for the private full book. */
export async function readOrderBook(parts: KucoinParts, symbol: string): Promise<Read<OrderBook>> {
  const ready = await readyMarkets(parts);
  if (!ready.ok) return ready;
  return await parts.reader.read({
    what: `the order book of ${symbol}`,
    pool: "public",
    weight: weights.book,
    lane: "vital",
    run: async () => await parts.client.fetchOrderBook(symbol, 20),
    parse: (data): OrderBook => {
      const { time } = z.object({ time: wireInstant }).parse(data);
      const wall = parts.clock.wall();
      // A frozen feed answers at once with an old book; its age is the age of what it shows, in real ms.
      const ageMs = Math.floor((parts.clock.now() + parts.offset.ms - time) / parts.clock.speed);
      return {
        instrumentId: instrumentIdOfMarket(marketIdOf(symbol)),
        ...levelsOfBook(data),
        receivedAt: ageMs > frozenMs ? addMs(wall, -ageMs) : wall,
        madeAt: addMs(wall, parts.offset.ms - ageMs),
      };
    },
  });
}
