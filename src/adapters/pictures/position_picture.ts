/**
 * The picture of one position: what it has won or lost so far, large, and the way of the price since the entry between stop and
 * target. The side on which it wins is filled in one colour, the other in another. A closed one shows its exit instead. Pure.
 *
 *   [LONG] SOL/USDT 12.5                 [LIVE]
 *   ▲ +123.45 USDT  +4.56 %    held 3 d 4 h
 *     way of the price                  | TARGET
 *     ------- entry -------             | NOW
 *                                       | ENTRY, STOP
 */
import { isNegative, isZero, type Price, toNumber } from "../../core/money.ts";
import { fail, ok, type Result } from "../../core/result.ts";
import type { PositionPicture } from "../../ports/painter.ts";
import { amountComplaint, firstOf, firstWithin, priceComplaint, timesComplaint } from "./checked.ts";
import { thinned, twoSides } from "./curve.ts";
import { type Box, canvas, type Drawing, line, type Plot, type Point, type Shape, type Span, text } from "./drawing.ts";
import {
  distanceFigure,
  gainFigure,
  lengthFigure,
  placesFor,
  priceFigure,
  shareFigure,
  timeFigure,
} from "./figures.ts";
import {
  currencyOf,
  described,
  edge,
  type LevelLabel,
  labelShapes,
  namesOf,
  plotRight,
  timeShapes,
  titleShapes,
} from "./furniture.ts";
import { type Palette, paletteOf } from "./palette.ts";
import { heightOf, placeOf, spanOf } from "./scale.ts";
import { fittingSize, textWidth } from "./type_widths.ts";

const plotBox: Box = { left: edge, top: 152, width: plotRight - edge, height: 294 };

export function positionDrawing(wish: PositionPicture): Result<Drawing, string> {
  const complaint = positionComplaint(wish);
  if (complaint !== null) return fail(complaint);
  const palette = paletteOf(wish.look);
  const levels = levelsOf(wish, palette);
  const points = pathOf(wish);
  const y = spanOf([...levels.map(({ value }) => value), ...points.map(([, value]) => value)], {
    floor: 0,
    ...(wish.priceMax === undefined ? {} : { ceiling: toNumber(wish.priceMax) }),
  });
  const x = { min: points[0]?.[0] ?? 0, max: points.at(-1)?.[0] ?? 1 };
  const now = { x: placeOf(x.max, x, plotBox), y: heightOf(toNumber(wish.priceNow), y, plotBox) };
  return ok({
    ground: palette.ground,
    behind: levels.filter(({ isFilled }) => isFilled).map((level) => levelLine(level, y)),
    plots: [pathPlot(wish, points, { x, y }, palette)],
    front: [
      ...headShapes(wish, palette),
      { kind: "dot", ...now, radius: 7, fill: palette.ink, stroke: palette.ground },
      ...labelShapes([{ labels: levels, box: plotBox, y }], palette),
      ...timeShapes(timeEnds(wish), { left: edge, right: plotRight, y: 474 }, palette),
    ],
    description: description(wish),
  });
}

function positionComplaint(wish: PositionPicture): string | null {
  const { entryPrice, priceNow, stopPrice, targetPrice, priceMax, path } = wish;
  return firstOf(
    () => priceComplaint("The entry", entryPrice, priceMax),
    () => (toNumber(entryPrice) > 0 ? null : `The entry is not above 0: ${entryPrice}`),
    () => priceComplaint("The price now", priceNow, priceMax),
    () => priceComplaint("The stop", stopPrice, priceMax),
    () => priceComplaint("The target", targetPrice, priceMax),
    () => amountComplaint("The quantity", wish.quantity),
    () => amountComplaint("The gain", wish.pnl),
    () => amountComplaint("The share of the gain", wish.pnlShare),
    () =>
      firstWithin(path, ({ price }, index) => priceComplaint(`Price ${index + 1} since the entry`, price, priceMax)),
    () =>
      timesComplaint(
        "Price",
        path.map(({ at }) => at),
        false,
      ),
    () => timesComplaint("Time of the position", [wish.openedAt, wish.at], false),
  );
}

function levelsOf(wish: PositionPicture, palette: Palette): readonly LevelLabel[] {
  const { entryPrice, priceNow, stopPrice, targetPrice } = wish;
  const places = placesFor(
    [priceNow, stopPrice, targetPrice].filter((one) => one !== null),
    entryPrice,
  );
  const level = (word: string, at: Price | null, colour: string, isFilled = true): readonly LevelLabel[] => {
    if (at === null) return [];
    const aside = at === entryPrice ? "" : distanceFigure(entryPrice, at);
    return [{ value: toNumber(at), word, aside, figure: priceFigure(at, places), colour, isFilled }];
  };
  const lines = [
    ...level("TARGET", targetPrice, palette.gain),
    ...level(wish.closedBy === undefined ? "NOW" : "EXIT", priceNow, palette.ink, false),
    ...level("ENTRY", entryPrice, palette.brass),
    ...level("STOP", stopPrice, palette.loss),
  ];
  return lines.sort((left, right) => right.value - left.value);
}

function levelLine(level: LevelLabel, y: Span): Shape {
  const at = heightOf(level.value, y, plotBox);
  const dash = level.word === "ENTRY" ? {} : { dash: [7, 5] };
  return line(
    [
      [edge, at],
      [plotRight, at],
    ],
    { stroke: level.colour, width: 2, ...dash },
  );
}

/** From the entry to now, whatever was heard in between; times before the entry count as the entry. */
function pathOf({ openedAt, at, entryPrice, priceNow, path }: PositionPicture): readonly Point[] {
  const heard = path.filter((one) => one.at > openedAt && one.at < at);
  const inner: readonly Point[] = heard.map((one) => [one.at, toNumber(one.price)]);
  // Opened this very moment: a minute of room, so that there is a line at all.
  const end = Math.max(at, openedAt + 60_000);
  return thinned([[openedAt, toNumber(entryPrice)], ...inner, [end, toNumber(priceNow)]]);
}

function pathPlot(wish: PositionPicture, points: readonly Point[], on: { x: Span; y: Span }, palette: Palette): Plot {
  const { gain, loss } = palette;
  const colours = wish.direction === "long" ? { above: gain, below: loss } : { above: loss, below: gain };
  return {
    box: plotBox,
    ...on,
    series: [
      ...twoSides(points, toNumber(wish.entryPrice), colours),
      { kind: "line", points, stroke: palette.ink, width: 3.5, dash: null, isStepped: false, area: null },
    ],
  };
}

function headShapes(wish: PositionPicture, palette: Palette): readonly Shape[] {
  const { symbol } = namesOf(wish.instrumentId);
  const words = wish.closedBy !== undefined ? "CLOSED" : wish.direction === "long" ? "LONG" : "SHORT";
  const badge = { words, fill: palette.panel, ink: palette.ink };
  return [
    ...titleShapes({ badge, name: symbol, aside: asideOf(wish), mode: wish.mode }, palette),
    ...gainShapes(wish, palette),
  ];
}

/** The gain as large as it fits; how long it was held gives way to it. */
function gainShapes(wish: PositionPicture, palette: Palette): readonly Shape[] {
  const isFlat = isZero(wish.pnl);
  const fill = isFlat ? palette.ink : isNegative(wish.pnl) ? palette.loss : palette.gain;
  const mark = isFlat ? "" : isNegative(wish.pnl) ? "▼ " : "▲ ";
  const strong = `${mark}${gainFigure(wish.pnl)} ${currencyOf(wish.currency)}`;
  const share = shareFigure(wish.pnlShare);
  const held = `held ${lengthFigure(wish.at - wish.openedAt)}`;
  const room = canvas.width - 2 * edge - textWidth(share, { size: 30 }) - 18;
  const heldRoom = textWidth(held, { size: 22 }) + 18;
  const isHeldShown = textWidth(strong, { size: 28, isBold: true }) <= room - heldRoom;
  const size = fittingSize(strong, isHeldShown ? room - heldRoom : room, { size: 40, isBold: true, least: 16 });
  const start = edge + textWidth(strong, { size, isBold: true }) + 18;
  return [
    text({ x: edge, y: 104 }, strong, { size, isBold: true, fill }),
    text({ x: start, y: 107 }, share, { size: 30, fill }),
    ...(isHeldShown
      ? [text({ x: canvas.width - edge, y: 108, align: "right" }, held, { size: 22, fill: palette.quiet })]
      : []),
  ];
}

/** "12.5 SOL", once it is closed "12.5 SOL, by stop". */
const asideOf = (wish: PositionPicture): string =>
  wish.closedBy === undefined ? sizeOf(wish) : `${sizeOf(wish)}, by ${wish.closedBy}`;

/** "12.5 SOL"; the name of a prediction market is no unit. */
function sizeOf({ instrumentId, quantity }: PositionPicture): string {
  const base = namesOf(instrumentId).symbol.split("/")[0] ?? "";
  return /^[A-Z0-9]{1,10}$/.test(base) ? `${quantity} ${base}` : quantity;
}

function timeEnds({ openedAt, at }: PositionPicture): { readonly from: string; readonly to: string } {
  const span = at - openedAt;
  return { from: timeFigure(openedAt, span), to: `${timeFigure(at, span)} UTC` };
}

function description(wish: PositionPicture): string {
  const { symbol, venue } = namesOf(wish.instrumentId);
  return described([
    `${wish.mode} ${wish.direction} position of ${wish.quantity} ${symbol}${venue === "" ? "" : ` on ${venue}`}`,
    `${gainFigure(wish.pnl)} ${currencyOf(wish.currency)} (${shareFigure(wish.pnlShare)})`,
    `entry ${wish.entryPrice}`,
    wish.closedBy === undefined ? `now ${wish.priceNow}` : `closed by ${wish.closedBy} at ${wish.priceNow}`,
    wish.stopPrice === null ? "no stop" : `stop ${wish.stopPrice}`,
    wish.targetPrice === null ? "no target" : `target ${wish.targetPrice}`,
  ]);
}
