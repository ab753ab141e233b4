/** Which order books become the market: the newest the venue made, in whatever order they arrive. */
import { expect, test } from "vitest";
import { price, quantity } from "../../src/core/money.ts";
import { addMs, instant } from "../../src/core/time.ts";
import { makeMemory } from "../../src/flows/memory.ts";
import { takeBook } from "../../src/flows/take_book.ts";
import type { OrderBook } from "../../src/ports/venue.ts";
import { keptLog } from "../fixtures/kept_log.ts";

const start = instant(1_700_000_000_000);
const bookOf = (madeMs: number | null, receivedMs: number, bid: string): OrderBook => ({
  instrumentId: "kucoin:SOL/USDT",
  bids: [{ price: price(bid), quantity: quantity("1") }],
  asks: [],
  receivedAt: addMs(start, receivedMs),
  madeAt: madeMs === null ? null : addMs(start, madeMs),
});

test.each<[string, OrderBook, string]>([
  ["made later", bookOf(1_100, 1_200, "101"), "101"],
  ["made earlier and overtaken on its way", bookOf(900, 1_200, "101"), "100"],
  ["told twice", bookOf(1_000, 1_200, "100"), "100"],
  ["of a venue whose clock was set back", bookOf(-60_000, 7_000, "101"), "101"],
  ["of a venue that gives no time", bookOf(null, 1_200, "101"), "101"],
])("[N09] a book %s", (_what, next, bid) => {
  const needs = { memory: makeMemory(), clock: { mono: () => 0, wall: () => start } as never, log: keptLog() };
  expect(takeBook(needs, bookOf(1_000, 1_050, "100"))?.bids[0]?.price).toBe("100");
  // Whoever looked gets the market of this moment, never the older one that it read, and need not look again.
  expect(takeBook(needs, next)?.bids[0]?.price).toBe(bid);
  expect(needs.memory.books.get("kucoin:SOL/USDT")?.bids[0]?.price).toBe(bid);
});
