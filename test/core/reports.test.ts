/** Sums of closed trades, the periods that they fall in, and what is said and written of them. */
import { describe, expect, test } from "vitest";
import { notional, price, quantity, ratio } from "../../src/core/money.ts";
import { type PeriodName, periodOf } from "../../src/core/period.ts";
import { closedSince, outcomeOf, type TradeClosed } from "../../src/core/pnl.ts";
import {
  againstTarget,
  broughtFields,
  closesCsv,
  csvCell,
  namedFields,
  requestsText,
  startOf,
} from "../../src/core/report_cards.ts";
import { allowedOf, leftOf, lossOf } from "../../src/core/risk_left.ts";
import { addMs, hour, type Instant, instant, isoTime } from "../../src/core/time.ts";

const at = (text: string): Instant => instant(Date.parse(text));
const noon = at("2026-02-11T12:00:00.000Z");

const close = (change: Partial<TradeClosed> = {}): TradeClosed => ({
  seq: 1,
  closedAt: noon,
  openedAt: addMs(noon, -hour),
  tradeId: "trade_1",
  mode: "paper",
  strategy: "ema_trend",
  instrumentId: "kucoin:SOL/USDT",
  reason: "target",
  quantity: quantity("2"),
  entryPrice: price("100"),
  exitPrice: price("103"),
  pnl: notional("5.6"),
  fees: notional("0.4"),
  before: null,
  ...change,
});
const loss = close({
  seq: 2,
  strategy: "breakout",
  instrumentId: "kucoin:ETH/USDT",
  pnl: notional("-3.1"),
  fees: notional("0.1"),
});
/** A late fill reopened the first one, and it closed again a little worse. */
const again = close({
  seq: 3,
  pnl: notional("5.4"),
  fees: notional("0.5"),
  before: { pnl: notional("5.6"), fees: notional("0.4") },
});

describe("a period", () => {
  test.each<[PeriodName, string, string, string]>([
    ["day", "2026-02-11T00:00:00.000Z", "2026-02-11T00:00:00.000Z", "Today"],
    ["day", "2026-02-11T23:59:59.999Z", "2026-02-11T00:00:00.000Z", "Today"],
    ["7d", "2026-02-11T12:00:00.000Z", "2026-02-05T00:00:00.000Z", "Last 7 days"],
    ["week", "2026-02-11T12:00:00.000Z", "2026-02-09T00:00:00.000Z", "Week since 2026-02-09"],
    ["week", "2026-02-09T00:00:00.000Z", "2026-02-09T00:00:00.000Z", "Week since 2026-02-09"],
    ["week", "2026-02-08T23:59:59.999Z", "2026-02-02T00:00:00.000Z", "Week since 2026-02-02"],
    ["month", "2026-02-11T12:00:00.000Z", "2026-02-01T00:00:00.000Z", "Month 2026-02"],
    ["month", "2026-03-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z", "Month 2026-03"],
  ])("%s at %s begins at %s and is called %s", (name, now, since, title) => {
    const period = periodOf(name, at(now));
    expect([isoTime(period.since), period.title]).toEqual([since, title]);
    expect(period.until).toBeGreaterThan(at(now));
  });
});

describe("what trades brought", () => {
  test.each([
    ["nothing", [], { trades: 0, winners: 0, gross: "0", fees: "0", net: "0" }],
    ["one winner", [close()], { trades: 1, winners: 1, gross: "6", fees: "0.4", net: "5.6" }],
    ["a winner and a loser", [close(), loss], { trades: 2, winners: 1, gross: "3", fees: "0.5", net: "2.5" }],
    [
      "a second close adds only what is new",
      [close(), again],
      { trades: 1, winners: 1, gross: "5.9", fees: "0.5", net: "5.4" },
    ],
    ["a correction alone is no trade", [again], { trades: 0, winners: 0, gross: "-0.1", fees: "0.1", net: "-0.2" }],
    [
      "sums that floats get wrong",
      [close({ pnl: notional("0.1"), fees: notional("0") }), close({ pnl: notional("0.2"), fees: notional("0") })],
      { trades: 2, winners: 2, gross: "0.3", fees: "0", net: "0.3" },
    ],
  ])("%s", (_, closes, expected) => expect(outcomeOf(closes)).toEqual(expected));

  test("a close at midnight belongs to the day that begins", () => {
    const midnight = at("2026-02-11T00:00:00.000Z");
    const before = close({ closedAt: addMs(midnight, -1) });
    const then = close({ closedAt: midnight });
    expect(closedSince([before, then], midnight)).toEqual([then]);
  });
});

describe("what is said of it", () => {
  const brought = { period: periodOf("7d", noon), closes: [close(), loss], startEquity: notional("1000") };
  const texts = (fields: readonly { name: string; value: string }[]) =>
    fields.map(({ name, value }) => `${name}: ${value}`);
  test("money beside percent, before fees and after", () =>
    expect(texts(broughtFields(brought, "USDT"))).toEqual([
      "Last 7 days: +2.50 USDT · 0.25 %, 2 trades (1 won)",
      "Last 7 days, before fees: +3.00 USDT, fees 0.50 USDT",
    ]));
  test("one line a strategy, one line an instrument", () =>
    expect(texts(namedFields(brought, "USDT"))).toEqual([
      "breakout: -3.10 USDT · -0.31 %, fees 0.10 USDT, 1 trade (0 won)",
      "ema_trend: +5.60 USDT · 0.56 %, fees 0.40 USDT, 1 trade (1 won)",
      "ETH/USDT: -3.10 USDT · -0.31 %, fees 0.10 USDT, 1 trade (0 won)",
      "SOL/USDT: +5.60 USDT · 0.56 %, fees 0.40 USDT, 1 trade (1 won)",
    ]));
  test("without trades there is one line, and without a start no percent", () =>
    expect(texts(broughtFields({ ...brought, closes: [], startEquity: null }, "USDT"))).toEqual([
      "Last 7 days: 0.00 USDT, no trades",
    ]));
  test("many names end in one line that loses nothing", () => {
    const closes = Array.from({ length: 9 }, (_, index) =>
      close({ strategy: `s${index}`, pnl: notional(String(index - 4)), fees: notional("0") }),
    );
    const lines = texts(namedFields({ ...brought, closes }, "USDT")).slice(0, 6);
    expect(lines).toHaveLength(6);
    expect(lines.at(-1)).toMatch(/^4 others: .*4 trades \(/);
    expect(lines[0]).toMatch(/^s[08]: [+-]4\.00 USDT/);
  });
  test.each([
    ["1000", "1030", "3.00 %, within the target of 3 to 5 %"],
    ["1000", "1029.99", "3.00 %, below the target of 3 to 5 %"],
    ["1000", "1050", "5.00 %, within the target of 3 to 5 %"],
    ["1000", "1051", "5.10 %, above the target of 3 to 5 %"],
    ["1000", "900", "-10.00 %, below the target of 3 to 5 %"],
    ["0", "900", "nothing to compare with yet"],
  ])("a month from %s to %s", (start, now, text) => expect(againstTarget(notional(start), notional(now))).toBe(text));
  test("the start of a period is that of its first day on record", () => {
    const row = {
      endEquity: notional("0"),
      signals: 0,
      denied: 0,
      entries: 0,
      asked: 0,
      approved: 0,
      declined: 0,
      expired: 0,
      unknownOrders: 0,
      starts: 0,
    };
    const days = ["2026-02-01", "2026-02-06", "2026-02-07"].map((date, index) => ({
      ...row,
      date,
      startEquity: notional(String(index)),
    }));
    expect(startOf(days, periodOf("7d", noon))).toBe("1");
    expect(startOf([], periodOf("7d", noon))).toBeNull();
  });
});

describe("the file", () => {
  test("one line a close, with every digit", () =>
    expect(closesCsv([close({ pnl: notional("5.123456789012345678") }), again], "USDT")).toBe(
      [
        "closed_at,opened_at,trade_id,mode,strategy,instrument,reason,quantity,entry_price,exit_price,gross,fees,net,currency,correction",
        "2026-02-11T12:00:00.000Z,2026-02-11T11:00:00.000Z,trade_1,paper,ema_trend,SOL/USDT,target,2,100,103,5.523456789012345678,0.4,5.123456789012345678,USDT,no",
        "2026-02-11T12:00:00.000Z,2026-02-11T11:00:00.000Z,trade_1,paper,ema_trend,SOL/USDT,target,2,100,103,-0.1,0.1,-0.2,USDT,yes",
        "",
      ].join("\r\n"),
    ));
  test.each([
    ["plain", "plain"],
    ["-0.1", "-0.1"],
    ["a,b", '"a,b"'],
    ['say "no"', '"say ""no"""'],
    ["two\nlines", '"two\nlines"'],
    ["=1+1", "'=1+1"],
    ["-2+3", "'-2+3"],
    ["@cmd", "'@cmd"],
  ])("%j is written as %j", (text, cell) => expect(csvCell(text)).toBe(cell));
});

describe("what is left of a limit", () => {
  test.each([
    [{ share: ratio("0.03"), money: null }, "1000", "30"],
    [{ share: ratio("0.03"), money: notional("10") }, "1000", "10"],
    [{ share: ratio("0.03"), money: notional("50") }, "1000", "30"],
    [{ share: null, money: notional("10") }, "1000", "10"],
    [{ share: null, money: null }, "1000", null],
  ])("%j of %s allows %s", (limit, of, allowed) => expect(allowedOf(limit, notional(of))).toBe(allowed));
  test.each([
    ["30", "-10", "20"],
    ["30", "-30", "0"],
    ["30", "-31", "0"],
    ["30", "10", "30"],
    [null, "-10", null],
  ])("of %s after %s there is %s", (allowed, pnl, left) =>
    expect(leftOf(allowed === null ? null : notional(allowed), lossOf(notional(pnl)))).toBe(left),
  );
});

test.each([
  [{ asked: 6, approved: 3, declined: 2, expired: 1 }, null, "6 asked, 3 approved, 2 declined, 1 expired"],
  [
    { asked: 6, approved: 1, declined: 1, expired: 1 },
    42_000,
    "6 asked, 1 approved, 1 declined, 1 expired, 3 withdrawn or still open, median answer 42 s",
  ],
  // An answer to a request of the day before.
  [{ asked: 0, approved: 1, declined: 0, expired: 0 }, null, "0 asked, 1 approved, 0 declined, 0 expired"],
])("the requests of a period add up: %j", (counts, medianMs, text) => {
  expect(requestsText(counts, medianMs)).toBe(text);
});
