/** Closed candles of an instrument: asked of the venue once per candle, since nothing new can close before the next one is due. */
import { instrumentIdOf } from "../core/instrument.ts";
import { ok } from "../core/result.ts";
import type { Candle } from "../core/signal.ts";
import type { Read } from "../ports/venue.ts";
import type { Needs } from "./needs.ts";

/** Enough for the slowest deployed strategy, the downtrend question and the picture in a prompt. */
export function candleCount(needs: Pick<Needs, "settings" | "strategies">): number {
  const lookbacks = needs.settings.strategies.map(
    (watched) => needs.strategies.find((one) => one.name === watched.name)?.lookback(watched.params) ?? 0,
  );
  return Math.max(200, ...lookbacks);
}

export async function readCandles(needs: Needs, symbol: string): Promise<Read<readonly Candle[]>> {
  const instrumentId = instrumentIdOf(needs.settings.venue, symbol);
  const known = needs.memory.candles.get(instrumentId);
  if (known !== undefined && isNewest(needs, known)) return ok(known);
  const { timeframe } = needs.settings;
  const read = await needs.venue.candles(symbol, { timeframe, count: candleCount(needs) });
  if (read.ok) needs.memory.candles.set(instrumentId, read.value);
  return read;
}

/** The candle after the newest known one has not closed yet. */
function isNewest(needs: Needs, candles: readonly Candle[]): boolean {
  const newest = candles.at(-1);
  return newest !== undefined && needs.clock.now() < newest.openedAt + 2 * needs.settings.timeframeMs;
}
