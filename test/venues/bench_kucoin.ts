/** The KuCoin adapter, through the real ccxt, on a practice exchange of its own: a flat market whose price the test moves. */
import { systemClock } from "../../src/adapters/system/clock.ts";
import { clientOrderIdOf } from "../../src/core/client_order_id.ts";
import type { OrderIntent } from "../../src/core/intent.ts";
import { instant } from "../../src/core/time.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Log } from "../../src/ports/log.ts";
import type { Venue } from "../../src/ports/venue.ts";
import { type PracticeHandle, type PracticeOptions, startPractice } from "../../src/practice/exchange.ts";
import { syntheticMarket } from "../../src/practice/market/synthetic.ts";
import { kucoin } from "../../src/venues/kucoin/venue.ts";
import type { ContractBench } from "./contract_tools.ts";
import { sha256 } from "./hash.ts";

export const credentials = { key: "practice-key-01", secret: "practice-secret-01", passphrase: "practice-phrase-01" };

/** Waits twenty times shorter; both times are the machine's. Deadlines of seconds become parts of a second. */
export function hastyClock(): Clock {
  const clock = systemClock();
  return { ...clock, sleep: async (ms, signal) => await clock.sleep(ms / 20, signal) };
}

export type Line = { readonly level: string; readonly text: string; readonly facts: unknown };

export function listeningLog(): { log: Log; lines: Line[] } {
  const lines: Line[] = [];
  const at = (level: string) => (text: string, facts?: unknown) => void lines.push({ level, text, facts });
  return { log: { info: at("info"), warn: at("warn"), error: at("error") }, lines };
}

const running: { venue: Venue; exchange: PracticeHandle }[] = [];

export type KucoinBench = ContractBench & { readonly lines: Line[]; readonly clock: Clock };

export async function openKucoinBench(change: Partial<PracticeOptions> = {}): Promise<KucoinBench> {
  const clock = hastyClock();
  const { log, lines } = listeningLog();
  const exchange = await startPractice({
    venue: "kucoin",
    port: 0,
    seed: "bench",
    market: syntheticMarket({
      seed: "bench",
      volatility: 0,
      instruments: [
        { symbol: "SOL-USDT", around: "100", tick: "0.01", step: "0.1", sizeMin: "0.1", depthFunds: "8000" },
      ],
    }),
    accounts: [{ ...credentials, balances: { USDT: "100000", SOL: "100" } }],
    clock: {
      wireNow: () => Date.now(),
      marketNow: () => Date.now(),
      every: (ms, work) => {
        const timer = setInterval(work, ms);
        return () => clearInterval(timer);
      },
    },
    ...change,
  });
  const venue = await kucoin.open({ credentials, baseUrl: exchange.url, clock, log });
  running.push({ venue, exchange });
  let count = 0;
  return {
    venue,
    exchange,
    clock,
    lines,
    marketId: "SOL-USDT",
    placePaths: { limit: "/api/v1/hf/orders", stop_limit: "/api/v1/stop-order", oco: "/api/v3/oco/order" },
    now: () => instant(Date.now()),
    nameOf: (intent: OrderIntent) => {
      count += 1;
      return clientOrderIdOf({ ...intent, attempt: count }, { epoch: 7, digest: "d".repeat(64) }, sha256);
    },
  };
}

/** For afterEach: nothing may be left running. */
export async function closeKucoinBenches(): Promise<void> {
  for (const { venue, exchange } of running.splice(0)) {
    await venue.stop();
    await exchange.stop();
  }
}
