/**
 * Everything that is open on one instrument, or on all, ours and others': plain orders, stops and OCO pairs are three lists, and an
 * arm of a pair must not be told again as a stop of its own. One list that fails makes the whole answer Unavailable.
 */
import { mark } from "../../core/mark.ts";
import { fail, ok } from "../../core/result.ts";
import type { Read, VenueOrder } from "../../ports/venue.ts";
import { orderOfHf, orderOfOco, orderOfStop } from "./orders.ts";
import { type KucoinParts, marketIdOf, venueName } from "./parts.ts";
import { readActive, readActiveSymbols, readOcoDetail } from "./questions.ts";
import { weights } from "./rates.ts";
import { type HfOrder, type OcoDetail, ocoPage, type StopOrder, stopPage } from "./wire.ts";

const waiting = { child: null, state: "open", hasTriggered: false } as const;
const pagesMax = 20;

export async function readOpenOrders(parts: KucoinParts, symbol: string): Promise<Read<readonly VenueOrder[]>> {
  const plain = await readActive(parts, symbol);
  return plain.ok ? await withStopsAndPairs(parts, symbol, plain.value) : plain;
}

/** KuCoin lists stops and pairs of all instruments at once; of plain orders it only says on which instruments they work. */
export async function readAllOpenOrders(parts: KucoinParts): Promise<Read<readonly VenueOrder[]>> {
  const symbols = await readActiveSymbols(parts);
  if (!symbols.ok) return symbols;
  const plain: HfOrder[] = [];
  for (const symbol of symbols.value) {
    const read = await readActive(parts, symbol);
    if (!read.ok) return read;
    plain.push(...read.value);
  }
  return await withStopsAndPairs(parts, null, plain);
}

/** @param symbol null = all instruments. */
async function withStopsAndPairs(
  parts: KucoinParts,
  symbol: string | null,
  plain: readonly HfOrder[],
): Promise<Read<readonly VenueOrder[]>> {
  // Stops first: the arms of a pair that is placed in between are then in neither list, instead of looking like orphans.
  const stops = await readStops(parts, symbol);
  if (!stops.ok) return stops;
  const pairs = await readPairs(parts, symbol);
  if (!pairs.ok) return pairs;
  const arms = new Set(pairs.value.flatMap((pair) => pair.orders.map((arm) => arm.id)));
  // An arm whose pair is over but which still rests would sell what is no longer held: it is told as a stop of its own.
  const alone = stops.value.filter((stop) => stop.status === "NEW" && !arms.has(stop.id));
  if (alone.some((stop) => stop.stop === "oco")) mark("V39.arm_without_its_pair");
  return ok([
    ...plain.filter((order) => order.active).map(orderOfHf),
    ...alone.map((stop) => orderOfStop(stop, waiting)),
    ...pairs.value.map((pair) => orderOfOco(pair, waiting)),
  ]);
}

async function readStops(parts: KucoinParts, symbol: string | null): Promise<Read<readonly StopOrder[]>> {
  return await readPages(
    `stops of ${symbol ?? "all"}`,
    async (currentPage) =>
      await parts.reader.read({
        what: `stops of ${symbol ?? "all"}`,
        pool: "spot",
        weight: weights.listStops,
        lane: "vital",
        run: async () => await parts.client.privateGetStopOrder({ ...marketOf(symbol), currentPage, pageSize: 500 }),
        parse: (data) => stopPage.parse(data),
      }),
  );
}

async function readPairs(parts: KucoinParts, symbol: string | null): Promise<Read<readonly OcoDetail[]>> {
  const heads = await readPages(
    `OCO pairs of ${symbol ?? "all"}`,
    async (currentPage) =>
      await parts.reader.read({
        what: `OCO pairs of ${symbol ?? "all"}`,
        pool: "spot",
        weight: weights.findOco,
        lane: "vital",
        run: async () => await parts.client.privateGetOcoOrders({ ...marketOf(symbol), currentPage, pageSize: 500 }),
        parse: (data) => ocoPage.parse(data),
      }),
  );
  if (!heads.ok) return heads;
  const pairs: OcoDetail[] = [];
  for (const head of heads.value.filter((each) => each.status === "NEW")) {
    const detail = await readOcoDetail(parts, head.orderId);
    if (!detail.ok) return detail;
    // A pair that fired between the two questions is no longer open; its order is found in the next look.
    if (detail.value?.status === "NEW") pairs.push(detail.value);
  }
  return ok(pairs);
}

const marketOf = (symbol: string | null): { symbol?: string } =>
  symbol === null ? {} : { symbol: marketIdOf(symbol) };

type Page<Item> = { readonly totalPage: number; readonly items: readonly Item[] };

async function readPages<Item>(
  what: string,
  readPage: (page: number) => Promise<Read<Page<Item>>>,
): Promise<Read<readonly Item[]>> {
  const items: Item[] = [];
  for (let page = 1; page <= pagesMax; page += 1) {
    const read = await readPage(page);
    if (!read.ok) return read;
    items.push(...read.value.items);
    if (page >= read.value.totalPage) return ok(items);
  }
  return fail({
    kind: "unavailable",
    venue: venueName,
    what,
    because: "the list has more than 20 pages of 500",
    retryAfterMs: null,
  });
}
