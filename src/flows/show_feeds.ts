/** How fresh the market is that this process sees, and what did not answer today. */
import type { Card, CardField } from "../core/card.ts";
import { lengthText } from "../core/facts.ts";
import { instrumentIdOf, symbolOf } from "../core/instrument.ts";
import { periodOf } from "../core/period.ts";
import { addMs, between, isoTime } from "../core/time.ts";
import type { Gap } from "../ports/archive.ts";
import { bookAge } from "./book_age.ts";
import { currentLimits } from "./gather_view.ts";
import { marketNow } from "./measure_offset.ts";
import type { Needs } from "./needs.ts";
import { fromArchive } from "./read_archive.ts";

export function feedsCard(needs: Needs): Promise<Card> {
  return fromArchive(needs, async (archive) => {
    const { since, until } = periodOf("day", needs.clock.now());
    const gaps = await archive.gaps(since, until);
    const { gone } = needs.ledger.books().house;
    const symbols = [...new Set([...needs.settings.symbols, needs.settings.volatilitySymbol ?? []].flat())];
    const sources = symbols.map((symbol) => `data:${instrumentIdOf(needs.settings.venue, symbol)}`);
    const others = [...new Set([...Object.keys(gone), ...gaps.map(({ source }) => source)])]
      .filter((source) => !sources.includes(source))
      .sort();
    const { quoteAgeMaxMs } = currentLimits(needs, needs.ledger.books());
    const isWhole = Object.keys(gone).length === 0;
    return {
      title: isWhole ? "Every feed answers" : `${Object.keys(gone).length} not answering`,
      tone: isWhole ? "ok" : "warning",
      lines: [],
      fields: [
        ...sources.map((source) => fieldOf(source, ageText(needs, source.slice("data:".length)), needs, gaps)),
        ...others.map((source) => fieldOf(source, null, needs, gaps)),
      ],
      footer: `An order takes a book of at most ${lengthText(quoteAgeMaxMs)}; it is read anew for each.`,
      chart: null,
    };
  });
}

/** Both ages by the clock that makes each older; a candle ages from its close. */
function ageText(needs: Needs, instrumentId: string): string {
  const { memory, clock, settings } = needs;
  const book = memory.books.get(instrumentId);
  const candle = memory.candles.get(instrumentId)?.at(-1);
  const bookText =
    book === undefined
      ? "no book yet"
      : `book ${lengthText(Math.round(bookAge(book, clock.wall(), memory.venueOffsetMs)))} old`;
  const closedAt = candle === undefined ? null : addMs(candle.openedAt, settings.timeframeMs);
  const candleText =
    closedAt === null
      ? "no candle yet"
      : `candle closed ${lengthText(Math.max(0, Math.round(between(closedAt, marketNow(needs)))))} ago`;
  return `${bookText}, ${candleText}`;
}

function fieldOf(source: string, age: string | null, needs: Needs, gaps: readonly Gap[]): CardField {
  const name = source.startsWith("data:") ? symbolOf(source.slice("data:".length)) : source;
  const gone = needs.ledger.books().house.gone[source];
  const gap = gaps.find((one) => one.source === source);
  const past =
    gap === undefined ? "no gap today" : `gone ${timesText(gap.count)} today, ${lengthText(gap.goneMs)} in all`;
  const now = gone === undefined ? null : `gone since ${isoTime(gone.since).slice(11, 19)}Z: ${gone.because}`;
  return { name, value: [now, age, past].filter((part) => part !== null).join("; ") };
}

const timesText = (count: number): string => (count === 1 ? "once" : `${count} times`);
