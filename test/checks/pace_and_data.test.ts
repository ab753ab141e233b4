/** How fast we trade, how wild the market is, and how old the data are. At the limit an entry passes, one unit further it is denied with the numbers. */
import { price, ratio } from "../../src/core/money.ts";
import type { RiskView } from "../../src/core/risk_view.ts";
import { addMs, hour, minute } from "../../src/core/time.ts";
import { type Row, tellPromises } from "../fixtures/check_table.ts";
import { makeCandles, makeLimits, noon, ramp } from "../fixtures/risk_view.ts";

const sol = "kucoin:SOL/USDT";
const candle = (closedBefore: number, frame = 5 * minute, cycle = 5 * minute): RiskView["newestCandle"] => ({
  openedAt: addMs(noon, -closedBefore - frame),
  timeframeMs: frame,
  cycleMs: cycle,
});
const seenAt = (one: RiskView["newestCandle"], afterNoon: number): RiskView["newestCandle"] =>
  one === null ? null : { ...one, marketAt: addMs(noon, afterNoon) };
const quoteOf = (bid: string, ask: string, ageMs = 300): RiskView["quote"] => ({
  bid: price(bid),
  ask: price(ask),
  ageMs,
});

const rows: readonly Row[] = [
  {
    check: "trades_per_minute",
    code: "too_many_trades",
    passes: [{ says: "the ninth", view: { tradesLastMinute: 8 } }],
    denies: [
      { says: "the tenth", view: { tradesLastMinute: 9 }, fact: ["limit", "fewer than 10 within a minute"] },
      {
        says: "0 means zero",
        view: { limits: makeLimits({ tradesPerMinute: 0 }) },
        fact: ["trades", "1 within a minute"],
      },
      { says: "not a number", view: { tradesLastMinute: Number.NaN }, fact: ["trades", "NaN within a minute"] },
    ],
  },
  {
    check: "orders_per_window",
    code: "too_many_orders",
    passes: [{ says: "the second", view: { ordersThisWindow: 1 } }],
    denies: [
      { says: "the third", view: { ordersThisWindow: 2 }, fact: ["orders", "3 in this window"] },
      { says: "0 means zero", view: { limits: makeLimits({ ordersPerWindow: 0 }) }, fact: ["limit", "0 in a window"] },
    ],
  },
  {
    check: "volatility",
    code: "extreme_volatility",
    passes: [
      {
        says: "19.99 % down",
        view: { volatility: { move: ratio("-0.1999"), instrumentId: "kucoin:BTC/USDT", isProxy: false } },
      },
    ],
    denies: [
      {
        says: "20 % up",
        view: { volatility: { move: ratio("0.2"), instrumentId: "kucoin:BTC/USDT", isProxy: false } },
        fact: ["watched", "kucoin:BTC/USDT"],
      },
      {
        says: "20 % down, watched on the instrument itself",
        view: { volatility: { move: ratio("-0.2"), instrumentId: sol, isProxy: true } },
        fact: ["watched", "kucoin:SOL/USDT, in place of BTC"],
      },
    ],
  },
  {
    check: "downtrend",
    code: "downtrend",
    passes: [
      { says: "below a rising average", view: { candles: makeCandles(ramp(60, 100, 0.5)) } },
      { says: "above a falling average", view: { candles: makeCandles(ramp(60, 80, -0.1)) } },
      { says: "below a level average", view: { candles: makeCandles(ramp(60, 100, 0)) } },
      {
        says: "a profile without this guard",
        view: { candles: makeCandles(ramp(60, 120, -0.5)), limits: makeLimits({ isDowntrendGuarded: false }) },
      },
    ],
    denies: [
      {
        says: "below a falling average: 120, 119.5 ... 90.5",
        view: { candles: makeCandles(ramp(60, 120, -0.5)) },
        fact: ["average", "102.7500 USDT (EMA(50))"],
      },
    ],
  },
  {
    check: "candle_age",
    code: "data_stale",
    passes: [
      { says: "closed two cycles ago", view: { newestCandle: candle(10 * minute) } },
      {
        says: "four-hour candles live four hours, and one cycle more",
        view: { newestCandle: candle(4 * hour + 5 * minute, 4 * hour) },
      },
      { says: "short candles in long cycles", view: { newestCandle: candle(10 * minute, minute) } },
      { says: "our clock is half a second late", view: { newestCandle: candle(-500) } },
    ],
    denies: [
      { says: "a millisecond more", view: { newestCandle: candle(10 * minute + 1) }, fact: ["age", "10 min"] },
      {
        says: "a missed four-hour candle",
        view: { newestCandle: candle(4 * hour + 5 * minute + 1, 4 * hour) },
        fact: ["limit", "4.1 h (2 cycles of 5 min, candles of 4 h)"],
      },
      {
        says: "young by our clock and old by the one that dates candles",
        view: { newestCandle: seenAt(candle(0), 10 * minute + 1) },
        fact: ["age", "10 min"],
      },
      { says: "not closed yet", view: { newestCandle: candle(-501) }, fact: ["age", "-501 ms"] },
      {
        says: "0 means zero",
        view: { newestCandle: candle(1), limits: makeLimits({ candleAgeMaxCycles: 0 }) },
        fact: ["age", "1 ms"],
      },
    ],
  },
  {
    check: "quote_age",
    code: "data_stale",
    passes: [
      { says: "2 s exactly", view: { quote: quoteOf("87.35", "87.36", 2000) } },
      { says: "just read", view: { quote: quoteOf("87.35", "87.36", 0) } },
    ],
    denies: [
      { says: "a millisecond more", view: { quote: quoteOf("87.35", "87.36", 2001) }, fact: ["age", "2001 ms"] },
      { says: "of the future", view: { quote: quoteOf("87.35", "87.36", -1) }, fact: ["age", "-1 ms"] },
      { says: "of no age", view: { quote: quoteOf("87.35", "87.36", Number.NaN) }, fact: ["limit", "2000 ms"] },
    ],
  },
  {
    check: "complete_data",
    code: "data_missing",
    passes: [
      { says: "everything is there" },
      {
        says: "no candles where nothing asks for them",
        view: { candles: null, limits: makeLimits({ isDowntrendGuarded: false }) },
      },
      { says: "51 candles", view: { candles: makeCandles(ramp(51, 80, 0.1)) } },
    ],
    denies: [
      { says: "no signal", view: { signal: null }, fact: ["missing", "signal"] },
      { says: "no candle", view: { newestCandle: null }, fact: ["missing", "newest closed candle"] },
      { says: "no candles", view: { candles: null }, fact: ["missing", "candles for the downtrend question"] },
      {
        says: "50 candles",
        view: { candles: makeCandles(ramp(50, 80, 0.1)) },
        fact: ["missing", "candles: 50 of 51 needed"],
      },
      { says: "no quote", view: { quote: null }, fact: ["missing", "quote"] },
      {
        says: "a crossed quote",
        view: { quote: quoteOf("88", "87") },
        fact: ["missing", "usable quote (bid 88, ask 87)"],
      },
      { says: "an empty side", view: { quote: quoteOf("0", "87") }, fact: ["missing", "usable quote (bid 0, ask 87)"] },
      { says: "no balance", view: { freeQuote: null }, fact: ["missing", "free balance at the venue"] },
      {
        says: "books not compared",
        view: { balanceGap: null },
        fact: ["missing", "comparison of our books with the venue"],
      },
      { says: "no volatility", view: { volatility: null }, fact: ["missing", "24 h move of the market"] },
      {
        says: "two data at once",
        view: { signal: null, freeQuote: null },
        fact: ["missing", "signal; free balance at the venue"],
      },
      {
        says: "an infinite limit",
        view: { limits: makeLimits({ ordersPerWindow: Number.POSITIVE_INFINITY }) },
        fact: ["count", "1 missing"],
      },
    ],
  },
];

tellPromises(rows);
