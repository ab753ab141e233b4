/**
 * The proof that nothing is left: every list of the venue is read, twice, at least two seconds apart. Found orders of ours are
 * taken in and canceled, found fills are booked; either means that it was not flat, and the proof begins anew.
 */
import { epochOfClientOrderId } from "../core/client_order_id.ts";
import { symbolOf } from "../core/instrument.ts";
import { mark } from "../core/mark.ts";
import { mayStillTrade } from "../core/order.ts";
import { addMs, between } from "../core/time.ts";
import type { Read, VenueFill, VenueOrder } from "../ports/venue.ts";
import { cancelOrder, cancelUnbooked, lookUp } from "./follow_order.ts";
import { marketNow } from "./measure_offset.ts";
import type { Needs } from "./needs.ts";
import { steadyOrder } from "./steady.ts";

export type Look = { readonly wasRead: boolean; readonly found: readonly string[] };

/** Ended orders younger than this (real ms) may still show fills that the venue's lists had not told. */
const lateFillMs = 15 * 60_000;
/** Questions under way at once: half of what small accounts are allowed a second. */
const lanes = 4;

/** One look at everything that this account may have working or may just have traded. */
export async function lookAtVenue(needs: Needs): Promise<Look> {
  const worked = workedLately(needs);
  const open = await openOrdersOf(needs, new Set([...worked, ...needs.settings.symbols]));
  const looks = [
    await takeBackOurs(needs, open),
    ...(await inLanes([...worked], (symbol) => lookAtFills(needs, symbol))),
  ];
  const late = await inLanes(lateOrders(needs), (id) => lookAgain(needs, id));
  const all = [...looks, ...late];
  return { wasRead: all.every((look) => look.wasRead), found: all.flatMap((look) => look.found) };
}

/** Runs `work` for each, a few at a time, in the given order. */
export async function inLanes<Item, Value>(
  items: readonly Item[],
  work: (item: Item) => Promise<Value>,
): Promise<readonly Value[]> {
  const results: Value[] = [];
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const index = next;
      next += 1;
      results[index] = await work(items[index] as Item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  return results;
}

/** Every instrument that this procedure sold, or in which anything of ours worked lately. */
function workedLately(needs: Needs): ReadonlySet<string> {
  const { orders, positions, house } = needs.ledger.books();
  const now = needs.clock.wall();
  const lately = Object.values(orders).filter(
    (order) => between(steadyOrder(needs, order).changedAt, now) < lateFillMs,
  );
  const sold = Object.keys(house.kill?.targets ?? {}).flatMap((id) => positions[id]?.instrumentId ?? []);
  const ids = [...lately.map((order) => order.intent.instrumentId), ...sold];
  return new Set(ids.map(symbolOf));
}

type OpenOrders = Read<readonly VenueOrder[]>;

/** In one question where the venue can be asked so; else instrument by instrument. */
async function openOrdersOf(needs: Needs, symbols: ReadonlySet<string>): Promise<readonly OpenOrders[]> {
  const { venue } = needs;
  const askAll = venue.allOpenOrders;
  if (askAll !== undefined) return [await insist(needs, () => askAll.call(venue))];
  return inLanes([...symbols], (symbol) => insist(needs, () => venue.openOrders(symbol)));
}

async function takeBackOurs(needs: Needs, reads: readonly OpenOrders[]): Promise<Look> {
  const ours = reads.flatMap((read) => (read.ok ? read.value.filter((order) => isOurs(needs, order)) : []));
  for (const order of ours) await takeBack(needs, order);
  const found = ours.map((order) => `${symbolOf(order.instrumentId)}: order ${order.clientOrderId} works`);
  return { wasRead: reads.every((read) => read.ok), found };
}

async function lookAtFills(needs: Needs, symbol: string): Promise<Look> {
  const since = addMs(marketNow(needs), -fillsSinceMs * needs.clock.speed);
  const fills = await insist(needs, () => needs.venue.fills(symbol, since));
  return fills.ok ? { wasRead: true, found: await bookFills(needs, fills.value) } : { wasRead: false, found: [] };
}

const fillsSinceMs = 10 * 60_000;
const insistTimes = 6;

/** A named wait is kept and the question asked again: one "too many" among forty questions must not begin the proof anew. */
async function insist<Value>({ clock }: Pick<Needs, "clock">, ask: () => Promise<Read<Value>>): Promise<Read<Value>> {
  for (let times = 1; ; times += 1) {
    const read = await ask();
    if (read.ok || read.problem.retryAfterMs === null || times === insistTimes) return read;
    await clock.sleep(read.problem.retryAfterMs);
  }
}

function isOurs(needs: Needs, { clientOrderId }: VenueOrder): boolean {
  if (clientOrderId === null) return false;
  return needs.ledger.books().orders[clientOrderId] !== undefined || epochOfClientOrderId(clientOrderId) !== null;
}

/** An order of ours that works although the books are flat: known ones through the books, lost ones directly. */
async function takeBack(needs: Needs, order: VenueOrder): Promise<void> {
  const id = order.clientOrderId ?? "";
  mark("K02.found_after_flat");
  if (needs.ledger.books().orders[id] !== undefined) {
    await lookUp(needs, id);
    await cancelOrder(needs, id, "the house is being flattened");
    return;
  }
  await cancelUnbooked(needs, order, "the house is being flattened");
}

/** Fills of our orders that the books do not hold yet. */
async function bookFills(needs: Needs, fills: readonly VenueFill[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const order of Object.values(needs.ledger.books().orders)) {
    const ids = new Set([order.venueOrderId, ...order.childOrderIds]);
    const isNews = fills.some((fill) => ids.has(fill.venueOrderId) && !order.fillIds.includes(fill.venueFillId));
    if (!isNews) continue;
    await lookUp(needs, order.clientOrderId);
    const now = needs.ledger.books().orders[order.clientOrderId];
    // What the books already hold under another name of the same fill is no news.
    if ((now?.fillIds.length ?? 0) > order.fillIds.length) found.push(`${order.clientOrderId} traded late`);
  }
  return found;
}

/** Orders that were taken for absent, refused or unsent after something had left: the venue's index may only have lagged. */
function lateOrders(needs: Needs): readonly string[] {
  const now = needs.clock.wall();
  return Object.values(needs.ledger.books().orders)
    .filter((order) => order.state === "absent" && between(steadyOrder(needs, order).changedAt, now) < lateFillMs)
    .map((order) => order.clientOrderId);
}

async function lookAgain(needs: Needs, clientOrderId: string): Promise<Look> {
  const before = needs.ledger.books().orders[clientOrderId]?.fillIds.length ?? 0;
  const wasRead = await lookUp(needs, clientOrderId);
  const order = needs.ledger.books().orders[clientOrderId];
  const isBack = order !== undefined && (order.fillIds.length > before || mayStillTrade(order.state));
  return { wasRead, found: isBack ? [`${clientOrderId} was there after all`] : [] };
}
