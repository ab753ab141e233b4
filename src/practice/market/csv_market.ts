/**
 * A market played from candle files. Each candle becomes 60 prints that walk
 *
 *   open -> low or high (a coin of the seed) -> the other one -> close
 *
 * so stops and targets between them are met in an order that is fixed by the seed. Candles before the start are history.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { hashText, unitOf } from "../chance.ts";
import { floorTo, formatFixed, ONE, placesOf } from "../fixed.ts";
import { type Instrument, instrumentOf } from "../instrument.ts";
import { type CandleFile, readCandleFile } from "./csv_file.ts";
import { type Bar, type BarRequest, barOfTicks, type MarketSource, mergeBars, type Tick } from "./source.ts";
import { WEEK_SHIFT_MS } from "./synthetic.ts";

const PRINTS = 60;
const LEG = 20;
const WARM_UP = 60;
const WEEK_MS = 604_800_000;

export interface CsvOptions {
  /** Files, or folders whose .csv files are all taken. */
  paths: readonly string[];
  seed: string;
  /** Candles of each file that are history when the play starts. Default 60. */
  warmUp?: number;
}

interface Lane {
  file: CandleFile;
  instrument: Instrument;
  hash: number;
}

const filesOf = (paths: readonly string[]): string[] => {
  const out: string[] = [];
  for (const path of paths) {
    let isFolder = false;
    try {
      isFolder = statSync(path).isDirectory();
    } catch {
      throw new Error(`practice market: ${path}: there is no such file; check the path`);
    }
    if (!isFolder) out.push(path);
    else
      out.push(
        ...readdirSync(path)
          .filter((name) => name.endsWith(".csv"))
          .sort()
          .map((name) => join(path, name)),
      );
  }
  if (out.length === 0)
    throw new Error(
      `practice market: no .csv file in ${paths.join(", ") || "(nothing)"}; name a file or a folder that has some`,
    );
  return out;
};

/** Size steps of assets as venues have them; others get a step worth about a hundredth of a unit of money. */
const KNOWN_STEPS: Readonly<Record<string, string>> = {
  BTC: "0.00001",
  ETH: "0.0001",
  SOL: "0.1",
  BNB: "0.001",
  LTC: "0.001",
  XRP: "0.1",
  XLM: "0.1",
};

const stepFor = (base: string, price: bigint): string => {
  const known = KNOWN_STEPS[base];
  if (known !== undefined) return known;
  for (let places = 0; places <= 6; places += 1) {
    if (price / 10n ** BigInt(places) <= ONE / 10n)
      return places === 0 ? "1" : formatFixed(ONE / 10n ** BigInt(places));
  }
  return "0.000001";
};

/** The tick is as fine as the finest price in the file. */
const instrumentFrom = (file: CandleFile): Instrument => {
  let places = 0;
  for (const bar of file.bars)
    for (const price of [bar.open, bar.high, bar.low, bar.close]) places = Math.max(places, placesOf(price));
  const last = file.bars.at(-1)?.close ?? ONE;
  const tick = formatFixed(ONE / 10n ** BigInt(places));
  return instrumentOf({ symbol: file.symbol, tick, step: stepFor(file.symbol.split("-")[0] ?? "", last) });
};

const printPrice = (lane: Lane, bar: Bar, i: number): bigint => {
  const isLowFirst = unitOf(lane.hash, bar.from) < 0.5;
  const stations = isLowFirst ? [bar.open, bar.low, bar.high, bar.close] : [bar.open, bar.high, bar.low, bar.close];
  if (i === PRINTS - 1) return bar.close;
  const leg = Math.floor(i / LEG);
  const from = stations[leg] ?? bar.open;
  const to = stations[leg + 1] ?? bar.close;
  return floorTo(from + ((to - from) * BigInt(i % LEG)) / BigInt(LEG), lane.instrument.tick);
};

const printAt = (lane: Lane, bar: Bar, i: number): Tick => ({
  at: bar.from + Math.floor((i * lane.file.frameMs) / PRINTS),
  symbol: lane.instrument.symbol,
  price: printPrice(lane, bar, i),
  volume: bar.volume / BigInt(PRINTS),
  // Between candles the price may jump; inside it walks.
  isContinuous: i > 0,
});

/** Index of the last bar that starts at or before `at`; -1 if none. */
const indexAt = (bars: readonly Bar[], at: number): number => {
  let low = 0;
  let high = bars.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bars[middle]?.from ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

/** Prints of one file in (after, upTo]. */
function* laneTicks(lane: Lane, after: number, upTo: number): Generator<Tick, void> {
  const { bars } = lane.file;
  for (let index = Math.max(0, indexAt(bars, after)); index < bars.length; index += 1) {
    const bar = bars[index] as Bar;
    if (bar.from > upTo) return;
    for (let i = 0; i < PRINTS; i += 1) {
      const at = bar.from + Math.floor((i * lane.file.frameMs) / PRINTS);
      if (at > upTo) return;
      if (at > after) yield printAt(lane, bar, i);
    }
  }
}

/** Candle of [from, to), knowing nothing after `upTo`: whole candles as they are, parts of one from its prints. */
const barOver = (lane: Lane, from: number, to: number, upTo: number): Bar | null => {
  const { bars, frameMs } = lane.file;
  const parts: Bar[] = [];
  for (let index = Math.max(0, indexAt(bars, from)); index < bars.length; index += 1) {
    const bar = bars[index] as Bar;
    if (bar.from >= to || bar.from > upTo) break;
    if (bar.from + frameMs <= from) continue;
    if (bar.from >= from && bar.from + frameMs <= to && bar.from + frameMs <= upTo + 1) {
      parts.push(bar);
      continue;
    }
    const until = Math.min(to - 1, upTo, bar.from + frameMs - 1);
    const part = barOfTicks(from, laneTicks(lane, Math.max(from, bar.from) - 1, until));
    if (part !== null) parts.push(part);
  }
  return mergeBars(from, parts);
};

const barsOf = (lanes: readonly Lane[], request: BarRequest): Bar[] => {
  const lane = lanes.find((one) => one.instrument.symbol === request.symbol);
  if (lane === undefined) return [];
  const { frameMs } = request;
  const shift = frameMs === WEEK_MS ? WEEK_SHIFT_MS : 0;
  const first = Math.max(request.from, lane.file.bars[0]?.from ?? 0);
  const out: Bar[] = [];
  let from = Math.floor((first - shift) / frameMs) * frameMs + shift;
  if (from < request.from) from += frameMs;
  while (from <= request.upTo) {
    const bar = barOver(lane, from, from + frameMs, request.upTo);
    if (bar !== null) out.push(bar);
    from += frameMs;
  }
  return out;
};

/** Index of the stream whose next print is the earliest; the first file wins a tie; -1 when all are over. */
const earliest = (heads: readonly IteratorResult<Tick, void>[]): number => {
  let best = -1;
  let bestAt = Number.POSITIVE_INFINITY;
  for (const [i, head] of heads.entries()) {
    if (head.done || head.value.at >= bestAt) continue;
    best = i;
    bestAt = head.value.at;
  }
  return best;
};

/** Several lanes as one stream in time order. */
function* mergedTicks(lanes: readonly Lane[], after: number, upTo: number): Generator<Tick> {
  const streams = lanes.map((lane) => laneTicks(lane, after, upTo));
  const heads: IteratorResult<Tick, void>[] = streams.map((stream) => stream.next());
  for (let i = earliest(heads); i >= 0; i = earliest(heads)) {
    const head = heads[i];
    const stream = streams[i];
    if (head === undefined || stream === undefined || head.done) return;
    yield head.value;
    heads[i] = stream.next();
  }
}

const windowOf = (lanes: readonly Lane[], warmUp: number): { startsAt: number; endsAt: number } => {
  let startsAt = 0;
  let endsAt = Number.MAX_SAFE_INTEGER;
  for (const { file } of lanes) {
    const first = file.bars[Math.min(warmUp, file.bars.length - 1)] as Bar;
    startsAt = Math.max(startsAt, first.from);
    endsAt = Math.min(endsAt, (file.bars.at(-1)?.from ?? 0) + file.frameMs);
  }
  const names = lanes.map((lane) => lane.file.path).join(", ");
  if (startsAt >= endsAt)
    throw new Error(
      `practice market: ${names}: no common time is left after ${warmUp} candles of warm-up; choose files of the same time or a smaller warm-up`,
    );
  const least = Math.min(...lanes.map((lane) => lane.file.bars.length));
  if (least <= warmUp)
    throw new Error(
      `practice market: ${names}: ${least} candles are not more than the warm-up of ${warmUp}; give more candles or a smaller warm-up`,
    );
  return { startsAt, endsAt };
};

/** @throws one sentence for a file that cannot be played; gaps only warn. */
export const csvMarket = (options: CsvOptions): MarketSource => {
  const warmUp = options.warmUp ?? WARM_UP;
  const files = filesOf(options.paths).map(readCandleFile);
  const seen = new Set<string>();
  for (const file of files) {
    if (seen.has(file.symbol))
      throw new Error(`practice market: ${file.path}: a second file for ${file.symbol}; give one file a symbol`);
    seen.add(file.symbol);
  }
  const lanes = files.map(
    (file): Lane => ({ file, instrument: instrumentFrom(file), hash: hashText(`${options.seed}/${file.symbol}/path`) }),
  );
  const { startsAt, endsAt } = windowOf(lanes, warmUp);
  const gaps = files.filter((file) => file.missing > 0);
  const shape = files
    .map((file) => `${file.symbol}:${file.bars.length}:${file.bars[0]?.from}:${file.bars.at(-1)?.close}`)
    .join(",");
  return {
    identity: `csv seed=${options.seed} ${shape}`,
    instruments: lanes.map((lane) => lane.instrument),
    frameMs: Math.max(...files.map((file) => file.frameMs)),
    startsAt,
    endsAt,
    warnings: gaps.map(
      (file) => `${file.path}: ${file.missing} candles are missing; they are played as time without trades`,
    ),
    isReplayable: true,
    state: (at) => (at >= endsAt ? "ended" : "trading"),
    opening: (at) => lanes.flatMap((lane) => openingOf(lane, at)),
    ticks: (after, upTo) => mergedTicks(lanes, after, upTo),
    bars: (request) => barsOf(lanes, request),
  };
};

const openingOf = (lane: Lane, at: number): Tick[] => {
  const bar = lane.file.bars[indexAt(lane.file.bars, at)];
  if (bar === undefined) return [];
  const i = Math.min(PRINTS - 1, Math.floor(((at - bar.from) * PRINTS) / lane.file.frameMs));
  const tick = printAt(lane, bar, i);
  return [tick.at > at ? printAt(lane, bar, i - 1) : tick];
};
