/**
 * The picture of an account over a period: what it was worth, its best so far, and below it how far under its best it stood.
 * Pure.
 *
 *   Equity  Last 30 days                     [PAPER]
 *   ▲ +3.42 %   10,000.00 → 10,342.10 USDT
 *     curve, best so far (stepped), start    | HIGH
 *                                            | NOW
 *     how far under the best                 | WORST
 */
import { isNegative, isZero, minus, type Notional, ratioBetween, ratioOf, toNumber } from "../../core/money.ts";
import { fail, ok, type Result } from "../../core/result.ts";
import { type Instant, instant } from "../../core/time.ts";
import type { EquityPicture } from "../../ports/painter.ts";
import { amountComplaint, firstOf, firstWithin, timesComplaint } from "./checked.ts";
import { fallOf, thinned, twoSides } from "./curve.ts";
import { type Box, canvas, type Drawing, line, type Plot, type Point, type Shape, type Span, text } from "./drawing.ts";
import { moneyFigure, shareFigure, timeFigure } from "./figures.ts";
import {
  currencyOf,
  described,
  edge,
  type LevelLabel,
  labelShapes,
  plotRight,
  timeShapes,
  titleShapes,
} from "./furniture.ts";
import { faint, type Palette, paletteOf } from "./palette.ts";
import { heightOf, placeOf, spanOf } from "./scale.ts";
import { drawable, fittingSize, textWidth } from "./type_widths.ts";

const curveBox: Box = { left: edge, top: 136, width: plotRight - edge, height: 186 };
const fallBox: Box = { left: edge, top: 346, width: plotRight - edge, height: 98 };

type Seen = {
  readonly first: Notional;
  readonly last: Notional;
  readonly points: readonly Point[];
  readonly best: readonly Point[];
  readonly below: readonly Point[];
  readonly high: Notional;
  readonly worst: Point;
  readonly x: Span;
};

export function equityDrawing(wish: EquityPicture): Result<Drawing, string> {
  const complaint = equityComplaint(wish);
  if (complaint !== null) return fail(complaint);
  const palette = paletteOf(wish.look);
  const seen = seenIn(wish);
  const curveY = spanOf([...seen.points, ...seen.best].map(([, value]) => value));
  const fallY = fallSpan(wish, seen);
  return ok({
    ground: palette.ground,
    behind: [startLine(seen, curveY, palette), ...fallGrid(wish, fallY, palette)],
    plots: [curvePlot(seen, curveY, palette), fallPlot(seen, fallY, palette)],
    front: [
      ...headShapes(wish, seen, palette),
      dotAt([seen.x.max, toNumber(seen.last)], { x: seen.x, y: curveY, box: curveBox }, palette.ink, palette),
      dotAt(seen.worst, { x: seen.x, y: fallY, box: fallBox }, palette.loss, palette),
      ...labelShapes(
        [
          { labels: curveLabels(seen, palette), box: curveBox, y: curveY },
          { labels: fallLabels(seen, palette), box: fallBox, y: fallY },
        ],
        palette,
      ),
      ...timeShapes(timeEnds(seen), { left: edge, right: plotRight, y: 474 }, palette),
    ],
    description: description(wish, seen),
  });
}

function equityComplaint({ points, highWaterBefore, drawdownMax }: EquityPicture): string | null {
  return firstOf(
    () => (points.length > 0 ? null : "There is no equity to draw: not one point"),
    () => firstWithin(points, ({ equity }, index) => amountComplaint(`Equity ${index + 1}`, equity)),
    () => amountComplaint("The high-water mark", highWaterBefore),
    () => amountComplaint("The drawdown limit", drawdownMax),
    () =>
      timesComplaint(
        "Equity",
        points.map(({ at }) => at),
        false,
      ),
  );
}

function seenIn(wish: EquityPicture): Seen {
  const all: readonly Point[] = wish.points.map(({ at, equity }) => [at, toNumber(equity)]);
  const { best, below } = fallOf(
    all,
    wish.highWaterBefore === null ? Number.NEGATIVE_INFINITY : toNumber(wish.highWaterBefore),
  );
  const [first, last] = [wish.points[0], wish.points.at(-1)];
  const equities = wish.points.map(({ equity }) => equity);
  const zero = "0" as Notional;
  const top = best.at(-1)?.[1] ?? 0;
  const worst = below.reduce<Point>((low, point) => (point[1] < low[1] ? point : low), below[0] ?? [0, 0]);
  const [from, to] = [first?.at ?? 0, last?.at ?? 0];
  return {
    first: first?.equity ?? zero,
    last: last?.equity ?? zero,
    points: widened(thinned(all)),
    best: widened(thinned(best)),
    below: widened(thinned(below)),
    high: equities.find((equity) => toNumber(equity) === top) ?? wish.highWaterBefore ?? zero,
    worst,
    // One point alone is a flat line over an hour.
    x: { min: from, max: to > from ? to : from + oneHour },
  };
}

const oneHour = 3_600_000;
const widened = (points: readonly Point[]): readonly Point[] => {
  const [only] = points;
  return points.length === 1 && only !== undefined ? [only, [only[0] + oneHour, only[1]]] : points;
};

/** From a little above 0 down to the worst, or to the limit where the account came near to it. */
function fallSpan({ drawdownMax }: EquityPicture, { worst }: Seen): Span {
  const limit = drawdownMax === null ? 0 : -toNumber(drawdownMax);
  const low = Math.min(worst[1], -0.005);
  const deepest = drawdownMax !== null && low < limit * 0.35 ? Math.min(low, limit) : low;
  return { min: deepest * 1.14, max: 0 };
}

/** Above what the period began with it is filled in one colour, below in the other. */
function curvePlot({ points, best, x, first }: Seen, y: Span, palette: Palette): Plot {
  return {
    box: curveBox,
    x,
    y,
    series: [
      { kind: "line", points: best, stroke: palette.brass, width: 2.5, dash: [8, 5], isStepped: true, area: null },
      ...twoSides(points, toNumber(first), { above: palette.gain, below: palette.loss }),
      { kind: "line", points, stroke: palette.ink, width: 3.5, dash: null, isStepped: false, area: null },
    ],
  };
}

function fallPlot({ below, x }: Seen, y: Span, palette: Palette): Plot {
  const area = { to: 0, fill: { top: faint(palette.loss, 0.25), bottom: faint(palette.loss, 0.6) } };
  return {
    box: fallBox,
    x,
    y,
    series: [{ kind: "line", points: below, stroke: palette.loss, width: 3, dash: null, isStepped: false, area }],
  };
}

const level = (at: number, pen: Parameters<typeof line>[1]): Shape =>
  line(
    [
      [edge, at],
      [plotRight, at],
    ],
    pen,
  );

function startLine({ first }: Seen, y: Span, palette: Palette): Shape {
  return level(heightOf(toNumber(first), y, curveBox), { stroke: palette.quiet, width: 1.5, dash: [2, 5] });
}

function fallGrid({ drawdownMax }: EquityPicture, y: Span, palette: Palette): readonly Shape[] {
  const zero = level(fallBox.top, { stroke: palette.line, width: 2 });
  const limit = drawdownMax === null ? null : -toNumber(drawdownMax);
  if (limit === null || limit < y.min || limit === 0) return [zero];
  const at = heightOf(limit, y, fallBox);
  const words = `halts at ${shareFigure(ratioOf(limit)).replace(".00", "")}`;
  return [
    zero,
    level(at, { stroke: palette.loss, width: 2.5, dash: [9, 5] }),
    text({ x: edge + 4, y: at - 14 }, words, { size: 18, fill: palette.quiet }),
  ];
}

function curveLabels(seen: Seen, palette: Palette): readonly LevelLabel[] {
  const change = changeOf(seen);
  return [
    {
      value: toNumber(seen.high),
      word: "HIGH",
      aside: "",
      figure: moneyFigure(seen.high),
      colour: palette.brass,
      isFilled: false,
    },
    {
      value: toNumber(seen.last),
      word: "NOW",
      aside: change,
      figure: moneyFigure(seen.last),
      colour: palette.ink,
      isFilled: false,
    },
  ];
}

function fallLabels({ worst, below }: Seen, palette: Palette): readonly LevelLabel[] {
  const now = below.at(-1)?.[1] ?? 0;
  const figure = shareFigure(ratioOf(worst[1]));
  return [
    {
      value: worst[1],
      word: "WORST",
      aside: `now ${shareFigure(ratioOf(now))}`,
      figure,
      colour: palette.loss,
      isFilled: true,
    },
  ];
}

function dotAt(point: Point, on: { x: Span; y: Span; box: Box }, fill: string, palette: Palette): Shape {
  const [x, y] = [placeOf(point[0], on.x, on.box), heightOf(point[1], on.y, on.box)];
  return { kind: "dot", x, y, radius: 6.5, fill, stroke: palette.ground };
}

/** "+3.42 %"; "" where the period began with nothing. */
function changeOf({ first, last }: Seen): string {
  return isZero(first) || isNegative(first) ? "" : shareFigure(ratioBetween(minus(last, first), first));
}

function headShapes(wish: EquityPicture, seen: Seen, palette: Palette): readonly Shape[] {
  const change = changeOf(seen);
  const type = { size: 30, isBold: true };
  const mark = change.startsWith("+") ? "▲ " : change.startsWith("−") ? "▼ " : "";
  const strong = `${mark}${change}`;
  const fill = change.startsWith("−") ? palette.loss : change.startsWith("+") ? palette.gain : palette.ink;
  const start = edge + (strong === "" ? 0 : textWidth(strong, type) + 16);
  const quiet = `${moneyFigure(seen.first)} → ${moneyFigure(seen.last)} ${currencyOf(wish.currency)}`;
  const size = fittingSize(quiet, canvas.width - edge - start, { size: 22, least: 12 });
  return [
    ...titleShapes({ badge: null, name: "Equity", aside: drawable(wish.period), mode: wish.mode }, palette),
    text({ x: edge, y: 98 }, strong, { ...type, fill }),
    text({ x: start, y: 100 }, quiet, { size, fill: palette.quiet }),
  ];
}

function timeEnds({ x }: Seen): { readonly from: string; readonly to: string } {
  const [from, to]: readonly [Instant, Instant] = [instant(x.min), instant(x.max)];
  return { from: timeFigure(from, x.max - x.min), to: `${timeFigure(to, x.max - x.min)} UTC` };
}

function description(wish: EquityPicture, seen: Seen): string {
  const currency = currencyOf(wish.currency);
  return described([
    `${wish.mode} equity, ${drawable(wish.period)}: ${moneyFigure(seen.first)} to ${moneyFigure(seen.last)} ${currency}`,
    changeOf(seen),
    `high ${moneyFigure(seen.high)}`,
    `worst drawdown ${shareFigure(ratioOf(seen.worst[1]))}`,
  ]);
}
