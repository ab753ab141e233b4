/**
 * Whether the market moves more within a day than the limit: judged with the candles of each cycle, on record when it begins and
 * when it is clearly over. Checks judge each entry by themselves; this tells people although nothing asks for an entry.
 */
import type { Books } from "../core/books.ts";
import type { FactOf } from "../core/events.ts";
import { instrumentIdOf } from "../core/instrument.ts";
import { isLess, type Ratio, ratio, scale } from "../core/money.ts";
import type { Candle } from "../core/signal.ts";
import { currentLimits, dayMove } from "./gather_view.ts";
import type { Needs } from "./needs.ts";
import { readCandles } from "./read_candles.ts";
import { draft, record } from "./record.ts";

/** Over at this part of the limit: a hair up and down is no news. */
const calmShare = ratio("0.9");

export async function watchMarket(needs: Needs): Promise<void> {
  const { settings } = needs;
  const symbols = settings.volatilitySymbol === null ? settings.symbols : [settings.volatilitySymbol];
  const moves = new Map<string, Ratio | null>();
  for (const symbol of symbols) {
    const candles = await candlesOf(needs, symbol);
    const move = candles === null ? null : dayMove(candles, settings.timeframeMs);
    moves.set(instrumentIdOf(settings.venue, symbol), move);
  }
  if (judged(needs, needs.ledger.books(), moves).length === 0) return;
  await record(needs, (books) => ({
    drafts: judged(needs, books, moves).map((fact) => draft("house", fact)),
    value: undefined,
  }));
}

/** What the cycle has just asked for is not asked for again, also where it did not come. */
async function candlesOf(needs: Needs, symbol: string): Promise<readonly Candle[] | null> {
  const { settings, memory } = needs;
  if (settings.symbols.includes(symbol)) return memory.candles.get(instrumentIdOf(settings.venue, symbol)) ?? null;
  const read = await readCandles(needs, symbol);
  return read.ok ? read.value : null;
}

/** What can't be measured now stays as it was; what is watched no more is over. */
function judged(needs: Needs, books: Books, moves: ReadonlyMap<string, Ratio | null>): FactOf<"market_judged">[] {
  const limit = currentLimits(needs, books).volatilityMax;
  const { wild = {} } = books.house;
  const facts: FactOf<"market_judged">[] = [];
  for (const [instrumentId, move] of moves) {
    if (move === null) continue;
    const isWild = !isLess(move, wild[instrumentId] === undefined ? limit : scale(limit, calmShare));
    if (isWild !== (wild[instrumentId] !== undefined))
      facts.push({ type: "market_judged", instrumentId, isWild, move, limit });
  }
  for (const [instrumentId, { move }] of Object.entries(wild))
    if (!moves.has(instrumentId)) facts.push({ type: "market_judged", instrumentId, isWild: false, move, limit });
  return facts;
}
