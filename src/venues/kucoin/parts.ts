/** What every room of the KuCoin adapter is given. */

import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Read } from "../../ports/venue.ts";
import type { Wire } from "../_ccxt/hooks.ts";
import type { Reader } from "../_ccxt/read.ts";
import type { WriterParts } from "../_ccxt/write.ts";
import type { KucoinClient } from "./client.ts";
import type { Pool } from "./rates.ts";

export type KucoinParts = {
  readonly client: KucoinClient;
  readonly wire: Wire;
  readonly reader: Reader<Pool>;
  readonly writer: WriterParts<Pool>;
  readonly clock: Clock;
  readonly log: Log;
  readonly baseUrl: string;
  /** Venue minus wall time and minus monotonic time (null = not asked yet), ms, from the latest reading of the venue's clock. */
  readonly offset: { ms: number; monoMs: number | null };
  /** The question for the instruments that is under way, if one is. */
  readonly loading: { markets: Promise<Read<unknown>> | null };
};

export const venueName = "kucoin";

/** "kucoin:SOL/USDT" and "SOL/USDT" to KuCoin's "SOL-USDT". */
export function marketIdOf(symbolOrInstrumentId: string): string {
  return symbolOrInstrumentId.replace(/^kucoin:/, "").replace("/", "-");
}

/** KuCoin's "SOL-USDT" to "kucoin:SOL/USDT". */
export function instrumentIdOfMarket(marketId: string): string {
  return `${venueName}:${marketId.replace("-", "/")}`;
}
