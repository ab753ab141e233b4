/**
 * Reads everything that a reconcile compares, in one sweep: open orders of all lists, fills since the oldest order that may
 * still trade, balances, and by name whatever the lists leave open. What fails is null and proves nothing.
 */
import type { Books } from "../core/books.ts";
import type { BookedOrder } from "../core/books_orders.ts";
import { instrumentIdOf, symbolOf } from "../core/instrument.ts";
import { mark } from "../core/mark.ts";
import { isMore } from "../core/money.ts";
import { isUncertain, mayStillTrade } from "../core/order.ts";
import { isLatelyAbsent, isLatelyLost, openPositions } from "../core/portfolio.ts";
import type { SeenFill, SeenOrder, Snapshot } from "../core/snapshot.ts";
import { between, type Instant, instant } from "../core/time.ts";
import { refOf } from "./follow_order.ts";
import { venueNow } from "./measure_offset.ts";
import type { Needs } from "./needs.ts";
import { readTransfers } from "./read_transfers.ts";
import { steadyOrder } from "./steady.ts";
import { sourceAnswered, sourceFailed } from "./watch_sources.ts";

/** Fills are asked for from a little before the order was stamped, since clocks differ. */
const fillsBeforeMs = 60_000;
/** A fill of an order that ended is looked for this long after its end. */
const lateFillMs = 600_000;
/** An order that was proven absent is asked for in every snapshot for this long, and then once in a while. */
const absentOftenMs = 900_000;
const absentRarelyEveryMs = 600_000;
/** A new order is on its way for this long: its absence from a list says nothing. */
const youngMs = 5_000;

export async function takeSnapshot(needs: Needs): Promise<Snapshot> {
  const books = needs.ledger.books();
  const takenAt = needs.clock.wall();
  const venueAt = venueNow(needs);
  const symbols = symbolsToLookAt(needs, books);
  const [parts, balances, transfers] = await Promise.all([
    Promise.all(symbols.map((symbol) => readSymbol(needs, books, symbol))),
    needs.venue.balances(),
    readTransfers(needs),
  ]);
  const byKey = <Value>(pick: (part: SymbolPart) => Value) =>
    Object.fromEntries(parts.map((part) => [part.instrumentId, pick(part)]));
  if (!balances.ok) mark("V14.failed_read_is_not_zero");
  return {
    takenAt,
    venueAt,
    open: byKey((part) => part.open),
    fills: byKey((part) => part.fills),
    byName: Object.assign({}, ...parts.map((part) => part.byName)) as Snapshot["byName"],
    balances: balances.ok ? balances.value : null,
    transfers: transfers?.ok === true ? transfers.value : null,
    positions: null,
  };
}

function symbolsToLookAt(needs: Needs, books: Books): readonly string[] {
  const recent = Object.values(books.orders).filter(
    (order) => mayStillTrade(order.state) || isLatelyEnded(needs, order) || isAbsentDue(needs, order),
  );
  const held = openPositions(books).map((position) => position.instrumentId);
  return [
    ...new Set([
      ...needs.settings.symbols,
      ...[...recent.map((order) => order.intent.instrumentId), ...held].map(symbolOf),
    ]),
  ];
}

const isLatelyEnded = (needs: Needs, order: BookedOrder): boolean =>
  isLatelyLost(order, needs.clock.now()) ||
  (order.endedAt !== null && between(order.endedAt, needs.clock.now()) < lateFillMs * needs.clock.speed);

/** Nothing lists what it may do after all: it is asked for by its name. */
function isAbsentDue({ clock, memory }: Needs, order: BookedOrder): boolean {
  const now = clock.now();
  if (!isLatelyAbsent(order, now) || order.endedAt === null) return false;
  const askedMono = memory.absentAskedMono.get(order.clientOrderId);
  const isYoung = between(order.endedAt, now) < absentOftenMs * clock.speed;
  return isYoung || askedMono === undefined || clock.mono() - askedMono >= absentRarelyEveryMs;
}

type Names = Record<string, SeenOrder | null | "failed">;

type SymbolPart = {
  readonly instrumentId: string;
  readonly open: readonly SeenOrder[] | null;
  readonly fills: readonly SeenFill[] | null;
  readonly byName: Snapshot["byName"];
};

async function readSymbol(needs: Needs, books: Books, symbol: string): Promise<SymbolPart> {
  const instrumentId = instrumentIdOf(needs.venue.name, symbol);
  const orders = Object.values(books.orders).filter((order) => order.intent.instrumentId === instrumentId);
  const open = await needs.venue.openOrders(symbol);
  if (!open.ok) {
    await sourceFailed(needs, `venue:${needs.venue.name}`, open.problem.because);
    return { instrumentId, open: null, fills: null, byName: {} };
  }
  await sourceAnswered(needs, `venue:${needs.venue.name}`);
  // Asked first: one that turns up says from when on its fills are wanted.
  const absent = orders.filter((order) => isAbsentDue(needs, order));
  const byName = await askByName(needs, absent);
  for (const { clientOrderId } of absent) needs.memory.absentAskedMono.set(clientOrderId, needs.clock.mono());
  const turnedUp = absent.filter(({ clientOrderId }) => byName[clientOrderId] != null);
  const since = fillsSince(needs, books, orders, turnedUp);
  const fills = since === null ? ({ ok: true, value: [] } as const) : await needs.venue.fills(symbol, since);
  const named = orders.filter((order) => isToBeNamed(needs, order, open.value));
  Object.assign(byName, await askByName(needs, named));
  return { instrumentId, open: open.value, fills: fills.ok ? fills.value : null, byName };
}

async function askByName(needs: Needs, orders: readonly BookedOrder[]): Promise<Names> {
  const names: Names = {};
  for (const order of orders) {
    const found = await needs.venue.findOrder(refOf(order));
    names[order.clientOrderId] = found.ok ? found.value : "failed";
  }
  return names;
}

/** The cursor of fills: a minute before the oldest order that may still trade or ended lately; null = nothing to look for. */
function fillsSince(
  needs: Needs,
  books: Books,
  orders: readonly BookedOrder[],
  turnedUp: readonly BookedOrder[],
): Instant | null {
  const wanted = orders.filter(
    (order) => mayStillTrade(order.state) || isLatelyEnded(needs, order) || turnedUp.includes(order),
  );
  const held = openPositions(books).some((position) => orders.some((order) => order.tradeId === position.positionId));
  const times = wanted.map((order) => order.decidedAt as number);
  if (held) times.push(needs.clock.now() - lateFillMs * needs.clock.speed, unlookedSince(needs, books));
  if (times.length === 0) return null;
  return instant(Math.max(0, Math.min(...times) - fillsBeforeMs * needs.clock.speed));
}

/** What was held may have been sold by hand while nobody looked. */
function unlookedSince({ clock, memory }: Needs, books: Books): number {
  return memory.comparedAt ?? books.house.comparedUntil ?? clock.now();
}

/** Lists can lag and leave kinds out; an order that a list does not settle is asked for by its name, and then the answer counts. */
function isToBeNamed(needs: Needs, order: BookedOrder, open: readonly SeenOrder[]): boolean {
  // Nobody has learned what the venue calls it: its fills are found by its own name alone.
  if (isLatelyLost(order, needs.clock.now())) return true;
  if (!mayStillTrade(order.state) || order.state === "intent" || order.state === "unknown") return false;
  if (isUncertain(order.state) && between(steadyOrder(needs, order).changedAt, needs.clock.wall()) < youngMs)
    return false;
  const listed = open.find(
    (one) => one.clientOrderId === order.clientOrderId || one.venueOrderId === order.venueOrderId,
  );
  return listed === undefined || isMore(listed.filledQuantity, order.filledQuantity) || listed.hasTriggered;
}
