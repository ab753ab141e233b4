/**
 * Which candles a picture shows, and in which slot each stands. Missing candles leave empty slots, so that a gap looks like
 * one; a long gap is cut to three slots. Few candles stand at the right, next to now. Pure.
 */

import type { PictureCandle } from "../../core/card_picture.ts";
import { toNumber } from "../../core/money.ts";

export type Slot = readonly [open: number, close: number, low: number, high: number];

const candlesMax = 48;
const gapMax = 3;
const slotsMin = 24;

/**
 * The newest candles, at most 48. Where the market has moved so much that the order would be a thin stripe, fewer: the order
 * is what is decided on. `order` are the prices that must be seen anyway.
 */
export function candlesInSight(candles: readonly PictureCandle[], order: readonly number[]): readonly PictureCandle[] {
  const own = Math.max(...order) - Math.min(...order);
  for (const count of [candlesMax, 40, 32]) {
    const shown = candles.slice(-count);
    const all = [...shown.flatMap(({ high, low }) => [toNumber(high), toNumber(low)]), ...order];
    if (own >= (Math.max(...all) - Math.min(...all)) / 4) return shown;
  }
  return candles.slice(-slotsMin);
}

/** One a slot; null = nothing is known there. At least 24, so that one candle is not as wide as the picture. */
export function slotsOf(candles: readonly PictureCandle[], timeframeMs: number): readonly (Slot | null)[] {
  const slots: (Slot | null)[] = [];
  for (const [index, { openedAt, open, high, low, close }] of candles.entries()) {
    const before = candles[index - 1];
    const missing = before === undefined ? 0 : Math.round((openedAt - before.openedAt) / timeframeMs) - 1;
    for (let empty = 0; empty < Math.min(gapMax, missing); empty += 1) slots.push(null);
    slots.push([toNumber(open), toNumber(close), toNumber(low), toNumber(high)]);
  }
  const room = Math.max(0, slotsMin - slots.length);
  return [...new Array<null>(room).fill(null), ...slots];
}
