/** Slanting strokes that fill a box: what can be lost is hatched, so that nobody needs the colour to know it. Pure. */
import { type Box, line, type Shape } from "./drawing.ts";

/** Strokes rise to the right; `gap` is their distance along the edges of the box. */
export function hatching(box: Box, gap: number, stroke: string): readonly Shape[] {
  const { left, top, width, height } = box;
  const strokes: Shape[] = [];
  // Each stroke is the part of x + y = reach that lies inside the box, with x and y counted from its corner.
  for (let reach = gap; reach < width + height; reach += gap) {
    const from = { x: Math.max(0, reach - height), y: Math.min(reach, height) };
    const to = { x: Math.min(reach, width), y: Math.max(0, reach - width) };
    strokes.push(
      line(
        [
          [left + from.x, top + from.y],
          [left + to.x, top + to.y],
        ],
        { stroke, width: 1.5 },
      ),
    );
  }
  return strokes;
}
