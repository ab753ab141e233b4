/** From values to places: what an axis spans, and where on the canvas a value lies. Pure. */
import type { Box, Span } from "./drawing.ts";

/** Air above and below what must be seen, as a share of its span. */
const air = 0.07;

/**
 * The span of an axis on which every value can be seen, with air around; one value alone lies in the middle. `floor` and
 * `ceiling` are never crossed: there is no price under 0.
 */
export function spanOf(
  values: readonly number[],
  limits: { readonly floor?: number; readonly ceiling?: number } = {},
): Span {
  const { floor = Number.NEGATIVE_INFINITY, ceiling = Number.POSITIVE_INFINITY } = limits;
  const low = Math.min(...values);
  const high = Math.max(...values);
  // A flat line has no span of its own: a hundredth of the value, or one unit around 0, shows it as flat.
  const room = high > low ? (high - low) * air : Math.abs(high) * 0.01 || 1;
  // What must be seen counts more than a limit that it breaks.
  return { min: Math.min(low, Math.max(floor, low - room)), max: Math.max(high, Math.min(ceiling, high + room)) };
}

/** The height of a value on the canvas: larger values lie higher. */
export function heightOf(value: number, y: Span, box: Box): number {
  return round(box.top + ((y.max - value) / (y.max - y.min)) * box.height);
}

/** The place of a point of time (or of the middle of a slot) from left to right. */
export function placeOf(value: number, x: Span, box: Box): number {
  return round(box.left + ((value - x.min) / (x.max - x.min)) * box.width);
}

/** A tenth of a unit is finer than a pixel; longer numbers only make the picture's text longer. */
const round = (value: number): number => Math.round(value * 10) / 10;
