/** The only door through which an order book becomes the market: one whose price is far off all the others waits for a second. */
import { mark } from "../core/mark.ts";
import { judgePrint, noPrints } from "../core/reasonable_price.ts";
import type { OrderBook } from "../ports/venue.ts";
import type { Needs } from "./needs.ts";
import { noteReceived } from "./steady.ts";

/** @returns the market now: this book, or a newer one that overtook it; null = not believed yet, the one before stays and grows old. */
export function takeBook(needs: Pick<Needs, "memory" | "clock" | "log">, book: OrderBook): OrderBook | null {
  const { memory, clock, log } = needs;
  const known = memory.books.get(book.instrumentId);
  if (known !== undefined && isOvertaken(known, book)) {
    mark("N09.older_book_ignored");
    return known;
  }
  const bid = book.bids[0]?.price;
  if (bid !== undefined) {
    const judged = judgePrint(memory.prints.get(book.instrumentId) ?? noPrints, bid, clock.mono());
    memory.prints.set(book.instrumentId, judged.prints);
    if (judged.verdict === "doubted") {
      mark("V47.bad_tick");
      log.warn("A price is far off the last ones; it waits for a second like it", {
        instrument: book.instrumentId,
        bid,
      });
      return null;
    }
  }
  memory.books.set(book.instrumentId, book);
  noteReceived({ memory, clock }, book);
  return book;
}

/** Later than this after the newer one, an earlier date is not a message on its way but a clock that was set back. */
const onTheWayMs = 5_000;

/** A book that the venue made earlier than the one we have, and that came later only because its way was longer. */
function isOvertaken(known: OrderBook, book: OrderBook): boolean {
  if (known.madeAt == null || book.madeAt == null) return false;
  return book.madeAt < known.madeAt && book.receivedAt - known.receivedAt < onTheWayMs;
}
