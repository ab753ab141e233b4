/** What the house owns and owes at given marks: equity, drawdown, exposure. Marks are prices seen lately, by instrument. */
import type { Books } from "./books.ts";
import type { AccountBooks } from "./books_house.ts";
import type { BookedOrder } from "./books_orders.ts";
import { lostExposureMs } from "./doubt.ts";
import { symbolOf } from "./instrument.ts";
import {
  isAtLeast,
  isPositive,
  isZero,
  minus,
  type Notional,
  notional,
  notionalOf,
  type Price,
  plus,
  type Quantity,
  type Ratio,
  ratio,
  ratioBetween,
  zeroNotional,
  zeroRatio,
} from "./money.ts";
import { isUncertain, mayStillTrade } from "./order.ts";
import { isOpenPosition, type Position } from "./position.ts";
import type { OpenExposure } from "./risk_view.ts";
import { between, type Instant } from "./time.ts";

export type Marks = Readonly<Record<string, Price>>;

/** Opening equity, plus what our fills moved: quote as it is, every other asset at its mark. Without a mark a position counts at its entry price. */
export function equityOf(books: Books, marks: Marks): Notional {
  const account = books.house.account;
  if (account === null) return zeroNotional;
  return Object.entries(account.deltas).reduce(
    (equity, [asset, amount]) =>
      plus(equity, asset === account.currency ? amount : worthOf({ asset, amount }, { account, books, marks })),
    account.openingEquity,
  );
}

function worthOf(
  held: { asset: string; amount: Notional },
  at: { account: AccountBooks; books: Books; marks: Marks },
): Notional {
  const suffix = `:${held.asset}/${at.account.currency}`;
  const marked = Object.entries(at.marks).find(([instrumentId]) => instrumentId.endsWith(suffix))?.[1];
  const entered = Object.values(at.books.positions).find(
    (position) => position.instrumentId.endsWith(suffix) && position.entryPrice !== null,
  )?.entryPrice;
  const price = marked ?? entered;
  if (price === undefined || price === null) return zeroNotional;
  const size = held.amount.startsWith("-") ? (held.amount.slice(1) as Quantity) : (held.amount as string as Quantity);
  const value = notionalOf(price, size);
  return held.amount.startsWith("-") ? minus(zeroNotional, value) : value;
}

/** 1 - equity / high-water mark, never below 0. */
export function drawdownOf(equity: Notional, high: Notional): Ratio {
  if (!isPositive(high) || isAtLeast(equity, high)) return zeroRatio;
  return minus(ratio("1"), ratioBetween(equity, high));
}

export function openPositions(books: Books): readonly Position[] {
  return Object.values(books.positions).filter(isOpenPosition);
}

/** Positions that hold something, or whose entry may still fill: what /positions shows and shutdown names. */
export function heldPositions(books: Books): readonly Position[] {
  return openPositions(books).filter((position) => isPositive(position.quantity));
}

/** What a flatten must reach: everything held, and entries of which nobody knows whether they filled. */
export function leavable(books: Books): readonly Position[] {
  const uncertain = new Set(
    Object.values(books.orders)
      .filter((order) => order.intent.leg === "entry" && isUncertain(order.state))
      .map((order) => order.tradeId),
  );
  return openPositions(books).filter((position) => isPositive(position.quantity) || uncertain.has(position.positionId));
}

/** Money that an open position has brought so far: sold and still held, all fees counted once. */
export function openPnl(position: Position, marks: Marks): Notional {
  // realizedPnl carries the fees as soon as something was sold; before, they are still to be taken off.
  const settled = isZero(position.soldQuantity) ? minus(zeroNotional, position.fees) : position.realizedPnl;
  return plus(unrealizedPnl(position, marks), settled);
}

export function markOf(position: Position, marks: Marks): Price {
  return marks[position.instrumentId] ?? position.entryPrice ?? position.intendedEntryPrice;
}

/** Money gained or lost on what is still held, before exit fees. */
export function unrealizedPnl(position: Position, marks: Marks): Notional {
  if (isZero(position.quantity) || position.entryPrice === null) return zeroNotional;
  return minus(
    notionalOf(markOf(position, marks), position.quantity),
    notionalOf(position.entryPrice, position.quantity),
  );
}

/**
 * Everything that is or may become exposure: positions at mark, entries that may still fill at their worst price (unknown
 * ones in full), and approved requests that are about to become orders.
 */
export function exposuresOf(books: Books, marks: Marks): readonly OpenExposure[] {
  const held = heldPositions(books).map(
    (position): OpenExposure => ({
      instrumentId: position.instrumentId,
      base: baseOf(position.instrumentId),
      notional: notionalOf(markOf(position, marks), position.quantity),
      isUnknown: false,
      isPosition: true,
      unrealizedPnl: unrealizedPnl(position, marks),
    }),
  );
  const working = Object.values(books.orders)
    .filter((order) => order.intent.leg === "entry" && (mayStillTrade(order.state) || isLatelyLost(order, books.at)))
    .map((order): OpenExposure => workingExposure(order));
  const others = Object.entries(books.house.foreign ?? {}).map(
    ([instrumentId, foreign]): OpenExposure => ({
      instrumentId,
      base: baseOf(instrumentId),
      notional: foreign.buyNotional,
      isUnknown: false,
      isPosition: false,
      unrealizedPnl: zeroNotional,
    }),
  );
  const promised = Object.values(books.approvals)
    .filter((approval) => approval.state === "approved" && approval.subject.kind === "order")
    .map((approval): OpenExposure => {
      const intent = approval.subject.kind === "order" ? approval.subject.intent : null;
      const instrumentId = intent?.instrumentId ?? "";
      const worth = intent === null ? zeroNotional : notionalOf(intent.shape.limitPrice, intent.quantity);
      return {
        instrumentId,
        base: baseOf(instrumentId),
        notional: worth,
        isUnknown: false,
        isPosition: false,
        unrealizedPnl: zeroNotional,
      };
    });
  return [...held, ...working, ...promised, ...others];
}

/** Given up by people, which is no proof: its worst case counts for another day, in which it is still asked for. */
export function isLatelyLost(order: BookedOrder, at: Instant): boolean {
  return order.state === "lost" && order.endedAt !== null && between(order.endedAt, at) < lostExposureMs;
}

/** Two venues document no bound of how late their engine may take an order: one that was proven absent may yet come to be. */
export const absentAskedForMs = 24 * 3_600_000;

/** Proven absent, and the venue has never told a name of it: if it trades after all, only our own name leads there. */
export function isLatelyAbsent(order: BookedOrder, at: Instant): boolean {
  const { state, venueOrderId, endedAt } = order;
  if (state !== "absent" || venueOrderId !== null || endedAt === null) return false;
  return between(endedAt, at) < absentAskedForMs;
}

function workingExposure(order: BookedOrder): OpenExposure {
  const { intent } = order;
  const left = isAtLeast(order.filledQuantity, intent.quantity)
    ? ("0" as Quantity)
    : minus(intent.quantity, order.filledQuantity);
  return {
    instrumentId: intent.instrumentId,
    base: baseOf(intent.instrumentId),
    notional: notionalOf(intent.shape.limitPrice, left),
    isUnknown: isUncertain(order.state),
    isPosition: false,
    unrealizedPnl: zeroNotional,
  };
}

export function totalExposure(exposures: readonly OpenExposure[]): Notional {
  return exposures.reduce((total, exposure) => plus(total, exposure.notional), notional("0"));
}

function baseOf(instrumentId: string): string {
  return instrumentId === "" ? "" : (symbolOf(instrumentId).split("/")[0] ?? "");
}

/** A position or a working entry of this instrument: its slot is taken. */
export function slotHolder(
  books: Books,
  instrumentId: string,
): { readonly kind: "position" | "order" | "unknown"; readonly id: string } | null {
  const unknown = Object.values(books.orders).find(
    (order) => order.intent.instrumentId === instrumentId && order.state === "unknown" && order.intent.leg === "entry",
  );
  if (unknown !== undefined) return { kind: "unknown", id: unknown.clientOrderId };
  const position = openPositions(books).find((held) => held.instrumentId === instrumentId);
  return position === undefined ? null : { kind: "position", id: position.positionId };
}
