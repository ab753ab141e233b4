/**
 * Reads one file of candles: timestamp (ms UTC), open, high, low, close, volume.
 *
 * A file that would play wrong prices is refused with one sentence: file, line, what, and what to do. Missing candles
 * are no lie, so they are only counted.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parse } from "csv-parse/sync";
import { parseDataNumber } from "../fixed.ts";
import type { Bar } from "./source.ts";

export interface CandleFile {
  path: string;
  symbol: string;
  frameMs: number;
  bars: Bar[];
  /** Candles that should lie between the first and the last but do not. */
  missing: number;
}

const COLUMNS = ["timestamp", "open", "high", "low", "close", "volume"] as const;
type Column = (typeof COLUMNS)[number];

const refuse = (path: string, line: number | null, what: string, todo: string): never => {
  throw new Error(`practice market: ${path}${line === null ? "" : ` line ${line}`}: ${what}; ${todo}`);
};

/**
 * binance_SOL-USDT_4h_2024Q1.csv -> SOL-USDT. A perpetual (btc-perp) or a bare name (nyse_SPY_1d) is quoted in USD here.
 */
export const symbolOfFile = (path: string): string => {
  const name = basename(path).replace(/\.[^.]*$/, "");
  const pair = name.split("_").find((part) => /^[A-Za-z0-9]+-[A-Za-z0-9]+$/.test(part) && !/^\d+-\d+$/.test(part));
  if (pair !== undefined) {
    const [base = "", quote = ""] = pair.toUpperCase().split("-");
    return quote === "PERP" ? `${base}-USD` : `${base}-${quote}`;
  }
  const bare = name.split("_").find((part) => /^[A-Z]{2,8}$/.test(part));
  if (bare !== undefined) return `${bare}-USD`;
  return refuse(path, null, "its name tells no symbol", "name it like binance_SOL-USDT_4h.csv");
};

interface Row {
  info: { lines: number };
  record: Record<string, string>;
}

const readRows = (path: string): Row[] => {
  let text = "";
  try {
    text = readFileSync(path, "utf8");
  } catch (problem) {
    const code = (problem as NodeJS.ErrnoException).code ?? String(problem);
    refuse(path, null, code === "ENOENT" ? "there is no such file" : `cannot be read (${code})`, "check the path");
  }
  const header = (text.split(/\r?\n/, 1)[0] ?? "")
    .replace(/^\uFEFF/, "")
    .split(",")
    .map((name) => name.trim().toLowerCase());
  const absent = COLUMNS.filter((name) => !header.includes(name));
  if (absent.length > 0)
    refuse(path, 1, `no column ${absent.join(", ")}`, `the first line must name ${COLUMNS.join(",")}`);
  try {
    const columns = (names: string[]): string[] => names.map((name) => name.trim().toLowerCase());
    return parse(text, { columns, bom: true, info: true, skip_empty_lines: true, trim: true }) as unknown as Row[];
  } catch (problem) {
    const line = (problem as { lines?: number }).lines ?? null;
    return refuse(path, line, "the number of values differs from the header", "repair or remove the line");
  }
};

const barOf = (path: string, row: Row): Bar => {
  const { lines } = row.info;
  const read = (name: Column): bigint => {
    const value = parseDataNumber(row.record[name] ?? "");
    if (value === null)
      return refuse(
        path,
        lines,
        `${name} "${row.record[name] ?? ""}" is not a number`,
        "repair the line or cut the file before it",
      );
    return value;
  };
  const stamp = row.record["timestamp"] ?? "";
  if (!/^\d{1,15}$/.test(stamp))
    refuse(path, lines, `timestamp "${stamp}" is not a whole number of ms`, "write ms since 1970 in UTC");
  if (stamp.length < 12) refuse(path, lines, `timestamp ${stamp} looks like seconds`, "write ms since 1970 in UTC");
  const bar: Bar = {
    from: Number(stamp),
    open: read("open"),
    high: read("high"),
    low: read("low"),
    close: read("close"),
    volume: read("volume"),
  };
  if (bar.low <= 0n) refuse(path, lines, "a price is not above 0", "repair the line");
  if (bar.volume < 0n) refuse(path, lines, "the volume is negative", "repair the line");
  if (bar.high < bar.open || bar.high < bar.close || bar.low > bar.open || bar.low > bar.close) {
    refuse(path, lines, "open and close are not between low and high", "repair the line");
  }
  return bar;
};

/** The most common distance between candles. */
const frameOf = (bars: readonly Bar[]): number => {
  const counts = new Map<number, number>();
  for (let i = 1; i < bars.length; i += 1) {
    const distance = (bars[i]?.from ?? 0) - (bars[i - 1]?.from ?? 0);
    counts.set(distance, (counts.get(distance) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0] ?? 0;
};

/** @throws one sentence that names file, line, fault and remedy. */
export const readCandleFile = (path: string): CandleFile => {
  const rows = readRows(path);
  const bars: Bar[] = [];
  for (const row of rows) {
    const bar = barOf(path, row);
    const before = bars.at(-1);
    if (before !== undefined && bar.from === before.from)
      refuse(path, row.info.lines, `timestamp ${bar.from} is there twice`, "remove one of the lines");
    if (before !== undefined && bar.from < before.from)
      refuse(path, row.info.lines, "time goes back", "sort the file by timestamp");
    bars.push(bar);
  }
  if (bars.length < 3) refuse(path, null, `only ${bars.length} candles`, "give at least three");
  const frameMs = frameOf(bars);
  const short = bars.findIndex((bar, i) => i > 0 && bar.from - (bars[i - 1]?.from ?? 0) < frameMs);
  if (short > 0)
    refuse(
      path,
      rows[short]?.info.lines ?? null,
      "comes sooner than one candle after the line before",
      "use one timeframe in a file",
    );
  const span = Math.round(((bars.at(-1)?.from ?? 0) - (bars[0]?.from ?? 0)) / frameMs) + 1;
  return { path, symbol: symbolOfFile(path), frameMs, bars, missing: Math.max(0, span - bars.length) };
};
