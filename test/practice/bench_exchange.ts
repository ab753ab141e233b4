/** A practice exchange on loopback with a clock in the test's hand, and a raw signer of its own: no client library. */
import { createHmac } from "node:crypto";
import { request as httpRequest } from "node:http";
import { type PracticeHandle, type PracticeOptions, startPractice } from "../../src/practice/exchange.ts";
import { type Instrument, instrumentOf } from "../../src/practice/instrument.ts";
import type { MarketSource, Tick } from "../../src/practice/market/source.ts";

export const START = 1_770_000_000_000;

export interface HandClock {
  wireNow(): number;
  marketNow(): number;
  every(ms: number, work: () => void): () => void;
  /** Moves both times and lets what is due run. */
  pass(ms: number): void;
}

/** Real timers only carry real waiting (sleeps of faults); time itself moves by hand. */
export const handClock = (start = START): HandClock => {
  let now = start;
  const works = new Set<() => void>();
  return {
    wireNow: () => now,
    marketNow: () => now,
    every(ms, work) {
      if (ms === 50) {
        works.add(work);
        return () => works.delete(work);
      }
      const timer = setInterval(work, ms);
      return () => clearInterval(timer);
    },
    pass(ms) {
      now += ms;
      for (const work of [...works]) work();
    },
  };
};

export const SOL: Instrument = instrumentOf({ symbol: "SOL-USDT", tick: "0.01", step: "0.1" });

/** A market told by a list of prints; flat before the first and after the last. */
export const scriptedMarket = (
  prints: readonly (readonly [number, string])[],
  instrument: Instrument = SOL,
): MarketSource => {
  const ticks: Tick[] = prints.map(([after, price]) => ({
    at: START + after,
    symbol: instrument.symbol,
    price: BigInt(Math.round(Number(price) * 1e6)) * 1_000_000n,
    volume: instrument.step,
    isContinuous: true,
  }));
  return {
    identity: `scripted ${JSON.stringify(prints)}`,
    instruments: [instrument],
    startsAt: START,
    endsAt: null,
    warnings: [],
    isReplayable: true,
    state: () => "trading",
    opening: (at) => [ticks.filter((tick) => tick.at <= at).at(-1) ?? (ticks[0] as Tick)],
    ticks: (after, upTo) => ticks.filter((tick) => tick.at > after && tick.at <= upTo),
    bars: () => [],
  };
};

export const KEY = { key: "practice-key", secret: "practice-secret", passphrase: "practice-pass" };

export interface Bench {
  exchange: PracticeHandle;
  clock: HandClock;
  raw: RawClient;
}

export type RawAnswer = {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  json: { code: string; msg?: string; data: never };
};
export type RawClient = (method: string, target: string, body?: unknown, change?: RawChange) => Promise<RawAnswer>;

export interface RawChange {
  headers?: Record<string, string>;
  timestamp?: number;
  secret?: string;
  passphrase?: string;
  key?: string;
  signedBody?: string;
}

/** Thirty lines that speak the venue's protocol, written from the documents alone. */
export const rawClient =
  (url: () => string, now: () => number): RawClient =>
  (method, target, body, change = {}) => {
    const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
    const secret = change.secret ?? KEY.secret;
    const hmac = (what: string) => createHmac("sha256", secret).update(what).digest("base64");
    const timestamp = String(change.timestamp ?? now());
    const headers: Record<string, string> = {
      "KC-API-KEY": change.key ?? KEY.key,
      "KC-API-TIMESTAMP": timestamp,
      "KC-API-SIGN": hmac(timestamp + method + target + (change.signedBody ?? text)),
      "KC-API-PASSPHRASE": hmac(change.passphrase ?? KEY.passphrase),
      "KC-API-KEY-VERSION": "2",
      ...(text === "" ? {} : { "Content-Type": "application/json" }),
      ...change.headers,
    };
    return new Promise((resolve, reject) => {
      const sent = httpRequest(url() + target, { method, headers, agent: false }, (response) => {
        let out = "";
        response.on("data", (part: Buffer) => {
          out += part.toString();
        });
        response.on("error", reject);
        response.on("end", () => {
          let json: RawAnswer["json"] = { code: "", data: undefined as never };
          try {
            json = JSON.parse(out) as RawAnswer["json"];
          } catch {
            json = { code: "not json", data: undefined as never };
          }
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text: out, json });
        });
      });
      sent.on("error", reject);
      sent.setTimeout(3000, () => sent.destroy(new Error("no answer within 3 s")));
      sent.end(text);
    });
  };

const running: PracticeHandle[] = [];

export const openBench = async (market: MarketSource, more: Partial<PracticeOptions> = {}): Promise<Bench> => {
  const clock = handClock();
  const exchange = await startPractice({
    venue: "kucoin",
    port: 0,
    market,
    accounts: [{ ...KEY, balances: { USDT: "10000", SOL: "100" } }],
    seed: "bench",
    clock,
    ...more,
  });
  running.push(exchange);
  return {
    exchange,
    clock,
    raw: rawClient(
      () => exchange.url,
      () => clock.wireNow(),
    ),
  };
};

/** For afterEach: nothing may be left running. */
export const closeBenches = async (): Promise<void> => {
  for (const exchange of running.splice(0)) await exchange.stop();
};
