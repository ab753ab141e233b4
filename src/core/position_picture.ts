/** The picture of a position that is held: from its entry to now, on the closes that are known. */
import type { PositionShown } from "./card_picture.ts";
import { isPositive, type Price, ratioBetween } from "./money.ts";
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
    readonly candles: readonly { readonly openedAt: Instant; readonly close: Price }[];
    readonly timeframeMs: number;
    readonly at: Instant;
  },
): PositionShown | null {
  const { entryPrice, openedAt, entryCost } = position;
  const { marks, currency, candles, timeframeMs, at } = about;
  if (entryPrice === null || openedAt === null || openedAt > at || !isPositive(entryCost)) return null;
  const pnl = openPnl(position, marks);
  const path = candles
    .map((candle) => ({ at: addMs(candle.openedAt, timeframeMs), price: candle.close }))
    .filter((close) => close.at > openedAt && close.at <= at);
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
    path: path.slice(-pathMax),
  };
}
