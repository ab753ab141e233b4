/**
 * Our fills, whole or not at all. KuCoin tells at most seven days and a hundred rows a question, newest first; every page
 * of every window must arrive, or the answer is Unavailable: a gap in fills is a wrong position.
 */

import { z } from "zod";
import { mark } from "../../core/mark.ts";
import { fail, ok } from "../../core/result.ts";
import { addMs, day, type Instant, instant } from "../../core/time.ts";
import type { Read, Unavailable, VenueFill } from "../../ports/venue.ts";
import { fillOfTrade } from "../_ccxt/wire.ts";
import { readyMarkets } from "./market.ts";
import { instrumentIdOfMarket, type KucoinParts, marketIdOf, venueName } from "./parts.ts";
import { weights } from "./rates.ts";
import { fillPage } from "./wire.ts";

const windowMs = 7 * day - 1_000;
const pageSize = 100;
/** A year back; older history is not a cursor that got stuck but a wrong one. */
const windowsMax = 53;
const pagesMax = 100;

export async function readFills(
  parts: KucoinParts,
  symbol: string,
  since: Instant,
): Promise<Read<readonly VenueFill[]>> {
  const ready = await readyMarkets(parts);
  if (!ready.ok) return ready;
  // Fills are dated in market time: the house's, which is the wall's unless a file market is played.
  const now = parts.clock.now() + parts.offset.ms;
  const byId = new Map<string, VenueFill>();
  for (let from = since, windows = 0; from <= now; from = addMs(from, windowMs + 1), windows += 1) {
    if (windows === windowsMax) return fail(trouble(symbol, "it was asked for more than a year; give a later time"));
    const read = await readWindow(parts, symbol, from);
    if (!read.ok) {
      mark("V56.one_page_missing_is_all_missing");
      return read;
    }
    for (const one of read.value) byId.set(one.venueFillId, one);
  }
  return ok([...byId.values()].sort((one, other) => one.filledAt - other.filledAt || byName(one, other)));
}

async function readWindow(parts: KucoinParts, symbol: string, from: Instant): Promise<Read<readonly VenueFill[]>> {
  const found: VenueFill[] = [];
  let lastId: string | null = null;
  for (let page = 0; page < pagesMax; page += 1) {
    const read = await readPage(parts, symbol, { from, lastId });
    if (!read.ok) return read;
    found.push(...read.value.fills);
    if (read.value.fills.length < pageSize) return ok(found);
    if (read.value.lastId === null || read.value.lastId === lastId)
      return fail(trouble(symbol, "KuCoin's next page has no beginning"));
    lastId = read.value.lastId;
  }
  return fail(trouble(symbol, "more than ten thousand fills in a week"));
}

type Page = { readonly fills: readonly VenueFill[]; readonly lastId: string | null };

async function readPage(
  parts: KucoinParts,
  symbol: string,
  at: { from: Instant; lastId: string | null },
): Promise<Read<Page>> {
  const until = instant(at.from + windowMs);
  const paging = at.lastId === null ? {} : { lastId: at.lastId };
  return await parts.reader.read({
    what: `fills of ${symbol}`,
    pool: "spot",
    weight: weights.fills,
    lane: "vital",
    // The beginning goes as KuCoin's own word: given ccxt's, ccxt would drop rows that KuCoin tells from just before it.
    run: async () =>
      await parts.client.fetchMyTrades(symbol, undefined, pageSize, { startAt: at.from, until, ...paging }),
    parse: (data, trades): Page => {
      const page = fillPage.parse(data);
      const read = z
        .array(z.object({ id: z.string(), info: z.object({ id: z.string().nullish(), side: z.string() }) }))
        .parse(trades);
      // A row that the client library left out would be a fill that never happened for us.
      if (read.length !== page.items.length)
        throw new z.ZodError([{ code: "custom", path: ["items"], message: "rows got lost", input: undefined }]);
      const instrumentId = instrumentIdOfMarket(marketIdOf(symbol));
      // KuCoin's trade id is the same on both sides of a trade and rises per symbol; its row id is one fill's own.
      const nameOf = (trade: (typeof read)[number]) =>
        trade.info.id ?? `${marketIdOf(symbol)}-${trade.id}-${trade.info.side}`;
      return {
        fills: read.map((trade, index) =>
          fillOfTrade((trades as readonly unknown[])[index], { instrumentId, venueFillId: nameOf(trade) }),
        ),
        lastId: page.lastId ?? null,
      };
    },
  });
}

function byName(one: VenueFill, other: VenueFill): number {
  return one.venueFillId < other.venueFillId ? -1 : 1;
}

function trouble(symbol: string, because: string): Unavailable {
  return { kind: "unavailable", venue: venueName, what: `fills of ${symbol}`, because, retryAfterMs: null };
}
