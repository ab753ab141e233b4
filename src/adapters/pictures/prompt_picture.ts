/**
 * The picture of an order that waits for a signature: the candles it was proposed from, and at their end what it could win
 * (plain) and lose (hatched), with each price in words. Pure.
 *
 *   [▲ BUY] SOL/USDT 4h            [PAPER]
 *   2.4 R   wins 4.60 % for 1.90 % risked
 *     candles                |  gain  | TARGET
 *                            |--------| ENTRY
 *                            | / / /  | STOP
 */
import { type Price, toNumber } from "../../core/money.ts";
import { fail, ok, type Result } from "../../core/result.ts";
import type { Instant } from "../../core/time.ts";
import type { PromptPicture } from "../../ports/painter.ts";
import { candlesInSight, slotsOf } from "./candle_slots.ts";
import { candlesComplaint, firstOf, priceComplaint, sidesComplaint } from "./checked.ts";
import { type Box, type Drawing, line, type Plot, rect, type Shape, type Span, text } from "./drawing.ts";
import { distanceFigure, multipleFigure, placesFor, priceFigure, timeFigure, timeframeFigure } from "./figures.ts";
import {
  described,
  edge,
  type LevelLabel,
  labelShapes,
  namesOf,
  plotRight,
  timeShapes,
  titleShapes,
} from "./furniture.ts";
import { hatching } from "./hatching.ts";
import { faint, type Palette, paletteOf } from "./palette.ts";
import { heightOf, spanOf } from "./scale.ts";
import { textWidth } from "./type_widths.ts";

const plotBox: Box = { left: edge, top: 132, width: plotRight - edge, height: 314 };
/** What the order could win and lose stands to the right of the candles: it lies in the future. */
const zoneLeft = 432;

export function promptDrawing(wish: PromptPicture): Result<Drawing, string> {
  const complaint = promptComplaint(wish);
  if (complaint !== null) return fail(complaint);
  const palette = paletteOf(wish.look);
  const levels = levelsOf(wish, palette);
  const own = levels.map(({ value }) => value);
  const candles = candlesInSight(wish.candles, own);
  const slots = slotsOf(candles, wish.timeframeMs);
  const seen = slots.flatMap((slot) => (slot === null ? [] : [slot[2], slot[3]]));
  const y = spanOf([...own, ...seen], {
    floor: 0,
    ...(wish.priceMax === undefined ? {} : { ceiling: toNumber(wish.priceMax) }),
  });
  const isEmpty = candles.length === 0;
  return ok({
    ground: palette.ground,
    behind: [...zoneShapes(wish, y, palette), ...levels.map((level) => levelLine(level, y))],
    plots: isEmpty ? [] : [candlePlot(slots, y, palette)],
    front: [
      ...headShapes(wish, palette),
      ...labelShapes([{ labels: levels, box: plotBox, y }], palette),
      ...(isEmpty
        ? [emptyNote(palette)]
        : timeShapes(timeEnds(wish, candles), { left: edge, right: zoneLeft, y: 474 }, palette)),
    ],
    description: description(wish),
  });
}

function promptComplaint(wish: PromptPicture): string | null {
  const { candles, entryPrice, limitPrice, stopPrice, targetPrice, priceMax, timeframeMs } = wish;
  return firstOf(
    () => priceComplaint("The entry", entryPrice, priceMax),
    () => (toNumber(entryPrice) > 0 ? null : `The entry is not above 0: ${entryPrice}`),
    () => priceComplaint("The limit", limitPrice, priceMax),
    () => priceComplaint("The stop", stopPrice, priceMax),
    () => priceComplaint("The target", targetPrice, priceMax),
    () => sidesComplaint(wish),
    () => (timeframeMs > 0 ? null : `A candle lasts longer than ${timeframeMs} ms`),
    () => candlesComplaint(candles, priceMax),
  );
}

/** From the best to the worst, which is also how they stand. */
function levelsOf(wish: PromptPicture, palette: Palette): readonly LevelLabel[] {
  const { entryPrice, stopPrice, targetPrice } = wish;
  const limitPrice = wish.limitPrice === entryPrice ? null : wish.limitPrice;
  const places = placesFor([entryPrice, limitPrice, stopPrice, targetPrice].filter((one) => one !== null));
  const level = (word: string, at: Price | null, colour: string, isFilled = true): readonly LevelLabel[] => {
    if (at === null) return [];
    const aside = at === entryPrice ? "" : distanceFigure(entryPrice, at);
    return [{ value: toNumber(at), word, aside, figure: priceFigure(at, places), colour, isFilled }];
  };
  const lines = [
    ...level("TARGET", targetPrice, palette.gain),
    ...level("LIMIT", limitPrice, palette.brass, false),
    ...level("ENTRY", entryPrice, palette.brass),
    ...level("STOP", stopPrice, palette.loss),
  ];
  return lines.sort((left, right) => right.value - left.value);
}

function zoneShapes(wish: PromptPicture, y: Span, palette: Palette): readonly Shape[] {
  const zone = (to: Price | null): Box | null => {
    if (to === null) return null;
    const [top = 0, bottom = 0] = [wish.entryPrice, to]
      .map((at) => heightOf(toNumber(at), y, plotBox))
      .sort((left, right) => left - right);
    return { left: zoneLeft, top, width: plotRight - zoneLeft, height: bottom - top };
  };
  const gain = zone(wish.targetPrice);
  const loss = zone(wish.stopPrice);
  return [
    ...(gain === null ? [] : [rect(gain, { fill: faint(palette.gain, 0.3) })]),
    ...(loss === null
      ? []
      : [rect(loss, { fill: faint(palette.loss, 0.2) }), ...hatching(loss, 13, faint(palette.loss, 0.75))]),
  ];
}

/** Quiet over the candles, strong over the order's own zone. */
function levelLine(level: LevelLabel, y: Span): Shape {
  const at = heightOf(level.value, y, plotBox);
  const dash = level.isFilled && level.word === "ENTRY" ? {} : { dash: [7, 5] };
  return line(
    [
      [edge, at],
      [plotRight, at],
    ],
    { stroke: level.colour, width: 2, ...dash },
  );
}

function candlePlot(slots: ReturnType<typeof slotsOf>, y: Span, palette: Palette): Plot {
  return {
    box: { ...plotBox, width: zoneLeft - edge - 8 },
    x: { slots: slots.length },
    y,
    series: [{ kind: "candles", candles: slots, rise: palette.gain, fall: palette.loss, hollow: palette.ground }],
  };
}

function headShapes(wish: PromptPicture, palette: Palette): readonly Shape[] {
  const { symbol } = namesOf(wish.instrumentId);
  const [words, fill] = wish.side === "buy" ? ["▲ BUY", palette.gain] : ["▼ SELL", palette.loss];
  const multiple = multipleOf(wish);
  const type = { size: 30, isBold: true };
  const strong = multiple ?? (wish.stopPrice === null ? "NO STOP" : "no target");
  const strongFill = wish.stopPrice === null ? palette.loss : palette.ink;
  const start = edge + textWidth(strong, type) + 14;
  return [
    ...titleShapes(
      {
        badge: { words, fill, ink: palette.onColour },
        name: symbol,
        aside: timeframeFigure(wish.timeframeMs),
        mode: wish.mode,
      },
      palette,
    ),
    text({ x: edge, y: 98 }, strong, { ...type, fill: strongFill }),
    text({ x: start, y: 100 }, stakesOf(wish), { size: 22, fill: palette.quiet }),
  ];
}

function multipleOf({ entryPrice, stopPrice, targetPrice }: PromptPicture): string | null {
  if (stopPrice === null || targetPrice === null) return null;
  const figure = multipleFigure({ entry: entryPrice, stop: stopPrice, target: targetPrice });
  return figure === null ? null : `${figure} R`;
}

/** What is won for what is risked, without signs: the words say which is which. */
function stakesOf({ entryPrice, stopPrice, targetPrice }: PromptPicture): string {
  const share = (to: Price): string => distanceFigure(entryPrice, to).replace(/[+<−] ?/g, "");
  if (stopPrice === null) return targetPrice === null ? "no target either" : `wins ${share(targetPrice)} at the target`;
  return targetPrice === null
    ? `risks ${share(stopPrice)} to the stop`
    : `wins ${share(targetPrice)} or loses ${share(stopPrice)}`;
}

function emptyNote(palette: Palette): Shape {
  const middle = plotBox.top + plotBox.height / 2;
  return text({ x: (edge + zoneLeft) / 2, y: middle, align: "center" }, "no candles yet", {
    size: 24,
    fill: palette.quiet,
  });
}

function timeEnds(
  wish: PromptPicture,
  candles: PromptPicture["candles"],
): { readonly from: string; readonly to: string } {
  const first = candles[0]?.openedAt ?? (0 as Instant);
  const last = candles.at(-1)?.openedAt ?? first;
  const span = last - first;
  // Few candles stand at the right, so that two times would run into each other.
  const from = candles.length < 20 ? "" : timeFigure(first, span);
  const end = wish.timeframeMs < 86_400_000 ? timeFigure(last, 0) : timeFigure(last, span);
  return { from, to: `${end} UTC` };
}

function description(wish: PromptPicture): string {
  const { symbol, venue } = namesOf(wish.instrumentId);
  const { entryPrice, limitPrice, stopPrice, targetPrice } = wish;
  const multiple = multipleOf(wish);
  return described([
    `${wish.mode} ${wish.side} of ${symbol}${venue === "" ? "" : ` on ${venue}`} at ${entryPrice}`,
    limitPrice === null || limitPrice === entryPrice ? null : `limit ${limitPrice}`,
    stopPrice === null ? "no stop" : `stop ${stopPrice} (${distanceFigure(entryPrice, stopPrice)})`,
    targetPrice === null ? "no target" : `target ${targetPrice} (${distanceFigure(entryPrice, targetPrice)})`,
    multiple === null ? null : `reward to risk ${multiple}`,
    `${wish.candles.length} ${wish.candles.length === 1 ? "candle" : "candles"} of ${timeframeFigure(wish.timeframeMs)}`,
  ]);
}
