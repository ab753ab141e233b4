/** Rows 20 to 26: positions, stops and balances against what is really there. A balance alone never makes a position. */
import { isBooked } from "./books_house.ts";
import { ordersOf } from "./books_positions.ts";
import { symbolOf } from "./instrument.ts";
import {
  compare,
  floorToStep,
  isAtLeast,
  isPositive,
  minus,
  type Notional,
  notionalOf,
  plus,
  type Quantity,
  quantity,
  smallest,
  sum,
  zeroNotional,
  zeroQuantity,
} from "./money.ts";
import { isUncertain, mayStillTrade } from "./order.ts";
import { openPositions } from "./portfolio.ts";
import type { Position } from "./position.ts";
import { nobodysSales } from "./reconcile_nobody.ts";
import type { PlanInput, PlanItem, Planning, Wish } from "./reconcile_plan.ts";
import { quietMs } from "./reconcile_rows.ts";
import type { SeenTransfer } from "./snapshot.ts";
import { between } from "./time.ts";

export function planHoldings(planning: Planning): readonly PlanItem[] {
  const instruments = [...new Set(openPositions(planning.books).map((position) => position.instrumentId))];
  const reduced = instruments.flatMap((instrumentId) => reduceItems(planning, instrumentId));
  const used = new Set(reduced.flatMap((item) => (item.does === "reduce" ? [item.recordId] : [])));
  return [
    ...reduced,
    ...instruments.flatMap((instrumentId) => (reduced.length > 0 ? [] : shortItems(planning, instrumentId))),
    ...clearedItems(planning),
    ...excessItems(planning),
    ...openPositions(planning.books).flatMap((position) => stopItems(planning, position)),
    ...orphanItems(planning),
    ...transferItems(planning, used),
  ];
}

const baseOf = (instrumentId: string): string => symbolOf(instrumentId).split("/")[0] ?? "";

/** Nothing is concluded about what is held while something of ours is under way on it. What ended without a fill moved no coin. */
export function hasLocalActivity({ books, times }: Pick<Planning, "books" | "times">, instrumentId: string): boolean {
  const base = baseOf(instrumentId);
  return Object.values(books.orders).some((order) => {
    if (baseOf(order.intent.instrumentId) !== base) return false;
    if (isUncertain(order.state) || order.state === "cancel_pending") return true;
    const movedNothing = !mayStillTrade(order.state) && !isPositive(order.filledQuantity);
    return !movedNothing && between(order.changedAt, times.wallAt) < quietMs;
  });
}

type Holding = { readonly ours: Quantity; readonly theirs: Quantity };

/** What our positions hold of the base of this instrument, and what is there. null = not read. */
function holdingOf({ books, snapshot }: Pick<Planning, "books" | "snapshot">, instrumentId: string): Holding | null {
  const quantities = (matches: (one: Position) => boolean) =>
    sum(
      openPositions(books)
        .filter(matches)
        .map((position) => position.quantity),
      zeroQuantity,
    );
  if (snapshot.positions !== null) {
    const theirs = snapshot.positions.find((one) => one.instrumentId === instrumentId)?.quantity ?? zeroQuantity;
    return { ours: quantities((one) => one.instrumentId === instrumentId), theirs };
  }
  if (snapshot.balances === null) return null;
  const base = baseOf(instrumentId);
  const row = snapshot.balances.find((balance) => balance.asset === base);
  const theirs = row === undefined ? zeroQuantity : (plus(row.free, row.held) as string as Quantity);
  return { ours: quantities((one) => baseOf(one.instrumentId) === base), theirs };
}

/** Less than a step is dust: it could not be sold anyway. @returns null when nothing is missing or nobody knows. */
export function shortageOf(planning: PlanInput, instrumentId: string): Quantity | null {
  const holding = holdingOf(planning, instrumentId);
  if (holding === null) return null;
  const gap = minus(holding.ours, holding.theirs);
  return isPositive(gap) && isAtLeast(gap, stepOf(planning, instrumentId)) ? gap : null;
}

const stepOf = ({ context }: Pick<Planning, "context">, instrumentId: string): Quantity =>
  context.instruments.get(instrumentId)?.stepSize ?? quantity("0.00000001");

const unbooked = ({ books, snapshot }: Planning): readonly SeenTransfer[] => {
  const { account } = books.house;
  if (account === null) return [];
  return (snapshot.transfers ?? []).filter(
    (one) => !isBooked(account, { type: "transfer_recorded", ...one, worth: null }),
  );
};

/** Row 21 with a record: coins were withdrawn from under a position. */
function reduceItems(planning: Planning, instrumentId: string): readonly PlanItem[] {
  const shortage = shortageOf(planning, instrumentId);
  const position = openPositions(planning.books).find((one) => one.instrumentId === instrumentId);
  const record = unbooked(planning).find((one) => one.direction === "out" && one.asset === baseOf(instrumentId));
  if (shortage === null || position === undefined || record === undefined) return [];
  if (hasLocalActivity(planning, instrumentId) || !planning.sure.confirm(21, `balances|${record.recordId}`)) return [];
  const { positionId } = position;
  const missing = smallest(shortage, record.amount, position.quantity);
  const wish: Wish = { do: "tend", positionId };
  const { recordId } = record;
  return [{ row: 21, about: positionId, wish, does: "reduce", positionId, quantity: missing, recordId }];
}

/** Row 21 without one: the position stays as it is in the books, and nothing is sold that is not there. */
function shortItems(planning: Planning, instrumentId: string): readonly PlanItem[] {
  const holding = holdingOf(planning, instrumentId);
  if (holding === null || shortageOf(planning, instrumentId) === null) return [];
  const asset = baseOf(instrumentId);
  if (planning.books.house.shortOf?.[asset] === holding.theirs || hasLocalActivity(planning, instrumentId)) return [];
  const isExplained = openPositions(planning.books).some(
    (position) => position.instrumentId === instrumentId && nobodysSales(planning, position).length > 0,
  );
  if (isExplained || !planning.sure.confirm(21, `balances|${asset}|${holding.theirs}`)) return [];
  const compared = { does: "compare_holding", asset, instrumentId, isShort: true, ...holding } as const;
  return [{ row: 21, about: asset, wish: null, ...compared }];
}

/** Enough is there again, or nothing is held any more. */
function clearedItems(planning: Planning): readonly PlanItem[] {
  return Object.keys(planning.books.house.shortOf ?? {}).flatMap((asset): readonly PlanItem[] => {
    const held = openPositions(planning.books).find((position) => baseOf(position.instrumentId) === asset);
    const instrumentId = held?.instrumentId ?? "";
    const holding = held === undefined ? null : holdingOf(planning, instrumentId);
    if (held !== undefined && (holding === null || shortageOf(planning, instrumentId) !== null)) return [];
    if (planning.snapshot.balances === null || !planning.sure.confirm(20, `balances|${asset}`, 2)) return [];
    const { ours, theirs } = holding ?? { ours: zeroQuantity, theirs: zeroQuantity };
    return [
      { row: 20, about: asset, wish: null, does: "compare_holding", asset, instrumentId, isShort: false, ours, theirs },
    ];
  });
}

/** Row 22: only where the venue itself keeps positions. On spot, more coins than ours are somebody's coins. */
function excessItems(planning: Planning): readonly PlanItem[] {
  return (planning.snapshot.positions ?? []).flatMap((seen): readonly PlanItem[] => {
    const { instrumentId } = seen;
    const ours = holdingOf(planning, instrumentId)?.ours ?? zeroQuantity;
    const excess = minus(seen.quantity, ours);
    if (!isPositive(excess) || !isAtLeast(excess, stepOf(planning, instrumentId))) return [];
    if (hasLocalActivity(planning, instrumentId) || !planning.sure.confirm(22, `balances|${instrumentId}`)) return [];
    const price = seen.entryPrice;
    return [{ row: 22, about: instrumentId, wish: null, does: "adopt_excess", instrumentId, quantity: excess, price }];
  });
}

/** Rows 23 and 24 record nothing: the loop of the position decides, and only needs to be woken. */
function stopItems(planning: Planning, position: Position): readonly PlanItem[] {
  const { positionId, instrumentId } = position;
  if (!isPositive(position.quantity)) return [];
  const wish: Wish = { do: "tend", positionId };
  const live = ordersOf(planning.books, positionId).filter((order) => mayStillTrade(order.state));
  const stop = live.find((order) => order.intent.leg === "protect");
  const isLeaving = position.exitFacts.length > 0 || live.some((order) => order.intent.leg === "exit");
  if (stop === undefined) return isLeaving ? [] : [{ row: 23, about: positionId, wish, does: "wish" }];
  const wanted = floorToStep(position.quantity, stepOf(planning, instrumentId));
  const isOther = stop.state === "open" && !stop.hasTriggered && compare(stop.intent.quantity, wanted) !== 0;
  const isQuiet = between(stop.changedAt, planning.times.wallAt) >= quietMs;
  if (!isOther || isLeaving || !isQuiet || !planning.sure.confirm(24, `${instrumentId}|${positionId}`)) return [];
  return [{ row: 24, about: positionId, wish, does: "wish" }];
}

/** Row 25: an order that would sell what is no longer held. */
function orphanItems(planning: Planning): readonly PlanItem[] {
  const { books, snapshot } = planning;
  return Object.values(books.orders).flatMap((order): readonly PlanItem[] => {
    const { clientOrderId, tradeId, intent } = order;
    const position = books.positions[tradeId];
    const isOver = position === undefined || position.state === "closed";
    const isLive = order.state === "open" || order.state === "partial" || order.state === "cancel_unknown";
    const isSeen = (snapshot.open[intent.instrumentId] ?? []).some(
      (one) => one.clientOrderId === clientOrderId || one.venueOrderId === order.venueOrderId,
    );
    if (!isOver || !isLive || !isSeen || intent.leg === "entry") return [];
    if (!planning.sure.confirm(25, `${intent.instrumentId}|${clientOrderId}`)) return [];
    const wish: Wish = { do: "cancel", clientOrderId, because: "its position is closed" };
    return [{ row: 25, about: clientOrderId, wish, does: "wish" }];
  });
}

/** Coins that went while a position of them is short, or nobody knows how much is there: row 21 takes them from it. */
function isFromPosition(planning: Planning, { direction, asset }: SeenTransfer): boolean {
  if (direction !== "out") return false;
  return openPositions(planning.books).some(
    ({ instrumentId }) =>
      baseOf(instrumentId) === asset &&
      (holdingOf(planning, instrumentId) === null || shortageOf(planning, instrumentId) !== null),
  );
}

/** Row 26: money that came or went counts when the venue has a record of it. */
function transferItems(planning: Planning, used: ReadonlySet<string>): readonly PlanItem[] {
  return unbooked(planning).flatMap((transfer): readonly PlanItem[] => {
    const { recordId } = transfer;
    if (used.has(recordId) || isFromPosition(planning, transfer)) return [];
    if (!planning.sure.confirm(26, `balances|${recordId}`)) return [];
    const fact = { type: "transfer_recorded", ...transfer, worth: worthOf(planning, transfer) } as const;
    return [{ row: 26, about: recordId, wish: null, does: "book_transfer", recordId, fact }];
  });
}

export function worthOf(
  { books, context }: Pick<Planning, "books" | "context">,
  { asset, amount }: Pick<SeenTransfer, "asset" | "amount">,
): Notional | null {
  const currency = books.house.account?.currency;
  if (asset === currency) return amount as string as Notional;
  const at = Object.entries(context.marks).find(([instrumentId]) =>
    instrumentId.endsWith(`:${asset}/${currency}`),
  )?.[1];
  return at === undefined ? null : plus(zeroNotional, notionalOf(at, amount));
}
