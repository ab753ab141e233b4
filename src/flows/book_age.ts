/** How old an order book is, by the clock that makes it older. */
import { mark } from "../core/mark.ts";

/** The older of two ages: since we received it, and since the venue made it; a frozen feed is received anew all the time. */
export function bookAge(
  book: { readonly receivedAt: number; readonly madeAt?: number | null },
  wall: number,
  venueOffsetMs: number,
): number {
  const received = wall - book.receivedAt;
  if (book.madeAt === undefined || book.madeAt === null) return received;
  const made = wall + venueOffsetMs - book.madeAt;
  if (made > received + 1_000) mark("V46.age_by_venue_clock");
  return Math.max(received, made);
}
