/** Curves as a picture needs them: few enough points, the best so far and how far below it, and where a line crosses a level. Pure. */
import type { Point, Series } from "./drawing.ts";
import { faint } from "./palette.ts";

const pointsMax = 320;

/**
 * At most about 320 points that look like all of them: first and last, and of every stretch its lowest and its highest, so that
 * no peak and no fall is left out.
 */
export function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= pointsMax) return points;
  const stretch = (points.length * 2) / (pointsMax - 2);
  const kept = new Set([0, points.length - 1]);
  for (let from = 0; from < points.length; from += stretch) {
    const part = { from: Math.floor(from), to: Math.min(points.length, Math.floor(from + stretch)) };
    const [low, high] = extremes(points, part);
    kept.add(low).add(high);
  }
  return points.filter((_, index) => kept.has(index));
}

function extremes(points: readonly Point[], part: { from: number; to: number }): readonly [low: number, high: number] {
  let [low, high] = [part.from, part.from];
  for (let index = part.from; index < part.to; index += 1) {
    const value = points[index]?.[1] ?? 0;
    if (value < (points[low]?.[1] ?? 0)) low = index;
    if (value > (points[high]?.[1] ?? 0)) high = index;
  }
  return [low, high];
}

export type Fall = {
  /** The best until each point, beginning with what was reached before. */
  readonly best: readonly Point[];
  /** How far below the best, as a share from 0 down to -1. */
  readonly below: readonly Point[];
};

export function fallOf(points: readonly Point[], bestBefore: number): Fall {
  let high = bestBefore;
  const best: Point[] = [];
  const below: Point[] = [];
  for (const [x, value] of points) {
    high = Math.max(high, value);
    best.push([x, high]);
    below.push([x, high > 0 ? (value - high) / high : 0]);
  }
  return { best, below };
}

/** The line with a point added wherever it crosses `level`, so that each part can be cut off at it exactly. */
function crossingsOf(points: readonly Point[], level: number): readonly Point[] {
  return points.flatMap((point, index) => {
    const next = points[index + 1];
    if (next === undefined || (point[1] - level) * (next[1] - level) >= 0) return [point];
    const share = (level - point[1]) / (next[1] - point[1]);
    return [point, [point[0] + (next[0] - point[0]) * share, level] as const];
  });
}

/** The areas between a line and a level: what lies above in one colour, what lies below in another, the farther the stronger. */
export function twoSides(
  points: readonly Point[],
  level: number,
  colours: { readonly above: string; readonly below: string },
): readonly Series[] {
  const crossed = crossingsOf(points, level);
  const side = (cut: (value: number) => number, fill: { readonly top: string; readonly bottom: string }): Series => ({
    kind: "line",
    points: crossed.map(([x, value]) => [x, cut(value)] as const),
    stroke: null,
    width: 0,
    dash: null,
    isStepped: false,
    area: { to: level, fill },
  });
  const { above, below } = colours;
  return [
    side((value) => Math.max(value, level), { top: faint(above, 0.55), bottom: faint(above, 0.12) }),
    side((value) => Math.min(value, level), { top: faint(below, 0.12), bottom: faint(below, 0.55) }),
  ];
}
