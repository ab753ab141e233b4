/** A seeded market for the desk's tests and pictures: quarter-hour candles. */
import { price } from "../../src/core/money.ts";
import { type Instant, instant } from "../../src/core/time.ts";

type ScriptedCandle = {
  openedAt: Instant;
  open: ReturnType<typeof price>;
  high: ReturnType<typeof price>;
  low: ReturnType<typeof price>;
  close: ReturnType<typeof price>;
};

/** mulberry32: small, seeded, good enough for a picture. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function scriptedCandles(options: {
  seed: number;
  last: number;
  places: number;
  count: number;
  until: number;
}): ScriptedCandle[] {
  const roll = seeded(options.seed);
  const quarter = 900_000;
  const text = (value: number) => price(value.toFixed(options.places));
  const candles: ScriptedCandle[] = [];
  let close = options.last;
  let drift = 0;
  for (let index = 0; index < options.count; index += 1) {
    const openedAt = instant(Math.floor(options.until / quarter) * quarter - index * quarter);
    drift = drift * 0.92 + (roll() - 0.47) * 0.0012;
    const open = close * (1 - drift - (roll() - 0.5) * 0.003);
    const high = Math.max(open, close) * (1 + roll() * 0.0016);
    const low = Math.min(open, close) * (1 - roll() * 0.0016);
    candles.push({ openedAt, open: text(open), high: text(high), low: text(low), close: text(close) });
    close = open;
  }
  return candles.reverse();
}
