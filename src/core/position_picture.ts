/** The picture of a position, from its entry to now or to its exit, on the closes that are known. */
import type { PositionShown } from "./card_picture.ts";
import { isPositive, type Notional, type Price, ratioBetween } from "./money.ts";
import { type Marks, markOf, openPnl } from "./portfolio.ts";
import type { Position } from "./position.ts";
import { addMs, type Instant } from "./time.ts";

/** More than this many are not seen on a phone. */
const pathMax = 240;

/** @returns null for a position that nothing was filled of yet. */
export function positionShown(
  position: Position,
  about: {
    readonly marks: Marks;
    readonly currency: string;
    readonly candles: Closes;
    readonly timeframeMs: number;
    readonly at: Instant;
  },
): PositionShown | null {
  const { entryPrice, openedAt, entryCost } = position;
  const { marks, currency, candles, timeframeMs, at } = about;
  if (entryPrice === null || openedAt === null || openedAt > at || !isPositive(entryCost)) return null;
  const pnl = openPnl(position, marks);
  return {
    mode: position.mode,
    instrumentId: position.instrumentId,
    direction: position.direction,
    quantity: position.quantity,
    entryPrice,
    priceNow: markOf(position, marks),
    stopPrice: position.exitPlan.stopPrice,
    targetPrice: position.exitPlan.targetPrice,
    pnl,
    pnlShare: ratioBetween(pnl, entryCost),
    currency,
    openedAt,
    at,
    path: pathOf(candles, { from: openedAt, until: at, timeframeMs }),
  };
}

type Closes = readonly { readonly openedAt: Instant; readonly close: Price }[];

function pathOf(
  candles: Closes,
  span: { readonly from: Instant; readonly until: Instant; readonly timeframeMs: number },
): PositionShown["path"] {
  return candles
    .map((candle) => ({ at: addMs(candle.openedAt, span.timeframeMs), price: candle.close }))
    .filter((close) => close.at > span.from && close.at <= span.until)
    .slice(-pathMax);
}

/**
 * A position that was left. The record holds no market, so its way is a straight line until `withWay` draws it.
 * @returns null where nothing was bought or the price of the exit is not known.
 */
export function exitShown(
  position: Position,
  left: {
    readonly exitPrice: Price | null;
    readonly pnl: Notional;
    readonly closedBy: string;
    readonly currency: string;
    readonly at: Instant;
  },
): PositionShown | null {
  const { entryPrice, openedAt, entryCost, boughtQuantity } = position;
  if (entryPrice === null || openedAt === null || openedAt > left.at || left.exitPrice === null) return null;
  if (!isPositive(entryCost)) return null;
  return {
    mode: position.mode,
    instrumentId: position.instrumentId,
    direction: position.direction,
    quantity: boughtQuantity,
    entryPrice,
    priceNow: left.exitPrice,
    stopPrice: position.exitPlan.stopPrice,
    targetPrice: position.exitPlan.targetPrice,
    pnl: left.pnl,
    pnlShare: ratioBetween(left.pnl, entryCost),
    currency: left.currency,
    openedAt,
    at: left.at,
    path: [],
    closedBy: left.closedBy,
  };
}

/** The way of the price between entry and exit, from the candles that this process remembers. */
export function withWay(shown: PositionShown, candles: Closes, timeframeMs: number): PositionShown {
  if (shown.closedBy === undefined || shown.path.length > 0) return shown;
  return { ...shown, path: pathOf(candles, { from: shown.openedAt, until: shown.at, timeframeMs }) };
}
