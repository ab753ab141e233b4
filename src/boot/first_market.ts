/**
 * The invented market of a first start. Its seed is chosen once so that the first minute has something to sign: a market that
 * falls at that very moment would be refused by the downtrend check, rightly, and teach a newcomer nothing. The choice is kept
 * beside the records; a later start finds the same market.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ema } from "../indicators/ema.ts";
import type { MarketSource } from "../practice/market/source.ts";
import { syntheticMarket } from "../practice/market/synthetic.ts";

const minuteMs = 60_000;
const candles = 120;
const triesMax = 40;
const seedFile = "practice-seed";

export async function firstMarket(home: string, seed: number, wallMs: number): Promise<MarketSource> {
  const path = join(home, seedFile);
  if (existsSync(path)) return syntheticMarket({ seed: readFileSync(path, "utf8").trim() });
  const chosen = await friendlySeed(seed, wallMs);
  mkdirSync(home, { recursive: true, mode: 0o711 });
  writeFileSync(path, `${chosen}\n`);
  return syntheticMarket({ seed: chosen });
}

async function friendlySeed(seed: number, wallMs: number): Promise<string> {
  for (let next = seed; next < seed + triesMax; next += 1) {
    const market = syntheticMarket({ seed: String(next) });
    const risings = await Promise.all(
      market.instruments.map((instrument) => isRising(market, instrument.symbol, wallMs)),
    );
    if (risings.filter(Boolean).length * 2 > risings.length) return String(next);
  }
  return String(seed);
}

/** Clearly above a rising average, so that the next minutes do not turn it into a downtrend at once. */
async function isRising(market: MarketSource, symbol: string, upTo: number): Promise<boolean> {
  const bars = await market.bars({ symbol, frameMs: minuteMs, from: upTo - candles * minuteMs, upTo });
  const closes = Float64Array.from(bars, (bar) => Number(bar.close));
  const averages = ema(closes, 50);
  const [now, before, close] = [averages.at(-1), averages.at(-2), closes.at(-1)];
  return now !== undefined && before !== undefined && close !== undefined && close > now && now > before;
}
