/**
 * Whether a price may be believed. One print far off the others is a fault of the feed more often than a market; a second
 * one like it, later, is the market. Nothing is decided on a doubted price: no entry, no stop, no trail.
 *
 *   within the band of the median --> taken
 *   outside, alone                --> doubted, kept aside
 *   outside, near the doubted one --> confirmed: the market moved, the memory starts anew
 */
import { absolute, compare, isLess, isMore, minus, type Price, ratio, ratioBetween } from "./money.ts";

/** Newest last. `doubted` is the print that waits for a second one. */
export type Prints = {
  readonly taken: readonly Price[];
  readonly doubted: { readonly price: Price; readonly mono: number } | null;
};

export const noPrints: Prints = { taken: [], doubted: null };

const kept = 9;
/** How far from the median of the last prints a price may be without being asked twice. */
const band = ratio("0.05");
/** How near to each other two prints must be to confirm each other. */
const confirmBand = ratio("0.02");
/** Two prints count as two only when they were read this far apart, in real ms. */
const apartMs = 200;

export type Judged = { readonly verdict: "taken" | "doubted" | "confirmed"; readonly prints: Prints };

export function judgePrint(prints: Prints, price: Price, mono: number): Judged {
  const middle = median(prints.taken);
  if (middle === null || isNear(price, middle, band))
    return { verdict: "taken", prints: { taken: [...prints.taken.slice(1 - kept), price], doubted: null } };
  const { doubted } = prints;
  if (doubted === null || !isNear(price, doubted.price, confirmBand))
    return { verdict: "doubted", prints: { ...prints, doubted: { price, mono } } };
  if (mono - doubted.mono < apartMs) return { verdict: "doubted", prints };
  return { verdict: "confirmed", prints: { taken: [doubted.price, price], doubted: null } };
}

function median(prices: readonly Price[]): Price | null {
  const sorted = [...prices].sort(compare);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

function isNear(price: Price, other: Price, by: typeof band): boolean {
  const larger = isLess(price, other) ? other : price;
  return larger === "0" ? true : !isMore(absolute(ratioBetween(minus(price, other), larger)), by);
}
