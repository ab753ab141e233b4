/** What a view says of the market and of what just left, from the books and candles at hand. */
import { describe, expect, test } from "vitest";
import { price, quantity } from "../../src/core/money.ts";
import { instant, minute } from "../../src/core/time.ts";
import { marketOf } from "../../src/flows/pace_and_market.ts";
import type { OrderBook } from "../../src/ports/venue.ts";
import { makeCandles, noon } from "../fixtures/risk_view.ts";

const level = (at: string, size: string) => ({ price: price(at), quantity: quantity(size) });
const book: OrderBook = {
  instrumentId: "kucoin:SOL/USDT",
  bids: [level("99", "7")],
  asks: Array.from({ length: 12 }, (_, at) => level(String(100 + at), "2")),
  receivedAt: instant(0),
};
const outside = { book, candles: makeCandles([100, 101, 102]), freeQuote: null, volatility: null };

describe("what a market offers", () => {
  test("ten levels of the side that an entry takes, and no more", () => {
    expect(marketOf(outside, 5 * minute, noon).depth).toBe("20");
  });
  test("a day's volume from what the candles cover", () => {
    expect(marketOf(outside, 5 * minute, noon).volumePerDay).toBe("28800");
  });
  test("nothing is claimed of what could not be read", () => {
    expect(marketOf({ ...outside, book: null, candles: null }, minute, noon)).toEqual({});
  });
  test("a jump is seen in minutes, and candles that are longer tell nothing of it", () => {
    const jumped = makeCandles([100, 110, 110], noon).map((candle, at) => ({
      ...candle,
      openedAt: instant(noon - (3 - at) * minute),
    }));
    expect(Number(marketOf({ ...outside, candles: jumped }, minute, noon).quickMove)).toBeGreaterThan(0.1);
    expect(marketOf({ ...outside, candles: jumped }, 5 * minute, noon).quickMove).toBeUndefined();
    expect(Number(marketOf({ ...outside, candles: jumped }, minute, noon + 10 * minute).quickMove)).toBe(0);
  });
});
