/**
 * KuCoin spot, through ccxt: what it can do, and how it is opened. Opening sends nothing; the first question loads the
 * list of instruments in one request.
 */
import { defineVenue, type VenueOpening } from "../../define/venue.ts";
import type { Venue } from "../../ports/venue.ts";
import { type CcxtInstance, tieWire } from "../_ccxt/hooks.ts";
import { createReader } from "../_ccxt/read.ts";
import { assertSafe } from "../_ccxt/safe_options.ts";
import { readBalances, readDeadMan, readKeyRights } from "./account.ts";
import { cancelOrder } from "./cancel.ts";
import { kucoinDialect } from "./classify.ts";
import { createClient } from "./client.ts";
import { readFills } from "./fills.ts";
import { findOrder } from "./find.ts";
import { findById } from "./find_by_id.ts";
import { readInstruments } from "./market.ts";
import { readAllOpenOrders, readOpenOrders } from "./open_orders.ts";
import { type KucoinParts, venueName } from "./parts.ts";
import { placeOrder, rehearseOrder } from "./place.ts";
import { readCandles, readOrderBook, readTime } from "./prices.ts";
import { createRates } from "./rates.ts";
import { readTransfers } from "./transfers.ts";

const liveHosts = ["api.kucoin.com"] as const;

export const kucoin = defineVenue({
  name: venueName,
  summary: "KuCoin spot: limit orders, stops and OCO pairs of the high-frequency trading account",
  liveHosts,
  capabilities: {
    protection: "oco",
    hasClientOrderIds: true,
    // Stops and pairs have only the 5 s of the signed header as their time limit, so: 5 s + 10 s for the engine + 1 s of skew.
    absentAfterMs: 16_000,
    feeIn: "quote",
  },
  open: async (opening) => venueOf(await openParts(opening)),
});

async function openParts({ credentials, baseUrl, clock, log }: VenueOpening): Promise<KucoinParts> {
  const base = (baseUrl ?? `https://${liveHosts[0]}`).replace(/\/+$/, "");
  const offset: KucoinParts["offset"] = { ms: 0, monoMs: null };
  const client = await createClient(credentials, base);
  assertSafe(client);
  // A wall clock that somebody sets must not make every signature invalid until the venue's time was asked for anew.
  const venueNow = () => (offset.monoMs === null ? clock.wall() : clock.mono() + offset.monoMs);
  const wire = await tieWire({ exchange: client as unknown as CcxtInstance, clock, baseUrl: base, venueNow });
  const { budget, listen } = createRates(clock);
  const dialect = kucoinDialect([credentials.key, credentials.secret, credentials.passphrase]);
  const writer = { wire, budget, dialect, listen };
  const reader = createReader({ venue: venueName, ...writer, clock });
  return { client, wire, reader, writer, clock, log, baseUrl: base, offset, loading: { markets: null } };
}

function venueOf(parts: KucoinParts): Venue {
  return {
    name: venueName,
    time: async () => await readTime(parts),
    instruments: async (symbols) => await readInstruments(parts, symbols),
    keyRights: async () => await readKeyRights(parts),
    balances: async () => await readBalances(parts),
    candles: async (symbol, request) => await readCandles(parts, symbol, request),
    orderBook: async (symbol) => await readOrderBook(parts, symbol),
    placeOrder: async (intent, name) => await placeOrder(parts, intent, name),
    rehearseOrder: async (intent, name) => await rehearseOrder(parts, intent, name),
    orderById: async (venueOrderId, symbol) => await findById(parts, venueOrderId, symbol),
    cancelOrder: async (ref, wire) => await cancelOrder(parts, ref, wire),
    findOrder: async (ref) => await findOrder(parts, ref),
    openOrders: async (symbol) => await readOpenOrders(parts, symbol),
    allOpenOrders: async () => await readAllOpenOrders(parts),
    deadMan: async () => await readDeadMan(parts),
    transfers: async (since) => await readTransfers(parts, since),
    fills: async (symbol, since) => await readFills(parts, symbol, since),
    stop: async () => await parts.wire.stop(),
  };
}
