/**
 * A market that never was: prices drawn from (seed, time) alone.
 *
 * The price is a base price times one plus several layers of smooth noise, from seconds to days.
 * Any moment can be computed without the ones before it, so an exchange that was down for a night
 * walks the missed path when it comes back and fires the stops that path would have fired.
 *
 *   every 10 s a knot, straight lines between knots, one print a second on the line
 */
import { hashNumbers, hashText, unitOf } from "../chance.ts";
import { floorTo, fromFloat, greater, lesser, toFloat } from "../fixed.ts";
import { type Instrument, type InstrumentText, instrumentOf } from "../instrument.ts";
import { type Bar, type BarRequest, type MarketSource, mergeBars, type Tick } from "./source.ts";

const KNOT_MS = 10_000;
const PRINT_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const WEEK_MS = 604_800_000;
/** 1970-01-01 was a Thursday; weekly candles start on Mondays. */
export const WEEK_SHIFT_MS = 4 * 86_400_000;

/** Period in ms and share of the price that one layer of noise can move. Strongest from minutes to half an hour. */
const LAYERS: readonly (readonly [number, number])[] = [
  [30_000, 0.0012],
  [120_000, 0.009],
  [420_000, 0.026],
  [1_500_000, 0.036],
  [7_200_000, 0.03],
  [43_200_000, 0.04],
  [WEEK_MS, 0.1],
];

export interface SyntheticInstrument extends InstrumentText {
  /** Price the noise moves around. */
  around: string;
}

/** Rules near the real ones; SOL has tick 0.01 and step 0.1, the pair of the first live trade. */
export const syntheticInstruments: readonly SyntheticInstrument[] = [
  { symbol: "BTC-USDT", around: "95000", tick: "0.1", step: "0.00001", depthFunds: "40000" },
  { symbol: "ETH-USDT", around: "3300", tick: "0.01", step: "0.0001", sizeMin: "0.0001", depthFunds: "20000" },
  { symbol: "SOL-USDT", around: "87.4", tick: "0.01", step: "0.1", sizeMin: "0.1", depthFunds: "8000" },
  { symbol: "XRP-USDT", around: "2.2", tick: "0.0001", step: "0.1", sizeMin: "0.1", depthFunds: "6000" },
];

interface Lane {
  instrument: Instrument;
  around: number;
  hash: number;
  knots: Map<number, number>;
  hours: Map<number, Bar>;
}

const smooth = (x: number): number => x * x * (3 - 2 * x);

const noise = (hash: number, layer: number, at: number, period: number): number => {
  const cell = Math.floor(at / period);
  const share = smooth(at / period - cell);
  const left = unitOf(hash, cell, layer) * 2 - 1;
  const right = unitOf(hash, cell + 1, layer) * 2 - 1;
  return left + (right - left) * share;
};

const knotPrice = (lane: Lane, knot: number, volatility: number): number => {
  const known = lane.knots.get(knot);
  if (known !== undefined) return known;
  let sum = 0;
  for (let layer = 0; layer < LAYERS.length; layer += 1) {
    const [period, share] = LAYERS[layer] as readonly [number, number];
    sum += noise(lane.hash, layer, knot * KNOT_MS, period) * share;
  }
  const bounded = Math.max(-0.8, Math.min(0.8, sum * volatility));
  const price = lane.around * (1 + bounded);
  if (lane.knots.size > 20_000) lane.knots.clear();
  lane.knots.set(knot, price);
  return price;
};

const priceAt = (lane: Lane, at: number, volatility: number): bigint => {
  const knot = Math.floor(at / KNOT_MS);
  const left = knotPrice(lane, knot, volatility);
  const share = (at - knot * KNOT_MS) / KNOT_MS;
  const price = share === 0 ? left : left + (knotPrice(lane, knot + 1, volatility) - left) * share;
  return fromFloat(price, lane.instrument.tick);
};

const volumeOf = (lane: Lane, second: number): bigint => {
  const funds = toFloat(lane.instrument.depthFunds) * (0.1 + unitOf(lane.hash, second, 77));
  return fromFloat(funds / lane.around, lane.instrument.step);
};

/** Candle of whole seconds [from, to): knots are the extremes, because the path between them is straight. */
const barBetween = (lane: Lane, from: number, to: number, volatility: number): Bar => {
  const open = priceAt(lane, from, volatility);
  const close = priceAt(lane, to - PRINT_MS, volatility);
  let high = greater(open, close);
  let low = lesser(open, close);
  for (let knot = Math.ceil(from / KNOT_MS); knot * KNOT_MS < to; knot += 1) {
    const price = priceAt(lane, knot * KNOT_MS, volatility);
    high = greater(high, price);
    low = lesser(low, price);
  }
  const seconds = BigInt(Math.round((to - from) / PRINT_MS));
  const perSecond = volumeOf(lane, Math.floor(from / MINUTE_MS));
  return { from, open, high, low, close, volume: floorTo(perSecond * seconds, lane.instrument.step) };
};

const hourBar = (lane: Lane, hour: number, volatility: number): Bar => {
  const known = lane.hours.get(hour);
  if (known !== undefined) return known;
  const minutes: Bar[] = [];
  for (let from = hour * HOUR_MS; from < (hour + 1) * HOUR_MS; from += MINUTE_MS) {
    minutes.push(barBetween(lane, from, from + MINUTE_MS, volatility));
  }
  const bar = mergeBars(hour * HOUR_MS, minutes) as Bar;
  if (lane.hours.size > 50_000) lane.hours.clear();
  lane.hours.set(hour, bar);
  return bar;
};

const barOver = (lane: Lane, from: number, to: number, volatility: number): Bar => {
  if (to - from <= MINUTE_MS) return barBetween(lane, from, to, volatility);
  const parts: Bar[] = [];
  let at = from;
  while (at < to) {
    if (at % HOUR_MS === 0 && at + HOUR_MS <= to) {
      parts.push(hourBar(lane, at / HOUR_MS, volatility));
      at += HOUR_MS;
      continue;
    }
    const next = Math.min(to, at + MINUTE_MS);
    parts.push(barBetween(lane, at, next, volatility));
    at = next;
  }
  return mergeBars(from, parts) as Bar;
};

export interface SyntheticOptions {
  seed: string;
  /** Replaces the default instruments. */
  instruments?: readonly SyntheticInstrument[];
  /** 1 = stops a few percent away are reached within minutes; 0 = a flat line. */
  volatility?: number;
}

export const syntheticMarket = (options: SyntheticOptions): MarketSource => {
  const volatility = options.volatility ?? 1;
  const texts = options.instruments ?? syntheticInstruments;
  const lanes = texts.map((text): Lane => {
    const instrument = instrumentOf(text);
    const hash = hashText(`${options.seed}/${text.symbol}`);
    return { instrument, around: Number(text.around), hash, knots: new Map(), hours: new Map() };
  });
  const tickOf = (lane: Lane, at: number): Tick => ({
    at,
    symbol: lane.instrument.symbol,
    price: priceAt(lane, at, volatility),
    volume: volumeOf(lane, Math.floor(at / MINUTE_MS)),
    isContinuous: true,
  });
  const shape = texts.map((text) => `${text.symbol}@${text.around}/${text.tick}/${text.step}`).join(",");
  return {
    identity: `synthetic seed=${options.seed} volatility=${volatility} ${hashNumbers(hashText(shape), 1).toString(16)}`,
    instruments: lanes.map((lane) => lane.instrument),
    startsAt: null,
    endsAt: null,
    warnings: [],
    isReplayable: true,
    state: () => "trading",
    opening: (at) => lanes.map((lane) => tickOf(lane, Math.floor(at / PRINT_MS) * PRINT_MS)),
    *ticks(after, upTo) {
      for (let at = (Math.floor(after / PRINT_MS) + 1) * PRINT_MS; at <= upTo; at += PRINT_MS) {
        for (const lane of lanes) yield tickOf(lane, at);
      }
    },
    bars: (request) => syntheticBars(lanes, request, volatility),
  };
};

const syntheticBars = (lanes: readonly Lane[], request: BarRequest, volatility: number): Bar[] => {
  const lane = lanes.find((one) => one.instrument.symbol === request.symbol);
  if (lane === undefined) return [];
  const out: Bar[] = [];
  const shift = request.frameMs === WEEK_MS ? WEEK_SHIFT_MS : 0;
  let from = Math.floor((request.from - shift) / request.frameMs) * request.frameMs + shift;
  if (from < request.from) from += request.frameMs;
  const lastPrint = Math.floor(request.upTo / PRINT_MS) * PRINT_MS;
  for (; from <= lastPrint; from += request.frameMs) {
    out.push(barOver(lane, from, Math.min(from + request.frameMs, lastPrint + PRINT_MS), volatility));
  }
  return out;
};
