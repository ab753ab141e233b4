/**
 * A venue's public prices through ccxt, for practice with today's market. Only public reads; no key is ever given.
 *
 * Prints come from polled tickers, so they cannot be asked again: the journal keeps them. When polls fail for a while
 * the market is "gone" and the exchange answers as in an outage, until the network is back.
 */
import { formatFixed, greater, ONE, parseDataNumber } from "../fixed.ts";
import { type Instrument, instrumentOf } from "../instrument.ts";
import type { Bar, BarRequest, MarketSource, SourceState, Tick } from "./source.ts";

/** The part of a ccxt exchange that is used here. */
export interface LiveClient {
  loadMarkets(): Promise<unknown>;
  market(symbol: string): {
    base: string;
    quote: string;
    precision: { amount?: unknown; price?: unknown };
    limits: { amount?: { min?: unknown } | undefined; cost?: { min?: unknown } | undefined };
  };
  fetchTicker(symbol: string): Promise<{ last?: unknown; timestamp?: unknown; baseVolume?: unknown }>;
  fetchOHLCV(symbol: string, frame: string, since: number, limit: number): Promise<readonly (readonly unknown[])[]>;
}

export interface LiveOptions {
  /** ccxt id of the exchange. */
  exchange: string;
  /** ccxt symbols such as SOL/USDT. */
  symbols: readonly string[];
  pollMs?: number;
  /** Silence after which the market counts as gone, ms. */
  goneAfterMs?: number;
  /** Stands in for the exchange's own address; null or absent = its own. */
  baseUrl?: string | null;
  /** Opens the client; ccxt is imported only when this is left out. */
  open?: () => Promise<LiveClient>;
}

const FRAMES: ReadonlyMap<number, string> = new Map([
  [60_000, "1m"],
  [180_000, "3m"],
  [300_000, "5m"],
  [900_000, "15m"],
  [1_800_000, "30m"],
  [3_600_000, "1h"],
  [7_200_000, "2h"],
  [14_400_000, "4h"],
  [21_600_000, "6h"],
  [28_800_000, "8h"],
  [43_200_000, "12h"],
  [86_400_000, "1d"],
  [604_800_000, "1w"],
]);

const openCcxt = async (id: string, baseUrl: string | null): Promise<LiveClient> => {
  const { default: ccxt } = await import("ccxt");
  const Exchange = (ccxt as unknown as Record<string, (new (settings: object) => LiveClient) | undefined>)[id];
  if (typeof Exchange !== "function" || !(ccxt as unknown as { exchanges: string[] }).exchanges.includes(id)) {
    throw new Error(`practice market: ccxt knows no exchange "${id}"; use an id such as kucoin or binance`);
  }
  const client = new Exchange({
    enableRateLimit: true,
    timeout: 10_000,
    options: { uta: false, fetchMarkets: { types: ["spot"], fetchTickersFees: false } },
  });
  if (baseUrl !== null) {
    const { urls, has } = client as unknown as { urls: { api: Record<string, string> }; has: Record<string, unknown> };
    for (const name of Object.keys(urls.api)) urls.api[name] = baseUrl;
    has["fetchCurrencies"] = false;
  }
  return client;
};

/** ccxt gives numbers; their shortest decimal text is what the venue sent. */
const numberFrom = (value: unknown): bigint | null =>
  typeof value === "number" || typeof value === "string" ? parseDataNumber(String(value)) : null;

const instrumentFrom = (client: LiveClient, symbol: string): Instrument => {
  const market = client.market(symbol);
  const tick = numberFrom(market.precision.price) ?? ONE / 100n;
  const step = numberFrom(market.precision.amount) ?? ONE / 10_000n;
  const sizeMin = greater(step, numberFrom(market.limits.amount?.min) ?? step);
  const fundsMin = numberFrom(market.limits.cost?.min);
  return instrumentOf({
    symbol: `${market.base}-${market.quote}`,
    tick: formatFixed(tick),
    step: formatFixed(step),
    sizeMin: formatFixed(sizeMin),
    ...(fundsMin === null || fundsMin === 0n ? {} : { fundsMin: formatFixed(fundsMin) }),
  });
};

interface Feed {
  buffer: Tick[];
  last: Map<string, Tick>;
  lastGoodAt: number | null;
}

const poll = async (
  client: LiveClient,
  symbol: string,
  instrument: Instrument,
  feed: Feed,
  now: number,
): Promise<void> => {
  const ticker = await client.fetchTicker(symbol);
  const price = numberFrom(ticker.last);
  if (price === null || price <= 0n) throw new Error(`practice market: ${symbol} has no last price`);
  feed.lastGoodAt = now;
  const onTick = price - (price % instrument.tick);
  const before = feed.last.get(instrument.symbol);
  if (before !== undefined && before.price === onTick) return;
  const tick: Tick = { at: now, symbol: instrument.symbol, price: onTick, volume: instrument.step, isContinuous: true };
  feed.last.set(instrument.symbol, tick);
  feed.buffer.push(tick);
};

const barsFrom = async (client: LiveClient, symbol: string, request: BarRequest): Promise<Bar[]> => {
  const frame = FRAMES.get(request.frameMs);
  if (frame === undefined) return [];
  const limit = Math.min(1500, Math.ceil((request.upTo - request.from) / request.frameMs) + 1);
  const rows = await client.fetchOHLCV(symbol, frame, request.from, limit);
  const out: Bar[] = [];
  for (const row of rows) {
    const [open, high, low, close, volume] = row.slice(1, 6).map(numberFrom);
    if (open == null || high == null || low == null || close == null) continue;
    const from = Number(row[0]);
    if (from >= request.from && from <= request.upTo) out.push({ from, open, high, low, close, volume: volume ?? 0n });
  }
  return out;
};

/** @throws if the venue cannot be reached at the start: without a first price there is no market. */
export const liveMarket = async (options: LiveOptions): Promise<MarketSource> => {
  const client = await (options.open ?? (() => openCcxt(options.exchange, options.baseUrl ?? null)))();
  const goneAfterMs = options.goneAfterMs ?? 15_000;
  try {
    await client.loadMarkets();
  } catch (problem) {
    const text = problem instanceof Error ? problem.message.slice(0, 200) : String(problem);
    throw new Error(
      `practice market: ${options.exchange} cannot be reached (${text}); check the network or use the synthetic market`,
    );
  }
  const lanes = options.symbols.map((symbol) => ({ symbol, instrument: instrumentFrom(client, symbol) }));
  const feed: Feed = { buffer: [], last: new Map(), lastGoodAt: null };
  let isGone = false;
  return {
    identity: `live ${options.exchange} ${lanes.map((lane) => lane.instrument.symbol).join(",")}`,
    instruments: lanes.map((lane) => lane.instrument),
    startsAt: null,
    endsAt: null,
    warnings: [],
    isReplayable: false,
    state: (): SourceState => (isGone ? "gone" : "trading"),
    opening: () => [...feed.last.values()],
    ticks: () => [],
    drain: () => feed.buffer.splice(0),
    async bars(request) {
      const lane = lanes.find((one) => one.instrument.symbol === request.symbol);
      return lane === undefined ? [] : barsFrom(client, lane.symbol, request);
    },
    async start(tools) {
      const pollAll = async (): Promise<void> => {
        const results = await Promise.allSettled(
          lanes.map((lane) => poll(client, lane.symbol, lane.instrument, feed, tools.wireNow())),
        );
        const failed = results.find((result) => result.status === "rejected");
        const isSilent =
          failed !== undefined && (feed.lastGoodAt === null || tools.wireNow() - feed.lastGoodAt > goneAfterMs);
        if (isSilent !== isGone) tools.log(`practice market: ${options.exchange} is ${isSilent ? "gone" : "back"}`);
        isGone = isSilent;
      };
      await pollAll();
      let isPolling = false;
      return tools.every(options.pollMs ?? 1_000, () => {
        if (isPolling) return;
        isPolling = true;
        void pollAll().finally(() => {
          isPolling = false;
        });
      });
    },
  };
};
