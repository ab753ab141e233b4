/**
 * Two parts of the view that checks judge from: what left this house a moment ago, and how much the market offers and trades.
 * Both come from what is at hand (books, order book, candles); nothing more is asked of the venue.
 */
import type { Books } from "../core/books.ts";
import {
  isMore,
  isPositive,
  minus,
  plus,
  type Quantity,
  type Ratio,
  ratioBetween,
  ratioOf,
  scale,
  zeroQuantity,
  zeroRatio,
} from "../core/money.ts";
import type { RiskView } from "../core/risk_view.ts";
import type { Candle } from "../core/signal.ts";
import { day, minute } from "../core/time.ts";
import type { Outside } from "./gather_view.ts";

const twinMs = 30_000;
const levelsCounted = 10;
const quickWindow = 5;

/** What left within the last minute of real time, whole account, and the entries of this instrument within the last 30 s. */
export function paceOf(
  books: Books,
  instrumentId: string,
  wall: number,
): Required<Pick<RiskView, "recentEntries" | "writesLastMinute">> {
  const sent = Object.values(books.orders).filter((order) => order.sentAt !== null);
  return {
    recentEntries: sent
      .filter(
        ({ intent, sentAt, state }) =>
          intent.leg === "entry" &&
          intent.instrumentId === instrumentId &&
          state !== "rejected" &&
          state !== "abandoned" &&
          wall - (sentAt ?? 0) < twinMs,
      )
      .map(({ intent: { side, quantity, signalId } }) => ({ side, quantity, signalId })),
    // A cancel is a second writing request: an order of the last minute that was taken back counts for two.
    writesLastMinute: sent
      .filter((order) => wall - (order.sentAt ?? 0) < minute || wall - order.changedAt < minute)
      .reduce((count, { state }) => count + (state === "canceled" || state === "partial_canceled" ? 2 : 1), 0),
  };
}

/** How much this market offers and trades, and whether it just jumped. */
export function marketOf(
  { book, candles }: Outside,
  timeframeMs: number,
  at: number,
): Pick<RiskView, "depth" | "volumePerDay" | "quickMove"> {
  const asks = book?.asks.slice(0, levelsCounted) ?? [];
  const recent = candles?.slice(-Math.max(2, Math.ceil(day / timeframeMs))) ?? [];
  const volume = total(recent.map((candle) => candle.volume));
  const perDay = isPositive(volume) ? scale(volume, ratioOf(day / (recent.length * timeframeMs))) : null;
  return {
    ...(asks.length === 0 ? {} : { depth: total(asks.map((level) => level.quantity)) }),
    ...(perDay === null ? {} : { volumePerDay: perDay }),
    ...(timeframeMs <= minute && recent.length > 1
      ? { quickMove: quickMoveOf(recent.filter((candle) => at - candle.openedAt <= (quickWindow + 1) * minute)) }
      : {}),
  };
}

const total = (parts: readonly Quantity[]): Quantity =>
  parts.reduce<Quantity>((sum, part) => plus(sum, part), zeroQuantity);

/** The largest distance between low and high of one candle, as a share of the low. */
function quickMoveOf(candles: readonly Candle[]): Ratio {
  return candles.reduce<Ratio>((most, { high, low }) => {
    const move = isPositive(low) ? ratioBetween(minus(high, low), low) : zeroRatio;
    return isMore(move, most) ? move : most;
  }, zeroRatio);
}
