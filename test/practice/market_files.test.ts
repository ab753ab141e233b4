/** Candle files: what cannot be played truthfully is refused with one sentence; the rest is played in a fixed order. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { formatFixed } from "../../src/practice/fixed.ts";
import { symbolOfFile } from "../../src/practice/market/csv_file.ts";
import { csvMarket } from "../../src/practice/market/csv_market.ts";
import type { Tick } from "../../src/practice/market/source.ts";

const folder = mkdtempSync(join(tmpdir(), "practice-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

const HEAD = "timestamp,open,high,low,close,volume";
const T = 1_700_000_000_000 - (1_700_000_000_000 % 60_000);
const MINUTE = 60_000;
const row = (i: number, price = 100): string => `${T + i * MINUTE},${price},${price + 2},${price - 1},${price + 1},10`;
const rows = (count: number): string[] => Array.from({ length: count }, (_one, i) => row(i, 100 + (i % 5)));

let files = 0;
const write = (lines: readonly string[], name = "test_SOL-USDT_1m.csv"): string => {
  files += 1;
  const path = join(folder, `${files}_${name}`);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
};
const play = (path: string, warmUp = 3) => csvMarket({ paths: [path], seed: "s", warmUp });
const changed = (line: number, text: string): string[] =>
  [HEAD, ...rows(20)].map((one, i) => (i === line - 1 ? text : one));

describe("files that are refused", () => {
  const table: [string, () => string, RegExp][] = [
    ["a missing file", () => join(folder, "none.csv"), /none\.csv: there is no such file; check the path/],
    ["an empty folder", () => mkdtempSync(join(folder, "empty-")), /no \.csv file in .*; name a file or a folder/],
    [
      "a missing column",
      () => write(["timestamp,open,high,low,close", ...rows(20)]),
      /line 1: no column volume; the first line must name/,
    ],
    ["an empty file", () => write([""]), /line 1: no column timestamp, open/],
    ["no rows", () => write([HEAD]), /only 0 candles; give at least three/],
    [
      "NaN in a price",
      () => write(changed(7, `${T + 5 * MINUTE},NaN,102,99,101,10`)),
      /line 7: open "NaN" is not a number; repair the line/,
    ],
    ["an empty value", () => write(changed(7, `${T + 5 * MINUTE},100,,99,101,10`)), /line 7: high "" is not a number/],
    [
      "too few values",
      () => write(changed(7, `${T + 5 * MINUTE},100,102`)),
      /line 7: the number of values differs from the header/,
    ],
    [
      "seconds instead of ms",
      () => write(changed(2, "1700000000,100,102,99,101,10")),
      /line 2: timestamp 1700000000 looks like seconds; write ms/,
    ],
    [
      "a date text",
      () => write(changed(2, "2023-11-14,100,102,99,101,10")),
      /line 2: timestamp "2023-11-14" is not a whole number of ms/,
    ],
    ["time that goes back", () => write(changed(9, row(2))), /line 9: time goes back; sort the file by timestamp/],
    ["a row twice", () => write(changed(9, row(6))), /line 9: timestamp \d+ is there twice; remove one/],
    [
      "a high below the close",
      () => write(changed(5, `${T + 3 * MINUTE},100,100.5,99,101,10`)),
      /line 5: open and close are not between low and high/,
    ],
    [
      "a low above the open",
      () => write(changed(5, `${T + 3 * MINUTE},100,103,100.5,101,10`)),
      /line 5: open and close are not between/,
    ],
    ["a price of zero", () => write(changed(5, `${T + 3 * MINUTE},0,103,0,101,10`)), /line 5: a price is not above 0/],
    [
      "a negative volume",
      () => write(changed(5, `${T + 3 * MINUTE},100,103,99,101,-1`)),
      /line 5: the volume is negative/,
    ],
    [
      "a row between two candles",
      () => write(changed(5, `${T + 2.5 * MINUTE},100,103,99,101,1`)),
      /line 5: comes sooner than one candle/,
    ],
    ["no symbol in the name", () => write([HEAD, ...rows(20)], "prices.csv"), /its name tells no symbol; name it like/],
    [
      "fewer candles than the warm-up",
      () => write([HEAD, ...rows(3)]),
      /3 candles are not more than the warm-up of 3|no common time/,
    ],
  ];

  it.each(table)("%s", (_name, path, message) => {
    const at = path();
    expect(() => play(at)).toThrow(message);
    expect(() => play(at)).toThrow(/^practice market: /);
  });

  it("two files for one symbol, and files without common time", () => {
    const first = write([HEAD, ...rows(20)]);
    expect(() => csvMarket({ paths: [first, write([HEAD, ...rows(20)])], seed: "s", warmUp: 3 })).toThrow(
      /a second file for SOL-USDT; give one file a symbol/,
    );
    const later = rows(20).map((line) => line.replace(/^\d+/, (stamp) => String(Number(stamp) + 86_400_000)));
    const other = write([HEAD, ...later], "x_ETH-USDT_1m.csv");
    expect(() => csvMarket({ paths: [first, other], seed: "s", warmUp: 3 })).toThrow(/no common time is left/);
  });
});

describe("files that are played", () => {
  it("gaps are counted and played as time without trades", () => {
    const lines = [HEAD, ...rows(30)].filter((_line, i) => i !== 10 && i !== 11);
    const market = play(write(lines));
    expect(market.warnings).toEqual([
      expect.stringMatching(/2 candles are missing; they are played as time without trades/),
    ]);
    const gapFrom = T + 9 * MINUTE;
    expect([...market.ticks(gapFrom - 1, gapFrom + 2 * MINUTE - 1)]).toEqual([]);
    const bars = market.bars({ symbol: "SOL-USDT", frameMs: MINUTE, from: T, upTo: T + 30 * MINUTE }) as {
      from: number;
    }[];
    expect(bars.length).toBe(28);
    expect(bars.some((bar) => bar.from === gapFrom)).toBe(false);
  });

  it("walks open, the extremes in a seeded order, close; reaches each exactly and repeats", () => {
    const path = write([HEAD, ...rows(20)]);
    const ticksOf = (seed: string): Tick[] => [
      ...csvMarket({ paths: [path], seed, warmUp: 3 }).ticks(T + 5 * MINUTE - 1, T + 6 * MINUTE - 1),
    ];
    const prices = ticksOf("s").map((tick) => formatFixed(tick.price));
    expect(prices.length).toBe(60);
    expect([prices[0], prices.at(-1)]).toEqual(["100", "101"]);
    expect([Math.max(...prices.map(Number)), Math.min(...prices.map(Number))]).toEqual([102, 99]);
    expect(ticksOf("s")).toEqual(ticksOf("s"));
    const orders = new Set(
      Array.from({ length: 20 }, (_one, i) => Number(formatFixed(ticksOf(`seed${i}`)[20]?.price ?? 0n))),
    );
    expect(orders).toEqual(new Set([99, 102]));
  });

  it("tells only what has traded by now: closed candles as in the file, the forming one from its prints", () => {
    const market = play(write([HEAD, ...rows(20)]));
    const upTo = T + 10 * MINUTE + 30_000;
    const bars = market.bars({ symbol: "SOL-USDT", frameMs: MINUTE, from: T, upTo }) as {
      from: number;
      open: bigint;
      close: bigint;
      high: bigint;
    }[];
    expect(bars.length).toBe(11);
    expect(bars.slice(0, 10).map((bar) => formatFixed(bar.close))).toEqual(rows(10).map((line) => line.split(",")[4]));
    const traded = [...market.ticks(T + 10 * MINUTE - 1, upTo)];
    expect(bars[10]?.close).toBe(traded.at(-1)?.price);
    const five = market.bars({ symbol: "SOL-USDT", frameMs: 5 * MINUTE, from: T - (T % (5 * MINUTE)), upTo }) as {
      high: bigint;
    }[];
    expect(five.length).toBeGreaterThanOrEqual(2);
    expect(market.bars({ symbol: "SOL-USDT", frameMs: MINUTE, from: upTo + 1, upTo })).toEqual([]);
  });

  it("starts after the warm-up and ends after the last candle", () => {
    const market = play(write([HEAD, ...rows(20)]), 5);
    expect(market.startsAt).toBe(T + 5 * MINUTE);
    expect(market.endsAt).toBe(T + 20 * MINUTE);
    expect([market.state(T + 20 * MINUTE - 1), market.state(T + 20 * MINUTE)]).toEqual(["trading", "ended"]);
  });

  it.each([
    ["binance_SOL-USDT_4h_2024Q1.csv", "SOL-USDT"],
    ["bittrex_ETH-BTC_5m_2018-01.csv", "ETH-BTC"],
    ["bittrex_XRP-BTC_1d_2014-2018.csv", "XRP-BTC"],
    ["btc-perp_1m_2022-01.csv", "BTC-USD"],
    ["nyse_SPY_1d.csv", "SPY-USD"],
  ])("%s is %s", (name, symbol) => expect(symbolOfFile(join("/x", name))).toBe(symbol));
});

const shared = new URL("../../../shared/data/", import.meta.url).pathname;

describe.skipIf(!existsSync(shared))("the shared data (skipped where it is absent)", () => {
  it.each([
    "binance_SOL-USDT_4h_2024Q1.csv",
    "bittrex_ETH-BTC_5m_2018-01.csv",
    "bittrex_XLM-BTC_5m_2018-01.csv",
    "bittrex_XRP-BTC_1d_2014-2018.csv",
    "btc-perp_1h_2022-01_resampled.csv",
    "nyse_SPY_1d.csv",
    "nyse_SPY_1h.csv",
  ])("%s is playable and its prices are on its tick", (name) => {
    const market = csvMarket({ paths: [join(shared, name)], seed: "s" });
    const [instrument] = market.instruments;
    const start = market.startsAt ?? 0;
    let count = 0;
    for (const tick of market.ticks(start, start + 7 * 86_400_000)) {
      count += 1;
      expect(tick.price % (instrument?.tick ?? 1n)).toBe(0n);
    }
    expect(count).toBeGreaterThan(50);
  });

  it("a folder of four plays together in time order", () => {
    const names = ["BNB", "BTC", "ETH", "SOL"].map((base) => join(shared, `binance_${base}-USDT_4h_2024Q1.csv`));
    const market = csvMarket({ paths: names, seed: "s" });
    const start = market.startsAt ?? 0;
    const ticks = [...market.ticks(start, start + 86_400_000)];
    expect(new Set(ticks.map((tick) => tick.symbol)).size).toBe(4);
    for (let i = 1; i < ticks.length; i += 1) expect((ticks[i]?.at ?? 0) >= (ticks[i - 1]?.at ?? 0)).toBe(true);
  });
});
